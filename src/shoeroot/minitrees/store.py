"""Mini-trees on disk: small flat ROOT files that say what they were made from."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees.treemaker import ColumnInfo, TreeMaker, identity_of

if TYPE_CHECKING:
    import pandas as pd

    from shoeroot.events import Events

__all__ = ["Lineage", "lineage_of", "minitree_path", "read_minitree", "write_minitree"]

#: Raise it when the layout of mini-trees changes.
FORMAT = 1
TREE = "minitree"
METADATA = "meta"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a mini-tree was made from; it is current while all of it stays the same."""

    format: int
    treemaker: str
    identity: str
    events: str


def lineage_of(treemaker: type[TreeMaker], events: Events) -> Lineage:
    """Return what a mini-tree of these events would be made from."""
    return Lineage(FORMAT, treemaker.__name__, identity_of(treemaker), _content_id(events))


def _content_id(events: Events) -> str:
    """Return a hash that changes with the event files: their identifiers and sizes."""
    import uproot

    digest = hashlib.sha256()
    for path in events.paths:
        with uproot.open(path) as file:
            digest.update(f"{file.file.uuid}:{path.stat().st_size}\n".encode())
    return digest.hexdigest()


def minitree_path(folder: Path, treemaker: type[TreeMaker]) -> Path:
    """Return where a TreeMaker's mini-tree of a dataset lies."""
    return folder / treemaker.__name__ / f"{treemaker.__name__}.root"


def write_minitree(
    path: Path,
    columns: dict[str, NDArray[Any]],
    treemaker: type[TreeMaker],
    lineage: Lineage,
) -> None:
    """Write a mini-tree under a temporary name and rename it when complete.

    Parameters
    ----------
    path : Path
    columns : dict of str to (n_events,) array
        Numbers, booleans or texts.
    treemaker : type
    lineage : Lineage

    Raises
    ------
    TreeMakerError
        The folder cannot be written.
    """
    import awkward as ak
    import uproot

    info = treemaker.column_info()
    described = {
        "lineage": asdict(lineage),
        "version": str(treemaker.__version__),
        "documentation": (treemaker.__doc__ or "").strip(),
        "creator": getpass.getuser(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "columns": {name: info.get(name, ColumnInfo("", ""))._asdict() for name in columns},
    }
    stored: dict[str, Any] = {}
    types: dict[str, Any] = {}
    for name, values in columns.items():
        if values.dtype.kind in "US":
            stored[name] = ak.Array(values.astype(str).tolist())
            types[name] = "string"
        else:
            stored[name] = values
            types[name] = values.dtype
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", prefix=path.stem, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            with uproot.recreate(temporary, compression=uproot.ZSTD(1)) as file:
                tree = file.mktree(TREE, types)
                tree.extend(stored)
                file[METADATA] = json.dumps(described)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise TreeMakerError(
            f"the mini-tree cannot be written: {error.strerror or error}",
            where=str(path),
            hint="give another folder: load(..., minitree_folder=...)",
        ) from error


def read_minitree(path: Path, lineage: Lineage) -> pd.DataFrame | None:
    """Read a mini-tree; None where there is none, it is damaged, or it is not current."""
    import pandas as pd
    import uproot

    if not path.is_file():
        return None
    try:
        with uproot.open(path) as file:
            described = json.loads(str(file[METADATA]))
            if described["lineage"] != asdict(lineage):
                return None
            arrays = file[TREE].arrays(library="np")
    except Exception:
        return None
    frame = pd.DataFrame({name: _native(values) for name, values in arrays.items()})
    frame.attrs["columns"] = described["columns"]
    return frame


def _native(values: NDArray[Any]) -> NDArray[Any]:
    """ROOT stores big-endian numbers, on which pandas is slow or fails."""
    if values.dtype.kind == "O":
        return values
    return np.asarray(values, dtype=values.dtype.newbyteorder("="))
