"""A report: one HTML page of what a campaign simulated, complete in itself."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoeroot.errors import ConfigError
from shoeroot.events import describe
from shoeroot.minitrees import cut_flow, load
from shoeroot.plots.overview import plot_dataset

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Report", "make_report"]

CAUSES_SHOWN, TEMPLATES_SHOWN, LETTERS = 12, 20, 160
#: Numbers that name things: their mean says nothing.
IDENTITIES = frozenset(
    {
        *("event_id", "batch_id", "variation_id", "return_code"),
        *("program_type", "climate_zone", "heating_peak_hour", "cooling_peak_hour"),
    }
)
#: Metadata that is data by itself.
LONG_METADATA = frozenset({"templates"})
STYLE = """\
body { font: 15px/1.45 sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 0.5em 0 1.5em; }
th, td { padding: 0.15em 0.9em 0.15em 0; text-align: left; vertical-align: top; }
th { border-bottom: 1px solid #999; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
img { max-width: 100%; }
pre { background: #f4f4f4; padding: 0.6em; overflow-x: auto; }
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written.

    Attributes
    ----------
    path : Path
        The HTML file.
    events : int
        Events of the dataset.
    rows : int
        Events that the report is about: those that passed the preselection.
    statuses : dict
        How many of them ended in which way.
    """

    path: Path
    events: int
    rows: int
    statuses: dict[str, int]


def make_report(
    dataset: str | Path,
    path: str | Path,
    *,
    where: str | Sequence[str] = (),
    minitree_folder: Any = None,
) -> Report:
    """Write a page about a campaign: how it ended, energy use, loads, failures, origin.

    Pictures are in the page, which needs no other file and no network. The mini-trees Basics,
    Loads and Diagnostics (of sites SiteBasics) are made where they are missing.

    Parameters
    ----------
    dataset : str or Path
        A campaign folder or an event file.
    path : str or Path
        The page, ``*.html``; it appears when it is complete.
    where : str or sequence of str
        Conditions such as ``"status == 'ok'"``: only events that pass are told of.
    minitree_folder : str, Path or sequence, optional
        Where mini-trees are looked for, see `shoeroot.minitrees.load`.

    Returns
    -------
    Report

    Raises
    ------
    ConfigError
        If the name does not end in .html, or the page cannot be written.
    EventFileError
        If there are no events.
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ConfigError("a report is an HTML page", where=str(target), hint="NAME.html")
    described = describe(dataset)
    simulations = {"status", "zones"} <= {field.name for field in described.record.fields}
    makers = ["Basics", "Loads", "Diagnostics"] if simulations else None
    conditions = [where] if isinstance(where, str) else list(where)
    data = load(dataset, makers, conditions, minitree_folder=minitree_folder)
    name = Path(dataset).resolve().name
    parts = [_section("", _summary(data, described))]
    if conditions:
        parts.append(_section("Cuts", f"<pre>{escape(repr(cut_flow(data)))}</pre>"))
    if simulations:
        parts.append(_section("Energy use and loads", _overview(dataset, data)))
    parts.append(_section("Numbers", _statistics(data)))
    if simulations:
        parts += [_section("Failures", _failures(data)), _section("Templates", _templates(data))]
    parts.append(_section("Where it comes from", _origin(described)))
    _write(target, _page(name, parts))
    return Report(target, described.events, len(data), _statuses(data))


def _statuses(data: pd.DataFrame) -> dict[str, int]:
    if "status" not in data:
        return {}
    return {str(name): int(count) for name, count in data["status"].value_counts().items()}


def _summary(data: pd.DataFrame, described: Any) -> str:
    told = [f"{described.events} events of {escape(described.record.name)}"]
    if len(data) != described.events:
        told.append(f"{len(data)} of them pass the cuts")
    told += [f"{count} {escape(status)}" for status, count in _statuses(data).items()]
    if "cpu_seconds" in data:
        told.append(f"processor time {_duration(float(data['cpu_seconds'].sum()))}")
    return f"<p>{'; '.join(told)}.</p>"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 3600:.1f} h"


def _overview(dataset: str | Path, data: pd.DataFrame) -> str:
    if not (data["status"] == "ok").any():
        return "<p>No simulation ended well.</p>"
    return _picture(plot_dataset(dataset, data), "energy use by vintage, load durations")


def _picture(figure: Figure, what: str) -> str:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110)
    text = base64.b64encode(content.getvalue()).decode()
    return f'<img alt="{escape(what)}" src="data:image/png;base64,{text}">'


