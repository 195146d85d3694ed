"""The two ways to lay events out in a ROOT file, TTree and RNTuple, behind one interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import uproot
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, EventFileError, nearest
from shoeroot.events.layout import MAIN_TREE, Layout
from shoeroot.events.metadata import provenance_types
from shoeroot.events.part_reader import check_root_file
from shoeroot.events.part_writer import PartWriter
from shoeroot.events.rntuple import RNTuplePartWriter
from shoeroot.records import RecordType, Stripes

__all__ = [
    "BACKENDS",
    "FileFacts",
    "Part",
    "check_backend",
    "file_facts",
    "make_part",
]

BACKENDS = ("ttree", "rntuple")


class Part(Protocol):
    """A file that is being written, whatever its backend."""

    path: Path
    unfinished: Path
    count: int

    def extend(self, stripes: Stripes, event_ids: NDArray[Any]) -> None:
        """Write events; they are on disk when this returns."""

    def size(self) -> int:
        """Give the size of the file so far, in bytes."""

    def finish(self, provenance_rows: Mapping[str, Any] | None = None) -> None:
        """Complete the file and give it its final name."""

    def abandon(self) -> None:
        """Close the file as it is."""


def check_backend(name: str) -> str:
    """Return `name` if there is such a backend.

    Raises
    ------
    ConfigError
        If there is none.
    """
    if name not in BACKENDS:
        raise ConfigError(f"there is no backend {name!r}", hint=nearest(name, BACKENDS))
    return name


def make_part(
    backend: str,
    path: Path,
    layout: Layout,
    texts: Mapping[str, str],
    batch: int,
    baskets: int,
    compression: Any = None,
) -> Part:
    """Begin a file of events; the parameters are those of `PartWriter`."""
    if check_backend(backend) == "rntuple":
        return RNTuplePartWriter(path, layout, texts, compression)
    return PartWriter(path, layout, texts, batch, baskets, compression)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How a file of events was written.

    Attributes
    ----------
    backend : str
        One of `BACKENDS`.
    compression : uproot.compression.Compression or None
        Codec and level that the head of the file names, None for no compression.
    provenance : dict of str to list
        The rows of ``provenance``, by branch: one row a writer; {} where there is no such tree.
    record_type : RecordType
        As the file has it, which may be an older one than that with which events are read.
    """

    backend: str
    compression: Any
    provenance: dict[str, list[Any]]
    record_type: RecordType


def _without_events(path: Path, names: list[str]) -> EventFileError:
    table = "meta" in names and not {"minitree", "data"}.isdisjoint(names)
    return EventFileError(
        f"the file has no tree {MAIN_TREE!r}",
        where=str(path),
        hint="it is a mini-tree or another table: `shoeroot load` shows those of a campaign"
        if table
        else f"it has {', '.join(names[:10]) or 'nothing'}",
    )


def file_facts(path: Path) -> FileFacts:
    """Say how a file of events was written.

    Raises
    ------
    EventFileError
        If it cannot be read.
    """
    check_root_file(path)
    try:
        with uproot.open({str(path): None}) as file:
            names = file.keys(recursive=False, cycle=False)
            if MAIN_TREE not in names:
                raise _without_events(path, names)
            backend = "ttree" if file.classname_of(MAIN_TREE) == "TTree" else "rntuple"
            # uproot leaves the codec of branches open; the head of the file has it.
            compression = file.file.compression
            record_type = RecordType.from_json(str(file["meta/schema"]))
            rows: dict[str, list[Any]] = {}
            if "provenance" in names:
                tree = file["provenance"]
                wanted = [name for name in provenance_types() if name in tree]
                rows = {name: tree[name].array(library="np").tolist() for name in wanted}
    except EventFileError:
        raise
    except Exception as problem:
        raise EventFileError(
            f"the file cannot be read: {type(problem).__name__}: {problem}",
            where=str(path),
            hint="the file is damaged, or was not written by shoeroot",
        ) from problem
    return FileFacts(backend, compression, rows, record_type)
