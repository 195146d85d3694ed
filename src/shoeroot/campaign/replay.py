"""`replay`: simulate an event again from its file alone; compare every number that it stores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import shoeroot
from shoeroot.building import (
    Template,
    Weather,
    find_weather,
    read_input_schema,
    read_weather,
    template_from_json,
    weather_catalogue,
    weather_folders,
)
from shoeroot.campaign.config import FILE_NAME, CampaignConfig
from shoeroot.campaign.deviations import Deviation, compare_events
from shoeroot.campaign.results import storage_vector_of
from shoeroot.campaign.work import SimulationContext, WorkUnit, simulate, template_key
from shoeroot.design import CLIMATE_ZONES, Schema
from shoeroot.engine import Engine, SubprocessRunner, candidates, find_engine
from shoeroot.errors import ConfigError, EventFileError, TemplateError, WeatherError
from shoeroot.events import find_parts, open_events, round_series
from shoeroot.records import (
    RecordType,
    Simulation,
    records_from_stripes,
    stripes_from_records,
)

__all__ = ["Replay", "replay"]

#: What the run itself costs differs each time; the engine is told apart from the numbers.
NOT_COMPARED = ("cpu_seconds", "engine")


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """An event, the same simulation made again, and in what they differ.

    Attributes
    ----------
    file : Path
        The event file.
    stored, replayed : Simulation
        The event as it is in the file, and as it comes out now.
    numbers : int
        How many numbers were compared.
    deviations : tuple of Deviation
        Fields that differ, the largest first; empty where all is the same.
    notes : tuple of str
        What else is not what it was: the build of the engine, the weather, the model.
    weather : Path
        The weather file that was used.
    """

    file: Path
    stored: Simulation
    replayed: Simulation
    numbers: int
    deviations: tuple[Deviation, ...]
    notes: tuple[str, ...]
    weather: Path

    @property
    def event_id(self) -> int:
        """Number of the event."""
        return self.stored.event_id

    @property
    def exact(self) -> bool:
        """Whether every number and every text is the same."""
        return not self.deviations

    @property
    def largest(self) -> float:
        """The largest relative deviation of a number: 0 where all are the same."""
        return max((one.relative for one in self.deviations), default=0.0)


def replay(
    campaign: str | Path | Iterable[str | Path],
    event_id: int,
    *,
    weather: Sequence[str | Path] = (),
    engine: Engine | str | Path | None = None,
) -> Replay:
    """Rebuild the model of an event from the event file, run it, and compare.

    Parameters
    ----------
    campaign : path or iterable of paths
        A campaign, a folder of events, an event file, also a merged one, or several.
    event_id : int
    weather : sequence of paths, optional
        Weather files, or folders of them, to look into first. Otherwise the file is found by
        the settings of the campaign, or by its name among those that come with the engine.
    engine : Engine or path, optional
        By default the one with the build that the event names, else the first that is found.

    Returns
    -------
    Replay

    Raises
    ------
    EventFileError
        There is no such event.
    WeatherError
        The weather file of the event is not here.
    TemplateError
        The file does not have the template: it was written by an older shoeroot.
    """
    file, stored, texts = _find_event(campaign, event_id)
    template = _template_of(stored, texts, file)
    schema = Schema(climate_zones=len(CLIMATE_ZONES))
    vector = storage_vector_of(schema, stored)
    used = engine if isinstance(engine, Engine) else _engine_of(stored, engine)
    found, notes = _weather_of(stored, file, weather, used)
    context = _context(schema, vector, template, found, used, stored, texts)
    steps = stored.timesteps_per_hour or int(texts.get("timesteps_per_hour", "4"))
    unit = WorkUnit(0, np.array([event_id]), vector.reshape(1, -1), np.array([steps]))
    with SubprocessRunner(used) as runner:
        made = simulate(context, unit, runner).events[0]
    made = _rounded(made, texts.get("mantissa_bits", ""))
    numbers, deviations = compare_events(stored, made, leave_out=NOT_COMPARED)
    if stored.engine != used.label:
        notes.append(f"the engine is {used.label}, the event was made with {stored.engine}")
    if stored.model_hash and made.model_hash != stored.model_hash and not notes:
        then = json.loads(texts.get("software", "{}")).get("shoeroot", "?")
        notes.append(
            f"the model is not the one that was run: shoeroot is {shoeroot.__version__}, "
            f"the event was made with {then}"
        )
    return Replay(file, stored, made, numbers, deviations, tuple(notes), found.path)


def _find_event(
    campaign: str | Path | Iterable[str | Path], event_id: int
) -> tuple[Path, Simulation, dict[str, str]]:
    """Return the file with an event, the event, and the metadata of the file."""
    parts = find_parts(campaign)
    low, high = np.inf, -np.inf
    _refuse_others(parts[0])
    for part in parts:
        with open_events([part], record_class=Simulation) as events:
            ids = np.asarray(events["event_id"])
            place = np.flatnonzero(ids == event_id)
            if len(place):
                stored: Simulation = events[int(place[0])]
                return part, stored, events.metadata
            if len(ids):
                low, high = min(low, ids.min()), max(high, ids.max())
    where = str(campaign) if isinstance(campaign, str | Path) else ", ".join(map(str, parts[:3]))
    raise EventFileError(
        f"there is no event {event_id}",
        where=where,
        hint=f"ids go from {low:.0f} to {high:.0f}" if high >= low else "the files have no events",
    )


def _engine_of(stored: Simulation, explicit: str | Path | None) -> Engine:
    if explicit is not None:
        return find_engine(explicit)
    for candidate in candidates():
        if candidate.engine is not None and candidate.engine.label == stored.engine:
            return candidate.engine
    return find_engine()


def _refuse_others(part: Path) -> None:
    with open_events([part]) as events:
        if events.record_type.name != Simulation.__name__:
            raise EventFileError(
                f"only simulations can be replayed, these are events of {events.record_type.name}",
                where=str(part),
                hint="give a campaign, or a file of its events",
            )


def _template_of(stored: Simulation, texts: dict[str, str], file: Path) -> Template:
    if not stored.template_hash or "templates" not in texts:
        raise TemplateError(
            "the event file does not hold the template that the event was made from",
            where=str(file),
            hint="an older shoeroot wrote it: run the design again; META models have no template: "
            "`shoeroot meta simulate` runs them",
        )
    return template_from_json(texts["templates"], stored.template_hash)


def _weather_of(
    stored: Simulation, file: Path, given: Sequence[str | Path], engine: Engine
) -> tuple[Weather, list[str]]:
    """Return the weather of an event, and what is to be said of it."""
    explicit = [path for one in given for path in _weather_files(Path(one), stored.weather)]
    for path in (*explicit, *_likely(stored, file, engine)):
        with suppress(WeatherError, OSError):
            weather = read_weather(path)
            if weather.sha256 == stored.weather_hash:
                return weather, []
    if explicit:
        weather = read_weather(explicit[0])
        return weather, [
            f"the weather file is another: sha256 {weather.sha256[:12]}, "
            f"the event was made with {stored.weather} of {stored.weather_hash[:12]}"
        ]
    raise WeatherError(
        f"the weather of this event is not here: {stored.weather}, sha256 "
        f"{stored.weather_hash[:12]}",
        where=str(file),
        hint="say where it is: --weather FILE (weather=[...] in Python)",
    )


def _weather_files(given: Path, name: str) -> list[Path]:
    if not given.exists():
        raise WeatherError("there is no such weather file", where=str(given))
    if given.is_file():
        return [given]
    catalogue = weather_catalogue([given])
    # The one that is called as the event says comes first.
    return sorted(catalogue.values(), key=lambda path: (path.name != name, path.name))


def _likely(stored: Simulation, file: Path, engine: Engine) -> list[Path]:
    """Return files that may be the weather of an event: of its campaign, of the engine."""
    folders = weather_folders(engine.weather_folder)
    paths = []
    for folder in list(file.absolute().parents)[:5]:
        with suppress(ConfigError):
            if (folder / FILE_NAME).is_file():
                for name in CampaignConfig.read(folder).weather:
                    with suppress(WeatherError):
                        paths.append(find_weather(name, folders, base=folder))
    known = [path for path in paths if path.name == stored.weather] + paths
    with_engine = weather_catalogue(folders).get(stored.weather)
    return list(dict.fromkeys([*known, *([with_engine] if with_engine else [])]))


def _context(
    schema: Schema,
    vector: np.ndarray[Any, np.dtype[np.float64]],
    template: Template,
    weather: Weather,
    engine: Engine,
    stored: Simulation,
    texts: dict[str, str],
) -> SimulationContext:
    """Return what a worker had when it made the event."""
    index = int(vector[schema["base_epw"].start_storage])
    # A model that was run has passed the check of its time, if there was one.
    checked = stored.status == "invalid"
    config = CampaignConfig(weather=(weather.name,), check_models=checked, timeout=_timeout(texts))
    return SimulationContext(
        schema=schema,
        config=config,
        templates={template_key(schema, vector): template},
        weathers=(weather,) * (index + 1),
        engine=engine,
        input_schema=read_input_schema(engine.schema) if engine.schema and checked else None,
    )


def _timeout(texts: dict[str, str]) -> float:
    """Return the longest time that a run of the file had; files that were merged differ."""
    default = CampaignConfig.model_fields["timeout"].default
    try:
        merged = [entry["metadata"].get("timeout") for entry in json.loads(texts["merged_from"])]
    except (KeyError, ValueError, TypeError, AttributeError):
        merged = []
    known = [float(one) for one in (texts.get("timeout"), *merged) if one]
    return max(known, default=float(default))


def _rounded(event: Simulation, bits: str) -> Simulation:
    """Round the hourly series as the writer of the file did."""
    if not bits:
        return event
    record_type = RecordType.of(Simulation)
    stripes = round_series(record_type, stripes_from_records(record_type, [event]), int(bits))
    rounded: Simulation = records_from_stripes(record_type, stripes, Simulation)[0]
    return rounded
