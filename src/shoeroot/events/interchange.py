"""Events to HDF5 or Parquet and back, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from shoeroot.errors import EventFileError, nearest
from shoeroot.events.backends import make_part
from shoeroot.events.batches import count_events
from shoeroot.events.event_ids import event_ids
from shoeroot.events.hdf5 import read_hdf5, read_hdf5_metadata, write_hdf5
from shoeroot.events.layout import Layout
from shoeroot.events.metadata import describe_file
from shoeroot.events.parquet import read_parquet, read_parquet_metadata, write_parquet
from shoeroot.events.reader import Events, open_events
from shoeroot.records import RecordType, Stripes

__all__ = ["export_events", "import_events"]

Progress = Callable[[int, int], None]
BATCH = 100

_WRITERS: dict[str, Callable[..., Path]] = {
    ".h5": write_hdf5,
    ".hdf5": write_hdf5,
    ".parquet": write_parquet,
}
_READERS: dict[str, tuple[Callable[[Path], Any], Callable[[Path], Iterator[Stripes]]]] = {
    ".h5": (read_hdf5_metadata, read_hdf5),
    ".hdf5": (read_hdf5_metadata, read_hdf5),
    ".parquet": (read_parquet_metadata, read_parquet),
}


def export_events(
    source: Events | str | Path | Iterable[str | Path],
    destination: str | Path,
    *,
    compression: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write events to a file of another format; nothing of them is lost.

    Parameters
    ----------
    source : Events, path or paths
        Opened events, also a selection of them, or what `open_events` takes.
    destination : path
        The new file: ``*.h5``, ``*.hdf5`` or ``*.parquet``.
    compression : str, optional
        A codec of that format: "gzip" (default) or "blosc" of HDF5; "zstd" (default), "snappy",
        "gzip", "lz4" or "none" of Parquet.
    progress : callable, optional
        Called with the number of events done and of all.

    Raises
    ------
    EventFileError
        If the ending is unknown, the file exists, or events cannot be read.
    MissingExtraError
        If the package for that format is not installed.
    """
    target = Path(destination)
    write: Callable[..., Path] = _by_ending(_WRITERS, target)
    options = {} if compression is None else {"compression": compression}
    if isinstance(source, Events):
        return write(source, target, progress=progress, **options)
    with open_events(source) as events:
        return write(events, target, progress=progress, **options)


def import_events(
    source: str | Path,
    destination: str | Path,
    *,
    backend: str = "ttree",
    progress: Progress | None = None,
) -> Path:
    """Write the events of a file that `export_events` made as a ROOT file.

    Parameters
    ----------
    source : path
        The file: ``*.h5``, ``*.hdf5`` or ``*.parquet``.
    destination : path
        The new file, ``*.root``.
    backend : str
        "ttree" or "rntuple".
    progress : callable, optional
        Called with the number of events done and of all.

    Raises
    ------
    EventFileError
        If an ending is unknown, the new file exists, or `source` is not such a file or damaged.
        Nothing is left behind.
    MissingExtraError
        If the package for that format is not installed.
    """
    path, target = Path(source), Path(destination)
    describe, read = _by_ending(_READERS, path)
    if target.suffix != ".root":
        raise EventFileError("the new file needs a name that ends in .root", where=str(target))
    if not path.is_file():
        raise EventFileError("there is no such file", where=str(path))
    record_type, texts, total = describe(path)
    layout = Layout.of(record_type)
    part = make_part(
        backend, target, layout, describe_file(record_type, texts), BATCH, total // BATCH + 2
    )
    try:
        _copy(record_type, read(path), part, progress, total)
        if part.count != total:
            raise EventFileError(
                f"the file has {part.count} events where it says {total}", where=str(path)
            )
        part.finish()
    except BaseException:
        part.abandon()
        part.unfinished.unlink(missing_ok=True)
        raise
    return target


def _copy(
    record_type: RecordType,
    batches: Iterator[Stripes],
    part: Any,
    progress: Progress | None,
    total: int,
) -> None:
    for stripes in batches:
        count = count_events(record_type, stripes)
        if count:
            part.extend(stripes, event_ids(record_type, stripes, part.count, count))
        if progress is not None:
            progress(part.count, total)


def _by_ending(known: dict[str, Any], path: Path) -> Any:
    if path.suffix not in known:
        raise EventFileError(
            f"events cannot become or come from a {path.suffix or 'nameless'} file",
            where=str(path),
            hint=nearest(path.suffix, known),
        )
    return known[path.suffix]
