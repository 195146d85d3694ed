"""Mini-trees on disk: small flat ROOT files that say what they were made from."""

from __future__ import annotations

import getpass
import json
import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, TreeMakerError
from shoeroot.events import FileStamp, FlatFile, write_flat
from shoeroot.minitrees.array_columns import holds_arrays
from shoeroot.minitrees.lineage import FORMAT, Lineage
from shoeroot.minitrees.treemaker import ColumnInfo, TreeMaker

__all__ = ["Header", "OtherFormatError", "Stored", "minitree_path", "read_stored", "write_minitree"]

TREE = "minitree"
METADATA = "meta"
#: What the table that `load` gives calls the dataset of a row.
DATASET = "dataset"
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class OtherFormatError(EventFileError):
    """A mini-tree is whole, but of a format that this shoeroot does not read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a mini-tree says of itself.

    Attributes
    ----------
    lineage : Lineage
        What it was made from.
    columns : dict of str to ColumnInfo
        Unit and description of each column.
    rows_per_event : str
        "one" or "many".
    stamps : tuple of FileStamp
        Of the event files, as they were when `lineage.events` was computed.
    stamped_at : int
        When that was [ns since 1970].
    metadata : dict
        Version, documentation, creator, time, what else the TreeMaker wants to tell.
    """

    lineage: Lineage
    columns: dict[str, ColumnInfo]
    rows_per_event: str
    stamps: tuple[FileStamp, ...]
    stamped_at: int
    metadata: Mapping[str, Any]

    def proves(self, stamps: tuple[FileStamp, ...]) -> bool:
        """Say whether files with these stamps have the events it was made from for certain."""
        return self.stamps == stamps and all(one.settled(self.stamped_at) for one in stamps)

    def to_json(self) -> str:
        """Give the text that is kept in the file."""
        return json.dumps(
            {
                "lineage": self.lineage.to_json(),
                "columns": {name: info._asdict() for name, info in self.columns.items()},
                "rows_per_event": self.rows_per_event,
                "stamps": [asdict(one) for one in self.stamps],
                "stamped_at": self.stamped_at,
                **self.metadata,
            },
            default=str,
        )

    @classmethod
    def from_json(cls, text: str) -> Header:
        """Read that text.

        Raises
        ------
        OtherFormatError
            It is of another shoeroot.
        ValueError, KeyError, TypeError, AttributeError
            It is something else.
        """
        stored = json.loads(text)
        if (found := int(stored["lineage"]["format"])) != FORMAT:
            raise OtherFormatError(f"mini-trees have format {FORMAT}, it has format {found}")
        return cls(
            Lineage.from_json(stored.pop("lineage")),
            {name: ColumnInfo(**info) for name, info in stored.pop("columns").items()},
            stored.pop("rows_per_event"),
            tuple(FileStamp(**one) for one in stored.pop("stamps")),
            int(stored.pop("stamped_at")),
            stored,
        )


def metadata_of(maker: TreeMaker) -> dict[str, Any]:
    """Give what a mini-tree tells beside its lineage."""
    import shoeroot

    return {
        "version": str(type(maker).__version__),
        "documentation": (type(maker).__doc__ or "").strip(),
        "creator": _user(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "shoeroot": shoeroot.__version__,
        "extra": dict(maker.extra_metadata),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return str(os.getuid())


@dataclass(frozen=True, slots=True)
class Stored:
    """A mini-tree on disk: its header, and its columns when they are asked for."""

    path: Path
    header: Header
    _file: FlatFile

    def columns(self, names: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
        """Read columns, by default all.

        Raises
        ------
        EventFileError
            The file is damaged, or has no such column.
        """
        columns = self._file.read(TREE, names)
        if names is None:
            self._compare(columns)
        return columns

    def check(self) -> None:
        """See whether all columns are there, as far as that is known without reading them.

        Raises
        ------
        EventFileError
            The file is damaged or too short.
        """
        self._compare(self._file.columns(TREE))

    def _compare(self, columns: Iterable[str]) -> None:
        if set(columns) != set(self.header.columns):
            raise EventFileError("its columns are not those it tells of", where=str(self.path))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def minitree_path(folder: str | Path, maker: TreeMaker, event_list: str = "") -> Path:
    """Give where the mini-tree of a TreeMaker lies in a folder.

    Mini-trees with other options than the defaults, or of some events only, have names of their
    own, so that they do not replace each other.
    """
    from shoeroot.minitrees.lineage import options_id

    parts = [maker.name]
    if maker.changed_options:
        parts.append(options_id(maker))
    if event_list:
        parts.append(f"events-{event_list[:8]}")
    return Path(folder) / maker.name / f"{'-'.join(parts)}.root"


def read_stored(path: Path) -> Stored | None:
    """Open a mini-tree; None where there is none.

    Raises
    ------
    OtherFormatError
        It is of another shoeroot.
    EventFileError
        It is damaged.
    """
    if not path.is_file():
        return None
    file = FlatFile(path)
    try:
        header = Header.from_json(file.text(METADATA))
    except EventFileError:
        file.close()
        raise
    except Exception as problem:
        file.close()
        raise EventFileError(
            f"it does not say what it was made from: {type(problem).__name__}: {problem}",
            where=str(path),
        ) from problem
    return Stored(path, header, file)


def check_names(maker: str, columns: Mapping[str, Any]) -> None:
    """See whether columns can be branches.

    Raises
    ------
    TreeMakerError
        One cannot.
    """
    for name in columns:
        if not (isinstance(name, str) and _COLUMN.match(name)):
            raise TreeMakerError(
                f"TreeMaker {maker} has a column called {name!r}",
                where=f"{maker}.columns",
                hint="letters, digits and underscores make a name",
            )
        if name == DATASET:
            raise TreeMakerError(
                f"TreeMaker {maker} has a column called {name!r}",
                where=f"{maker}.columns",
                hint="load gives a column of that name to all tables: call it otherwise",
            )
        if f"n{name}" in columns and holds_arrays(columns[name]):
            raise TreeMakerError(
                f"TreeMaker {maker} has a column called 'n{name}' beside arrays called {name!r}",
                where=f"{maker}.columns",
                hint=f"in the file the branch n{name} counts their values: call it otherwise",
            )


def write_minitree(path: Path, columns: Mapping[str, NDArray[Any]], header: Header) -> None:
    """Write a mini-tree under a temporary name, and give it its name when it is complete.

    Raises
    ------
    TreeMakerError
        It cannot be written.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_flat(
            temporary,
            TREE,
            columns,
            texts={METADATA: header.to_json()},
            title=header.lineage.treemaker,
        )
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> TreeMakerError:
    """Make the error for a place that cannot be written to."""
    return TreeMakerError(
        f"the mini-tree cannot be written: {error.strerror or error}",
        where=str(path),
        hint="give another folder: load(..., minitree_folder=...)",
    )


def readable(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Give columns as they come out of a file: texts as objects."""
    return {
        name: values.astype(object) if values.dtype.kind == "U" else np.asarray(values)
        for name, values in columns.items()
    }
