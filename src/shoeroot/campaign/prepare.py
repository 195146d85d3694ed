"""Find everything that a campaign needs, before anything is written or run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shoeroot.building import (
    InputSchema,
    Template,
    TemplateLibrary,
    Weather,
    find_weather,
    read_input_schema,
    read_library,
    read_shipped_library,
    read_weather,
    weather_catalogue,
    weather_folders,
)
from shoeroot.campaign.config import CampaignConfig
from shoeroot.design import CLIMATE_ZONES, FloatArray, Schema
from shoeroot.engine import Engine, find_engine
from shoeroot.errors import DesignError, WeatherError

__all__ = ["Preparation", "default_weather", "prepare", "read_catalogue", "read_templates"]


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """An engine and its rules, the weather catalogue, and template and weather of each design."""

    engine: Engine
    input_schema: InputSchema | None
    library: TemplateLibrary
    catalogue: tuple[Weather, ...]
    templates: tuple[Template, ...]
    weathers: tuple[Weather, ...]


def default_weather(engine: Engine) -> tuple[str, ...]:
    """Return the names of the weather files that come with the engine.

    Raises
    ------
    WeatherError
        The engine came without any.
    """
    for folder in weather_folders(engine.weather_folder):
        names = tuple(sorted(weather_catalogue([folder])))
        if names:
            return names
    raise WeatherError(
        "no weather file came with the engine",
        where=str(engine.folder),
        hint='give weather=[...], or pip install "shoeroot[engine]", which brings five',
    )


def read_catalogue(
    names: Sequence[str | Path] | None, engine: Engine | None = None
) -> tuple[Weather, ...]:
    """Read weather files; None stands for those that come with the engine.

    Raises
    ------
    WeatherError
        One is missing, unknown or implausible.
    EngineNotFoundError
        They should come with an engine, and there is none.
    """
    engine = engine or find_engine()
    folders = weather_folders(engine.weather_folder)
    chosen = default_weather(engine) if names is None else names
    return tuple(read_weather(find_weather(name, folders)) for name in chosen)


def read_templates(path: str) -> TemplateLibrary:
    """Read a template library; an empty path stands for those that ship with shoeroot."""
    return read_library(Path(path)) if path else read_shipped_library()


def prepare(
    schema: Schema,
    designs: FloatArray,
    config: CampaignConfig,
    *,
    engine: Engine | None = None,
    library: TemplateLibrary | None = None,
) -> Preparation:
    """Find engine, templates and weather, and match them with the designs.

    Raises
    ------
    EngineNotFoundError, TemplateError, WeatherError, DesignError
        What is missing, where, and what to do.
    """
    schema.check_batch(designs)
    engine = engine or find_engine(config.engine or None)
    catalogue = read_catalogue(config.weather, engine)
    library = library or read_templates(config.templates)
    return Preparation(
        engine=engine,
        input_schema=read_input_schema(engine.schema) if engine.schema else None,
        library=library,
        catalogue=catalogue,
        templates=_templates_of(schema, designs, library),
        weathers=_weathers_of(schema, designs, catalogue),
    )


def _templates_of(
    schema: Schema, designs: FloatArray, library: TemplateLibrary
) -> tuple[Template, ...]:
    chosen: dict[tuple[int, float, int], Template] = {}
    names = ("program_type", "vintage", "climate_zone")
    keys = designs[:, [schema[name].start_storage for name in names]].tolist()
    templates = []
    for program, vintage, zone in keys:
        key = (int(program), vintage, int(zone))
        if key not in chosen:
            chosen[key] = library.select(int(program), vintage, CLIMATE_ZONES[int(zone)])
        templates.append(chosen[key])
    return tuple(templates)


def _weathers_of(
    schema: Schema, designs: FloatArray, catalogue: Sequence[Weather]
) -> tuple[Weather, ...]:
    numbers = designs[:, schema["base_epw"].start_storage]
    for row, number in enumerate(numbers):
        if not (0 <= number < len(catalogue) and number == int(number)):
            raise DesignError(
                f"base_epw = {number:g} is not in the weather catalogue",
                where=f"design {row}",
                hint=f"it is an index from 0 to {len(catalogue) - 1}",
            )
    return tuple(catalogue[int(number)] for number in numbers)
