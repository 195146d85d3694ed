"""Look at the models of designs before any is simulated: duplicates, inert parameters, errors.

Each design becomes a model, one at a time; of a model only its hash is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shoeroot.building import (
    InputSchema,
    Model,
    Template,
    TemplateLibrary,
    Weather,
    build_model,
    check_model,
    read_input_schema,
)
from shoeroot.campaign.prepare import read_catalogue
from shoeroot.campaign.shipped import shipped_library
from shoeroot.design import CLIMATE_ZONES, Duplicates, FloatArray, Schema, find_duplicates
from shoeroot.engine import find_engine
from shoeroot.errors import DesignError, ModelError
from shoeroot.progress import progress

__all__ = ["InertParameter", "Inspection", "InvalidDesign", "inspect_designs", "match_designs"]

#: Lines of each kind that a report shows.
SHOWN = 10
#: Numbers that no model is made of.
BOOKKEEPING = ("batch_id", "variation_id")
VINTAGE_HINT = (
    "vintage only chooses the template: years that `shoeroot show templates` lists in one row "
    "give one model"
)
#: What chooses a design's template.
CHOOSE_TEMPLATE = ("program_type", "vintage", "climate_zone")


@dataclass(frozen=True, slots=True)
class InvalidDesign:
    """A design that would not be simulated.

    Attributes
    ----------
    row : int
        Position in the batch.
    parameters : tuple of str
        Where it is wrong.
    problems, hints : tuple of str
        What is wrong, and what to do.
    """

    row: int
    parameters: tuple[str, ...]
    problems: tuple[str, ...]
    hints: tuple[str, ...]

    def __str__(self) -> str:
        told = "; ".join(
            f"{problem} ({hint})" for problem, hint in zip(self.problems, self.hints, strict=True)
        )
        return f"design {self.row}: {told}"


@dataclass(frozen=True, slots=True)
class InertParameter:
    """A number that varies in the batch, and changed nothing in those designs that were tried.

    Attributes
    ----------
    column : str
        As in `Schema.to_frame`.
    low, high : float
        Its lowest and highest value in the batch.
    tried : int
        Designs in which it was set to the farther of the two, without effect.
    """

    column: str
    low: float
    high: float
    tried: int

    def __str__(self) -> str:
        designs = f"{self.tried} design" + "s" * (self.tried > 1)
        return f"{self.column} (from {self.low:g} to {self.high:g}; tried in {designs})"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the models of a batch of designs tell before they are simulated; `str` is a report.

    Attributes
    ----------
    hashes : tuple of str
        For each design the SHA-256 of all that its results follow from: model, weather,
        coefficients of performance, hot water. Empty where there is no model.
    duplicates : tuple of Duplicates
        Designs whose results will be the same, and the parameters that did nothing there.
    inert : tuple of InertParameter
        Numbers that vary in the batch to no effect.
    invalid : tuple of InvalidDesign
        Designs that will not be simulated, and why.
    """

    hashes: tuple[str, ...]
    duplicates: tuple[Duplicates, ...]
    inert: tuple[InertParameter, ...]
    invalid: tuple[InvalidDesign, ...]

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def different(self) -> int:
        """Number of different models, of designs that can be simulated."""
        wrong = {design.row for design in self.invalid}
        return len({digest for row, digest in enumerate(self.hashes) if row not in wrong})

    def as_dict(self) -> dict[str, Any]:
        """Return all but the hashes, as plain figures, texts and lists."""
        return {
            "designs": len(self),
            "different": self.different,
            "duplicates": [asdict(one) for one in self.duplicates],
            "inert": [asdict(one) for one in self.inert],
            "invalid": [asdict(one) for one in self.invalid],
        }

    def __str__(self) -> str:
        valid = len(self) - len(self.invalid)
        lines = [f"{len(self)} designs: {_count(self.different, 'different model')}"]
        if valid > self.different:
            lines[0] += f", {valid - self.different} of them once more"
        if self.invalid:
            lines[0] += f", {len(self.invalid)} cannot be simulated"
        sections = {
            "varies without effect": self.inert,
            "the same model": self.duplicates,
            "cannot be simulated": self.invalid,
        }
        for title, entries in sections.items():
            if entries:
                lines.append(f"{title}:")
                lines += [f"  {entry}" for entry in entries[:SHOWN]]
            if len(entries) > SHOWN:
                lines.append(f"  and {len(entries) - SHOWN} more")
        idle = {one.column for one in self.inert}.union(*(one.inert for one in self.duplicates))
        if "vintage" in idle:
            lines.append(VINTAGE_HINT)
        return "\n".join(lines)


