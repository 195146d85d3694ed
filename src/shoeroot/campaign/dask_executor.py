"""A campaign on a Dask cluster: units out, packed events in, workers that come and go."""

from __future__ import annotations

import importlib
import logging
import queue
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shoeroot
from shoeroot.campaign.chunks import wall_time_for
from shoeroot.campaign.dask_worker import (
    Lacking,
    Orders,
    PackedUnit,
    Refusal,
    dask_setup,
    end_campaign,
    hold,
    pack_context,
    pack_weather,
    run_unit,
)
from shoeroot.campaign.work import LostUnit, SimulationContext, UnitResult, WorkUnit
from shoeroot.errors import CampaignError, ConfigError
from shoeroot.optional import import_optional

__all__ = ["DaskExecutor", "executor_of"]

#: Units on the cluster for each slot, those that run included: a slot never waits for the next.
AHEAD = 2
#: How long the number of slots is believed [s].
SLOTS_SECONDS = 1.0
#: How long a scheduler may take to answer [s].
CONNECT_SECONDS = 15.0
#: A worker that cannot be reached within this is reached through the scheduler [s].
REACH_SECONDS = 2.0
#: So many units lost in a row, without one that came back: something is wrong with all workers.
MOST_LOST = 20
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class _Flying:
    """A unit on the cluster."""

    unit: WorkUnit
    future: Any


