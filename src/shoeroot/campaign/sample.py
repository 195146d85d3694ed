"""Sample designs that stand for real buildings: archetypes in real climates, boxes that vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import Template, TemplateLibrary, Weather, template_values
from shoeroot.campaign.prepare import read_catalogue
from shoeroot.campaign.sampling_plan import (
    EXTENDABLE,
    PLACES,
    Axis,
    SamplingPlan,
    Variation,
    axes_of,
    combine,
)
from shoeroot.campaign.shipped import shipped_library
from shoeroot.campaign.site_sampling import weather_in_turn, weather_of
from shoeroot.design import (
    CLIMATE_ZONES,
    ORIENTATIONS,
    PROGRAMS,
    FloatArray,
    NumericParameter,
    Schema,
    ShareMethod,
    ShoeboxGeometryParameter,
    draw_shares,
    sample_normal,
)
from shoeroot.errors import DesignError, WeatherError

__all__ = ["draw_designs", "sample_designs"]

#: First and last year of the vintages of a box, where the library does not tell four apart.
VINTAGES = ((1920, 1939), (1940, 1979), (1980, 2003), (2004, 2020))

Clipped = dict[str, int]


@overload
def sample_designs(
    n: int,
    *,
    library: TemplateLibrary | None = None,
    weather: Sequence[Weather] | None = None,
    weather_shares: FloatArray | None = None,
    schema: Schema | None = None,
    seed: int = 0,
    report: Literal[False] = False,
) -> FloatArray: ...


@overload
def sample_designs(
    n: int,
    *,
    library: TemplateLibrary | None = None,
    weather: Sequence[Weather] | None = None,
    weather_shares: FloatArray | None = None,
    schema: Schema | None = None,
    seed: int = 0,
    report: Literal[True],
) -> tuple[FloatArray, Clipped]: ...


def sample_designs(
    n: int,
    *,
    library: TemplateLibrary | None = None,
    weather: Sequence[Weather] | None = None,
    weather_shares: FloatArray | None = None,
    schema: Schema | None = None,
    seed: int = 0,
    report: bool = False,
) -> FloatArray | tuple[FloatArray, Clipped]:
    """Sample designs over vintages, programs and climates.

    Every four designs are one box in one climate for one program, built in
    four vintages that the library tells apart, so that vintages compare: before 1940, to
    1979, to 2003 and later for the residential programs that ship with shoeroot; to 1979,
    to 2003, from 2010 and from 2016 for the others, which have no older class. Boxes
    are drawn from the normal distributions of the schema as a Latin hypercube;
    orientations take turns; everything else is as the design's template has it.

    Parameters
    ----------
    n : int
        Number of designs; a multiple of 4 has all vintages equally often.
    library : TemplateLibrary, optional
        By default the one that ships with shoeroot.
    weather : sequence of Weather, optional
        The weather catalogue; each needs a climate zone. By default the files
        that come with the engine.
    weather_shares : (n_weather,) float64, optional
        The share of the boxes that each weather file gets, such as
        `shoeroot.campaign.weather_shares` gives; by default they take turns.
    schema : Schema, optional
    seed : int
    report : bool
        Whether to tell as well in how many designs each parameter was clipped.

    Returns
    -------
    (n, 90) float64
        Values outside the range of their parameter are clipped: those drawn for
        boxes, and those of templates (such as coefficients of performance of
        old heating below 0.9). With `report`, and a dict of str to int.

    Raises
    ------
    DesignError
        `n` is not positive.
    WeatherError
        The climate zone of a weather file is not known.
    TemplateError
        The library lacks a template.
    """
    if n < 1:
        raise DesignError(f"cannot sample {n} designs", hint="ask for 1 or more")
    schema = schema or Schema()
    library = library or shipped_library()
    weather = read_catalogue(None) if weather is None else weather
    zones = [_zone_index(one) for one in weather]
    generator = np.random.default_rng(seed)
    number = np.arange(n)
    group = number // len(VINTAGES)
    boxes = int(group[-1]) + 1
    programs = _programs_of(library)
    epw = group % len(weather)
    if weather_shares is not None:
        epw = weather_in_turn(weather_shares, boxes, seed)[group]
    places = zip(
        programs[group % len(programs)].tolist(), np.array(zones)[epw].tolist(), strict=True
    )
    spans = np.array(
        [_vintages(library, *place)[at % len(VINTAGES)] for at, place in enumerate(places)]
    )
    columns = {
        "variation_id": number,
        "program_type": programs[group % len(programs)],
        "vintage": generator.integers(spans[:, 0], spans[:, 1] + 1),
        "climate_zone": np.array(zones)[epw],
        "base_epw": epw,
        "orientation": generator.permutation(np.arange(boxes) % len(ORIENTATIONS))[group],
    }
    shape = [one.name for one in schema if isinstance(one, ShoeboxGeometryParameter)]
    drawn = sample_normal(schema, boxes, shape, seed=seed)
    columns |= {name: values[group] for name, values in drawn.items()}
    batch = schema.generate_empty_storage_batch(n)
    for name, values in columns.items():
        schema.update_storage_batch(batch, parameter=name, value=values)
    clipped = _clipped_boxes(schema, batch, shape)
    clipped |= _fill_from_templates(schema, batch, library)
    return (batch, clipped) if report else batch


def draw_designs(
    plan: SamplingPlan,
    *,
    library: TemplateLibrary | None = None,
    weather: Sequence[Weather] | None = None,
    weather_shares: FloatArray | None = None,
    schema: Schema | None = None,
    start: int = 0,
) -> tuple[FloatArray, Clipped]:
    """Draw designs as a plan says.

    Program, vintage and weather are drawn as well, evenly over those of the library and
    the catalogue, unless the plan varies them itself (a grid takes the first program,
    1980 and the first weather file); the climate zone is that of the weather. What does
    not vary is as the template has it; a box that does not vary has the means of the schema.

    Parameters
    ----------
    plan : SamplingPlan
    library, weather, weather_shares, schema : optional
        As in `sample_designs`; shares are not obeyed where the plan varies base_epw itself, or
        in a grid.
    start : int
        Designs that were drawn before by the same plan: these go on where those ended.

    Returns
    -------
    batch : (n_designs, 90) float64
    clipped : dict of str to int
        In how many designs a number was moved to the end of its range.

    Raises
    ------
    DesignError
        A name is unknown, a value outside its range, or the method cannot go on.
    WeatherError, TemplateError
        A climate zone is not known, or the library lacks a template.
    """
    schema = schema or Schema()
    library = library or shipped_library()
    weather = read_catalogue(None) if weather is None else weather
    if start:
        refuse_to_go_on(plan.method)
    if plan.method == "archetypes":
        return sample_designs(
            plan.designs,
            library=library,
            weather=weather,
            weather_shares=weather_shares,
            schema=schema,
            seed=plan.seed,
            report=True,
        )
    axes = axes_of(plan, schema, len(weather))
    drawn, clipped = _drawn(plan, axes, schema, library, len(weather), weather_shares, start)
    positions = {axis.column: axis.position for axis in axes}
    batch = _base(schema, len(next(iter(drawn.values()))))
    batch[:, schema["variation_id"].start_storage] = start + np.arange(len(batch))
    for name in PLACES:
        batch[:, schema[name].start_storage] = drawn[name]
    epw = batch[:, schema["base_epw"].start_storage].astype(int)
    zones = np.array([_zone_index(one) for one in weather])
    batch[:, schema["climate_zone"].start_storage] = drawn.get("climate_zone", zones[epw])
    schema.check_batch(batch)
    of_templates = _fill_from_templates(schema, batch, library)
    for column, position in positions.items():
        batch[:, position] = drawn[column]
        of_templates.pop(column, None)
    for name, count in of_templates.items():
        clipped[name] = clipped.get(name, 0) + count
    return batch, clipped


def refuse_to_go_on(method: object) -> None:
    """Refuse methods that would draw other designs if there were to be more."""
    if method not in EXTENDABLE:
        raise DesignError(
            f"designs drawn by the method {method!r} cannot be extended",
            where="method",
            hint="choose one whose earlier designs stay: " + ", ".join(EXTENDABLE),
        )


def _drawn(
    plan: SamplingPlan,
    axes: list[Axis],
    schema: Schema,
    library: TemplateLibrary,
    catalogue: int,
    weather_shares: FloatArray | None,
    start: int,
) -> tuple[dict[str, FloatArray], Clipped]:
    """Return the values of all that varies by column, and how many were clipped."""
    programs = _programs_of(library)
    varied = {axis.column for axis in axes}
    if plan.method == "grid":
        drawn = combine(axes)
        count = len(next(iter(drawn.values())))
        vintage = schema["vintage"]
        year = vintage.mean if isinstance(vintage, NumericParameter) else 0.0
        fixed = {"program_type": programs[0], "vintage": year, "base_epw": 0}
        places = {name: np.full(count, float(fixed[name])) for name in PLACES if name not in drawn}
        return drawn | places, {}
    choices = {"program_type": tuple(programs.tolist()), "vintage": (), "base_epw": ()}
    others = tuple(Variation(name, values=choices[name]) for name in PLACES if name not in varied)
    places_plan = SamplingPlan(plan.method, plan.designs, plan.seed, others)
    of_places = axes_of(places_plan, schema, catalogue) if others else []
    names = [axis.column for axis in (*axes, *of_places)]
    method: ShareMethod = "uniform" if plan.method == "uniform" else "lhs"
    method = "sobol" if plan.method == "sobol" else method
    shares = draw_shares(method, plan.designs, names, seed=plan.seed, start=start)
    drawn = {}
    clipped: Clipped = {}
    for axis, column in zip((*axes, *of_places), shares.T, strict=True):
        if plan.method == "normal" and axis.column in varied:
            drawn[axis.column], count = axis.spread_normally(column)
            clipped |= {axis.column: count} if count else {}
        elif weather_shares is not None and axis in of_places and axis.column == "base_epw":
            drawn[axis.column] = weather_of(weather_shares, column)
        else:
            drawn[axis.column] = axis.spread(column)
    return drawn, clipped


def _base(schema: Schema, n: int) -> FloatArray:
    """Return designs with the schema's mean box, its facade to the south."""
    batch = schema.generate_empty_storage_batch(n)
    for parameter in schema:
        if isinstance(parameter, ShoeboxGeometryParameter):
            batch[:, parameter.start_storage] = parameter.mean
    return batch


