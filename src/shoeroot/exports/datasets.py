"""Events as a Dask-backed xarray dataset: simulation x zone x time, with CF attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExportError, nearest
from shoeroot.events import Events, open_events
from shoeroot.exports.kinds import check_simulations
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DEFAULT_FIELDS", "EVENTS_A_BLOCK", "to_xarray"]

#: About 500 simulations of 2 zones are 35 MB a field: a file of a good size.
EVENTS_A_BLOCK = 500
DEFAULT_FIELDS = ("heating", "cooling", "electricity", "temperature")
#: Weather files of typical years have no year; one without a leap day stands for it.
YEAR = 2001
HOURS = 8760
_SERIES = "zones.hourly"
_HINT = "pip install 'shoeroot[netcdf,dask]'"
#: How units are written by the conventions: https://www.unidata.ucar.edu/software/udunits/
_UNITS = {
    "": "1",
    "degC": "degree_Celsius",
    "1/h": "h-1",
    "m2/m2": "1",
    "W/m2": "W m-2",
    "people/m2": "m-2",
    "m2 K/W": "m2 K W-1",
    "J/(m2 K)": "J m-2 K-1",
    "W/(m2 K)": "W m-2 K-1",
    "m3/(h m2)": "m3 h-1 m-2",
    "deg": "degree",
    "kWh": "kW h",
    "year": "1",
}


def to_xarray(
    events: Events | str | Path | Sequence[str | Path],
    fields: Sequence[str] | str = DEFAULT_FIELDS,
    *,
    size: int = EVENTS_A_BLOCK,
) -> xr.Dataset:
    """Give hourly series of zones as a dataset that is read block by block when computed.

    Parameters
    ----------
    events : Events or path
        Events that stay open no longer than this call: blocks open the files themselves.
    fields : sequence of str, or str
        Fields of ``zones.hourly``.
    size : int
        Simulations a block.

    Returns
    -------
    xarray.Dataset
        Variables (simulation, zone, time), in the type of the events; NaN where a simulation
        has no such zone, or failed. ``time`` is the middle of each hour in a year without a
        leap day (2001, since typical years have none of their own), with ``time_bounds``;
        coordinates of ``simulation`` are its id, status, weather, template, areas and the
        parameters of its design. Attributes follow CF-1.11.

    Raises
    ------
    ExportError
        A field is unknown, or there are no events.
    MissingExtraError
        xarray or Dask is not installed.
    """
    if isinstance(fields, str):
        fields = (fields,)
    if not isinstance(events, Events):
        with open_events(events) as opened:
            return to_xarray(opened, fields, size=size)
    xarray = import_optional("xarray", "makes datasets", _HINT)
    if len(events) == 0:
        raise ExportError("there are no events to export", where=str(events.paths[:1]))
    if size < 1:
        raise ExportError(f"a block of {size} simulations", hint="size is 1 or more")
    check_simulations(events, f"{_SERIES.replace('.', '_')}_")
    counts = np.asarray(events.counts("zones"))
    variables = dict(_series(xarray, events, _checked(events, fields), counts, size))
    coordinates = {**_times(xarray), **_zones(events, counts), **_simulations(xarray, events)}
    dataset: xr.Dataset = xarray.Dataset(variables, coordinates, _global_attributes(events))
    dataset["time_bounds"] = (("time", "bounds"), _bounds())
    return dataset.set_coords("time_bounds")


def _checked(events: Events, fields: Sequence[str]) -> list[str]:
    prefix = f"{_SERIES.replace('.', '_')}_"
    known = [
        name.removeprefix(prefix) for name in events.record_type.columns if name.startswith(prefix)
    ]
    chosen = [name.removeprefix(f"{_SERIES}.") for name in fields]
    for name in chosen:
        if name not in known:
            raise ExportError(
                f"there is no hourly series {name!r}", where=_SERIES, hint=nearest(name, known)
            )
    return chosen


def _series(
    xarray: Any, events: Events, fields: Sequence[str], counts: NDArray[Any], size: int
) -> Iterator[tuple[str, Any]]:
    zones = int(counts.max(initial=0))
    for name in fields:
        described = events.record_type.columns[f"{_SERIES.replace('.', '_')}_{name}"].value
        # What happens in an hour is summed over it, what is, is averaged.
        method = "sum" if described.unit.endswith("Wh") else "mean"
        yield (
            name,
            (
                ("simulation", "zone", "time"),
                _blocks(events, name, zones, counts, size),
                {
                    "units": _UNITS.get(described.unit, described.unit),
                    "long_name": described.description,
                    "cell_methods": f"time: {method}",
                },
            ),
        )


def _blocks(events: Events, name: str, zones: int, counts: NDArray[Any], size: int) -> Any:
    arrays = import_optional("dask.array", "makes lazy arrays", _HINT)
    delayed = import_optional("dask", "makes lazy arrays", _HINT).delayed
    rows = events.to_dask(f"{_SERIES}.{name}", size)
    place = delayed(_placed, pure=True)
    parts = []
    for number, start in enumerate(range(0, len(events), size)):
        some = counts[start : start + size]
        block = place(rows.blocks[number], some, zones)
        parts.append(arrays.from_delayed(block, (len(some), zones, HOURS), dtype=rows.dtype))
    return arrays.concatenate(parts)


def _placed(rows: NDArray[Any], counts: NDArray[Any], zones: int) -> NDArray[Any]:
    """Put rows, one a zone, at their simulation and zone: (n_events, zones, 8760)."""
    if len(rows) == len(counts) * zones:
        return rows.reshape(len(counts), zones, -1)
    placed = np.full((len(counts), zones, HOURS), np.nan, dtype=rows.dtype)
    event = np.repeat(np.arange(len(counts)), counts)
    zone = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    placed[event, zone] = rows
    return placed


def _times(xarray: Any) -> dict[str, Any]:
    middle = np.datetime64(f"{YEAR}-01-01T00:30", "ns") + np.arange(HOURS) * np.timedelta64(1, "h")
    attributes = {
        "standard_name": "time",
        "long_name": "middle of the hour, in a year that stands for a typical one",
        "axis": "T",
        "bounds": "time_bounds",
        "units_metadata": "leap_seconds: none",
    }
    return {"time": xarray.Variable("time", middle, attributes)}


def _bounds() -> NDArray[Any]:
    start = np.datetime64(f"{YEAR}-01-01", "ns") + np.arange(HOURS) * np.timedelta64(1, "h")
    return np.stack([start, start + np.timedelta64(1, "h")], axis=1)


def _zones(events: Events, counts: NDArray[Any]) -> dict[str, Any]:
    """Name the zones where all simulations that have results call them alike."""
    import awkward as ak

    names = events.zones.name
    most = int(counts.max(initial=0))
    filled = names[ak.Array(counts == most)]
    first = ak.to_list(filled[0]) if most else []
    attributes = {"long_name": "place of the zone in its simulation", "units": "1"}
    zones: dict[str, Any] = {"zone": ("zone", np.arange(most), attributes)}
    if first and bool(ak.all(filled == ak.Array([first]))):
        # By the conventions a coordinate variable is a number; a text may stand beside it.
        label = {"long_name": "name of the zone"}
        zones["zone_name"] = ("zone", np.array(first, dtype=str), label)
    return zones


#: Values of a whole simulation that describe it; its results are the variables' matter.
_OF_SIMULATION = (
    *("status", "weather", "template", "floor_area", "volume", "facade_area", "window_area"),
)


def _simulations(xarray: Any, events: Events) -> dict[str, Any]:
    known = events.record_type.columns
    identity = {"cf_role": "timeseries_id", "long_name": "number of the event", "units": "1"}
    coordinates = {"event_id": xarray.Variable("simulation", events.event_id, identity)}
    designs = [name for name in known if name.startswith("design_")]
    for name in (*_OF_SIMULATION, *designs):
        if name not in known:
            continue
        described = known[name].value
        values = events.column(name)
        if described.kind == "str":
            values = np.array(values.tolist(), dtype=str)
        # The schedules' operations are 57 numbers a design: not a label of a simulation.
        if np.ndim(values) != 1:
            continue
        attributes = {"long_name": described.description}
        if described.kind != "str":
            attributes["units"] = _UNITS.get(described.unit, described.unit)
        coordinates[name.removeprefix("design_")] = xarray.Variable(
            "simulation", values, attributes
        )
    return coordinates


def _global_attributes(events: Events) -> dict[str, str]:
    from shoeroot import __version__

    return {
        "Conventions": "CF-1.11",
        "featureType": "timeSeries",
        "title": "Annual simulations of shoebox buildings, hour by hour",
        "source": "EnergyPlus",
        "history": f"exported from ROOT event files by shoeroot {__version__}",
        "record_type": events.record_type.content_id,
    }
