"""`merge`: events of several files in one file, checked before and after."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.backends import FileFacts, file_facts, make_part
from shoeroot.events.batches import join
from shoeroot.events.event_ids import event_ids, has_event_ids
from shoeroot.events.layout import Layout
from shoeroot.events.metadata import RESERVED, describe_file, provenance_types, united_texts
from shoeroot.events.parts import find_parts
from shoeroot.events.reader import Events, open_events
from shoeroot.records import Field, RecordType, Stripes, class_from_type

__all__ = ["SOURCES_KEY", "Merged", "first_difference_of_types", "merge"]

SOURCES_KEY = "merged_from"
LARGEST_FILE = 1.5e9
LARGEST_BATCH = 1000
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did.

    Attributes
    ----------
    path : Path
        The new file.
    sources : tuple of Path
        The files in it, in the order of their events.
    events : int
        Number of events.
    rows : dict of str to int
        Entries of each tree, by its name.
    renumbered : bool
        Whether event ids were given anew.
    size : int
        Bytes of the new file.
    """

    path: Path
    sources: tuple[Path, ...]
    events: int
    rows: dict[str, int]
    renumbered: bool
    size: int


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known of a source before anything is written."""

    path: Path
    record_type: RecordType
    count: int
    cluster: int
    texts: dict[str, str]
    facts: FileFacts
    ids: NDArray[Any] | None


def merge(
    sources: Iterable[str | Path],
    destination: str | Path,
    *,
    renumber: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Merged:
    """Put the events of several files into one.

    Parameters
    ----------
    sources : iterable of paths
        Files, events folders or campaigns; the events keep their order.
    destination : path
        The new file, ``*.root``.
    renumber : bool
        Give events the ids 0, 1, 2, ... instead of those they have. Without it an id that
        occurs twice is an error.
    progress : callable, optional
        Called with the number of events done and of all.

    Returns
    -------
    Merged

    Raises
    ------
    EventFileError
        If the sources are not of one record type (it names the file and the first field that
        differs), an id occurs twice, the new file exists or would be too large, or counts
        differ in the end. Nothing is left behind then.

    Notes
    -----
    A batch is in memory at a time. Codec and backend are those of the sources. Metadata on
    which all sources agree are kept as they are; a key with different values, or that some
    sources do not have, goes to the text ``merged_from``, a JSON list with the name, the number
    of events and those metadata of each source, so that no value stands for events that it
    does not describe. Of ``templates``, a JSON object keyed by hashes, the file has the keys of all
    sources. The rows of ``provenance`` are taken over, one a writer.
    """
    target = Path(destination)
    paths = [part for source in sources for part in find_parts(source)]
    _check_paths(paths, target)
    known = [_examine(path) for path in paths]
    _check_types(known)
    if not renumber:
        _check_ids(known)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        made, rows = _copy(known, Path(folder) / target.name, renumber, progress)
        _check_result(made, known, rows)
        if target.exists():
            raise EventFileError("another process made the file meanwhile", where=str(target))
        made.rename(target)
    count = sum(source.count for source in known)
    return Merged(target, tuple(paths), count, rows, renumber, target.stat().st_size)


def _check_paths(paths: Sequence[Path], target: Path) -> None:
    if target.suffix != ".root":
        raise EventFileError("the merged file needs a name that ends in .root", where=str(target))
    if target.exists():
        raise EventFileError("the file exists already", where=str(target), hint="give another name")
    if not target.parent.is_dir():
        raise EventFileError("there is no such folder", where=str(target.parent))
    if not paths:
        raise EventFileError("no event file was given")
    resolved = [path.resolve() for path in paths]
    twice = {path for path in resolved if resolved.count(path) > 1}
    if twice:
        raise EventFileError("a file was given twice", where=str(min(twice)))
    size = sum(path.stat().st_size for path in paths)
    if size > LARGEST_FILE:
        raise EventFileError(
            f"the merged file would have {size / 1e9:.2f} GB, past {LARGEST_FILE / 1e9} GB",
            where=str(target),
            hint="keep the files: open_events takes a folder or a list of files as one",
        )


def _examine(path: Path) -> _Source:
    facts = file_facts(path)
    with _open(path, facts.record_type) as events:
        record_type, texts = events.record_type, events.metadata
        if len(events) == 0:
            raise EventFileError("the file has no events", where=str(path), hint="leave it out")
        return _Source(
            path=path,
            record_type=record_type,
            count=len(events),
            cluster=max(len(chunk) for chunk in events.chunks()),
            texts={key: text for key, text in texts.items() if key not in RESERVED},
            facts=facts,
            ids=np.array(events["event_id"]) if has_event_ids(record_type) else None,
        )


def _open(path: Path, record_type: RecordType) -> Events:
    # As the file has it: an older record type is not made a newer one on the way.
    return open_events([path], record_class=class_from_type(record_type))


def _check_types(known: Sequence[_Source]) -> None:
    first = known[0]
    for other in known[1:]:
        if other.record_type.content_id != first.record_type.content_id:
            difference = first_difference_of_types(first.record_type, other.record_type)
            raise EventFileError(
                f"the record type is not that of {first.path.name}: {difference}",
                where=str(other.path),
                hint="only events of one record type go into one file",
            )


def first_difference_of_types(first: RecordType, second: RecordType) -> str:
    """Say where two record types differ first, "" if they are the same."""
    return _difference(first.root, second.root, first.name)


def _difference(first: Field, second: Field, where: str) -> str:
    differing = _difference_of(first, second, ("kind", "dtype", "length", "unit", "own_tree"))
    if differing:
        return f"{where} {differing}"
    names = [child.name for child in first.children]
    others = [child.name for child in second.children]
    for name in names:
        if name not in others:
            return f"{where} lacks {name!r}"
    for name in others:
        if name not in names:
            return f"{where} has {name!r}, which the other has not"
    if names != others:
        return f"the fields of {where} are in another order"
    for mine, yours in zip(first.children, second.children, strict=True):
        below = f"{where}.{mine.name}" if first.kind == "record" else where
        found = _difference(mine, yours, below)
        if found:
            return found
    differing = _difference_of(first, second, ("record", "description"))
    return f"{where} {differing}" if differing else ""


def _difference_of(first: Field, second: Field, names: Iterable[str]) -> str:
    for name in names:
        one, other = getattr(first, name), getattr(second, name)
        if one != other:
            return f"has {name} {other!r} instead of {one!r}"
    return ""


def _check_ids(known: Sequence[_Source]) -> None:
    owned = [(source, source.ids) for source in known if source.ids is not None]
    if not owned:
        return
    ids = np.concatenate([each for _, each in owned])
    owners = np.repeat(np.arange(len(owned)), [len(each) for _, each in owned])
    values, first, counts = np.unique(ids, return_index=True, return_counts=True)
    if not np.any(counts > 1):
        return
    twice = values[counts > 1]
    place = int(first[counts > 1][0])
    others = np.flatnonzero(ids == twice[0])
    shown = ", ".join(map(str, twice[:NAMES_SHOWN].tolist()))
    more = f" and {len(twice) - NAMES_SHOWN} others" if len(twice) > NAMES_SHOWN else ""
    files = [str(owned[owners[each]][0].path) for each in (place, int(others[-1]))]
    raise EventFileError(
        f"event ids that occur more than once: {shown}{more}",
        where=" and ".join(dict.fromkeys(files)),
        hint="leave out what is there twice, or have new ids given (renumber=True, --renumber)",
    )


def _texts(known: Sequence[_Source]) -> dict[str, str]:
    """Give the metadata on which all sources agree, and the others source by source."""
    described = [_described(source) for source in known]
    entries = [entry for each in described for entry in each]
    united = united_texts(entry["metadata"] for entry in entries)
    for entry in entries:
        # A text that could not be united stays.
        taken = {name for name in united if united_texts([entry["metadata"]]).get(name)}
        entry["metadata"] = {
            key: text for key, text in entry["metadata"].items() if key not in taken
        }
    everywhere = {
        key
        for key in entries[0]["metadata"]
        if all(entry["metadata"].get(key) == entries[0]["metadata"][key] for entry in entries)
    }
    agreed = {key: entries[0]["metadata"][key] for key in sorted(everywhere)}
    for entry in entries:
        entry["metadata"] = {
            key: text for key, text in entry["metadata"].items() if key not in everywhere
        }
    return {**agreed, **united, SOURCES_KEY: json.dumps(entries, sort_keys=True)}


def _described(source: _Source) -> list[dict[str, Any]]:
    texts = dict(source.texts)
    earlier = texts.pop(SOURCES_KEY, None)
    if earlier is None:
        return [{"file": source.path.name, "events": source.count, "metadata": texts}]
    # A merged file is merged again: its own sources stay apart.
    try:
        entries = json.loads(earlier)
        return [{**each, "metadata": {**texts, **each["metadata"]}} for each in entries]
    except (ValueError, TypeError, KeyError) as problem:
        raise EventFileError(
            f"meta/{SOURCES_KEY} is not the list that a merge leaves",
            where=str(source.path),
            hint="rename that metadata key",
        ) from problem


def _provenance(known: Sequence[_Source]) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {name: [] for name in provenance_types()}
    for source in known:
        stored = source.facts.provenance or {"count": [source.count]}
        length = len(stored["count"])
        for name, values in rows.items():
            values += stored.get(name, [""] * length)
    counts = np.array(rows.pop("count"), dtype=np.int64)
    return {**{name: ak.Array(texts) for name, texts in rows.items()}, "count": counts}


def _copy(
    known: Sequence[_Source],
    path: Path,
    renumber: bool,
    progress: Callable[[int, int], None] | None,
) -> tuple[Path, dict[str, int]]:
    record_type, total = known[0].record_type, sum(source.count for source in known)
    layout = Layout.of(record_type)
    batch = min(LARGEST_BATCH, max(source.cluster for source in known))
    first = known[0].facts
    part = make_part(
        first.backend,
        path,
        layout,
        describe_file(record_type, _texts(known)),
        batch,
        total // batch + len(known) + 2,
        first.compression,
    )
    rows = dict.fromkeys(layout.trees, 0)
    try:
        for stripes, count in _batches(known, batch):
            if renumber and has_event_ids(record_type):
                numbers = np.arange(part.count, part.count + count)
                stripes["event_id"] = numbers.astype(stripes["event_id"].dtype)
            part.extend(stripes, event_ids(record_type, stripes, part.count, count))
            for tree in layout.trees.values():
                rows[tree.name] += int(tree.rows(stripes, count)[-1])
            if progress is not None:
                progress(part.count, total)
        part.finish(_provenance(known))
    except BaseException:
        part.abandon()
        raise
    return path, rows


def _batches(known: Sequence[_Source], batch: int) -> Iterator[tuple[Stripes, int]]:
    """Give all events in groups of `batch` or a little more; small groups are joined."""
    record_type = known[0].record_type
    waiting: list[Stripes] = []
    count = 0
    for source in known:
        with _open(source.path, record_type) as events:
            for chunk in events.chunks(min(batch, source.cluster)):
                waiting.append(chunk.stripes())
                count += len(chunk)
                if count >= batch:
                    yield join(record_type, waiting), count
                    waiting, count = [], 0
    if count:
        yield join(record_type, waiting), count


def _check_result(path: Path, known: Sequence[_Source], rows: Mapping[str, int]) -> None:
    wanted = sum(source.count for source in known)
    with _open(path, known[0].record_type) as events:
        present = len(events)
        if present != wanted or events.record_type != known[0].record_type:
            raise EventFileError(
                f"the merged file has {present} events where the sources have {wanted}",
                where=str(path),
            )
    if known[0].facts.backend != "ttree":
        return
    with uproot.open({str(path): None}) as file:
        for name, count in rows.items():
            if count and file[name].num_entries != count:
                raise EventFileError(
                    f"the tree {name!r} has {file[name].num_entries} entries where the sources "
                    f"have {count}",
                    where=str(path),
                )
