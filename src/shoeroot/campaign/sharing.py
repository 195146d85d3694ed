"""`SharingExecutor`: identical models are run once, whatever executor runs them.

A model is known by its hash, the hash of the weather and the build of the engine. The results of a
model that was run before come from the event files of the campaign, or from a folder that
campaigns share; a design whose model is being run waits for it. Its event has all results, and
`cpu_seconds` 0, because nothing was run for it. Crashes and runs that took too long are not shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from shoeroot.building import Model, build_model
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.known_models import SHARED_STATUSES, KnownModels
from shoeroot.campaign.result_cache import ModelKey, ResultCache
from shoeroot.campaign.results import shared_event
from shoeroot.campaign.work import LostUnit, SimulationContext, UnitResult, WorkUnit
from shoeroot.design import FloatArray
from shoeroot.errors import DesignError, ModelError
from shoeroot.records import Simulation

__all__ = ["SharingExecutor"]


@dataclass(slots=True, eq=False)
class _Open:
    """A unit that was submitted, and what is there of its result."""

    unit: WorkUnit
    events: list[Simulation | None]
    seconds: FloatArray
    left: int = field(default=0)

    def put(self, place: int, event: Simulation, seconds: float) -> None:
        self.events[place] = event
        self.seconds[place] = seconds
        self.left -= 1


@dataclass(frozen=True, slots=True, eq=False)
class _Sent:
    """What the executor has of a unit: some places of it, and the models there."""

    unit: _Open
    places: list[int]
    keys: list[ModelKey | None]


class SharingExecutor:
    """Hands on to another executor what no run has given yet.

    Parameters
    ----------
    executor : Executor
    known : KnownModels
        Models whose events are on disk.
    cache : ResultCache, optional
        Results that campaigns share.
    """

    def __init__(
        self, executor: Executor, known: KnownModels, cache: ResultCache | None = None
    ) -> None:
        self._executor, self._known, self._cache = executor, known, cache
        self._context: SimulationContext | None = None
        self._sent: dict[int, _Sent] = {}
        self._number = 0
        #: Designs that wait for a model that is being run.
        self._waiting: dict[ModelKey, list[tuple[_Open, int]]] = {}
        #: Events that are not yet on disk.
        self._recent: dict[ModelKey, Simulation] = {}
        self._ended: list[UnitResult | LostUnit] = []

    @property
    def slots(self) -> int:
        """Simulations at once."""
        return self._executor.slots

    @property
    def unit_seconds(self) -> float:
        """Wall time that a unit should aim at [s]."""
        return self._executor.unit_seconds

    def start(self, context: SimulationContext) -> None:
        """Get ready."""
        self._context = context
        self._executor.start(context)

    def stop(self) -> None:
        """Drop what waits and runs."""
        self._executor.stop()

    def committed(self, numbers: Iterable[int]) -> None:
        """Take note of events that are on disk: they are read there when they are needed."""
        on_disk = set(numbers)
        for key, event in list(self._recent.items()):
            if event.event_id in on_disk:
                self._known.add(key, event.event_id)
                del self._recent[key]

    def submit(self, unit: WorkUnit) -> None:
        """Take a unit; what is known of it needs no run."""
        count = len(unit)
        opened = _Open(unit, [None] * count, np.zeros(count), count)
        places: list[int] = []
        keys: list[ModelKey | None] = []
        for place in range(count):
            model = self._model(unit, place)
            key = None if model is None else self._key(model)
            if model is not None and key is not None:
                if key in self._waiting:
                    self._waiting[key].append((opened, place))
                    continue
                if (event := self._find(key)) is not None:
                    self._answer(opened, place, model, event)
                    continue
                self._waiting[key] = []
            places.append(place)
            keys.append(key)
        self._send(_Sent(opened, places, keys))

    def collect(self, timeout: float) -> list[UnitResult | LostUnit]:
        """Give the units that have ended; waits up to `timeout` seconds for the first."""
        for ended in self._executor.collect(0.0 if self._ended else timeout):
            sent = self._sent.pop(ended.unit_id, None)
            if sent is None:
                continue
            if isinstance(ended, LostUnit):
                self._lose(sent, ended)
            else:
                self._take(sent, ended)
        given, self._ended = self._ended, []
        return given

    def _model(self, unit: WorkUnit, place: int) -> Model | None:
        """Return the model of a design; None where there is none: its worker says why."""
        context, vector = self._context, unit.designs[place]
        if context is None or context.engine is None:
            return None
        try:
            return build_model(
                context.schema,
                vector,
                context.template_of(vector),
                context.weather_of(vector),
                timesteps_per_hour=int(unit.timesteps_per_hour[place]),
            )
        except (ModelError, DesignError):
            return None

    def _key(self, model: Model) -> ModelKey:
        assert self._context is not None and self._context.engine is not None  # noqa: S101, PT018
        return model.hash, model.weather.sha256, self._context.engine.label

    def _find(self, key: ModelKey) -> Simulation | None:
        event = self._recent.get(key) or self._known.find(key)
        if event is None and self._cache is not None:
            event = self._cache.find(key)
        return event

    def _answer(self, opened: _Open, place: int, model: Model, known: Simulation) -> None:
        context, unit = self._context, opened.unit
        assert context is not None  # noqa: S101 (tells the type checker)
        job = context.job(
            int(unit.numbers[place]), unit.designs[place], int(unit.timesteps_per_hour[place])
        )
        opened.put(place, shared_event(context.schema, job, model, known), 0.0)
        self._close_if_done(opened)

    def _send(self, sent: _Sent) -> None:
        if not sent.places:
            return
        unit, some = sent.unit.unit, np.array(sent.places)
        self._sent[self._number] = sent
        rest = WorkUnit(
            self._number, unit.numbers[some], unit.designs[some], unit.timesteps_per_hour[some]
        )
        self._number += 1
        self._executor.submit(rest)

    def _take(self, sent: _Sent, ended: UnitResult) -> None:
        for which, (place, key) in enumerate(zip(sent.places, sent.keys, strict=True)):
            event = ended.events[which]
            sent.unit.put(place, event, float(ended.wall_seconds[which]))
            if key is None:
                continue
            if event.status not in SHARED_STATUSES:
                self._run_next(key)
                continue
            self._recent[key] = event
            if self._cache is not None and event.cpu_seconds > 0:
                self._cache.keep(event)
            for opened, held in self._waiting.pop(key, ()):
                model = self._model(opened.unit, held)
                assert model is not None  # noqa: S101 (it was built before)
                self._answer(opened, held, model, event)
        self._close_if_done(sent.unit)

    def _run_next(self, key: ModelKey) -> None:
        """Let the next design that waits for a model run it: the last run told nothing of it."""
        held = self._waiting.pop(key, [])
        if held:
            (opened, place), *rest = held
            self._waiting[key] = rest
            self._send(_Sent(opened, [place], [key]))

    def _lose(self, sent: _Sent, ended: LostUnit) -> None:
        """Give the whole unit back; what others wait for is run by one of them."""
        lost = sent.unit
        for key in list(self._waiting):
            self._waiting[key] = [one for one in self._waiting[key] if one[0] is not lost]
        gone = [number for number, other in self._sent.items() if other.unit is lost]
        for one in (sent, *(self._sent.pop(number) for number in gone)):
            for key in filter(None, one.keys):
                self._run_next(key)
        self._ended.append(LostUnit(lost.unit.unit_id, lost.unit.numbers, ended.reason))

    def _close_if_done(self, opened: _Open) -> None:
        if opened.left == 0:
            opened.left = -1
            events = [event for event in opened.events if event is not None]
            self._ended.append(UnitResult(opened.unit.unit_id, events, opened.seconds))
