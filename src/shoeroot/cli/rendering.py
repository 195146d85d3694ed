"""Event files and events as text: trees and tables, in colour on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

if TYPE_CHECKING:
    from rich.console import RenderableType

    from shoeroot.events.describe import Described, FieldSize
    from shoeroot.events.verify import Verification
    from shoeroot.records import Field

__all__ = ["event_text", "file_tables", "print_rich", "size_text", "verification_tables"]

PLAIN_WIDTH = 240
TEXT_SHOWN = 160
PARTS_SHOWN = 20
WIDEST_TABLE = 12
ELEMENTS_SHOWN = 6


def print_rich(*shown: RenderableType) -> None:
    """Print on standard output: in colour on a terminal, otherwise as plain text."""
    from rich.console import Console

    if sys.stdout.isatty():
        console = Console(highlight=False)
        for each in shown:
            console.print(each)
        return
    console = Console(width=PLAIN_WIDTH, color_system=None, highlight=False)
    with console.capture() as captured:
        for each in shown:
            console.print(each)
    click.echo("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))


def size_text(size: float) -> str:
    """Give bytes as people read them: "1.7 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def _table(*columns: str, right: Sequence[str] = ()) -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            column, justify="right" if column in right else "left", no_wrap=column != "description"
        )
    return table


def file_tables(described: Described) -> Iterator[RenderableType]:
    """Give what `shoeroot ls` prints."""
    from rich.text import Text

    record = described.record
    size = sum(part.size for part in described.parts)
    files = "1 file" if len(described.parts) == 1 else f"{len(described.parts)} files"
    yield Text.assemble(
        (f"{described.events} events of {record.name}", "bold"),
        f" in {files}, {size_text(size)} on disk, {size_text(record.unpacked)} unpacked",
    )
    yield Text(f"{record.description}\n")
    yield _parts_table(described)
    yield Text("")
    table = _table(
        "field", "type", "unit", "stored", "ratio", "description", right=("stored", "ratio")
    )
    for field, place in _walk(record.fields, ""):
        ratio = f"{field.unpacked / field.stored:.1f}" if field.stored else ""
        table.add_row(
            Text.assemble((place, "dim"), (field.name, "bold" if field.fields else "")),
            Text(field.type, "cyan"),
            Text(field.unit, "green"),
            size_text(field.stored),
            ratio,
            Text(field.description),
        )
    yield table
    if described.metadata:
        yield Text("")
    for key, text in described.metadata.items():
        yield Text(f"{key}: {text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + '...'}")


def _parts_table(described: Described) -> Any:
    table = _table(
        "file", "events", "size", "backend", "codec", "written by", right=("events", "size")
    )
    versions = sorted({f"{row['software']} {row['version']}" for row in described.writers})
    for part in described.parts[:PARTS_SHOWN]:
        table.add_row(
            part.path.name,
            str(part.events),
            size_text(part.size),
            {"ttree": "TTree", "rntuple": "RNTuple"}[part.backend],
            part.compression,
            ", ".join(versions),
        )
    beyond = len(described.parts) - PARTS_SHOWN
    if beyond > 0:
        table.add_row(f"and {beyond} more")
    return table


def verification_tables(found: Verification) -> Iterator[RenderableType]:
    """Give what `shoeroot verify` prints: a row a file, then every problem on a line."""
    from rich.text import Text

    table = _table("file", "events", "batches", "checksums", "result", right=("events", "batches"))
    for part in found.parts:
        count = len(part.problems)
        wrong = f"{count} problem{'' if count == 1 else 's'}"
        table.add_row(
            part.path.name,
            str(part.events),
            str(part.batches),
            "compared" if part.has_checksums else "none in the file",
            Text(wrong, "bold red") if count else Text("ok", "green"),
        )
    yield table
    for problem in found.problems:
        yield Text(str(problem))


def _walk(fields: Sequence[FieldSize], above: str) -> Iterator[tuple[FieldSize, str]]:
    for place, field in enumerate(fields):
        last = place == len(fields) - 1
        yield field, f"{above}{'└─ ' if last else '├─ '}"
        yield from _walk(field.fields, f"{above}{'   ' if last else '│  '}")


def event_text(field: Field, record: Any, label: str, *, full: bool = False) -> RenderableType:
    """Give what `shoeroot show` prints: a tree of the record, lists of records as tables."""
    from rich.tree import Tree

    tree = Tree(label, guide_style="dim")
    _add_fields(tree, field, record, full)
    return tree


def _add_fields(tree: Any, field: Field, record: Any, full: bool) -> None:
    from rich.text import Text

    width = max(len(child.name) for child in field.children)
    for child in field.children:
        value, inside = getattr(record, child.name), child
        while inside.kind == "optional":
            inside = inside.item
        name = Text(child.name.ljust(width + 2), "bold")
        if inside.kind == "record" and value is not None:
            _add_fields(tree.add(Text(child.name, "bold")), inside, value, full)
        elif inside.kind == "list" and inside.item.kind == "record" and value:
            branch = tree.add(Text.assemble((child.name, "bold"), f"  {len(value)}"))
            _add_elements(branch, inside.item, value, full)
        else:
            tree.add(Text.assemble(name, _value_text(value, full, inside.unit)))


def _add_elements(tree: Any, field: Field, values: Sequence[Any], full: bool) -> None:
    simple = all(child.kind not in ("record", "list", "array") for child in field.children)
    if simple and len(field.children) <= WIDEST_TABLE:
        tree.add(_elements_table(field, values))
        return
    for place, value in enumerate(values):
        _add_fields(tree.add(f"[{place}]", style="bold"), field, value, full)


def _elements_table(field: Field, values: Sequence[Any]) -> Any:
    names = [
        f"{child.name} [{child.unit}]" if child.unit else child.name for child in field.children
    ]
    numbers = [
        name
        for name, child in zip(names, field.children, strict=True)
        if child.kind in ("int", "float")
    ]
    table = _table(*[name.replace("[", r"\[") for name in names])
    for column, name in zip(table.columns, names, strict=True):
        column.justify = "right" if name in numbers else "left"
    for value in values:
        table.add_row(*[_value_text(getattr(value, child.name), True) for child in field.children])
    return table


def _value_text(value: Any, full: bool, unit: str = "") -> Any:
    from rich.text import Text

    from shoeroot.events.describe import array_summary

    after = (f" {unit}" if unit else "", "green")
    if value is None:
        return Text("missing", "dim")
    if isinstance(value, np.ndarray) and not full:
        summary = array_summary(value)
        if "min" not in summary:
            return Text(f"{len(value)} values, all NaN", "dim")
        numbers = "   ".join(f"{key} {_number(summary[key])}" for key in ("min", "mean", "max"))
        return Text.assemble(numbers, after, (f"   of {len(value)}", "dim"))
    if isinstance(value, np.ndarray):
        return Text.assemble(", ".join(_number(each) for each in value.tolist()), after)
    if isinstance(value, list | tuple):
        if len(value) == 0:
            return Text("none", "dim")
        shown = value if full else value[:ELEMENTS_SHOWN]
        more = f", ... of {len(value)}" if len(shown) < len(value) else ""
        return Text.assemble(", ".join(_item(each, full) for each in shown), after, more)
    return Text.assemble(_number(value) if isinstance(value, int | float) else str(value), after)


def _item(value: Any, full: bool) -> str:
    text = str(_value_text(value, full))
    return f"[{text}]" if isinstance(value, list | tuple | np.ndarray) else text


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else f"{value:.6g}"
