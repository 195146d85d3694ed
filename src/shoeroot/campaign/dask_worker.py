"""What happens inside a Dask worker: it finds its engine and weather, simulates, packs events.

A worker process keeps one `Runner` with its loaded engines for each campaign, from the first
unit until the campaign ends, the worker closes, or no unit has come for a while. A worker that
dies takes its engines with it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

import shoeroot
from shoeroot.building import Weather, weather_catalogue, weather_folders
from shoeroot.campaign.work import SimulationContext, UnitResult, WorkUnit, simulate
from shoeroot.design import FloatArray
from shoeroot.engine import Engine, Runner, candidates, find_engine, make_runner
from shoeroot.errors import CampaignError, EngineError, ShoerootError
from shoeroot.records import (
    RecordType,
    Simulation,
    Stripes,
    records_from_stripes,
    stripes_from_records,
)

__all__ = [
    "Lacking",
    "Orders",
    "PackedUnit",
    "Refusal",
    "WeatherBytes",
    "dask_setup",
    "end_campaign",
    "hold",
    "pack_context",
    "pack_weather",
    "run_unit",
]

#: A runner that got no unit for so long is closed: its campaign was killed, perhaps [s].
IDLE_SECONDS = 900.0
_COMPRESSION_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Orders:
    """What goes with each unit: which campaign it is of, and what the worker must have.

    Attributes
    ----------
    campaign : str
        Unique; names what a worker keeps.
    version : str
        Of shoeroot: other versions may build other models.
    engine : str
        Label of the engine, whose builds alone give the same numbers; empty for any.
    """

    campaign: str
    version: str
    engine: str


@dataclass(frozen=True, slots=True)
class WeatherBytes:
    """A weather file as bytes (zstd), for workers that have no such file."""

    name: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, eq=False)
class PackedUnit:
    """The events of a unit as flat arrays, which travel without a loop over hours or events."""

    unit_id: int
    stripes: Stripes
    wall_seconds: FloatArray

    def unpack(self) -> UnitResult:
        """Return the events as records again."""
        events = records_from_stripes(RecordType.of(Simulation), self.stripes, Simulation)
        return UnitResult(self.unit_id, events, self.wall_seconds)


@dataclass(frozen=True, slots=True)
class Lacking:
    """The worker at `address` has not got these weather files, by SHA-256."""

    address: str
    weathers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a worker cannot simulate; `final` if no other attempt would help."""

    address: str
    error: ShoerootError
    final: bool


def pack_context(context: SimulationContext) -> bytes:
    """Return the context without its engine, as bytes that any worker can take."""
    packed = pickle.dumps(context.with_engine(None), protocol=5)
    return zstandard.compress(packed, _COMPRESSION_LEVEL)


def pack_weather(weather: Weather) -> WeatherBytes:
    """Return a weather file as bytes."""
    content = zstandard.compress(weather.path.read_bytes(), _COMPRESSION_LEVEL)
    return WeatherBytes(weather.name, weather.sha256, content)


def hold(value: bytes | WeatherBytes) -> bytes | WeatherBytes:
    """Return a value: as a task it can be had again when its workers are lost."""
    return value


def run_unit(
    orders: Orders, context: bytes, unit: WorkUnit, *weathers: WeatherBytes
) -> PackedUnit | Lacking | Refusal:
    """Simulate a unit in a Dask worker.

    Parameters
    ----------
    orders : Orders
    context : bytes
        From `pack_context`.
    unit : WorkUnit
    *weathers : WeatherBytes
        Those that some worker has been found to lack.
    """
    from distributed import get_worker

    worker = get_worker()
    try:
        kept = _kept_by(worker, orders, context)
    except ShoerootError as error:
        return Refusal(worker.address, error, final=True)
    try:
        with kept.in_use():
            ready, lacking = kept.context_for(unit, weathers)
            if lacking:
                return Lacking(worker.address, lacking)
            result = simulate(ready, unit, kept.runner)
    except (ShoerootError, OSError) as error:
        known = error if isinstance(error, ShoerootError) else EngineError(str(error))
        return Refusal(worker.address, known, final=False)
    stripes = stripes_from_records(RecordType.of(Simulation), result.events)
    return PackedUnit(result.unit_id, stripes, result.wall_seconds)


