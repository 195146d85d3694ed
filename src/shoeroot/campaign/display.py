"""How far a campaign is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from shoeroot.campaign.forecast import TimeLeft

__all__ = ["Show", "duration_text", "left_text", "progress_display"]

#: Time between two lines where there is no terminal [s].
LINE_INTERVAL = 15.0


class Show(Protocol):
    """Shows how far a campaign is: simulations that have ended and failed, and what is left."""

    def __call__(self, ended: int, failed: int, left: TimeLeft | None) -> None:
        """Show it."""


@contextmanager
def progress_display(total: int, *, show: bool = True) -> Iterator[Show]:
    """Show the progress of `total` simulations on standard error; nothing if `show` is false."""
    if not show:
        yield _nothing
    elif sys.stderr.isatty():
        with _bar(total) as shown:
            yield shown
    else:
        yield _lines(total)


def duration_text(seconds: float) -> str:
    """Write a time as people do: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"


def left_text(left: TimeLeft | None) -> str:
    """Say how long it takes, and from where to where that is sure to 80 %."""
    if left is None:
        return ""
    low, high = duration_text(left.low), duration_text(left.high)
    best = duration_text(left.seconds)
    return f"about {best} left" + (f" ({low} to {high})" if low != high else "")


def _nothing(ended: int, failed: int, left: TimeLeft | None) -> None:
    pass


@contextmanager
def _bar(total: int) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("Simulating", total=total, told="")

        def shown(ended: int, failed: int, left: TimeLeft | None) -> None:
            bars.update(task, completed=ended, told=_told(failed, left))

        yield shown


def _lines(total: int) -> Show:
    started = last = time.monotonic()
    last_ended = -1

    def shown(ended: int, failed: int, left: TimeLeft | None) -> None:
        nonlocal last, last_ended
        now = time.monotonic()
        if now - last >= LINE_INTERVAL or (ended == total != last_ended):
            told = _told(failed, left if ended < total else None)
            line = f"Simulating: {ended}/{total} after {duration_text(now - started)}"
            print(f"{line}, {told}" if told else line, file=sys.stderr)
            last = now
        last_ended = ended

    return shown


def _told(failed: int, left: TimeLeft | None) -> str:
    parts = [left_text(left), f"{failed} failed" if failed else ""]
    return ", ".join(part for part in parts if part)
