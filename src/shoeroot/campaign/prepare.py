"""Find everything that a campaign needs, before anything is written or run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

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
from shoeroot.campaign.work import SimulationContext, TemplateKey
from shoeroot.design import CLIMATE_ZONES, DesignRows, FloatArray, Schema
from shoeroot.engine import Engine, find_engine
from shoeroot.errors import DesignError, WeatherError

__all__ = [
    "Preparation",
    "Survey",
    "default_weather",
    "prepare",
    "read_catalogue",
    "read_templates",
]

#: What a template is found by.
KEY_PARAMETERS = ("program_type", "vintage", "climate_zone")
#: Numbers that no model is made of.
BOOKKEEPING = ("batch_id", "variation_id")


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What has to be known of all designs before the first is simulated.

    Attributes
    ----------
    templates : dict of TemplateKey to Template
        Those that designs have, by program type, year and climate zone.
    hashes : (n_designs,) uint64
        One a design: another design has another hash.
    groups : (n_designs,) uint64
        Designs of another group have another model; those of one group may have the same.
    """

    templates: dict[TemplateKey, Template]
    hashes: NDArray[np.uint64]
    groups: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """An engine and its rules, templates, the weather catalogue, and what designs are like."""

    engine: Engine
    input_schema: InputSchema | None
    library: TemplateLibrary
    catalogue: tuple[Weather, ...]
    survey: Survey

    def context(self, schema: Schema, config: CampaignConfig) -> SimulationContext:
        """Return what workers need."""
        return SimulationContext(
            schema=schema,
            config=config,
            templates=self.survey.templates,
            weathers=self.catalogue,
            engine=self.engine,
            input_schema=self.input_schema,
        )


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
    names: Sequence[str | Path] | None, engine: Engine | None = None, *, base: Path | None = None
) -> tuple[Weather, ...]:
    """Read weather files; None stands for those that come with the engine.

    Parameters
    ----------
    names : sequence of paths or names, optional
    engine : Engine, optional
    base : Path, optional
        The folder that relative paths start from; by default the working folder.

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
    return tuple(read_weather(find_weather(name, folders, base=base)) for name in chosen)


def read_templates(path: str | Path) -> TemplateLibrary:
    """Read a template library; an empty path stands for those that ship with shoeroot."""
    return read_library(Path(path)) if path else read_shipped_library()


def prepare(
    schema: Schema,
    designs: DesignRows | FloatArray,
    config: CampaignConfig,
    *,
    engine: Engine | None = None,
    library: TemplateLibrary | None = None,
    base: Path | None = None,
) -> Preparation:
    """Find engine, templates and weather, and match them with the designs.

    Parameters
    ----------
    schema : Schema
    designs : DesignRows or (n_designs, 90) float64
    config : CampaignConfig
    engine : Engine, optional
    library : TemplateLibrary, optional
    base : Path, optional
        The folder that relative paths in the settings start from.

    Raises
    ------
    EngineNotFoundError, TemplateError, WeatherError, DesignError
        What is missing, where, and what to do.
    """
    rows = designs if isinstance(designs, DesignRows) else DesignRows.of(schema, designs)
    if isinstance(designs, np.ndarray):
        schema.check_batch(designs)
    engine = engine or find_engine(_from(base, config.engine) or None)
    catalogue = read_catalogue(config.weather, engine, base=base)
    library = library or read_templates(_from(base, config.templates))
    return Preparation(
        engine=engine,
        input_schema=read_input_schema(engine.schema) if engine.schema else None,
        library=library,
        catalogue=catalogue,
        survey=_survey(schema, rows, library, len(catalogue)),
    )


def _from(base: Path | None, path: str) -> str | Path:
    return base / path if base is not None and path else path


def _survey(schema: Schema, rows: DesignRows, library: TemplateLibrary, weathers: int) -> Survey:
    """Look at all designs, some thousand at a time."""
    templates: dict[TemplateKey, Template] = {}
    places: dict[int, int] = {}
    hashes = np.empty(len(rows), dtype=np.uint64)
    groups = np.empty(len(rows), dtype=np.uint64)
    columns = [schema[name].start_storage for name in KEY_PARAMETERS]
    for start, block in rows.blocks():
        _check_block(schema, block, start)
        _check_weather(schema, block, start, weathers)
        here = slice(start, start + len(block))
        hashes[here] = _hash_rows(block)
        keys, which = np.unique(block[:, columns].astype(np.int64), axis=0, return_inverse=True)
        for program, vintage, zone in keys.tolist():
            key = (program, vintage, zone)
            if key not in templates:
                templates[key] = library.select(program, vintage, CLIMATE_ZONES[zone])
        # What a model is made of: the template, and not how it was found.
        chosen = [templates[program, vintage, zone] for program, vintage, zone in keys.tolist()]
        found = np.array([places.setdefault(id(one), len(places)) for one in chosen])
        essence = block.copy()
        essence[:, columns] = 0.0
        essence[:, columns[0]] = found[which.reshape(-1)]
        essence[:, [schema[name].start_storage for name in BOOKKEEPING]] = 0.0
        groups[here] = _hash_rows(essence)
    return Survey(templates, hashes, groups)


def _hash_rows(block: FloatArray) -> NDArray[np.uint64]:
    little = np.ascontiguousarray(block, dtype="<f8")
    return np.fromiter(map(xxhash.xxh3_64_intdigest, little), dtype=np.uint64, count=len(block))


def _check_block(schema: Schema, block: FloatArray, first: int) -> None:
    try:
        schema.check_batch(block)
    except DesignError as error:
        where = f"{error.where}, counted from design {first}" if first else error.where
        raise DesignError(error.problem, where=where, hint=error.hint) from error


def _check_weather(schema: Schema, block: FloatArray, first: int, weathers: int) -> None:
    numbers = block[:, schema["base_epw"].start_storage]
    wrong = ~((numbers >= 0) & (numbers < weathers) & (numbers == np.floor(numbers)))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DesignError(
            f"base_epw = {numbers[row]:g} is not in the weather catalogue",
            where=f"design {first + row}",
            hint=f"it is an index from 0 to {weathers - 1}",
        )
