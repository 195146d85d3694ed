"""Show how far long work is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Advance", "progress"]

#: Called with the number of steps done since the last call.
Advance = Callable[[int], None]

#: Time between two lines where there is no terminal [s].
LINE_INTERVAL = 15.0


@contextmanager
def progress(label: str, total: int, *, show: bool = True) -> Iterator[Advance]:
    """Show the progress of `total` steps on standard error; nothing where `show` is false."""
    if not show:
        yield lambda _steps: None
    elif sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        yield _lines(label, total)


@contextmanager
def _bar(label: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(label, total=total)
        yield lambda steps: bars.advance(task, steps)


def _lines(label: str, total: int) -> Advance:
    started = last = time.monotonic()
    done = 0

    def advance(steps: int) -> None:
        nonlocal done, last
        done += steps
        now = time.monotonic()
        if now - last >= LINE_INTERVAL or done == total:
            print(f"{label}: {done}/{total} after {now - started:.0f} s", file=sys.stderr)
            last = now

    return advance
