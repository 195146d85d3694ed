"""What is in event files: fields with their types, units and sizes, and how they were written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events.backends import FileFacts, file_facts
from shoeroot.events.layout import MAIN_TREE, Layout
from shoeroot.events.metadata import RESERVED
from shoeroot.events.parts import find_parts
from shoeroot.events.reader import open_events
from shoeroot.events.rntuple import columns_of_fields
from shoeroot.records import Field, RecordType, class_from_type

__all__ = ["Described", "FieldSize", "PartFacts", "describe", "event_as_dict", "type_name"]

Sizes = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class FieldSize:
    """One field and what it takes.

    Attributes
    ----------
    name, type, unit, description : str
        What the field is; the type as a reader would say it, "list of Zone".
    stored, unpacked : int
        Bytes in all files, and when decompressed, of the field and all below it.
    fields : tuple of FieldSize
        The fields of a record, or of the records in a list.
    """

    name: str
    type: str
    unit: str
    description: str
    stored: int
    unpacked: int
    fields: tuple[FieldSize, ...]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One file: its path, backend, number of events, codec, and bytes on disk."""

    path: Path
    backend: str
    events: int
    compression: str
    size: int


@dataclass(frozen=True, slots=True)
class Described:
    """What is in the event files of a folder, or in one file.

    Attributes
    ----------
    record : FieldSize
        The record type as a field.
    schema_id : str
        Content id of the record type.
    events : int
        Number of events in all files.
    parts : tuple of PartFacts
        The files in order.
    metadata : dict of str to str
        The user's metadata, of the first file.
    writers : tuple of dict
        The rows of ``provenance``, of all files.
    """

    record: FieldSize
    schema_id: str
    events: int
    parts: tuple[PartFacts, ...]
    metadata: dict[str, str]
    writers: tuple[dict[str, Any], ...]


def describe(path: str | Path) -> Described:
    """Describe an event file, an events folder or a campaign.

    Raises
    ------
    EventFileError
        If there is no event file, one cannot be read, or record types differ.
    """
    paths = find_parts(path)
    facts = [file_facts(part) for part in paths]
    record_type = facts[0].record_type
    parts: list[PartFacts] = []
    writers: list[dict[str, Any]] = []
    totals: dict[str, list[int]] = {name: [0, 0] for name in record_type.stripes}
    with open_events(paths, record_class=class_from_type(record_type)) as events:
        texts, schema_id = events.metadata, record_type.content_id
        counts = [reader.count for reader in events._parts.readers]
    for part, each, count in zip(paths, facts, counts, strict=True):
        parts.append(
            PartFacts(part, each.backend, count, _codec(each.compression), part.stat().st_size)
        )
        writers += _rows(each)
        for name, (stored, unpacked) in _sizes(part, each).items():
            totals[name][0] += stored
            totals[name][1] += unpacked
    sizes = {name: (stored, unpacked) for name, (stored, unpacked) in totals.items()}
    return Described(
        record=_field(record_type.root, (), record_type, sizes),
        schema_id=schema_id,
        events=sum(counts),
        parts=tuple(parts),
        metadata={key: text for key, text in texts.items() if key not in RESERVED},
        writers=tuple(writers),
    )


def _codec(compression: Any) -> str:
    return "none" if compression is None else f"{compression.name} {compression.level}"


def _rows(facts: FileFacts) -> Iterator[dict[str, Any]]:
    for values in zip(*facts.provenance.values(), strict=True):
        yield dict(zip(facts.provenance, values, strict=True))


def _sizes(path: Path, facts: FileFacts) -> Sizes:
    try:
        with uproot.open({str(path): None}) as file:
            sizes = _rntuple_sizes if facts.backend == "rntuple" else _tree_sizes
            return sizes(file, facts.record_type)
    except Exception as problem:
        raise EventFileError(
            f"the sizes cannot be read: {type(problem).__name__}: {problem}",
            where=str(path),
            hint="the file is damaged",
        ) from problem


