"""Statistics of zones and surfaces, as ESP-r reports them: areas, volumes, U-values, shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.meta.constructions import ConstructionSet, example_constructions
from shoeroot.meta.expand import Manner, ZoneFaces, faces_of
from shoeroot.meta.geometry import area_of, azimuth_and_elevation, volume_of
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.rings import children_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Statistics", "children_of", "is_transparent", "location_of", "statistics"]

_EXTERIOR, _ANOTHER, _GROUND = 0, 3, 4
#: Faces nearer to horizontal or vertical than this count as such [deg].
_NEARLY = 1.0
_OPAQUE = ("", "OPAQUE", "OPAQ")
#: Groups of exterior surfaces of which average U and UA are told.
_GROUPS = ("wall", "flat_roof", "sloped_roof", "glazing")


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Tables of a model.

    Attributes
    ----------
    zones : pandas.DataFrame
        One row a zone: ``volume`` [m3], areas [m2], and for each of wall, flat_roof, sloped_roof
        and glazing ``_area`` [m2], ``_of_floor`` [%], ``_u`` [W/(m2 K)] and ``_ua`` [W/K];
        ``glazing_of_facade`` [%]. Walls are vertical, opaque and outside, doors included.
        U-values are ISO 6946 with 0.13 and 0.04 m2 K/W for every orientation.
    surfaces : pandas.DataFrame
        One row a surface: zone, number, area [m2] without windows and doors, azimuth and
        elevation [deg], name, optic, location, use, construction, u_value, other side.
    """

    zones: pd.DataFrame
    surfaces: pd.DataFrame

    def __str__(self) -> str:
        pieces = []
        for zone in self.zones.itertuples():
            pieces.append(_sentences(zone))
            rows = self.surfaces[self.surfaces.zone == zone.zone].drop(columns="zone")
            pieces.append(rows.to_string(index=False, float_format="{:.2f}".format))
        return "\n\n".join(pieces)


def _sentences(zone: Any) -> str:
    lines = [
        f"Zone {zone.zone} has {zone.surfaces} surfaces and {zone.vertices} vertices: "
        f"volume {zone.volume:.3f} m3, surfaces {zone.surface_area:.3f} m2, "
        f"floor {zone.floor_area:.3f} m2,",
        f"exposed {zone.exposed_area:.3f} m2, "
        f"of which vertical {zone.exposed_vertical_area:.3f} m2.",
    ]
    for group in _GROUPS:
        area, share, u_value, conductance = (
            getattr(zone, f"{group}_{what}") for what in ("area", "of_floor", "u", "ua")
        )
        if not area:
            continue
        facade = f", {zone.glazing_of_facade:.4f} % of facade" if group == "glazing" else ""
        lines.append(
            f"{group.replace('_', ' ').capitalize()}: {share:.2f} % of floor{facade}, "
            f"U {u_value:.3f} W/(m2 K), UA {conductance:.3f} W/K"
        )
    return "\n".join(lines)


def statistics(
    model: MetaModel,
    constructions: ConstructionSet | None = None,
    *,
    rotation: Manner = "document",
) -> Statistics:
    """Work out the statistics of a model from its exact coordinates.

    Parameters
    ----------
    model : MetaModel
        Compact or explicit.
    constructions : ConstructionSet, optional
        By default those of the document's example. A construction that is not among them has
        NaN for its U-value.
    rotation : str
        See `expand`.

    Raises
    ------
    MetaError
        A zone does not fit together.
    """
    import pandas as pd

    known = constructions or example_constructions()
    where = "" if model.source is None else model.source.name
    zone_rows, surface_rows = [], []
    for number, zone in enumerate(model.zones, start=1):
        faces = faces_of(zone, number, where, rotation)
        rows = _surface_rows(model, zone, faces, known)
        surface_rows += rows
        zone_rows.append(_zone_row(zone, faces, rows))
    return Statistics(pd.DataFrame(zone_rows), pd.DataFrame(surface_rows))


def location_of(elevation: float) -> str:
    """Say where a surface of an elevation [deg] is: VERT, CEIL, FLOR or SLOP."""
    if abs(elevation) < _NEARLY:
        return "VERT"
    if elevation > 90 - _NEARLY:
        return "CEIL"
    return "FLOR" if elevation < _NEARLY - 90 else "SLOP"


