"""Run Dask tasks that write files: on the workers of a client, or in this process's threads."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from shoeroot.errors import ExportError
from shoeroot.optional import import_optional
from shoeroot.progress import Advance, progress

__all__ = ["has_client", "run_tasks"]


def run_tasks(
    label: str,
    tasks: Sequence[Any],
    names: Sequence[str],
    *,
    show: bool,
    at_once: int = 1,
    threads: int = 1,
) -> list[Any]:
    """Run delayed calls to their end and give their results.

    Parameters
    ----------
    label : str
        What progress is shown for.
    tasks : sequence of dask.delayed.Delayed
    names : sequence of str
        What each task makes, for errors.
    show : bool
        Whether progress is shown.
    at_once : int
        Without a client: tasks at a time, each of which has its data in memory.
    threads : int
        Without a client: threads that compute one of them.

    Raises
    ------
    ExportError
        Some tasks failed; the others are done.
    """
    client = _client()
    with progress(label, len(tasks), show=show) as advance:
        if client is None:
            return _in_threads(tasks, names, advance, at_once, threads)
        return _on_workers(client, tasks, names, advance)


def has_client() -> bool:
    """Say whether the workers of a client would run tasks."""
    return _client() is not None


def _client() -> Any:
    """Return the client that is active, if there is one."""
    # Without the package in memory nobody has made a client.
    distributed: Any = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def _on_workers(
    client: Any, tasks: Sequence[Any], names: Sequence[str], advance: Advance
) -> list[Any]:
    distributed: Any = sys.modules["distributed"]
    futures = client.compute(list(tasks))
    failed: dict[str, BaseException] = {}
    named = {future.key: name for future, name in zip(futures, names, strict=True)}
    try:
        for future in distributed.as_completed(futures):
            if future.status != "finished":
                failed[named[future.key]] = future.exception()
            advance(1)
    except BaseException:
        client.cancel(futures)
        raise
    _report(failed, len(tasks))
    return list(client.gather(futures))


def _in_threads(
    tasks: Sequence[Any], names: Sequence[str], advance: Advance, at_once: int, threads: int
) -> list[Any]:
    dask = import_optional("dask", "writes files in parallel", "pip install 'shoeroot[dask]'")
    results: dict[str, Any] = {}
    failed: dict[str, BaseException] = {}

    # Task by task, so that a block that fails does not take the others with it.
    def compute(task: Any) -> Any:
        return dask.compute(task, scheduler="threads", num_workers=threads)[0]

    with ThreadPoolExecutor(at_once) as pool:
        futures = {
            pool.submit(compute, task): name for task, name in zip(tasks, names, strict=True)
        }
        try:
            for future in as_completed(futures):
                problem = future.exception()
                if problem is None:
                    results[futures[future]] = future.result()
                else:
                    failed[futures[future]] = problem
                advance(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    _report(failed, len(tasks))
    return [results[name] for name in names]


def _report(failed: dict[str, BaseException], count: int) -> None:
    if not failed:
        return
    name, problem = next(iter(failed.items()))
    raise ExportError(
        f"{len(failed)} of {count} files could not be made; the first: "
        f"{type(problem).__name__}: {problem}",
        where=name,
        hint="the others are complete: mend the cause and call save again",
    ) from problem