class DaskExecutor:
    """Simulates units on a Dask cluster: an `Executor`.

    A unit is one task. The scheduler sees few of them: at most two for each slot, of
    `unit_seconds` each. What a worker needs besides the designs is sent to it once; engines
    stay loaded between units; events come back as flat arrays, from worker to parent where the
    network allows it.

    Dask itself runs a unit again elsewhere when its worker vanishes; a unit that Dask has given
    up (it lost several workers, or was cancelled) comes back as a `LostUnit`. Either way a unit
    has one result.

    Parameters
    ----------
    cluster : distributed.Client, str or cluster
        A client, which stays open; the address of a scheduler; or a cluster that has one,
        such as `LocalCluster`, ``dask_jobqueue.SLURMCluster`` or
        ``dask_kubernetes.operator.KubeCluster``, which stays open, too.
    ahead : int
        Units on the cluster for each slot.
    owned : sequence
        Clients and clusters to close in the end, the last first.

    Raises
    ------
    ConfigError
        `cluster` is none of these.
    MissingExtraError
        distributed is not installed.
    """

    def __init__(self, cluster: Any, *, ahead: int = AHEAD, owned: Sequence[Any] = ()) -> None:
        self._distributed = _distributed()
        _check_cluster(cluster, self._distributed)
        self._given = cluster
        self._ahead = max(1, ahead)
        self._client: Any = None
        self._to_close = list(owned)
        self._waiting: deque[WorkUnit] = deque()
        self._flying: dict[str, _Flying] = {}
        self._weathers: dict[str, Any] = {}
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._slots, self._slots_at = 1, 0.0
        self._lost_in_a_row = 0
        self._stopping = threading.Event()

    @property
    def slots(self) -> int:
        """Simulations at once: threads of all workers, 1 while there is none yet."""
        if self._client is not None and time.monotonic() - self._slots_at > SLOTS_SECONDS:
            with suppress(OSError, RuntimeError):
                self._slots = max(1, sum(self._client.nthreads().values()))
            self._slots_at = time.monotonic()
        return self._slots

    @property
    def unit_seconds(self) -> float:
        """Wall time that a unit should aim at [s]."""
        return wall_time_for(self.slots)

    def start(self, context: SimulationContext) -> None:
        """Connect, and make ready what workers need; does not wait for any.

        Raises
        ------
        CampaignError
            No scheduler answers.
        """
        self._client = self._connect()
        self._context = context
        self._orders = Orders(
            campaign=uuid.uuid4().hex,
            version=shoeroot.__version__,
            engine="" if context.engine is None else context.engine.label,
        )
        # A task, not scattered data: the scheduler can have it again when all workers that
        # hold it are lost, workers that join late get it from others, and it is forgotten
        # when this process dies.
        self._packed = self._hold(pack_context(context))
        self._gatherer = threading.Thread(
            target=self._gather, name="shoeroot-dask-gather", daemon=True
        )
        self._gatherer.start()

    def submit(self, unit: WorkUnit) -> None:
        """Take a unit; it waits here while the cluster has enough."""
        self._waiting.append(unit)
        self._feed()

    def collect(self, timeout: float) -> list[UnitResult | LostUnit]:
        """Give the units that have ended; see `Executor.collect`.

        Raises
        ------
        CampaignError, EngineError
            The scheduler is gone, or workers have another engine or another shoeroot.
        """
        deadline = time.monotonic() + timeout
        found: list[UnitResult | LostUnit] = []
        while not found:
            for key, outcome in self._take(deadline):
                flying = self._flying.pop(key, None)
                # A unit that was cancelled and then ended anyway ends only once.
                if flying is not None:
                    found += self._end(flying, outcome)
            self._check_scheduler()
            self._feed()
            if time.monotonic() >= deadline:
                break
        return found

    def stop(self) -> None:
        """Drop all units, kill what runs on the workers, and let go of the cluster."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._waiting.clear()
        flying = [one.future for one in self._flying.values()]
        self._flying.clear()
        if self._client is not None:
            self._end_on_workers(flying)
            self._ended.put(None)
            self._gatherer.join(CONNECT_SECONDS)
            del flying, self._packed
            self._weathers.clear()
        while self._to_close:
            self._to_close.pop().close()

    def _connect(self) -> Any:
        if isinstance(self._given, self._distributed.Client):
            return self._given
        try:
            client = self._distributed.Client(
                self._given, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise CampaignError(
                f"no Dask scheduler answers: {error}",
                where=str(self._given),
                hint="is it running, and is its port open? `dask scheduler` prints its address",
            ) from error
        self._to_close.append(client)
        return client

    def _hold(self, value: Any) -> Any:
        key = f"shoeroot-data-{self._orders.campaign}-{uuid.uuid4().hex}"
        return self._client.submit(hold, value, key=key, pure=False)

    def _feed(self) -> None:
        """Give the cluster units while it has room."""
        if self._waiting:
            room = self._ahead * self.slots + 2 - len(self._flying)
            for _ in range(min(room, len(self._waiting))):
                self._send(self._waiting.popleft())

    def _send(self, unit: WorkUnit, address: str = "") -> None:
        place = self._context.schema["base_epw"].start_storage
        used = {int(index) for index in unit.designs[:, place]}
        hashes = dict.fromkeys(self._context.weathers[index].sha256 for index in sorted(used))
        weathers = [self._weathers[one] for one in hashes if one in self._weathers]
        future = self._client.submit(
            run_unit,
            self._orders,
            self._packed,
            unit,
            *weathers,
            key=f"shoeroot-unit-{self._orders.campaign}-{uuid.uuid4().hex}",
            pure=False,
            # Back to where the weather was lacking; anywhere if that worker is gone by then.
            workers=[address] if address else None,
            allow_other_workers=bool(address),
        )
        self._flying[future.key] = _Flying(unit, future)
        future.add_done_callback(self._ended.put)

    def _take(self, deadline: float) -> list[tuple[str, Any]]:
        """Return what has been gathered; wait for the first until the deadline."""
        taken = []
        with suppress(queue.Empty):
            taken.append(self._outcomes.get(timeout=max(0.001, deadline - time.monotonic())))
            while True:
                taken.append(self._outcomes.get_nowait())
        return taken

    def _end(self, flying: _Flying, outcome: Any) -> list[UnitResult | LostUnit]:
        """Turn what came of a unit into what a campaign wants to know."""
        unit = flying.unit
        if isinstance(outcome, PackedUnit):
            self._lost_in_a_row = 0
            return [outcome.unpack()]
        if isinstance(outcome, Lacking):
            for one in self._context.weathers:
                if one.sha256 in outcome.weathers and one.sha256 not in self._weathers:
                    self._weathers[one.sha256] = self._hold(pack_weather(one))
            self._send(unit, outcome.address)
            return []
        if isinstance(outcome, Refusal):
            if outcome.final:
                raise outcome.error
            outcome = f"worker {outcome.address}: {outcome.error.problem}"
        elif isinstance(outcome, ImportError | AttributeError):
            raise CampaignError(
                f"a Dask worker cannot load what it is to run: {outcome}",
                hint="install the same shoeroot, Python and Dask on all workers",
            )
        self._lost_in_a_row += 1
        reason = str(outcome)
        if self._lost_in_a_row > MOST_LOST:
            raise CampaignError(
                f"{self._lost_in_a_row} units in a row were lost on the cluster: {reason}",
                hint="the workers' logs say more; the campaign can be continued",
            )
        return [LostUnit(unit.unit_id, unit.numbers, reason)]

    def _check_scheduler(self) -> None:
        if self._client.status in ("closed", "closing"):
            raise CampaignError(
                "the Dask scheduler is gone",
                where=str(self._given),
                hint="start a cluster and run the campaign again: it goes on where it was",
            )

    def _end_on_workers(self, futures: list[Any]) -> None:
        if self._client.status != "running":
            return
        # A scheduler or worker that goes away meanwhile has nothing left to be stopped.
        with suppress(Exception):
            self._client.cancel(futures, force=True)
            self._client.run(end_campaign, self._orders.campaign, on_error="ignore")

    def _gather(self) -> None:
        """Fetch results as units end, in a thread of its own; `None` ends it."""
        direct: bool | None = None
        while (future := self._ended.get()) is not None:
            outcome: Any
            try:
                if future.status == "finished" and direct is None:
                    direct = self._reaches_workers(future)
                if future.status == "finished":
                    outcome = self._client.gather([future], direct=direct)[0]
                elif future.status == "error":
                    outcome = future.exception(timeout=CONNECT_SECONDS)
                else:
                    outcome = f"the unit was {future.status}"
            except Exception as error:
                # Whatever it is, the unit goes back.
                outcome = error
            if self._stopping.is_set():
                continue
            self._outcomes.put((future.key, outcome))
            del future, outcome

    def _reaches_workers(self, future: Any) -> bool:
        """Say whether workers can be talked to without the scheduler in between."""
        addressing = importlib.import_module("distributed.comm.addressing")
        for address in self._client.who_has([future]).get(future.key, ()):
            try:
                place = addressing.get_address_host_port(address)
                socket.create_connection(place, REACH_SECONDS).close()
            except (OSError, ValueError, TypeError, NotImplementedError):
                return False
            return True
        return False


def executor_of(text: str) -> DaskExecutor:
    """Return the executor that a user names on the command line.

    Parameters
    ----------
    text : str
        ``"tcp://host:8786"`` or ``"host:8786"``; the path of a scheduler file
        (``dask scheduler --scheduler-file``); ``"local"`` or ``"local:8"``, which start so many
        worker processes here, by default one for each processor, and end them afterwards.

    Raises
    ------
    ConfigError
        It is none of these.
    MissingExtraError
        distributed is not installed.
    """
    if text == LOCAL or text.startswith(f"{LOCAL}:"):
        return _local(text)
    if Path(text).is_file():
        return _from_scheduler_file(Path(text))
    if ":" not in text:
        raise ConfigError(
            f"{text!r} is no Dask cluster",
            where="--dask",
            hint="give the address of a scheduler (tcp://host:8786), its scheduler file, or local",
        )
    return DaskExecutor(text)


def _local(text: str) -> DaskExecutor:
    distributed = _distributed()
    count = text.partition(":")[2]
    if count and not (count.isdecimal() and int(count) > 0):
        raise ConfigError(f"{text!r} is no number of workers", where="--dask", hint="local:4")
    cluster = distributed.LocalCluster(
        n_workers=int(count) if count else None,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.ERROR,
        preload=[dask_setup.__module__],
    )
    return DaskExecutor(cluster, owned=[cluster])


def _from_scheduler_file(path: Path) -> DaskExecutor:
    distributed = _distributed()
    try:
        client = distributed.Client(
            scheduler_file=str(path), timeout=CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, ValueError, KeyError, TimeoutError) as error:
        raise CampaignError(
            f"no Dask scheduler answers: {error}",
            where=str(path),
            hint="is the scheduler that wrote this file still running?",
        ) from error
    return DaskExecutor(client, owned=[client])


def _distributed() -> Any:
    return import_optional(
        "distributed", "runs campaigns on Dask clusters", 'pip install "shoeroot[dask]"'
    )


def _check_cluster(cluster: Any, distributed: Any) -> None:
    if isinstance(cluster, distributed.Client):
        if cluster.asynchronous:
            raise ConfigError(
                "an asynchronous Dask client cannot be used",
                hint="Client(...) without asynchronous",
            )
    elif not isinstance(cluster, str) and not hasattr(cluster, "scheduler_address"):
        raise ConfigError(
            f"a {type(cluster).__name__} is no Dask cluster",
            hint="give a distributed.Client, the address of a scheduler, or a cluster object",
        )
