"""`to_ml`: a campaign as tensors, split so that no group is in two parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xxhash
from numpy.typing import NDArray

from shoeroot.design import CLIMATE_ZONES, HOURS, DesignRows, FloatArray, Schema
from shoeroot.errors import ExportError, nearest
from shoeroot.events import Events, content_id, open_events
from shoeroot.exports.kinds import check_simulations
from shoeroot.exports.splits import DEFAULT_SPLIT, check_shares, split_groups
from shoeroot.exports.targets import Resolution, TargetPlan, Zones
from shoeroot.exports.template_schedules import stored_schedules
from shoeroot.exports.tensor_sources import (
    EventSource,
    feature_columns,
    storage_vectors,
    tabular_names,
)
from shoeroot.exports.tensors import Tensors

__all__ = ["Group", "schema_of", "to_ml"]

Group = Literal["weather", "template", "design"]
GROUPS = ("weather", "template", "design")
CHUNK = 1000
_DESIGN_FILES = ("designs.root", "designs.hdf5", "designs.h5")
#: Numbers that do not tell one building from another.
_NO_BUILDING = ("batch_id", "variation_id", "base_epw")


def to_ml(
    campaign: Events | str | Path,
    targets: Resolution = "annual",
    split: Mapping[str, float] | None = None,
    group: Group = "weather",
    *,
    series: Sequence[str] | str = ("heating", "cooling"),
    zones: Zones = "sum",
    per_area: bool = False,
    schedules: Any = True,
    weather_features: Mapping[str, Mapping[str, float]] | None = None,
    schema: Schema | None = None,
    seed: int = 0,
) -> Tensors:
    """Give the simulations of a campaign as tensors for a surrogate model.

    Nothing but the designs is read before a part is asked for; parts are read in batches, in
    memory for one of them. Simulations that failed are left out, and counted.

    Parameters
    ----------
    campaign : path or Events
        A campaign folder, an event file, or events; of events, also a selection.
    targets : str
        ``"annual"``, ``"monthly"`` or ``"hourly"`` results.
    split : mapping of str to float, optional
        Parts and their shares, by default 0.7 "train", 0.15 "validation", 0.15 "test".
    group : str
        What never is in two parts: simulations with the same ``"weather"``, of the same building
        ``"template"``, or of the same ``"design"`` (the same building, in whatever weather).
    series : sequence of str, or str
        "heating", "cooling"; annual and monthly also "lighting", "equipment", "hot_water";
        hourly also "electricity", and "temperature" with ``zones="each"``.
    zones : str
        ``"sum"`` over the building, or ``"each"``: perimeter and core, with zeros where there
        is no core.
    per_area : bool
        Targets in kWh/m2 of floor area rather than kWh.
    schedules : bool, array or callable
        True takes the templates' schedules from the event files; False does without. Otherwise
        what `Schema.to_ml` takes: (3, 8760), or a function of storage vectors.
    weather_features : mapping of str to mapping, optional
        Figures by the name of the weather, such as ``{"heating degree days": {"USA_CO_...": 3001.0,
        ...}}``: each is one more column.
    schema : Schema, optional
        By default that of the campaign's designs.
    seed : int
        The same seed gives the same parts.

    Returns
    -------
    Tensors

    Raises
    ------
    ExportError
        There is no simulation with results, fewer groups than parts, or an argument is wrong.
    EventFileError
        The events cannot be read.
    """
    plan = TargetPlan(
        targets, (series,) if isinstance(series, str) else tuple(series), zones, per_area
    )
    plan.check()
    if group not in GROUPS:
        raise ExportError(f"group={group!r}", where="group", hint=nearest(group, GROUPS))
    shares = DEFAULT_SPLIT if split is None else split
    check_shares(shares)
    asked = _Asked(plan, dict(shares), group, seed, schedules, dict(weather_features or {}))
    if isinstance(campaign, Events):
        return _made(campaign, schema or schema_of(campaign), asked)
    schema = schema or schema_of(campaign)
    with open_events(campaign) as events:
        return _made(events, schema, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `to_ml` was asked for."""

    plan: TargetPlan
    split: dict[str, float]
    group: Group
    seed: int
    schedules: Any
    weather_features: dict[str, Mapping[str, float]]

    def lineage(self) -> dict[str, Any]:
        return {
            "resolution": self.plan.resolution,
            "targets": list(self.plan.names),
            "units": list(self.plan.units),
            "zones": self.plan.zones,
            "per_area": self.plan.per_area,
            "split": self.split,
            "group": self.group,
            "seed": self.seed,
            "weather_features": {name: dict(of) for name, of in self.weather_features.items()},
        }


