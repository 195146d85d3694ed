"""How long simulations take: learned from those that have ended, told for those to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shoeroot.design import FloatArray, MassParameter, NumericParameter, RValueParameter, Schema
from shoeroot.errors import DesignError

__all__ = ["RuntimeModel", "RuntimeTotal", "longest_first"]

#: Runs that are remembered; the oldest make room, so that the model follows a computer that
#: gets slower or faster.
MEMORY = 2000
#: The model is fitted again when it has seen this share more runs than at the last time.
REFIT_SHARE = 0.1
#: Designs that are looked at together: bounds the memory.
BLOCK = 10_000
#: What is believed before any run has ended [s]: a part that each run pays once and a part for
#: each step of an hour, from the costs of annual runs with an engine process that stays.
START_SECONDS, STEP_SECONDS = 0.30, 0.33
#: How far runs scatter, as the standard deviation of log seconds, before any has ended.
FIRST_SPREAD = 0.2
#: How much a computer may differ from that belief, and how much a whole range of one feature
#: may change a run, as standard deviations of log seconds.
_SPEED_PRIOR, _STEP_PRIOR, _FEATURE_PRIOR = 1.5, 0.3, 0.03
#: Student's t with so many degrees of freedom: a run that was disturbed pulls little.
_FREEDOM = 4.0
_ROUNDS = 15
#: Weather files share so many columns, by their place in the catalogue.
_WEATHER_COLUMNS = 32


@dataclass(frozen=True, slots=True)
class RuntimeTotal:
    """What many simulations take together: seconds and their standard deviation.

    The deviation has the scatter of single runs and what the model does not know of the speed;
    it cannot have what the computer will do besides.
    """

    seconds: float
    deviation: float


class RuntimeModel:
    """Seconds that simulations take, from what is known before they run.

    A linear model of log seconds in the steps per hour, the surfaces and zones that a box will
    have, its numbers, its program and its weather. Coefficients are held near zero by a normal
    prior, so that it gives sensible answers from the first run on, and residuals are taken as
    Student's t, so that single disturbed runs do no harm.

    Parameters
    ----------
    schema : Schema
        What the designs mean.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._numbers = [
            one for one in schema if isinstance(one, NumericParameter) and one.length_storage == 1
        ]
        nothing = schema.generate_empty_storage_batch(1)
        self._width = self._features(nothing, np.ones(1, dtype=np.int64)).shape[1]
        prior = np.full(self._width, _FEATURE_PRIOR)
        prior[0], prior[1:3] = _SPEED_PRIOR, _STEP_PRIOR
        self._prior_precision = prior**-2.0
        self._rows = np.empty((0, self._width))
        self._logs = np.empty(0)
        self._seen = 0
        self._fitted_at = 0
        self._coefficients = np.zeros(self._width)
        self._covariance = np.diag(prior**2)
        self._spread = FIRST_SPREAD
        self._mean_factor = 1.0

    @property
    def seen(self) -> int:
        """Number of runs that it has learned from."""
        return self._seen

    @property
    def spread(self) -> float:
        """Scatter of single runs about the estimates: a standard deviation of log seconds."""
        self._fit_if_due()
        return self._spread

    def learn(
        self,
        designs: FloatArray,
        timesteps_per_hour: NDArray[np.int64],
        seconds: FloatArray,
    ) -> None:
        """Take runs that have ended.

        Parameters
        ----------
        designs : (n, 90) float64
        timesteps_per_hour : (n,) int64
        seconds : (n,) float64
            What each took. Give all that a worker was busy with; rows that are not positive
            and finite, such as results that were there already, are passed over.
        """
        seconds = np.asarray(seconds, dtype=np.float64)
        features = self._features(designs, timesteps_per_hour)
        if seconds.shape != (len(features),):
            raise DesignError(f"{len(features)} designs, but seconds of shape {seconds.shape}")
        good = np.isfinite(seconds) & (seconds > 0)
        logs = np.log(seconds[good]) - _believed(np.asarray(timesteps_per_hour)[good])
        self._rows = np.concatenate([self._rows, features[good]])[-MEMORY:]
        self._logs = np.concatenate([self._logs, logs])[-MEMORY:]
        self._seen += int(good.sum())

    def predict(self, designs: FloatArray, timesteps_per_hour: NDArray[np.int64]) -> FloatArray:
        """Return the expected seconds of each design: (n,) float64."""
        self._fit_if_due()
        steps = np.asarray(timesteps_per_hour)
        parts = [
            self._expected(designs[start : start + BLOCK], steps[start : start + BLOCK])[0]
            for start in range(0, len(designs), BLOCK)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def total(self, designs: FloatArray, timesteps_per_hour: NDArray[np.int64]) -> RuntimeTotal:
        """Return what designs take together, one after the other."""
        self._fit_if_due()
        steps = np.asarray(timesteps_per_hour)
        total, squares, slope = 0.0, 0.0, np.zeros(self._width)
        for start in range(0, len(designs), BLOCK):
            part = slice(start, start + BLOCK)
            seconds, features = self._expected(designs[part], steps[part])
            total += float(seconds.sum())
            squares += float((seconds**2).sum())
            slope += seconds @ features
        # A lognormal's variance for what runs have of their own; the slope for what they share.
        own = squares * float(np.expm1(self._spread**2))
        shared = float(slope @ self._covariance @ slope)
        return RuntimeTotal(total, float(np.sqrt(own + shared)))

    def _expected(
        self, designs: FloatArray, steps: NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        features = self._features(designs, steps)
        logs = _believed(steps) + features @ self._coefficients
        return np.exp(logs) * self._mean_factor, features

    def _fit_if_due(self) -> None:
        fresh = self._seen - self._fitted_at
        if fresh and fresh >= REFIT_SHARE * self._fitted_at:
            self._fit()
            self._fitted_at = self._seen

    def _fit(self) -> None:
        """Fit coefficients and scatter together: expectation-maximisation of a t regression."""
        rows, logs, freedom = self._rows, self._logs, _FREEDOM
        weights = np.ones(len(logs))
        variance = FIRST_SPREAD**2
        for _ in range(_ROUNDS):
            precision = (rows * (weights / variance)[:, None]).T @ rows
            precision[np.diag_indices_from(precision)] += self._prior_precision
            covariance = np.linalg.inv(precision)
            coefficients = covariance @ (rows.T @ (weights * logs)) / variance
            residuals = logs - rows @ coefficients
            # What the fit itself has taken away from the residuals is given back.
            taken = ((rows @ covariance) * rows).sum(axis=1)
            squares = residuals**2 + taken
            # One more "run" that scatters as believed: a few runs that agree prove little.
            variance = float((weights @ squares + FIRST_SPREAD**2) / (len(logs) + 1))
            weights = (freedom + 1) / (freedom + squares / variance)
        self._coefficients, self._covariance = coefficients, covariance
        # The tail of long runs is in the mean, however little it pulls the fit.
        self._mean_factor = float(np.exp(residuals).mean())
        self._spread = float(np.sqrt((squares.sum() + FIRST_SPREAD**2) / (len(logs) + 1)))

    def _features(self, designs: FloatArray, steps: NDArray[np.int64]) -> FloatArray:
        """Return the columns of the linear model: (n, width), most of them within -1 to 1."""
        schema, logs = self._schema, np.log(np.asarray(steps, dtype=np.float64) / 4)
        columns = [np.ones(len(designs)), logs, logs**2]
        columns += [_within_range(one, designs[:, one.start_storage]) for one in self._numbers]
        for name in ("roof_2_footprint", "footprint_2_ground", "perim_2_footprint"):
            # A share between nothing and all makes two surfaces, or two zones, of one.
            share = designs[:, schema[name].start_storage]
            columns.append(((share > 0) & (share < 1)).astype(np.float64))
        shaded = designs[:, schema["shading_fact"].start_storage] > 0
        columns.append(shaded.astype(np.float64))
        for name, count in (
            ("program_type", schema.program_types),
            ("base_epw", _WEATHER_COLUMNS),
        ):
            place = designs[:, schema[name].start_storage].astype(np.int64) % count
            columns.extend(np.eye(count)[place].T)
        return np.stack(columns, axis=1)


def longest_first(seconds: FloatArray, tolerance: float = 0.15) -> NDArray[np.int64]:
    """Return an order in which long simulations come first.

    Those that differ by less than about `tolerance`, as a share, keep their order, so that
    designs run as the user numbered them where it does not matter.
    """
    logs = np.log(np.maximum(seconds, 1e-9))
    steps = np.round(logs / np.log1p(tolerance))
    return np.argsort(-steps, kind="stable")


def _believed(steps: NDArray[np.int64]) -> FloatArray:
    """Return log seconds before anything is known."""
    believed: FloatArray = np.log(START_SECONDS + STEP_SECONDS * np.asarray(steps, np.float64))
    return believed


def _within_range(parameter: NumericParameter, values: FloatArray) -> FloatArray:
    """Return values with the parameter's range as -1 to 1, and at most twice that."""
    low, high = float(np.ravel(parameter.min)[0]), float(np.ravel(parameter.max)[0])
    if isinstance(parameter, MassParameter | RValueParameter):
        low, high, values = np.log(low), np.log(high), np.log(np.maximum(values, 1e-9))
    scaled: FloatArray = np.clip((values - (low + high) / 2) / ((high - low) / 2), -2.0, 2.0)
    return scaled