def dask_setup(worker: Any) -> None:
    """Let Ctrl-C in a terminal be the parent's affair: for workers that it started here.

    Dask calls this in worker processes whose ``preload`` names this module.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_campaign(campaign: str) -> None:
    """Kill what runs of a campaign in this process, and forget it."""
    with _lock:
        _ended.add(campaign)
        gone = [_campaigns.pop(key) for key in list(_campaigns) if key[1] == campaign]
    for kept in gone:
        kept.close()


class _Kept:
    """What one worker keeps of one campaign between units."""

    def __init__(self, worker: Any, context: SimulationContext, engine: Engine) -> None:
        self._context = context.with_engine(engine)
        self._folder = Path(worker.local_directory) / "shoeroot-weather"
        self._weathers: dict[str, Weather] = {}
        self._users = 0
        self._timer: threading.Timer | None = None
        self.key = (worker.id, "")
        self.runner: Runner = make_runner(engine, workers=worker.state.nthreads)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold off the end for lack of work."""
        with _lock:
            self._users += 1
            if self._timer is not None:
                self._timer.cancel()
        try:
            yield
        finally:
            with _lock:
                self._users -= 1
                if self._users == 0:
                    self._timer = threading.Timer(IDLE_SECONDS, self._end_if_idle)
                    self._timer.daemon = True
                    self._timer.start()

    def context_for(
        self, unit: WorkUnit, given: Iterable[WeatherBytes]
    ) -> tuple[SimulationContext, tuple[str, ...]]:
        """Return the context with weather files that are here, and the hashes of those not."""
        context = self._context
        place = context.schema["base_epw"].start_storage
        used = np.unique(unit.designs[:, place].astype(np.int64)).tolist()
        sent = {one.sha256: one for one in given}
        catalogue, lacking = list(context.weathers), []
        for index in used:
            weather = catalogue[index]
            found = self._weathers.get(weather.sha256) or self._find(weather, sent)
            if found is None:
                lacking.append(weather.sha256)
            else:
                self._weathers[weather.sha256] = catalogue[index] = found
        return replace(context, weathers=tuple(catalogue)), tuple(dict.fromkeys(lacking))

    def _find(self, weather: Weather, sent: dict[str, WeatherBytes]) -> Weather | None:
        """Look for a weather file of the same content: at its path, with engines, as sent."""
        engine = self._context.engine
        folders = weather_folders(engine.weather_folder if engine else None)
        with_engines = weather_catalogue(folders).get(weather.name)
        for path in (weather.path, with_engines):
            if path is not None and _sha256_of(path) == weather.sha256:
                return replace(weather, path=path)
        if weather.sha256 not in sent:
            return None
        return replace(weather, path=_store(self._folder, sent[weather.sha256]))

    def close(self) -> None:
        """Kill what runs."""
        if self._timer is not None:
            self._timer.cancel()
        self.runner.close()

    def _end_if_idle(self) -> None:
        with _lock:
            if self._users or _campaigns.get(self.key) is not self:
                return
            del _campaigns[self.key]
        self.close()


_lock = threading.RLock()
#: By worker (several may share a process) and campaign.
_campaigns: dict[tuple[str, str], _Kept] = {}
_ended: set[str] = set()


def _kept_by(worker: Any, orders: Orders, context: bytes) -> _Kept:
    key = (worker.id, orders.campaign)
    with _lock:
        if orders.campaign in _ended:
            raise EngineError("the campaign has been stopped")
        if key not in _campaigns:
            _check_version(worker.address, orders)
            packed = zstandard.decompress(context)
            # Packed by `pack_context` of the process that gives this worker its code, too.
            unpacked: SimulationContext = pickle.loads(packed)  # noqa: S301
            kept = _Kept(worker, unpacked, _own_engine(worker.address, unpacked, orders.engine))
            kept.key = key
            _campaigns[key] = kept
            worker.loop.add_callback(worker.plugin_add, _closer(orders.campaign, worker.id))
        return _campaigns[key]


def _check_version(address: str, orders: Orders) -> None:
    if orders.version != shoeroot.__version__:
        raise CampaignError(
            f"a Dask worker has shoeroot {shoeroot.__version__}, the campaign {orders.version}",
            where=address,
            hint="install the same version there: others may build other models",
        )


def _own_engine(address: str, context: SimulationContext, label: str) -> Engine:
    """Return the engine of this computer that gives the same bytes as the campaign's."""
    explicit = context.config.engine
    given = explicit if explicit and Path(explicit).exists() else None
    if not label:
        return find_engine(given)
    found = [one.engine for one in candidates(given) if one.engine is not None]
    for engine in found:
        if engine.label == label:
            return engine
    others = ", ".join(dict.fromkeys(engine.label for engine in found)) or "none"
    raise EngineError(
        f"the campaign's engine is EnergyPlus {label}; a Dask worker has {others}",
        where=address,
        hint='install the same build there: pip install "shoeroot[engine]", or ENERGYPLUS_DIR',
    )


def _closer(campaign: str, worker_id: str) -> Any:
    """Return a plugin that closes the runner when its worker closes."""
    from distributed import WorkerPlugin

    def close() -> None:
        with _lock:
            kept = _campaigns.pop((worker_id, campaign), None)
        if kept is not None:
            kept.close()

    class CloseRunner(WorkerPlugin):
        def teardown(self, worker: Any) -> None:
            close()

    return CloseRunner()


@lru_cache(maxsize=4096)
def _hash_of(path: Path, state: tuple[int, int]) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sha256_of(path: Path) -> str:
    """Return the hash of a file, which is read once; empty if it cannot be read."""
    try:
        state = path.stat()
        return _hash_of(path, (state.st_mtime_ns, state.st_size))
    except OSError:
        return ""


def _store(folder: Path, sent: WeatherBytes) -> Path:
    """Write a weather file that was sent, whole or not at all; by its hash and its name."""
    content = zstandard.decompress(sent.content)
    if hashlib.sha256(content).hexdigest() != sent.sha256:
        raise CampaignError(f"the weather file {sent.name} has changed while it was sent")
    inside = folder / Path(sent.sha256).name
    inside.mkdir(parents=True, exist_ok=True)
    path = inside / Path(sent.name).name
    if not path.exists():
        handle, temporary = tempfile.mkstemp(dir=inside, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    return path