def _statistics(data: pd.DataFrame) -> str:
    """Give mean, quartiles and extremes of each column of measurements."""
    about = data.attrs.get("columns", {})
    rows = []
    for name in data.columns:
        values = data[name]
        if values.dtype.kind not in "iuf" or name in IDENTITIES or not values.notna().any():
            continue
        column = about.get(name, {})
        low, first, middle, third, high = values.quantile([0, 0.25, 0.5, 0.75, 1])
        rows.append(
            [name, column.get("unit", ""), int(values.count()), float(values.mean())]
            + [float(one) for one in (low, first, middle, third, high)]
            + [column.get("description", "")]
        )
    titles = ["column", "unit", "events", "mean", "least", "25 %", "median", "75 %", "most", ""]
    return _table(titles, rows)


def _failures(data: pd.DataFrame) -> str:
    failed = data[data["status"] != "ok"]
    if not len(failed):
        return "<p>None.</p>"
    causes = failed.groupby(["status", "worst_message"])["event_id"].agg(["size", "first"])
    causes = causes.sort_values("size", ascending=False).reset_index()
    rows = [
        [status, int(count), int(first), message[:LETTERS]]
        for status, message, count, first in causes.head(CAUSES_SHOWN).itertuples(index=False)
    ]
    beyond = len(causes) - len(rows)
    more = f"<p>And {beyond} other causes.</p>" if beyond else ""
    return _table(["status", "events", "such as event", "message"], rows) + more


def _templates(data: pd.DataFrame) -> str:
    means = data.groupby("template")["eui"].agg(["size", "mean"])
    means = means.sort_values("size", ascending=False, kind="stable").reset_index()
    rows = [
        [str(name), int(count), float(mean)] for name, count, mean in means.itertuples(index=False)
    ]
    beyond = len(rows) - TEMPLATES_SHOWN
    more = f"<p>And {beyond} other templates.</p>" if beyond > 0 else ""
    titles = ["template", "events", "mean energy use intensity [kWh/m2]"]
    return _table(titles, rows[:TEMPLATES_SHOWN]) + more


def _origin(described: Any) -> str:
    rows: list[list[Any]] = [
        [key, text if len(text) <= LETTERS else f"{text[:LETTERS]}..."]
        for key, text in described.metadata.items()
        if key not in LONG_METADATA
    ]
    software = sorted({f"{one['software']} {one['version']}" for one in described.writers})
    rows.append(["written by", ", ".join(software)])
    rows += [["file", f"{one.path} ({one.events} events)"] for one in described.parts[:20]]
    return _table(["", ""], rows)


def _table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    numbers = [
        all(isinstance(row[place], int | float) for row in rows) for place in range(len(titles))
    ]
    kinds = [' class="number"' if number and rows else "" for number in numbers]

    def line(tag: str, values: Sequence[Any]) -> str:
        cells = zip(kinds, values, strict=True)
        return "".join(f"<{tag}{kind}>{escape(_text(one))}</{tag}>" for kind, one in cells)

    body = "".join(f"<tr>{line('td', row)}</tr>\n" for row in rows)
    return f"<table>\n<thead><tr>{line('th', titles)}</tr></thead>\n<tbody>{body}</tbody></table>"


def _text(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _section(title: str, content: str) -> str:
    return (f"<h2>{escape(title)}</h2>\n" if title else "") + content


def _page(name: str, parts: Sequence[str]) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(name)}</title>\n<style>\n{STYLE}</style></head>\n<body>\n"
        f"<h1>{escape(name)}</h1>\n{body}\n<p>Written by shoeroot, {now}.</p>\n</body>\n</html>\n"
    )


def _write(target: Path, page: str) -> None:
    temporary = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        temporary.write_text(page, encoding="utf-8")
        temporary.replace(target)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise ConfigError(
            f"the report cannot be written: {problem.strerror}",
            where=str(target),
            hint="give a file in a folder that you may write to",
        ) from problem
