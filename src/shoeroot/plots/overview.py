"""A first look at a campaign: energy use intensity by vintage, and load-duration curves."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError
from shoeroot.events import open_events
from shoeroot.minitrees import sum_series_by_event

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shoeroot.events import Events

__all__ = ["plot_dataset", "plot_overview", "save_figure"]

#: First years of the vintages after the first, and what the vintages are called.
VINTAGE_EDGES = (1940, 1980, 2004)
VINTAGE_NAMES = ("before 1940", "1940-1979", "1980-2003", "2004 and later", "year unknown")
UNKNOWN = len(VINTAGE_NAMES) - 1

#: Okabe and Ito's palette, which readers with any colour vision can tell apart.
USE_COLOURS = {
    "heating": "#D55E00",
    "cooling": "#0072B2",
    "lighting": "#F0E442",
    "equipment": "#999999",
    "hot_water": "#009E73",
}
VINTAGE_COLOURS = ("#000000", "#D55E00", "#E69F00", "#0072B2", "#999999")


def plot_overview(data: pd.DataFrame, events: Events) -> Figure:
    """Draw energy use by vintage and the load-duration curves of heating and cooling.

    Parameters
    ----------
    data : pandas.DataFrame
        The mini-tree Basics of one campaign.
    events : Events
        The same campaign's events, for their hourly series.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.
    """
    from matplotlib.figure import Figure

    years = data["vintage"].to_numpy()
    vintage = np.where(np.isnan(years), UNKNOWN, np.digitize(years, VINTAGE_EDGES))
    good = (data["status"] == "ok").to_numpy()
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    if good.any():
        _draw_intensity(left, data[good], vintage[good])
        durations = _load_durations(events.select(good), data["floor_area"].to_numpy()[good])
        for axes, series in ((middle, "heating"), (right, "cooling")):
            _draw_durations(axes, series, durations[series], vintage[good])
        right.legend(title="built", frameon=False, fontsize="small")
    failed = len(data) - int(good.sum())
    title = f"{int(good.sum())} shoebox simulations" + (f", {failed} failed" if failed else "")
    figure.suptitle(title)
    return figure


def plot_dataset(dataset: str | Path, data: pd.DataFrame) -> Figure:
    """Draw the overview of a campaign, of those of its events that a table has.

    Parameters
    ----------
    dataset : str or Path
        A campaign folder or an event file.
    data : pandas.DataFrame
        Its mini-tree Basics, all rows or those that passed a preselection.

    Raises
    ------
    ConfigError
        If these are no events of simulations.
    """
    with open_events(dataset) as events:
        if "zones" not in dir(events) or "vintage" not in data:
            raise ConfigError(
                f"there is no overview of events of {events.record_type.name}",
                where=str(dataset),
                hint="name a column, such as -x population; `shoeroot sites map` draws sites",
            )
        chosen = np.isin(np.asarray(events.event_id), data["event_id"].to_numpy())
        return plot_overview(data, events.select(chosen))


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure under a temporary name and rename it when complete.

    Raises
    ------
    ConfigError
        If there is no such kind of picture, or it cannot be written.
    """
    temporary = path.with_name(path.name + ".part")
    try:
        figure.savefig(temporary, format=path.suffix[1:] or None, dpi=150)
        temporary.replace(path)
    except (OSError, ValueError) as problem:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        said = problem.strerror if isinstance(problem, OSError) else problem
        raise ConfigError(
            f"the picture cannot be drawn: {said}",
            where=str(path),
            hint="give a name such as picture.png in a folder that you may write to",
        ) from problem


def _draw_intensity(axes: Axes, data: pd.DataFrame, vintage: NDArray[Any]) -> None:
    """Stack the mean end uses of each vintage and mark the single events."""
    present, place = np.unique(vintage, return_inverse=True)
    ticks = np.arange(len(present))
    bottom = np.zeros(len(present))
    area = data["floor_area"].to_numpy()
    for use, colour in USE_COLOURS.items():
        intensity = data[use].to_numpy() / area
        means = np.array([intensity[vintage == one].mean() for one in present])
        axes.bar(ticks, means, bottom=bottom, width=0.6, color=colour, label=use.replace("_", " "))
        bottom += means
    # The dots of a vintage stand side by side, whatever their number.
    for tick in ticks:
        group = data["eui"].to_numpy()[place == tick]
        beside = tick + np.linspace(-0.25, 0.25, len(group) + 2)[1:-1]
        label = "one event" if tick == 0 else None
        axes.plot(beside, group, "o", color="black", markersize=3, label=label)
    axes.set_xticks(ticks, [VINTAGE_NAMES[one].replace(" ", "\n", 1) for one in present])
    axes.set_ylim(0, 1.35 * data["eui"].max() or 1.0)
    axes.set_ylabel("energy use intensity [kWh/m$^2$]")
    axes.set_title("Energy use by vintage (mean)")
    axes.legend(frameon=False, fontsize="small", ncols=2, loc="upper left")


def _load_durations(
    events: Events, floor_area: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return sorted loads of each event: (n_events, 8760) [W/m2], highest first."""
    pieces: dict[str, list[NDArray[np.float64]]] = {"heating": [], "cooling": []}
    for rows in events.rows("zones.hourly", tuple(pieces)):
        for series, piece in pieces.items():
            piece.append(sum_series_by_event(rows.arrays[series], rows.counts))
    return {
        series: -np.sort(-np.concatenate(piece), axis=1) * 1000.0 / floor_area[:, None]
        for series, piece in pieces.items()
    }


def _draw_durations(
    axes: Axes, series: str, loads: NDArray[np.float64], vintage: NDArray[Any]
) -> None:
    hours = np.arange(1, loads.shape[1] + 1)
    for one in np.unique(vintage):
        colour = VINTAGE_COLOURS[one]
        group = loads[vintage == one]
        axes.plot(hours, group.T, color=colour, linewidth=0.4, alpha=0.35)
        axes.plot(hours, group.mean(axis=0), color=colour, linewidth=2, label=VINTAGE_NAMES[one])
    axes.set_xlim(0, loads.shape[1])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hours of the year")
    axes.set_ylabel(f"{series} load [W/m$^2$]")
    axes.set_title(f"{series.capitalize()} load duration")
