"""`Drawn`: the designs of a campaign as a sample: what each stands for, and its results."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.design_files import DESIGN_FILES
from shoeroot.campaign.sample import VINTAGES
from shoeroot.design import DesignRows, read_sampling
from shoeroot.errors import ConfigError, EventFileError, nearest
from shoeroot.events import open_events
from shoeroot.minitrees import load

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Drawn", "read_drawn"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: Designs that the method "archetypes" draws together: a box in so many vintages.
BOX = len(VINTAGES)
#: What is divided by the floor area of its design.
ENERGY = "kWh"


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The designs of a campaign that have an event, (n,) each, and those that have none yet.

    Attributes
    ----------
    ids : int64
        Their `event_id`.
    weather : int64
        Index into the weather catalogue.
    ok : bool
        Whether the simulation succeeded.
    clusters : int64
        Designs of the same number were drawn together.
    figures : dict of str to float64
        Figures by name; NaN where there is none.
    units : dict of str to str
    waiting, waiting_weather : (n_waiting,) int64
        Designs that have no event yet, and their weather.
    notes : tuple of str
        What has to be known of how they were drawn.
    """

    ids: Numbers
    weather: Numbers
    ok: NDArray[np.bool_]
    clusters: Numbers
    figures: dict[str, Floats]
    units: dict[str, str]
    waiting: Numbers
    waiting_weather: Numbers
    notes: tuple[str, ...]


def read_drawn(
    folder: Path,
    values: str | Sequence[str] | Mapping[str, Any] | pd.Series | pd.DataFrame,
    treemakers: Any,
) -> Drawn:
    """Read the designs of a campaign folder and the values of their events.

    Raises
    ------
    EventFileError
        Nothing has been simulated.
    ConfigError
        There is no such value.
    """
    if not list((folder / "events").glob("part-*.root")):
        raise EventFileError(
            "nothing has been simulated yet",
            where=str(folder),
            hint=f"simulate its designs: shoeroot run {shlex.quote(str(folder))}",
        )
    with open_events(folder) as events:
        ids = np.asarray(events.event_id, dtype=np.int64)
        weather = np.asarray(events.design.base_epw).astype(np.int64)
        ok = np.asarray(events.status) == "ok"
        area = np.asarray(events.floor_area, dtype=np.float64)
    figures, units = _figures(folder, values, treemakers, ids, area)
    path = next((folder / name for name in DESIGN_FILES if (folder / name).is_file()), None)
    method = str(read_sampling(path).get("method", "")) if path else ""
    waiting, waiting_weather = _waiting(path, ids)
    return Drawn(
        ids=ids,
        weather=weather,
        ok=ok,
        clusters=ids // BOX if method == "archetypes" else ids,
        figures=figures,
        units=units,
        waiting=waiting,
        waiting_weather=waiting_weather,
        notes=_notes(method),
    )


def _figures(
    folder: Path, values: Any, treemakers: Any, ids: Numbers, area: Floats
) -> tuple[dict[str, Floats], dict[str, str]]:
    import pandas as pd

    if isinstance(values, pd.Series | pd.DataFrame):
        given = values.to_frame(values.name or "value") if isinstance(values, pd.Series) else values
        if given.index.has_duplicates:
            raise ConfigError("values have an event twice", hint="give one row an event_id")
        rows = given.reindex(ids)
        return {str(name): rows[name].to_numpy(dtype=float) for name in rows}, {}
    names = [values] if isinstance(values, str) else list(values)
    data = load(folder, treemakers)
    info = data.attrs["columns"]
    for name in names:
        if name not in data or not pd.api.types.is_numeric_dtype(data[name]):
            raise ConfigError(
                f"the mini-trees have no figures {name!r}",
                where=str(folder),
                hint=nearest(name, data.select_dtypes("number"))
                + " Other TreeMakers have others: treemakers",
            )
    if data["event_id"].duplicated().any():
        raise ConfigError(
            "a TreeMaker gives several rows an event",
            where=str(folder),
            hint="give figures by event_id: values=frame.groupby('event_id')[...].sum()",
        )
    rows = data.set_index("event_id").reindex(ids)
    figures, units = {}, {}
    for name in names:
        figures[name] = rows[name].to_numpy(dtype=float)
        units[name] = str(info.get(name, {}).get("unit", ""))
        if units[name] == ENERGY:
            with np.errstate(divide="ignore", invalid="ignore"):
                figures[name] = figures[name] / area
            units[name] = f"{ENERGY}/m2"
    return figures, units


def _waiting(path: Path | None, ids: Numbers) -> tuple[Numbers, Numbers]:
    """Return the designs that have no event, and their weather."""
    nothing = np.empty(0, dtype=np.int64)
    if path is None:
        return nothing, nothing
    with DesignRows.open(path) as rows:
        waiting = np.setdiff1d(np.arange(len(rows)), ids)
        if not len(waiting):
            return nothing, nothing
        column = rows.schema["base_epw"].start_storage
        weather = [block[:, column].astype(np.int64) for _, block in rows.blocks()]
    return waiting, np.concatenate(weather)[waiting]


def _notes(method: str) -> tuple[str, ...]:
    if method == "archetypes":
        return (
            f"the {BOX} vintages of a box were drawn together: they count as one for error bars",
        )
    if method in ("lhs", "sobol", "normal"):
        return (
            f"the method {method!r} spreads designs more evenly than chance: "
            "error bars are rather too wide",
        )
    if method == "grid":
        return ("a grid is no random sample: error bars say how designs vary, not how sure it is",)
    return ()
