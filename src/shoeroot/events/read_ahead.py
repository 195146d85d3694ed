"""Doing the slow part of the next item while the caller works on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["read_ahead"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def read_ahead(
    items: Iterable[_Item], work: Callable[[_Item], _Result]
) -> Iterator[tuple[_Item, _Result]]:
    """Give each item with what `work` made of it, one item ahead in a thread of its own."""
    with ThreadPoolExecutor(1, thread_name_prefix="shoeroot-ahead") as executor:
        waiting = None
        for item in items:
            following = (item, executor.submit(work, item))
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = following
        if waiting is not None:
            yield waiting[0], waiting[1].result()