def _tree_sizes(file: Any, record_type: RecordType) -> Sizes:
    sizes: Sizes = {}
    present = file.keys(recursive=False, cycle=False)
    for tree in Layout.of(record_type).trees.values():
        if tree.name not in present:
            continue
        known = file[tree.name]
        for branch in tree.branches:
            # A counter is part of what it counts.
            both = [known[name] for name in (branch.name, branch.counter) if name]
            sizes[branch.stripe.name] = (
                sum(int(each.compressed_bytes) for each in both),
                sum(int(each.uncompressed_bytes) for each in both),
            )
    return sizes


def _rntuple_sizes(file: Any, record_type: RecordType) -> Sizes:
    ntuple = file[MAIN_TREE]
    sizes: Sizes = {}
    for name, column in columns_of_fields(ntuple, record_type).items():
        bits = ntuple.column_records[column].nbits
        pages = [page for cluster in ntuple.page_link_list for page in cluster[column].pages]
        sizes[name] = (
            sum(int(page.locator.num_bytes) for page in pages),
            sum(-(-int(page.num_elements) * bits // 8) for page in pages),
        )
    return sizes


def _field(field: Field, path: tuple[str, ...], record_type: RecordType, sizes: Sizes) -> FieldSize:
    inside = field
    while inside.kind in ("list", "optional"):
        inside = inside.item
    mine = [sizes.get(name, (0, 0)) for name in _stripes(inside, path, record_type)]
    return FieldSize(
        name=path[-1] if path else record_type.name,
        type=type_name(field),
        unit=field.unit,
        description=field.description,
        stored=sum(stored for stored, _ in mine),
        unpacked=sum(unpacked for _, unpacked in mine),
        fields=tuple(
            _field(child, (*path, child.name), record_type, sizes) for child in inside.children
        ),
    )


def _stripes(field: Field, path: tuple[str, ...], record_type: RecordType) -> Iterator[str]:
    columns, base = record_type.columns, "_".join(path)
    for name, stripe in record_type.stripes.items():
        if field.kind == "record":
            if columns[stripe.column].path[: len(path)] == path and name.startswith(base):
                yield name
        elif stripe.column == base and name.startswith(base):
            yield name


def type_name(field: Field) -> str:
    """Say what a field is, such as "list of Zone" or "float32[8760]"."""
    if field.kind == "list":
        return f"list of {type_name(field.item)}"
    if field.kind == "optional":
        return f"optional {type_name(field.item)}"
    if field.kind == "record":
        return field.record
    if field.kind == "str":
        return "text"
    name = np.dtype(field.dtype).name
    return f"{name}[{field.length}]" if field.kind == "array" else name


def event_as_dict(record: Any, *, full: bool = False) -> Any:
    """Give a record as dicts and lists that JSON takes.

    Parameters
    ----------
    record : object
        A record, or anything inside one.
    full : bool
        All values of arrays; otherwise their length, minimum, mean and maximum.
    """
    if dataclasses.is_dataclass(record):
        return {
            field.name: event_as_dict(getattr(record, field.name), full=full)
            for field in dataclasses.fields(record)
        }
    if isinstance(record, list | tuple):
        return [event_as_dict(each, full=full) for each in record]
    if isinstance(record, np.ndarray):
        return record.tolist() if full else dict(array_summary(record))
    return record


def array_summary(values: Any) -> Mapping[str, float]:
    """Give length, minimum, mean and maximum of numbers, the mean in float64."""
    numbers = np.asarray(values)
    known = numbers[~np.isnan(numbers)] if numbers.dtype.kind == "f" else numbers
    if len(known) == 0:
        return {"length": len(numbers)}
    return {
        "length": len(numbers),
        "min": known.min().item(),
        "mean": known.mean(dtype="f8").item(),
        "max": known.max().item(),
    }
