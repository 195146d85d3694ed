"""Sample designs that stand for real buildings: archetypes in real climates, boxes that vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import TemplateLibrary, Weather, template_values
from shoeroot.campaign.prepare import read_catalogue, read_templates
from shoeroot.design import (
    CLIMATE_ZONES,
    ORIENTATIONS,
    PROGRAMS,
    FloatArray,
    Schema,
    ShoeboxGeometryParameter,
    sample_normal,
)
from shoeroot.errors import DesignError, WeatherError

__all__ = ["sample_designs"]

#: First and last year of the vintages that the template library tells apart.
VINTAGES = ((1920, 1939), (1940, 1979), (1980, 2003), (2004, 2020))


def sample_designs(
    n: int,
    *,
    library: TemplateLibrary | None = None,
    weather: Sequence[Weather] | None = None,
    schema: Schema | None = None,
    seed: int = 0,
) -> FloatArray:
    """Sample designs over vintages, programs and climates.

    Every four designs are one box in one climate for one program, built in
    each of the four vintages, so that vintages compare. Boxes are drawn from the
    normal distributions of the schema as a Latin hypercube; orientations take
    turns; everything else is as the design's template has it.

    Parameters
    ----------
    n : int
        Number of designs; a multiple of 4 has all vintages equally often.
    library : TemplateLibrary, optional
        By default the one that ships with shoeroot.
    weather : sequence of Weather, optional
        The weather catalogue; each needs a climate zone. By default the files
        that come with the engine.
    schema : Schema, optional
    seed : int

    Returns
    -------
    (n, 90) float64
        Values of the template outside the range of their parameter are clipped.

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
    library = library or read_templates("")
    weather = read_catalogue(None) if weather is None else weather
    zones = [_zone_index(one) for one in weather]
    generator = np.random.default_rng(seed)
    number = np.arange(n)
    group = number // len(VINTAGES)
    boxes = int(group[-1]) + 1
    spans = np.array(VINTAGES)[number % len(VINTAGES)]
    programs = _programs_of(library)
    epw = group % len(weather)
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
    _fill_from_templates(schema, batch, library)
    return batch


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


def _fill_from_templates(schema: Schema, batch: FloatArray, library: TemplateLibrary) -> None:
    """Give each design the values of its template, in place."""
    start = {name: schema[name].start_storage for name in ("program_type", "vintage")}
    zone = schema["climate_zone"].start_storage
    for row, vector in enumerate(batch):
        template = library.select(
            int(vector[start["program_type"]]),
            vector[start["vintage"]],
            CLIMATE_ZONES[int(vector[zone])],
        )
        for name, values in template_values(schema, template).items():
            schema.update_storage_batch(batch, index=row, parameter=name, value=values)