def inspect_designs(
    schema: Schema,
    storage_batch: FloatArray,
    templates: Sequence[Template] | None = None,
    weathers: Sequence[Weather] | None = None,
    *,
    input_schema: InputSchema | None = None,
    timesteps_per_hour: int = 4,
    probes: int = 3,
    show_progress: bool = False,
) -> Inspection:
    """Build the models of all designs and compare them; nothing is simulated.

    Parameters
    ----------
    schema : Schema
    storage_batch : (n_designs, 90) float64
    templates, weathers : sequence of Template, of Weather, optional
        Those of each design; by default those that ship with shoeroot and with the engine.
    input_schema : InputSchema, optional
        The engine's rules for its input; without them only ours are checked.
    timesteps_per_hour : int
    probes : int
        Designs in which each number that varies is tried alone, to find those without
        effect; 0 tries none.
    show_progress : bool

    Raises
    ------
    DesignError
        The batch cannot be read as designs, or there is not one template and one weather
        for each.
    """
    schema.check_batch(storage_batch)
    if templates is None or weathers is None:
        engine = find_engine()
        found = match_designs(
            schema, storage_batch, shipped_library(), read_catalogue(None, engine)
        )
        templates, weathers = templates or found[0], weathers or found[1]
        input_schema = input_schema or (read_input_schema(engine.schema) if engine.schema else None)
    if not len(storage_batch) == len(templates) == len(weathers):
        raise DesignError(
            f"{len(templates)} templates and {len(weathers)} weathers do not fit "
            f"{len(storage_batch)} designs",
            where="templates",
            hint="give one of each for each design",
        )
    builder = _Builder(schema, storage_batch, templates, weathers, timesteps_per_hour)
    hashes: list[str] = []
    invalid: list[InvalidDesign] = []
    with progress("Inspecting", len(storage_batch), show=show_progress) as advance:
        for row, vector in enumerate(storage_batch):
            digest, wrong = builder.inspect(row, vector, input_schema)
            hashes.append(digest)
            if wrong is not None:
                invalid.append(wrong)
            advance(1)
    wrong_rows = {one.row for one in invalid}
    valid = [row for row in range(len(hashes)) if row not in wrong_rows]
    return Inspection(
        tuple(hashes),
        _duplicates(schema, storage_batch, hashes, valid),
        _inert(builder, hashes, valid, probes),
        tuple(invalid),
    )


def match_designs(
    schema: Schema, batch: FloatArray, library: TemplateLibrary, catalogue: Sequence[Weather]
) -> tuple[list[Template], list[Weather]]:
    """Return template and weather of each design.

    Raises
    ------
    DesignError, TemplateError
        A design's `base_epw` is not in the catalogue, or the library lacks its template.
    """
    names = ("program_type", "vintage", "climate_zone", "base_epw")
    numbers = batch[:, [schema[name].start_storage for name in names]].astype(int).tolist()
    for row, (*_, epw) in enumerate(numbers):
        if not 0 <= epw < len(catalogue):
            raise DesignError(
                f"base_epw = {epw} is not in the weather catalogue",
                where=f"design {row}",
                hint=f"it is an index from 0 to {len(catalogue) - 1}",
            )
    chosen = {
        (program, vintage, zone): library.select(program, vintage, CLIMATE_ZONES[zone])
        for program, vintage, zone in {tuple(one[:3]) for one in numbers}
    }
    templates = [chosen[program, vintage, zone] for program, vintage, zone, _ in numbers]
    return templates, [catalogue[epw] for *_, epw in numbers]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)


def _duplicates(
    schema: Schema, batch: FloatArray, hashes: list[str], valid: list[int]
) -> tuple[Duplicates, ...]:
    # A design that will not run is nobody's duplicate.
    keys = [digest or f"design {row}" for row, digest in enumerate(hashes)]
    for row in set(range(len(keys))).difference(valid):
        keys[row] = f"design {row}"
    return find_duplicates(schema, batch, keys)


