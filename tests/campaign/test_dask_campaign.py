"""A campaign on a Dask cluster, a worker of which is killed: the events of a local campaign."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import psutil
import pytest

import shoeroot
from shoeroot.campaign import run_campaign
from shoeroot.campaign.dask_executor import DaskExecutor
from shoeroot.records import RecordType, Simulation, stripes_from_records

distributed = pytest.importorskip(
    "distributed", reason='Dask is not installed: pip install "shoeroot[dask]"'
)


def kill_when_busy(cluster, killed):
    """Kill a worker when one of its engines has worked for a while."""
    patience = time.monotonic() + 120
    while time.monotonic() < patience and not killed:
        for worker in cluster.workers.values():
            if worker.pid and busy(psutil.Process(worker.pid)):
                os.kill(worker.pid, signal.SIGKILL)
                killed.append(worker.pid)
                return
        time.sleep(0.02)


def busy(worker):
    try:
        return any(sum(one.cpu_times()[:2]) > 1.0 for one in worker.children(recursive=True))
    except psutil.NoSuchProcess:
        return False


def test_a_campaign_with_a_worker_killed_has_the_events_of_a_local_one(
    campaign, engine, library, tmp_path
):
    killed = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        killer = threading.Thread(target=kill_when_busy, args=(cluster, killed))
        killer.start()
        ended = run_campaign(
            campaign.designs,
            tmp_path / "campaign",
            engine=engine,
            library=library,
            executor=DaskExecutor(cluster),
            show_progress=False,
        )
        killer.join()

    assert len(killed) == 1
    assert ended.statuses == campaign.statuses
    with shoeroot.open(campaign.folder) as local, shoeroot.open(ended.folder) as remote:
        np.testing.assert_array_equal(remote.event_id, local.event_id)
        kind = RecordType.of(Simulation)
        ours, theirs = (stripes_from_records(kind, list(events)) for events in (remote, local))
    for name in ours.keys() - {"cpu_seconds"}:  # which is measured
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