def _made(events: Events, schema: Schema, asked: _Asked) -> Tensors:
    status = np.array(events.status.tolist(), dtype=str)
    if not (status == "ok").any():
        raise ExportError("no simulation has results", where=str(events.paths[:1]))
    used = events.select(status == "ok")
    weather = np.array(used.weather.tolist(), dtype=str)
    groups = _groups(schema, used, asked.group, weather)
    parts = split_groups(groups, asked.split, asked.seed)
    base, template_of = _schedules(asked.schedules, used)
    names, features = feature_columns(weather, asked.weather_features)
    source = EventSource(
        events.paths, _entries(used), schema, asked.plan, base, template_of, features
    )
    failed, counts = np.unique(status[status != "ok"], return_counts=True)
    lineage = {
        "events": content_id(events.paths),
        "record_type": events.record_type.content_id,
        "schema": {"program_types": schema.program_types, "climate_zones": schema.climate_zones},
        **asked.lineage(),
        "schedules": "none" if base is None else "given" if template_of is None else "templates",
        "simulations": {name: len(rows) for name, rows in parts.items()},
        "groups": {name: len(np.unique(groups[rows])) for name, rows in parts.items()},
        "weather": {name: np.unique(weather[rows]).tolist() for name, rows in parts.items()},
        "left_out": dict(zip(failed.tolist(), counts.tolist(), strict=True)),
    }
    columns = (*tabular_names(schema), *names)
    return Tensors({name: (source, rows) for name, rows in parts.items()}, columns, lineage)


def schema_of(campaign: Events | str | Path) -> Schema:
    """Return the schema of a campaign's designs; of loose events the one that they fit."""
    if not isinstance(campaign, Events):
        for name in _DESIGN_FILES:
            if (Path(campaign) / name).is_file():
                with DesignRows.open(Path(campaign) / name) as designs:
                    return designs.schema
        with open_events(campaign) as events:
            return schema_of(events)
    check_simulations(campaign, "design_climate_zone")
    largest = float(np.max(campaign.column("design_climate_zone"), initial=0.0))
    usual = Schema()
    return usual if largest < usual.climate_zones else Schema(climate_zones=len(CLIMATE_ZONES))


def _entries(used: Events) -> NDArray[np.int64]:
    """Find the places of events among all events of their files, by their ids."""
    ids = np.asarray(used.event_id)
    with open_events(used.paths) as every:
        known = np.asarray(every.event_id)
        if len(np.unique(known)) != len(known):
            raise ExportError(
                "several events have the same id",
                where=str(used.paths[0]),
                hint="merge them with new ids: shoeroot merge --renumber",
            )
    places = np.flatnonzero(np.isin(known, ids))
    if not np.array_equal(known[places], ids):
        raise ExportError("the events are not in the order of their files")
    return places


def _groups(schema: Schema, used: Events, group: Group, weather: NDArray[Any]) -> NDArray[Any]:
    if group == "design":
        building = np.ones(schema.storage_length, dtype=bool)
        for name in _NO_BUILDING:
            building[schema[name].slice_storage] = False
        hashes = [
            xxhash.xxh3_64_intdigest(row)
            for chunk in used.chunks(CHUNK)
            for row in np.ascontiguousarray(storage_vectors(schema, chunk)[:, building])
        ]
        return np.array(hashes, dtype=np.uint64)
    hashed = np.array(used.column(f"{group}_hash").tolist(), dtype=str)
    # Files of an older shoeroot have no hash of templates.
    names = weather if group == "weather" else np.array(used.template.tolist(), dtype=str)
    return np.where(hashed == "", names, hashed)


def _schedules(given: Any, used: Events) -> tuple[Any, NDArray[np.int64] | None]:
    """Give schedules before operations, and which of them each row has."""
    if given is False or given is None:
        return None, None
    if given is True:
        hashes, which = np.unique(used.template_hash.tolist(), return_inverse=True)
        found = stored_schedules(used.paths, set(hashes.tolist()))
        table: FloatArray = np.stack([found[one] for one in hashes.tolist()])
        return table, which.reshape(-1)
    if not callable(given) and np.shape(given) != (3, HOURS):
        raise ExportError(
            f"schedules of shape {np.shape(given)}",
            where="schedules",
            hint=f"give {(3, HOURS)}, a function of storage vectors, True or False",
        )
    return given, None
