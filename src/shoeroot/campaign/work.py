"""A piece of work of a campaign: some designs, what a worker needs for them, what comes back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import (
    InputSchema,
    Model,
    Template,
    Weather,
    build_model,
    check_model,
    template_hash,
)
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.results import Job, failed_event, finished_event
from shoeroot.design import FloatArray, Schema
from shoeroot.engine import Engine, EngineModel, Run, RunResult
from shoeroot.errors import DesignError, EngineError, ModelError
from shoeroot.records import Message, Simulation

__all__ = [
    "LostUnit",
    "Runs",
    "SimulationContext",
    "TemplateKey",
    "UnitResult",
    "WorkUnit",
    "lost_event",
    "simulate",
    "template_key",
]

TemplateKey = tuple[int, int, int]
"""Program type, year of construction and climate zone of a design, as whole numbers."""

#: Ends that another run of the same model may not share.
_NOT_OF_THE_MODEL = ("crash", "timeout")


class Runs(Protocol):
    """What makes runs: a `shoeroot.engine` runner, or anything that answers like one."""

    def run(self, run: Run) -> RunResult:
        """Make a run, however it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulationContext:
    """All that a worker needs besides the designs; sent to it once, and picklable.

    Attributes
    ----------
    schema : Schema
    config : CampaignConfig
    templates : mapping of TemplateKey to Template
        Of the designs of the campaign: by program type, year and climate zone.
    weathers : tuple of Weather
        The catalogue that `base_epw` points into.
    engine : Engine or None
        None lets a worker on another computer find its own: `with_engine`.
    input_schema : InputSchema or None
        The engine's rules for its input.
    """

    schema: Schema
    config: CampaignConfig
    templates: Mapping[TemplateKey, Template]
    weathers: tuple[Weather, ...]
    engine: Engine | None
    input_schema: InputSchema | None

    def with_engine(self, engine: Engine | None) -> Self:
        """Return the same with another engine."""
        return replace(self, engine=engine)

    def template_of(self, storage_vector: FloatArray) -> Template:
        """Return the template of a design: (90,) float64."""
        return self.templates[template_key(self.schema, storage_vector)]

    def weather_of(self, storage_vector: FloatArray) -> Weather:
        """Return the weather of a design: (90,) float64."""
        return self.weathers[int(storage_vector[self.schema["base_epw"].start_storage])]

    def job(self, number: int, storage_vector: FloatArray, timesteps_per_hour: int) -> Job:
        """Return what the event of a design tells whatever comes of its run."""
        weather = self.weather_of(storage_vector)
        template = self.template_of(storage_vector)
        return Job(
            event_id=number,
            storage_vector=storage_vector,
            template=template.name,
            template_hash=template_hash(template),
            weather=weather.name,
            weather_hash=weather.sha256,
            engine="" if self.engine is None else self.engine.label,
            timesteps_per_hour=timesteps_per_hour,
        )


@dataclass(frozen=True, slots=True, eq=False)
class WorkUnit:
    """Designs to simulate together; those that may lead to the same model come in one unit.

    Attributes
    ----------
    unit_id : int
    numbers : (n,) int64
        Ids of the events that are to come of them.
    designs : (n, 90) float64
        Storage vectors.
    timesteps_per_hour : (n,) int64
    """

    unit_id: int
    numbers: NDArray[np.int64]
    designs: FloatArray
    timesteps_per_hour: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True, eq=False)
class UnitResult:
    """The events of a unit, in its order, and how long each took.

    `wall_seconds`, (n,) float64, has everything from the design to the event; 0 where the
    results of the same model were there already.
    """

    unit_id: int
    events: list[Simulation]
    wall_seconds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LostUnit:
    """A unit whose worker vanished: its designs, (n,) int64, are to be simulated again."""

    unit_id: int
    numbers: NDArray[np.int64]
    reason: str


def template_key(schema: Schema, storage_vector: FloatArray) -> TemplateKey:
    """Return what a design's template is found by."""
    program, vintage, zone = (
        int(storage_vector[schema[name].start_storage])
        for name in ("program_type", "vintage", "climate_zone")
    )
    return program, vintage, zone


def simulate(context: SimulationContext, unit: WorkUnit, runner: Runs) -> UnitResult:
    """Simulate the designs of a unit. A failure is an event, never an error.

    Parameters
    ----------
    context : SimulationContext
        With an engine.
    unit : WorkUnit
    runner : Runner
        Makes the runs; one after another.

    Raises
    ------
    EngineError
        No simulation can be made here at all: the engine has vanished, the disk is full.
    """
    if context.engine is None:
        raise EngineError("a worker has no engine", hint="give it one: context.with_engine(...)")
    made: dict[tuple[str, str], RunResult] = {}
    events, seconds = [], np.zeros(len(unit))
    for place, number in enumerate(unit.numbers.tolist()):
        before, known = time.perf_counter(), len(made)
        steps = int(unit.timesteps_per_hour[place])
        events.append(_simulate_one(context, number, unit.designs[place], steps, runner, made))
        ran = len(made) > known or events[-1].cpu_seconds > 0
        seconds[place] = time.perf_counter() - before if ran else 0.0
    return UnitResult(unit.unit_id, events, seconds)


def lost_event(
    context: SimulationContext, number: int, design: FloatArray, steps: int, reason: str
) -> Simulation:
    """Return the event of a design whose worker vanished each time."""
    job = context.job(number, design, steps)
    return failed_event(context.schema, job, "crash", [Message("fatal", reason, 1)])


def _simulate_one(
    context: SimulationContext,
    number: int,
    vector: FloatArray,
    steps: int,
    runner: Runs,
    made: dict[tuple[str, str], RunResult],
) -> Simulation:
    """Build, check, run, tell; `made` has the results of models that were run before."""
    job = context.job(number, vector, steps)
    weather = context.weather_of(vector)
    try:
        model = build_model(
            context.schema, vector, context.template_of(vector), weather, timesteps_per_hour=steps
        )
    except (ModelError, DesignError) as error:
        return failed_event(context.schema, job, "invalid", [Message("severe", str(error), 1)])
    refused = _findings(context, model)
    if refused:
        return failed_event(context.schema, job, "invalid", refused, model=model)
    key = (model.hash, weather.sha256)
    known = made.get(key)
    if known is not None:
        return finished_event(context.schema, job, model, replace(known, cpu_seconds=0.0))
    run = Run(EngineModel(model.text, model.files), weather.path, timeout=context.config.timeout)
    result = runner.run(run)
    if result.status not in _NOT_OF_THE_MODEL:
        made[key] = result
    return finished_event(context.schema, job, model, result)


def _findings(context: SimulationContext, model: Model) -> list[Message]:
    if not context.config.check_models:
        return []
    found = check_model(model, context.input_schema)
    return [Message("severe", str(finding), 1) for finding in found]
