"""A cut flow as a picture: what is left after each cut, and what it does without the others."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.minitrees import CutFlow, cut_flow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_cut_flow"]

#: From Okabe and Ito's palette, which readers with any colour vision can tell apart.
LEFT, REMOVED, ALONE, N_MINUS_1 = "#0072B2", "#E69F00", "#009E73", "#D55E00"
#: Letters of a cut's name in a line.
LETTERS = 26
#: Height of a cut, and of all that is around them [inch].
ROW, AROUND = 0.52, 1.55


def plot_cut_flow(data: Any, *, weight: str = "", log: bool = False) -> Figure:
    """Draw what each cut of a table leaves.

    Left: rows in sequence, as bars, with what the cut removed in light colour. Right: the share of
    all rows that passes the cut alone, and the share of N-1 (what passes all others) that it lets
    through; a question mark stands where that is not known.

    Parameters
    ----------
    data : CutFlow, DataFrame or Arrow table
        What `shoeroot.minitrees.cut_flow` takes or gave.
    weight : str
        Sums of this weight instead of counts.
    log : bool
        A logarithmic axis for the rows.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.
    """
    from matplotlib.figure import Figure

    flow: CutFlow = cut_flow(data)
    table = flow.to_frame(weight)
    total = flow.total[1 + flow.weights.index(weight) if weight else 0]
    names = ["all", *(_wrapped(name) for name in table["cut"])]
    places = np.arange(len(names))
    figure = Figure(figsize=(9.5, AROUND + ROW * len(names)), layout="constrained")
    bars, marks = figure.subplots(1, 2, sharey=True, width_ratios=(1.7, 1))
    left = np.concatenate([[total], table["left"]])
    removed = np.concatenate([[0.0], table["removed"]])
    _draw_bars(bars, places, left, removed, weight)
    bars.set_yticks(places, names)
    bars.set_ylim(len(names) - 0.4, -0.6)
    if log and left[left > 0].size:
        bars.set_xscale("log")
        bars.set_xlim(left=left[left > 0].min() / 2)
    else:
        bars.locator_params(axis="x", nbins=5)
    _draw_shares(marks, places[1:], table, total)
    what = f"of the sum of {weight}" if weight else "rows"
    figure.suptitle(f"{_number(left[-1])} of {_number(total)} {what} pass all cuts")
    return figure


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.4g}"


def _wrapped(name: str) -> str:
    return "\n".join(textwrap.wrap(name, LETTERS, max_lines=2, placeholder=" ..."))


def _draw_bars(axes: Axes, places: Any, left: Any, removed: Any, weight: str) -> None:
    axes.barh(places, left, height=0.7, color=LEFT, label="left")
    axes.barh(
        places,
        np.maximum(removed, 0),
        left=left,
        height=0.7,
        color=REMOVED,
        alpha=0.35,
        label="removed",
    )
    widest = left.max() if left.max() > 0 else 1.0
    for place, value in zip(places, left, strict=True):
        inside = value > 0.25 * widest
        axes.annotate(
            _number(value),
            (value, place),
            xytext=(-4 if inside else 4, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            color="white" if inside else "black",
            fontsize="small",
        )
    axes.xaxis.set_major_formatter(lambda value, _: _number(value))
    axes.set_xlabel(f"sum of {weight}" if weight else "rows")
    axes.set_title("in sequence")
    axes.legend(frameon=False, fontsize="small", loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_shares(axes: Axes, places: Any, table: Any, total: float) -> None:
    with np.errstate(all="ignore"):
        alone = (table["alone"] / total).to_numpy()
        kept = ((table["n_minus_1"] - table["exclusive"]) / table["n_minus_1"]).to_numpy()
    for offset, shares, colour, marker, label in (
        (-0.14, alone, ALONE, "o", "alone, of all"),
        (0.14, kept, N_MINUS_1, "D", "after all others (of N-1)"),
    ):
        known = np.isfinite(shares)
        axes.hlines(places[known] + offset, 0, shares[known], color=colour, linewidth=1.2)
        axes.plot(shares[known], places[known] + offset, marker, color=colour, label=label)
        for place in places[~known] + offset:
            axes.annotate("?", (0.01, place), color=colour, va="center", fontsize="small")
    axes.set_xlim(-0.03, 1.06)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.set_xlabel("rows that pass")
    axes.set_title("without the others, and last")
    axes.tick_params(axis="y", length=0)
    axes.legend(frameon=False, fontsize="small", loc="upper center")
    axes.spines[["top", "right"]].set_visible(False)
