"""Cut flows as tables of text and HTML."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoeroot.minitrees.cutflow import CutFlow

__all__ = ["html_of", "text_of"]

HEADINGS = ("cut", "left", "removed", "passed", "of all", "alone", "only this", "N-1")
UNKNOWN = "-"
#: Letters of a cut's name in the table.
LETTERS = 44
NOTE = f"{UNKNOWN}: not known, the rows were gone or never read when the cut was made"


def text_of(flow: CutFlow) -> str:
    """Give the table as text; one table for the counts and one for each weight."""
    return "\n\n".join(_text_table(flow, weight) for weight in ("", *flow.weights))


def html_of(flow: CutFlow) -> str:
    """Give the same as HTML."""
    return "".join(_html_table(flow, weight) for weight in ("", *flow.weights))


def _text_table(flow: CutFlow, weight: str) -> str:
    rows = [HEADINGS, *_rows(flow, weight)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = [_title(flow, weight)] if weight else []
    for row in rows:
        first, *numbers = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in numbers)]
        lines.append("  ".join(cells).rstrip())
    asked = [
        f"  {_shortened(step.name)}: {step.condition}"
        for step in flow.steps
        if step.condition not in ("", _shortened(step.name)) and not weight
    ]
    return "\n".join([*lines, *asked, *_notes(rows)])


def _html_table(flow: CutFlow, weight: str) -> str:
    right = ' style="text-align: right"'
    head = "".join(
        f"<th{right if place else ''}>{html.escape(text)}</th>"
        for place, text in enumerate(HEADINGS)
    )
    conditions = ("", *(step.condition for step in flow.steps))
    lines = []
    rows = _rows(flow, weight)
    for condition, row in zip(conditions, rows, strict=True):
        first = f'<td style="text-align: left" title="{html.escape(condition)}">'
        cells = "".join(f"<td{right}>{html.escape(text)}</td>" for text in row[1:])
        lines.append(f"<tr>{first}{html.escape(row[0])}</td>{cells}</tr>")
    caption = f"<caption>{html.escape(_title(flow, weight))}</caption>"
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in _notes(rows))
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f"<table>{caption}{body}</table>{notes}"


def _title(flow: CutFlow, weight: str) -> str:
    return f"sums of {weight}" if weight else f"cut flow of {flow.total[0]:,} rows"


def _notes(rows: list[tuple[str, ...]]) -> list[str]:
    return [NOTE] if any(UNKNOWN in row[5:] for row in rows) else []


def _rows(flow: CutFlow, weight: str) -> list[tuple[str, ...]]:
    table = flow.to_frame(weight)
    total = flow.total[1 + flow.weights.index(weight) if weight else 0]
    first = ("all", _number(total, weight), "", "", "", "", "", "")
    names = [_shortened(name) for name in flow.names]
    numbers = [
        [_number(value, weight) for value in table[column]] for column in ("left", "removed")
    ]
    shares = [[_share(value) for value in table[name]] for name in ("passed", "passed_of_all")]
    others = [
        [_number(value, weight) for value in table[column]]
        for column in ("alone", "exclusive", "n_minus_1")
    ]
    return [first, *zip(names, *numbers, *shares, *others, strict=True)]


def _shortened(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 3]}..."


def _number(value: float, weight: str) -> str:
    if math.isnan(value):
        return UNKNOWN
    return f"{value:,.6g}" if weight else f"{value:,.0f}"


def _share(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{100 * value:.1f} %"