def _clipped_boxes(schema: Schema, batch: FloatArray, names: Sequence[str]) -> Clipped:
    """Count the designs whose box has a figure at an end of its range: those drawn beyond it."""
    clipped: Clipped = {}
    for name in names:
        parameter = schema[name]
        if isinstance(parameter, NumericParameter):
            values = batch[:, parameter.start_storage]
            count = int(np.count_nonzero((values == parameter.min) | (values == parameter.max)))
            clipped |= {name: count} if count else {}
    return clipped


def _programs_of(library: TemplateLibrary) -> NDArray[np.int64]:
    """Return the program types that a library has templates of."""
    if not library.knows_programs:
        return np.arange(len(library))
    known = {template.program for template in library.templates}
    return np.array([index for index, name in enumerate(PROGRAMS) if name in known])


def _zone_index(weather: Weather) -> int:
    if weather.climate_zone is None:
        raise WeatherError(
            f"the climate zone of {weather.name} is not known",
            where=str(weather.path),
            hint="put the .stat file of the same name beside it, or build the designs "
            "with a Schema and set climate_zone",
        )
    return CLIMATE_ZONES.index(weather.climate_zone)


@lru_cache(maxsize=1024)
def _vintages(library: TemplateLibrary, program: int, zone: int) -> tuple[tuple[int, int], ...]:
    """Return four spans of years that have templates of their own, from the oldest to the newest.

    `VINTAGES` where the library has fewer.
    """
    first, last = VINTAGES[0][0], VINTAGES[-1][1]
    spans = sorted(
        {
            (max(one.year_from or first, first), min(one.year_to or last, last))
            for one in (library.of_program(program) if library.knows_programs else ())
            if not one.climate_zones or CLIMATE_ZONES[zone] in one.climate_zones
        }
    )
    if len(spans) < len(VINTAGES):
        return VINTAGES
    chosen = np.linspace(0, len(spans) - 1, len(VINTAGES)).round().astype(int)
    return tuple(spans[at] for at in chosen)


