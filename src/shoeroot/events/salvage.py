"""`salvage`: the committed batches of a part that a killed writer left, in a new complete file.

The headers of such a file are not used: it may have been cut anywhere, also in the middle of a
header. `scan` finds the baskets that are whole; a batch counts as committed when the row of the
tree ``commits`` that was written after it is there, and is taken over when all its branches have
the rows and the checksums that the row says.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, RecordError
from shoeroot.events.commits import COMMITS, Commit, tree_checksum
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.layout import MAIN_TREE, Branch, Layout, Tree, text_stripes
from shoeroot.events.metadata import FORMAT, RESERVED, describe_file
from shoeroot.events.part_writer import PartWriter
from shoeroot.events.scan import FoundBasket, find_baskets, find_texts
from shoeroot.records import RecordType, Stripes

__all__ = ["Salvaged", "salvage"]

Baskets = dict[tuple[str, str], dict[int, FoundBasket]]


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was recovered.

    Attributes
    ----------
    path : Path
        The new file, complete.
    events : int
        Number of events in it.
    lost_events_at_least : int
        Events of which there is a trace, but which were not committed or are damaged.
    reason : str
        Why the file had to be salvaged, as far as it shows: one sentence.
    """

    path: Path
    events: int
    lost_events_at_least: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that is whole."""

    stripes: Stripes
    event_ids: NDArray[Any]


def salvage(path: str | Path, destination: str | Path | None = None) -> Salvaged:
    """Recover the committed events of an unfinished or damaged file.

    Parameters
    ----------
    path : path
        The file, usually ``part-0000.root.part``. It is left as it is.
    destination : path, optional
        The new file; by default `path` without ``.part``.

    Returns
    -------
    Salvaged

    Raises
    ------
    EventFileError
        If there is nothing to recover, or the new file exists. Nothing is left behind then.

    Notes
    -----
    A batch is in memory at a time. Only what `EventWriter` wrote as trees can be salvaged.
    """
    source = Path(path)
    target = _target(source, destination)
    file = FileBytes(source)
    try:
        texts = find_texts(file)
        layout = Layout.of(_record_type(texts, source))
        baskets = find_baskets(file)
        if not _numbered(baskets):
            baskets = _in_order_of_header(source, baskets)
        commits = _commits(file, layout, baskets)
        if not commits:
            raise EventFileError(
                "there is no committed batch in the file",
                where=str(source),
                hint="nothing of it can be recovered",
            )
        extra = {key: text for key, text in texts.items() if key not in RESERVED}
        described = describe_file(layout.record_type, {**extra, "salvaged_from": source.name})
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            part = PartWriter(
                Path(folder) / target.name,
                layout,
                described,
                max(commit.rows[MAIN_TREE] for commit in commits.values()),
                len(commits) + 2,
            )
            try:
                whole = _copy(file, layout, baskets, commits, part)
                if part.count == 0:
                    raise EventFileError("every batch in the file is damaged", where=str(source))
                part.finish()
            except BaseException:
                part.abandon()
                raise
            if target.exists():
                raise EventFileError("another process made the file meanwhile", where=str(target))
            part.path.rename(target)
    finally:
        file.close()
    damaged, others = _events_left_out(layout, baskets, commits, whole)
    return Salvaged(target, part.count, damaged + others, _reason(source, damaged, others))


def _target(source: Path, destination: str | Path | None) -> Path:
    if destination is None and source.suffix != ".part":
        raise EventFileError(
            "the name does not end in .part",
            where=str(source),
            hint="say where the recovered events should go",
        )
    target = source.with_suffix("") if destination is None else Path(destination)
    if target.exists():
        raise EventFileError("the file exists already", where=str(target), hint="give another name")
    if target.suffix != ".root" or not target.parent.is_dir():
        raise EventFileError(
            "the new file needs a name that ends in .root, in a folder that is there",
            where=str(target),
        )
    return target


def _record_type(texts: dict[str, str], source: Path) -> RecordType:
    if texts.get("format") != FORMAT or "schema" not in texts:
        raise EventFileError(
            "the file does not say what its events are",
            where=str(source),
            hint="it was cut before the first batch, or was not written by EventWriter",
        )
    try:
        record_type = RecordType.from_json(texts["schema"])
    except RecordError as problem:
        raise EventFileError(
            f"the schema in the file is not valid: {problem}", where=str(source)
        ) from problem
    if record_type.content_id != texts.get("schema_id", record_type.content_id):
        raise EventFileError(
            "the schema in the file does not have the id it claims", where=str(source)
        )
    return record_type


def _commits(file: FileBytes, layout: Layout, baskets: Baskets) -> dict[int, Commit]:
    """Read the rows of the tree of commits, by the number of the batch."""
    columns = {
        f"{name}_{what}": np.dtype(dtype)
        for name in layout.trees
        for what, dtype in (("rows", "i8"), ("checksum", "u8"))
    }
    found = {column: baskets.get((COMMITS, column), {}) for column in columns}
    commits = {}
    for number in sorted(set.intersection(*(set(each) for each in found.values()))):
        row = {}
        try:
            for column, dtype in columns.items():
                (row[column],) = found[column][number].values(file, dtype).tolist()
        except Exception:  # noqa: S112 (codecs raise what they like)
            continue
        commits[number] = Commit(
            {name: row[f"{name}_rows"] for name in layout.trees},
            {name: row[f"{name}_checksum"] for name in layout.trees},
        )
    return commits


def _copy(
    file: FileBytes,
    layout: Layout,
    baskets: Baskets,
    commits: dict[int, Commit],
    part: PartWriter,
) -> set[int]:
    """Write all batches that are whole; give the numbers of these."""
    whole = set()
    for number, places in _places(layout, baskets, commits).items():
        try:
            batch = _read(file, layout, baskets, commits[number], places)
        except Exception:  # noqa: S112 (codecs raise what they like)
            continue
        part.extend(batch.stripes, batch.event_ids)
        whole.add(number)
    return whole


def _numbered(baskets: Baskets) -> bool:
    return any(
        basket.key.cycle
        for (tree, _), found in baskets.items()
        if tree == COMMITS
        for basket in found.values()
    )


def _in_order_of_header(source: Path, baskets: Baskets) -> Baskets:
    """Put baskets without numbers, as uproot writes them, in the order of the trees' headers.

    Where the headers are damaged they stay in the order of the file, which may be another:
    checksums tell.
    """
    ordered: Baskets = {}
    try:
        with uproot.open({str(source): None}) as file:
            for (tree, branch), found in baskets.items():
                seeks = file[tree][branch].member("fBasketSeek").tolist()
                by_place = {basket.key.place: basket for basket in found.values()}
                known = [by_place[seek] for seek in seeks if seek in by_place]
                ordered[tree, branch] = dict(enumerate(known))
    except Exception:  # uproot raises whatever a damaged file makes of it
        return baskets
    return ordered


def _places(
    layout: Layout, baskets: Baskets, commits: dict[int, Commit]
) -> dict[int, dict[str, int]]:
    """Say by which number to find the baskets of each batch in each tree."""
    if _numbered(baskets):
        return {number: dict.fromkeys(layout.trees, number) for number in commits}
    # Baskets are counted: a batch without rows in a tree has none there.
    places, following = {}, dict.fromkeys(layout.trees, 0)
    for number, commit in commits.items():
        places[number] = dict(following)
        for name, rows in commit.rows.items():
            following[name] += rows > 0
    return places


def _read(
    file: FileBytes,
    layout: Layout,
    baskets: Baskets,
    commit: Commit,
    places: dict[str, int],
) -> _Batch:
    """Read a batch and check it; ValueError, IndexError and the like if it is not as it was."""
    stripes: Stripes = {}
    own: dict[str, dict[str, NDArray[Any]]] = {}
    for name, tree in layout.trees.items():
        rows = commit.rows[name]
        ids: dict[str, Any] = (
            {} if tree.is_main else {"event_id": np.dtype("i8"), "index": np.dtype("i4")}
        )
        for branch in tree.branches:
            found = _find(baskets, name, branch.name, places[name], rows)
            stripes.update(_stripes(file, branch, found))
        own[name] = {
            branch: _flat(file, _find(baskets, name, branch, places[name], rows), dtype)
            for branch, dtype in ids.items()
        }
        if tree_checksum(tree, {**stripes, **own[name]}) != commit.checksums[name]:
            raise ValueError(f"the checksum of {name!r} differs")
    events = commit.rows[MAIN_TREE]
    return _Batch(stripes, _event_ids(layout, stripes, own, events))


def _find(baskets: Baskets, tree: str, branch: str, number: int, rows: int) -> FoundBasket | None:
    if rows == 0:
        return None
    found = baskets[tree, branch][number]
    if found.entries != rows:
        raise ValueError(f"a basket of {tree}/{branch} has {found.entries} entries of {rows}")
    return found


def _flat(file: FileBytes, found: FoundBasket | None, dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.zeros(0, dtype) if found is None else found.values(file, dtype)


def _stripes(file: FileBytes, branch: Branch, found: FoundBasket | None) -> Stripes:
    stripe = branch.stripe
    if branch.kind == "text":
        lengths, letters = text_stripes(stripe)
        if found is None:
            return {lengths: np.zeros(0, np.int32), letters: np.zeros(0, np.uint8)}
        return dict(zip((lengths, letters), _texts(file, found), strict=True))
    values = _flat(file, found, np.dtype(stripe.dtype))
    return {stripe.name: values.reshape(-1, stripe.length) if stripe.length else values}


def _texts(file: FileBytes, found: FoundBasket) -> tuple[NDArray[Any], NDArray[Any]]:
    """Take texts apart: each has its length before it, a byte or 255 and four bytes."""
    content = np.frombuffer(found.content(file), dtype=np.uint8)
    starts = content[found.border :].view(">i4")[1 : found.entries + 1] - found.key.header
    bounds = np.append(starts, found.border).astype(np.int64)
    inside = np.ones(found.border, dtype=np.bool_)
    inside[bounds[:-1]] = False
    long = bounds[:-1][content[bounds[:-1]] == 255]
    inside[long[:, None] + np.arange(1, 5)] = False
    prefixes = np.where(content[bounds[:-1]] == 255, 5, 1)
    lengths = (np.diff(bounds) - prefixes).astype(np.int32)
    return lengths, content[: found.border][inside]


def _event_ids(
    layout: Layout, stripes: Stripes, own: dict[str, dict[str, NDArray[Any]]], events: int
) -> NDArray[Any]:
    """Give the ids by which the rows of own trees name the events."""
    for name, arrays in own.items():
        if len(arrays.get("event_id", ())):
            tree: Tree = layout.trees[name]
            first_rows = tree.rows(stripes, events)
            having = np.flatnonzero(np.diff(first_rows))
            ids = np.arange(events, dtype=np.int64)
            ids += int(arrays["event_id"][0]) - int(having[0])
            ids[having] = arrays["event_id"][first_rows[having]]
            return ids
    return np.arange(events, dtype=np.int64)


def _events_left_out(
    layout: Layout, baskets: Baskets, commits: dict[int, Commit], whole: set[int]
) -> tuple[int, int]:
    """Count the events of batches that were committed and are damaged, and of all others."""
    damaged = sum(
        max(commit.rows[MAIN_TREE], 0) for number, commit in commits.items() if number not in whole
    )
    entries: dict[int, int] = {}
    for branch in layout.trees[MAIN_TREE].branches:
        for number, basket in baskets.get((MAIN_TREE, branch.name), {}).items():
            entries[number] = max(entries.get(number, 0), basket.entries)
    return damaged, sum(count for number, count in entries.items() if number not in commits)


def _reason(source: Path, damaged: int, others: int) -> str:
    if damaged:
        return f"batches with {damaged} events are damaged and were left out"
    if others:
        return "the writer ended while it wrote a batch"
    if source.suffix == ".part":
        return "the writer ended between two batches"
    return "all batches of which there is a trace are whole"
