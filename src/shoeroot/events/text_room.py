"""The room that ROOT is told to keep for the texts of a branch, so that ``hadd`` can merge files.

Where ROOT merges trees it keeps the leaves of the first file. A text of a later file that is
longer than the leaf's `fLen` is then written past the end of the memory for it where entries are
copied one by one (``hadd`` to another codec: it crashes, or seems to work), and cut whenever ROOT
reads what was merged basket by basket. ROOT 6.40 does so with files of its own, too. So all files
say the same, more than texts of one value a row usually need.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["reserve_room", "room_for"]

SMALLEST = 1024
"""More would be too much for RDataFrame's Display and Snapshot, which take all of it."""
STEP = 4
LARGEST = 2**31 - 1
OFFSETS = 1000
"""ROOT's own value; with uproot's 0 all texts are of one size until the first is there."""


def room_for(longest: int) -> int:
    """Give the `fLen` for texts of up to `longest` bytes, the length before a text included.

    Few values, far apart, so that files whose longest texts differ by little have the same.
    """
    room = SMALLEST
    while room < longest:
        room *= STEP
    return min(room, LARGEST)


def reserve_room(tree: Any) -> None:
    """Prepare the text branches of a tree that `mktree` has just made.

    uproot has no argument for it. A later uproot that keeps its header elsewhere is left alone:
    the file is valid without.
    """
    cascading: Any = getattr(tree, "_cascading", None)
    file = getattr(tree, "_file", None)
    if not hasattr(cascading, "write_updates") or file is None:
        return
    for branch in getattr(cascading, "_branch_data", ()):
        if branch.get("dtype") == np.dtype(">U0"):
            branch["fLen"] = SMALLEST
            branch["fEntryOffsetLen"] = OFFSETS
    # Of a tree that stays empty, too: it may be the first one that ROOT merges.
    cascading.write_updates(file.sink)
