"""Which file of a campaign folder has the designs."""

from __future__ import annotations

from pathlib import Path

from shoeroot.design import DesignRows, FloatArray
from shoeroot.errors import DesignError

__all__ = ["DESIGN_FILES", "designs_path", "same_designs"]

#: Where designs are looked for in a campaign folder.
DESIGN_FILES = ("designs.root", "designs.hdf5", "designs.h5")


def same_designs(path: Path, designs: FloatArray) -> bool:
    """Say whether a file has these designs, bit by bit."""
    with DesignRows.open(path) as rows:
        if len(rows) != len(designs):
            return False
        return all(
            block.tobytes() == designs[start : start + len(block)].astype("f8").tobytes()
            for start, block in rows.blocks()
        )


def designs_path(folder: Path) -> Path:
    """Return the file of designs of a campaign folder.

    Raises
    ------
    DesignError
        There is none, or more than one.
    """
    present = [folder / name for name in DESIGN_FILES if (folder / name).exists()]
    if len(present) == 1:
        return present[0]
    found = ", ".join(path.name for path in present) or "none"
    raise DesignError(
        f"a campaign has one file of designs, here is {found}",
        where=str(folder.absolute()),
        hint="remove one" if present else "`shoeroot sample` makes designs.root",
    )
