"""Record types as HTML tables, for notebooks."""

from __future__ import annotations

import html
from collections.abc import Sequence

from shoeroot.records.fields import Field
from shoeroot.records.record_type import RecordType
from shoeroot.records.text import type_label, walk_fields

__all__ = ["html_of_fields", "html_of_type"]

_HEAD = "".join(
    f'<th style="text-align:left">{title}</th>'
    for title in ("field", "type", "unit", "description")
)


def html_of_type(record_type: RecordType, caption: str = "") -> str:
    """Give a table of all fields of a record type: name, type, unit, description.

    Parameters
    ----------
    record_type : RecordType
        What is shown.
    caption : str
        Text above the table; by default the name and the description of the type.
    """
    root = record_type.root
    return html_of_fields(root.children, caption or f"{record_type.name}: {root.description}")


def html_of_fields(fields: Sequence[Field], caption: str) -> str:
    """Give a table of some fields and what is in them, indented as they are nested."""
    rows = "".join(_row(depth, field) for depth, field in walk_fields(fields))
    return (
        f'<table><caption style="text-align:left">{html.escape(caption)}</caption>'
        f"<thead><tr>{_HEAD}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(depth: int, field: Field) -> str:
    cells = (
        f'<td style="text-align:left;padding-left:{0.5 + 1.5 * depth}em">'
        f"<code>{html.escape(field.name)}</code></td>"
    )
    for text in (type_label(field), field.unit, field.description):
        cells += f'<td style="text-align:left">{html.escape(text)}</td>'
    return f"<tr>{cells}</tr>"
