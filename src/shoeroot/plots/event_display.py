"""An event as a picture: the year of one simulation, hour by hour and month by month."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError
from shoeroot.plots.overview import USE_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_event"]

HOURS_OF_DAY, HOURS_OF_WEEK = 24, 168
MONTHS = "JFMAMJJASOND"
#: Day of the year on which each month begins, and what a month's first letter stands at.
MONTH_STARTS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
ZONE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MESSAGES_SHOWN, LINES_SHOWN = 6, 5
#: Letters in a line of the figures, and what they are written in [points].
LETTERS, LETTER_SIZE = 50, 7.5
FIELDS = ("status", "zones", "end_uses", "messages", "design")


def plot_event(event: Any) -> Figure:
    """Draw one simulation: loads and temperatures of the year, energy by month, and what was said.

    Above: heating, cooling [W/m2 of floor] and the mean temperature of all zones [degC], a column
    a day. Below: energy by use and month [kWh/m2], the zones in the week of the heating peak (of
    the cooling peak where nothing is heated, the coldest where neither), and the event's figures. A
    simulation that failed has only these and its messages.

    Parameters
    ----------
    event : Simulation
        Such as ``shoeroot.open("batch_00023")[0]``.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.

    Raises
    ------
    ConfigError
        If it is no event of a simulation.
    """
    from matplotlib.figure import Figure

    lacking = [name for name in FIELDS if not hasattr(event, name)]
    if lacking:
        raise ConfigError(
            f"only simulations can be drawn: a {type(event).__name__} has no {lacking[0]!r}",
            hint="`shoeroot sites map` draws sites",
        )
    figure = Figure(figsize=(13, 7) if event.zones else (7, 4), layout="constrained")
    name = f"event {event.event_id}: {event.status}"
    figure.suptitle(f"{name}. {event.template}" if event.template else name)
    if not event.zones:
        _draw_facts(figure.subplots(), event)
        return figure
    above, below = figure.subplots(2, 3)
    hours = min(len(zone.hourly.heating) for zone in event.zones)
    area = max(sum(zone.floor_area for zone in event.zones), 1e-9)
    for axes, series, colours in zip(
        above[:2], ("heating", "cooling"), ("Reds", "Blues"), strict=True
    ):
        loads = _all_zones(event, series, hours) * 1000.0 / area
        _draw_carpet(axes, loads, f"{series} [W/m$^2$]", colours, lowest=0.0)
    weighted = sum(_series(zone, "temperature", hours) * zone.floor_area for zone in event.zones)
    _draw_carpet(above[2], weighted / area, "operative temperature [degC]", "viridis")
    _draw_months(below[0], event, area)
    _draw_week(below[1], event, hours)
    _draw_facts(below[2], event)
    return figure


def _series(zone: Any, name: str, hours: int) -> NDArray[np.float64]:
    return np.asarray(getattr(zone.hourly, name), dtype="f8")[:hours]


def _all_zones(event: Any, name: str, hours: int) -> NDArray[np.float64]:
    total: NDArray[np.float64] = np.sum(
        [_series(zone, name, hours) for zone in event.zones], axis=0
    )
    return total


def _draw_carpet(
    axes: Axes, series: Any, title: str, colours: str, lowest: float | None = None
) -> None:
    days = len(series) // HOURS_OF_DAY
    carpet = series[: days * HOURS_OF_DAY].reshape(days, HOURS_OF_DAY).T
    highest = None if carpet.max(initial=0.0) > 0 else 1.0
    image = axes.imshow(
        carpet,
        aspect="auto",
        origin="lower",
        cmap=colours,
        vmin=lowest,
        vmax=highest,
        extent=(0, days, 0, HOURS_OF_DAY),
        interpolation="none",
    )
    axes.set_xticks([start + 15 for start in MONTH_STARTS], MONTHS)
    axes.set_xlim(0, days)
    axes.set_yticks(range(0, HOURS_OF_DAY + 1, 6))
    axes.set_ylabel("hour of the day")
    axes.set_title(title)
    axes.figure.colorbar(image, ax=axes, pad=0.02)


def _draw_months(axes: Axes, event: Any, area: float) -> None:
    months = np.array([use.month for use in event.end_uses])
    bottom = np.zeros(len(months))
    for use, colour in USE_COLOURS.items():
        energy = np.array([getattr(month, use) for month in event.end_uses]) / area
        axes.bar(months, energy, bottom=bottom, color=colour, label=use.replace("_", " "))
        bottom += energy
    axes.set_xticks(range(1, len(MONTHS) + 1), MONTHS)
    axes.set_ylim(0, 1.45 * bottom.max(initial=0.0) or 1.0)
    axes.set_ylabel("energy used [kWh/m$^2$]")
    axes.set_title(f"energy by month: {bottom.sum():.1f} kWh/m$^2$ in all")
    axes.legend(frameon=False, fontsize="small", ncols=2, loc="upper left")


def _draw_week(axes: Axes, event: Any, hours: int) -> None:
    """Draw temperatures and loads of the zones around the hour of the highest load."""
    heating, cooling = _all_zones(event, "heating", hours), _all_zones(event, "cooling", hours)
    loads, what = (heating, "heating") if np.max(heating) > 0 else (cooling, "cooling")
    loaded = bool(np.max(loads) > 0)
    coldest = np.min([_series(zone, "temperature", hours) for zone in event.zones], axis=0)
    peak = int(np.argmax(loads) if loaded else np.argmin(coldest))
    first = min(max(peak - HOURS_OF_WEEK // 2, 0), max(hours - HOURS_OF_WEEK, 0))
    week = slice(first, first + HOURS_OF_WEEK)
    days = 1 + np.arange(hours)[week] / HOURS_OF_DAY
    if loaded:
        _draw_loads_behind(axes, days, loads[week], f"{what} [kW]")
    for place, zone in enumerate(event.zones):
        colour = ZONE_COLOURS[place % len(ZONE_COLOURS)]
        axes.plot(days, _series(zone, "temperature", hours)[week], color=colour, label=zone.name)
    axes.margins(x=0)
    axes.set_ylabel("operative temperature [degC]")
    axes.set_xlabel("day of the year")
    axes.set_title(f"week of the {what} peak (hour {peak})" if loaded else "coldest week")
    if len(event.zones) <= len(ZONE_COLOURS):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.25 * (high - low))
        axes.legend(frameon=False, fontsize="small", loc="upper left")


def _draw_loads_behind(axes: Axes, days: Any, loads: Any, label: str) -> None:
    right = axes.twinx()
    right.fill_between(days, loads, color="0.85", step="mid")
    right.set_ylabel(label)
    right.set_ylim(0, 2.2 * float(np.max(loads)))
    axes.set_zorder(right.get_zorder() + 1)
    axes.patch.set_visible(False)


def _draw_facts(axes: Axes, event: Any) -> None:
    design = event.design
    facts = [
        f"weather: {event.weather}",
        f"engine: {event.engine or 'did not run'}",
        f"{event.floor_area:.1f} m2 in {len(event.zones)} zones, "
        f"{event.timesteps_per_hour} steps an hour",
        f"processor time {event.cpu_seconds:.2f} s, exit code {event.return_code}",
    ]
    if np.isfinite(design.vintage):  # models that no design describes have none
        facts.insert(2, f"built {design.vintage:.0f}, window-to-wall ratio {design.wwr:.2f}")
        set_points = f"{design.HeatingSetpoint:.1f} and {design.CoolingSetpoint:.1f} degC"
        facts.insert(3, f"set-points {set_points}")
    messages = event.messages
    facts += ["", f"{len(messages)} messages" + (":" if messages else "")]
    facts += [
        f"{one.severity}: {one.text}" + (f" ({one.count} times)" if one.count > 1 else "")
        for one in messages[:MESSAGES_SHOWN]
    ]
    lines = [line for fact in facts for line in textwrap.wrap(fact, LETTERS)[:LINES_SHOWN] or [""]]
    axes.axis("off")
    # A $ in a message is no formula.
    text = "\n".join(lines).replace("$", r"\$")
    axes.text(
        *(0, 1, text),
        va="top",
        fontsize=LETTER_SIZE,
        family="monospace",
        transform=axes.transAxes,
        in_layout=False,
    )