def _fill_from_templates(schema: Schema, batch: FloatArray, library: TemplateLibrary) -> Clipped:
    """Give each design the values of its template, in place; tell in how many they were clipped."""
    names = ("program_type", "vintage", "climate_zone")
    keys = batch[:, [schema[name].start_storage for name in names]].tolist()
    selected: dict[tuple[int, int, int], Template] = {}
    rows: dict[Template, list[int]] = {}
    for row, numbers in enumerate(keys):
        key = (int(numbers[0]), int(numbers[1]), int(numbers[2]))
        if key not in selected:
            selected[key] = library.select(key[0], key[1], CLIMATE_ZONES[key[2]])
        rows.setdefault(selected[key], []).append(row)
    clipped: Clipped = {}
    for template, some in rows.items():
        _fill(schema, batch, some, template_values(schema, template, clip=False), clipped)
    return clipped


def _fill(
    schema: Schema,
    batch: FloatArray,
    rows: list[int],
    values: Mapping[str, FloatArray],
    clipped: Clipped,
) -> None:
    for name, given in values.items():
        parameter = schema[name]
        kept = parameter.clip(given)
        batch[rows, parameter.slice_storage] = kept
        columns = list(parameter.columns)
        for offset in np.flatnonzero(kept != given).tolist():
            clipped[columns[offset]] = clipped.get(columns[offset], 0) + len(rows)