@dataclass(frozen=True, slots=True, eq=False)
class _Builder:
    """Builds models of a batch's designs, and of designs that mix two of them."""

    schema: Schema
    batch: FloatArray
    templates: Sequence[Template]
    weathers: Sequence[Weather]
    timesteps_per_hour: int

    def inspect(
        self, row: int, vector: FloatArray, input_schema: InputSchema | None
    ) -> tuple[str, InvalidDesign | None]:
        """Return a design's hash and what is wrong with it."""
        try:
            model = self._model(vector, self.templates[row], self.weathers[row])
        except (ModelError, DesignError) as error:
            words = set(re.findall(r"\w+", f"{error.problem} {error.where}"))
            named = tuple(name for name in self.schema.parameter_names if name in words)
            return "", InvalidDesign(row, named, (error.problem,), (error.hint,))
        findings = check_model(model, input_schema)
        wrong = None
        if findings:
            wrong = InvalidDesign(
                row,
                tuple(dict.fromkeys(name for one in findings for name in one.parameters)),
                tuple(one.problem for one in findings),
                tuple(one.hint for one in findings),
            )
        return hash_of(model, self.weathers[row]), wrong

    def hash(self, vector: FloatArray, template: Template, weather: Weather) -> str:
        """Return the hash of a design; empty where it leaves no model."""
        try:
            return hash_of(self._model(vector, template, weather), weather)
        except (ModelError, DesignError):
            return ""

    def _model(self, vector: FloatArray, template: Template, weather: Weather) -> Model:
        return build_model(
            self.schema, vector, template, weather, timesteps_per_hour=self.timesteps_per_hour
        )


def hash_of(model: Model, weather: Weather) -> str:
    """Return the SHA-256 of all that a design's results follow from.

    What the engine reads, and what turns its heat and cold into energy and hot water.
    """
    digest = hashlib.sha256(f"{model.hash} {weather.sha256}".encode())
    for name, zone in sorted(model.shoebox.zone_templates.items()):
        water, conditioning = zone.domestic_hot_water, zone.conditioning
        figures = (
            conditioning.heating_cop,
            conditioning.cooling_cop,
            water.flow_rate_per_floor_area,
            water.supply_temperature,
            water.inlet_temperature,
        )
        digest.update(f"{name} {figures!r}".encode())
        digest.update(water.schedule.values.tobytes())
    return digest.hexdigest()


def _inert(
    builder: _Builder, hashes: list[str], valid: list[int], probes: int
) -> tuple[InertParameter, ...]:
    """Try each number that varies alone: in a few designs, at the far end of what it takes."""
    if probes < 1 or len(valid) < 2:
        return ()
    chosen = [valid[k] for k in np.linspace(0, len(valid) - 1, probes).astype(int)]
    columns = [column for parameter in builder.schema for column in parameter.columns]
    lowest, highest = builder.batch.min(axis=0), builder.batch.max(axis=0)
    finder = _Finder(builder)
    found = []
    for column in np.flatnonzero(lowest < highest).tolist():
        if columns[column] in BOOKKEEPING:
            continue
        low, high = float(lowest[column]), float(highest[column])
        rows = tuple(dict.fromkeys(chosen))
        if all(finder.hash_with(row, column, low, high) == hashes[row] for row in rows):
            found.append(InertParameter(columns[column], low, high, len(rows)))
    return tuple(found)


class _Finder:
    """Finds template and weather of a design of which one number is another design's."""

    def __init__(self, builder: _Builder) -> None:
        schema, batch = builder.schema, builder.batch
        self._builder = builder
        self._choosing = [schema[name].start_storage for name in CHOOSE_TEMPLATE]
        self._epw = schema["base_epw"].start_storage
        self._templates: dict[tuple[float, float], set[Template]] = {}
        keys = batch[:, self._choosing].tolist()
        for (program, _, zone), template in zip(keys, builder.templates, strict=True):
            self._templates.setdefault((program, zone), set()).add(template)
        self._weathers = dict(zip(batch[:, self._epw].tolist(), builder.weathers, strict=True))

    def hash_with(self, row: int, column: int, low: float, high: float) -> str | None:
        """Return the hash of a design with a number changed; None if it cannot be told."""
        vector = self._builder.batch[row].copy()
        now = vector[column]
        vector[column] = high if high - now >= now - low else low
        template = self._builder.templates[row]
        if column in self._choosing:
            program, vintage, zone = vector[self._choosing].tolist()
            fitting = [
                one
                for one in self._templates.get((program, zone), ())
                if (one.year_from or -np.inf) <= int(vintage) <= (one.year_to or np.inf)
            ]
            if len(fitting) != 1:  # no design of the batch tells which template it would be
                return None
            template = fitting[0]
        return self._builder.hash(vector, template, self._weathers[vector[self._epw]])