def is_transparent(surface: MetaSurface, known: ConstructionSet) -> bool:
    """Tell glazing from the rest, by its own optic or that of its construction."""
    if surface.optic not in _OPAQUE:
        return True
    return surface.construction in known and known[surface.construction].optics not in _OPAQUE


def _surface_rows(
    model: MetaModel, zone: MetaZone, faces: ZoneFaces, known: ConstructionSet
) -> list[dict[str, Any]]:
    parents = children_of(faces)
    rows = []
    for number, (surface, ring) in enumerate(zip(faces.surfaces, faces.rings, strict=True)):
        corners = faces.vertices[list(ring)]
        azimuth, elevation = azimuth_and_elevation(corners)
        glazed = is_transparent(surface, known)
        is_known = surface.construction in known
        optic = surface.optic or (known[surface.construction].optics if is_known else "")
        opaque_use = "-" if parents[number] == -1 else "DOOR"
        rows.append(
            {
                "zone": zone.name,
                "number": number + 1,
                "area": area_of(corners),
                "azimuth": azimuth,
                "elevation": elevation,
                "name": surface.name,
                "optic": optic if glazed else "OPAQUE",
                "location": surface.location or location_of(elevation),
                "use": "C-WIN" if glazed else opaque_use,
                "construction": surface.construction,
                "u_value": known[surface.construction].u_value if is_known else np.nan,
                "boundary": surface.boundary.kind,
                "other_side": _other_side(model, surface),
            }
        )
    return rows


def _other_side(model: MetaModel, surface: MetaSurface) -> str:
    kind, i, j = surface.boundary.kind, surface.boundary.i, surface.boundary.j
    if kind == _ANOTHER:
        if not 1 <= i <= len(model.zones):
            return f"zone {i}"
        zone = model.zones[int(i) - 1]
        named = 1 <= j <= len(zone.surfaces)
        return f"{zone.surfaces[int(j) - 1].name if named else j}:{zone.name}"
    if kind == _GROUND:
        return f"ground profile {i}" if i else f"own ground profile {j}"
    words = {
        -1: "unknown",
        _EXTERIOR: "external",
        1: f"similar +- {i}",
        2: f"constant {i}",
        5: "adiabatic",
        6: f"BASESIMP {i}",
        7: "CEN 13791",
    }
    return words[kind]


def _zone_row(zone: MetaZone, faces: ZoneFaces, rows: list[dict[str, Any]]) -> dict[str, Any]:
    area = np.array([row["area"] for row in rows])
    location = np.array([row["location"] for row in rows])
    outside = np.array([row["boundary"] == _EXTERIOR for row in rows])
    glazed = np.array([row["use"] == "C-WIN" for row in rows])
    u_value = np.array([row["u_value"] for row in rows])
    floor = float(area[location == "FLOR"].sum())
    facade = float(area[outside & (location == "VERT")].sum())
    groups = {
        "wall": outside & ~glazed & (location == "VERT"),
        "flat_roof": outside & ~glazed & (location == "CEIL"),
        "sloped_roof": outside & ~glazed & (location == "SLOP"),
        "glazing": outside & glazed,
    }
    mass = len(zone.masses) * 2
    enclosing = faces.rings[: len(faces.rings) - mass] if mass else faces.rings
    row: dict[str, Any] = {
        "zone": zone.name,
        "surfaces": len(rows),
        "vertices": len(faces.vertices),
        "volume": volume_of(faces.vertices, enclosing),
        "surface_area": float(area.sum()),
        "floor_area": floor,
        "exposed_area": float(area[outside].sum()),
        "exposed_vertical_area": facade,
    }
    for name, chosen in groups.items():
        total = float(area[chosen].sum())
        conductance = float((area * u_value)[chosen].sum())
        row[f"{name}_area"] = total
        row[f"{name}_of_floor"] = _share(total, floor)
        row[f"{name}_u"] = conductance / total if total else np.nan
        row[f"{name}_ua"] = conductance
    row["glazing_of_facade"] = _share(row["glazing_area"], facade)
    return row


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else float("nan")
