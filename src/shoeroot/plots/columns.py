"""Columns of a table as a picture: a histogram, points, bars or boxes, by groups if asked."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import ConfigError, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_columns"]

#: Okabe and Ito's palette, which readers with any colour vision can tell apart, and grey.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
OTHERS, OTHER_COLOUR = "others", "#999999"
BINS, MOST_BARS = 30, 20
#: How far whiskers reach, in heights of the box.
WHISKERS = 1.5
#: Letters in a line of a label, and of a value.
LINE, LETTERS = 52, 26


def plot_columns(data: pd.DataFrame, x: str, y: str = "", *, by: str = "") -> Figure:
    """Draw one column of a table, or one against another.

    A column of numbers is a histogram, one of texts bars of how often each is there; with `y`
    numbers are points, texts boxes (quartiles, whiskers to 1.5 times their distance). Labels have
    the descriptions and units of the columns. Rows without a value are left out and counted.

    Parameters
    ----------
    data : pandas.DataFrame
        Such as `shoeroot.minitrees.load` gives.
    x, y : str
        Names of columns; `y` has numbers.
    by : str
        A column by which to colour: its texts or few values, or the quarters of its numbers.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.

    Raises
    ------
    ConfigError
        If there is no such column, or `y` has no numbers.
    """
    from matplotlib.figure import Figure

    for name in (x, y, by):
        if name and name not in data:
            raise ConfigError(f"there is no column {name!r}", hint=nearest(name, data.columns))
    if y and not _has_numbers(data[y]):
        raise ConfigError(f"{y} has no numbers", hint="give it as x, or as the groups (by)")
    whole = len(data)
    for name in filter(None, (x, y)):
        values = data[name]
        data = data[np.isfinite(values.astype("f8")) if _has_numbers(values) else values.notna()]
    figure = Figure(figsize=(8, 5.2), layout="constrained")
    axes = figure.subplots()
    groups = _groups(data, by)
    if _has_numbers(data[x]):
        (_draw_points if y else _draw_histogram)(axes, data, x, y, groups)
        axes.set_xlabel(_label(data, x))
    else:
        (_draw_boxes if y else _draw_counts)(axes, data, x, y, groups)
    if by and groups:
        figure.legend(
            title=_label(data, by),
            frameon=False,
            fontsize="small",
            loc="outside lower center",
            ncols=min(len(groups), 3),
        )
    axes.spines[["top", "right"]].set_visible(False)
    left_out = whole - len(data)
    without = f", {left_out} more without a value" if left_out else ""
    figure.suptitle(f"{len(data)} rows{without}")
    return figure


def _has_numbers(values: pd.Series[Any]) -> bool:
    return values.dtype.kind in "biuf"


def _label(data: pd.DataFrame, name: str) -> str:
    about = data.attrs.get("columns", {}).get(name, {})
    unit = f" [{about['unit']}]" if about.get("unit") else ""
    return textwrap.fill(": ".join(filter(None, (name + unit, about.get("description")))), LINE)


def _groups(data: pd.DataFrame, by: str) -> list[tuple[str, str, Any]]:
    """Give label, colour and mask of each group."""
    import pandas as pd

    if not by:
        return [("", COLOURS[0], np.ones(len(data), dtype=bool))]
    values = data[by]
    if _has_numbers(values) and values.nunique() > len(COLOURS):
        quarters = pd.qcut(values, 4, duplicates="drop")
        return [
            (f"{one.left:.4g} to {one.right:.4g}", COLOURS[place], (quarters == one).to_numpy())
            for place, one in enumerate(quarters.cat.categories)
        ]
    frequent = values.value_counts().index[: len(COLOURS)]
    groups = [
        (_short(one), COLOURS[place], (values == one).to_numpy())
        for place, one in enumerate(sorted(frequent))
    ]
    rest = ~values.isin(frequent).to_numpy()
    return [*groups, (OTHERS, OTHER_COLOUR, rest)] if rest.any() else groups


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return textwrap.fill(text, LETTERS, max_lines=3, placeholder=" ...")


def _draw_histogram(axes: Axes, data: pd.DataFrame, x: str, y: str, groups: list[Any]) -> None:
    values = data[x].to_numpy(dtype="f8")
    if len(values):
        axes.hist(
            [values[mask] for _, _, mask in groups],
            bins=BINS,
            range=(values.min(), values.max()),
            stacked=True,
            color=[colour for _, colour, _ in groups],
            label=[label for label, _, _ in groups],
        )
    axes.locator_params(axis="y", integer=True)
    axes.set_ylabel("rows")


def _draw_points(axes: Axes, data: pd.DataFrame, x: str, y: str, groups: list[Any]) -> None:
    size = float(np.clip(3000 / max(len(data), 1), 2, 20))
    for label, colour, mask in groups:
        axes.scatter(data[x][mask], data[y][mask], s=size, color=colour, label=label, alpha=0.7)
    axes.set_ylabel(_label(data, y))


def _draw_counts(axes: Axes, data: pd.DataFrame, x: str, y: str, groups: list[Any]) -> None:
    names = list(data[x].value_counts().index[:MOST_BARS])
    places = np.arange(len(names))
    left = np.zeros(len(names))
    for label, colour, mask in groups:
        counts = data[x][mask].value_counts().reindex(names, fill_value=0).to_numpy()
        axes.barh(places, counts, left=left, color=colour, label=label)
        left += counts
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("rows")
    _name_rows(axes, data, x, names)


def _draw_boxes(axes: Axes, data: pd.DataFrame, x: str, y: str, groups: list[Any]) -> None:
    names = list(data[x].value_counts().index[:MOST_BARS])
    width = 0.8 / max(len(groups), 1)
    for place, (label, colour, mask) in enumerate(groups):
        values = data[mask].groupby(x)[y]
        shift = (place - (len(groups) - 1) / 2) * width
        there = [row for row, name in enumerate(names) if name in values.groups]
        boxes = np.array([_box(values.get_group(names[row])) for row in there]).reshape(-1, 5)
        low, first, middle, third, high = boxes.T
        rows = np.array(there) + shift
        axes.barh(rows, third - first, 0.8 * width, first, color=colour, alpha=0.6, label=label)
        axes.hlines(rows, low, first, color=colour)
        axes.hlines(rows, third, high, color=colour)
        axes.vlines(middle, rows - 0.4 * width, rows + 0.4 * width, color="black")
    axes.use_sticky_edges = False  # bars would take the margin beside them
    axes.set_xlabel(_label(data, y))
    _name_rows(axes, data, x, names)


def _box(values: pd.Series[Any]) -> list[float]:
    """Give the quartiles, and before and after them the last values near enough."""
    first, middle, third = np.quantile(values, [0.25, 0.5, 0.75])
    reach = WHISKERS * (third - first)
    near = values[(values >= first - reach) & (values <= third + reach)]
    return [near.min(), first, middle, third, near.max()]


def _name_rows(axes: Axes, data: pd.DataFrame, x: str, names: list[Any]) -> None:
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.invert_yaxis()
    beyond = data[x].nunique() - len(names)
    axes.set_ylabel(x + (f" ({beyond} more are not shown)" if beyond else ""))
