"""Run Dask tasks that write files: on the workers of a client, or in this process's threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from shoeroot.errors import ExportError
from shoeroot.optional import import_optional
from shoeroot.progress import Advance, progress

__all__ = ["run_tasks"]


def run_tasks(label: str, tasks: Sequence[Any], names: Sequence[str], *, show: bool) -> list[Any]:
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

    Raises
    ------
    ExportError
        Some tasks failed; the others are done.
    """
    client = _client()
    with progress(label, len(tasks), show=show) as advance:
        if client is None:
            return _in_threads(tasks, names, advance)
        return _on_workers(client, tasks, names, advance)


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


def _in_threads(tasks: Sequence[Any], names: Sequence[str], advance: Advance) -> list[Any]:
    dask = import_optional("dask", "writes files in parallel", "pip install 'shoeroot[dask]'")
    results: list[Any] = []
    failed: dict[str, BaseException] = {}
    # Task by task, so that a block that fails does not take the others with it; the threads
    # of one block's reading and computing are enough, since HDF5 writes one file at a time.
    for task, name in zip(tasks, names, strict=True):
        with _noted(failed, name):
            results += dask.compute(task, scheduler="threads")
        advance(1)
    _report(failed, len(tasks))
    return results


@contextmanager
def _noted(failed: dict[str, BaseException], name: str) -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        failed[name] = problem


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
