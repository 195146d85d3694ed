"""Scalers: mean and standard deviation of columns, found in one pass, kept as plain figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExportError

__all__ = ["Moments", "Scaler"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scaler:
    """Brings columns to mean 0 and standard deviation 1, and back.

    Attributes
    ----------
    names : tuple of str
        One a column.
    mean, std : (n_columns,) float64
        Of the values it was fitted on; a column that never changes has a `std` of 1.
    """

    names: tuple[str, ...]
    mean: FloatArray
    std: FloatArray

    def transform(self, values: Any) -> Any:
        """Scale values of shape (n, n_columns) or (n, n_columns, length), in their own type."""
        mean, std = self._fitting(values)
        return (values - mean) / std

    def inverse(self, values: Any) -> Any:
        """Bring scaled values back: what `transform` was given."""
        mean, std = self._fitting(values)
        return values * std + mean

    def _fitting(self, values: Any) -> tuple[Any, Any]:
        if values.ndim < 2 or values.shape[1] != len(self.names):
            raise ExportError(
                f"values of shape {tuple(values.shape)} do not fit a scaler of "
                f"{len(self.names)} columns",
                hint="the columns are the second dimension",
            )
        shape = (1, -1, *[1] * (values.ndim - 2))
        figures = (self.mean.reshape(shape), self.std.reshape(shape))
        if isinstance(values, np.ndarray):
            return figures[0].astype(values.dtype), figures[1].astype(values.dtype)
        return tuple(values.new_tensor(one) for one in figures)

    def to_dict(self) -> dict[str, Any]:
        """Give plain lists, as they are kept in JSON; every number is read back exactly."""
        return {"names": list(self.names), "mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Scaler:
        """Read what `to_dict` gave.

        Raises
        ------
        ExportError
            It is something else.
        """
        try:
            names = tuple(str(name) for name in stored["names"])
            mean, std = (np.array(stored[key], dtype=np.float64) for key in ("mean", "std"))
        except (KeyError, TypeError, ValueError) as problem:
            raise ExportError(f"a scaler cannot be read: {problem}") from problem
        if not mean.shape == std.shape == (len(names),):
            raise ExportError("a scaler has as many means and deviations as columns")
        return cls(names, mean, std)


class Moments:
    """Adds up count, mean and squared deviations of columns, some rows at a time.

    Pieces are combined as Chan, Golub and LeVeque (1983) do, which loses no digits where the
    mean is large.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.count = 0
        self.mean = np.zeros(len(self.names))
        self.squares = np.zeros(len(self.names))

    def add(self, values: NDArray[Any]) -> None:
        """Add values of shape (n, n_columns) or (n, n_columns, length)."""
        count = values.size // max(len(self.names), 1)
        if count == 0:
            return
        axes = (0, *range(2, values.ndim))
        mean = values.mean(axis=axes, dtype=np.float64)
        shape = (1, -1, *[1] * (values.ndim - 2))
        squares = np.square(values - mean.reshape(shape)).sum(axis=axes, dtype=np.float64)
        total, apart = self.count + count, mean - self.mean
        self.squares += squares + apart**2 * (self.count * count / total)
        self.mean += apart * (count / total)
        self.count = total

    def scaler(self) -> Scaler:
        """Give the scaler of all that was added."""
        std = np.sqrt(self.squares / max(self.count, 1))
        # Figures that only rounding tells apart are one figure.
        constant = std <= 1e-9 * np.maximum(np.abs(self.mean), 1e-30)
        return Scaler(self.names, self.mean.copy(), np.where(constant, 1.0, std))
