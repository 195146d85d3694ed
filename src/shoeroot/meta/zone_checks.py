"""Checks of zones by themselves and among each other: rows, what is behind them, doors, windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shoeroot.errors import MetaError
from shoeroot.meta.constructions import ConstructionSet
from shoeroot.meta.expand import door_corners, glazing_corners
from shoeroot.meta.findings import FileLines, Findings
from shoeroot.meta.geometry import Frame, Points, first_faces, frame_of
from shoeroot.meta.model import Boundary, Door, Glazing, MetaModel, MetaSurface, MetaZone
from shoeroot.meta.polyhedra import overlap, within
from shoeroot.meta.statistics import is_transparent

__all__ = ["check_boundaries", "check_choices", "check_rows"]

_UNKNOWN, _EXTERIOR, _ANOTHER, _GROUND, _BASESIMP = -1, 0, 3, 4, 6
#: Lengths that differ by less are the same [m].
_SAME = 1e-6
#: Points that ESP-r takes for one when they are added [m].
_ONE_POINT = 0.004
#: Surfaces of a box.
_SIX = 6


def check_rows(zone: MetaZone, number: int, lines: FileLines, findings: Findings) -> None:
    """Check that rows and children fit to the shape."""
    shape = {"box": _SIX, "extrude": len(zone.cords) + 2}.get(zone.shape)
    children = len(zone.doors) + len(zone.glazings)
    count = len(zone.surfaces)
    if shape is not None and count != shape + children:
        findings.error(
            "rows",
            f"the zone has {count} *surface rows instead of {shape + children}: "
            f"{shape} of its shape, then {len(zone.doors)} doors, then {len(zone.glazings)} "
            "glazings",
            zone=zone,
        )
    _check_wall_count(zone, number, lines, findings)
    if zone.shape == "poly":
        _check_vertices(zone, number, lines, findings)
    _check_same_places(zone, number, lines, findings)
    _check_children(zone, number, lines, findings)


def _check_wall_count(zone: MetaZone, number: int, lines: FileLines, findings: Findings) -> None:
    """Check ``*nbwalls``: the walls of an extruded shape, or the polygons that the file gives."""
    if zone.wall_count is None or zone.shape == "box":
        return
    count = len(zone.cords) if zone.shape == "extrude" else len(zone.surfaces)
    # Whether the count of polygons holds those that are yet to be made was never said.
    children = len(zone.doors) + len(zone.glazings) if zone.shape == "poly" else 0
    if zone.wall_count not in (count, count - children):
        findings.error(
            "rows",
            f"*nbwalls says {zone.wall_count}, and there are {count}",
            lines.line_of("*nbwalls", number) or lines.line_of("*nbsurfs", number),
            zone=zone,
        )


def _check_vertices(zone: MetaZone, number: int, lines: FileLines, findings: Findings) -> None:
    known = len(zone.cords)
    used: set[int] = set()
    parents = len(zone.surfaces) - len(zone.doors) - len(zone.glazings)
    for place, surface in enumerate(zone.surfaces):
        if not surface.vertices and place < parents:
            findings.error("no-list", "the surface has no *list", zone=zone, surface=surface)
        wrong = sorted({vertex for vertex in surface.vertices if vertex > known})
        if wrong:
            findings.error(
                "vertex",
                f"vertex {wrong[0]} is not there: the zone has {known}",
                zone=zone,
                surface=surface,
            )
        used.update(surface.vertices)
    for vertex in sorted(set(range(1, known + 1)) - used):
        findings.warn(
            "unused-vertex",
            f"vertex {vertex} belongs to no surface",
            lines.line_of("*cord", number, vertex - 1, known),
            zone=zone,
        )


def _check_same_places(zone: MetaZone, number: int, lines: FileLines, findings: Findings) -> None:
    """Find vertices that are given twice: ESP-r tells no two faces that meet there."""
    points = np.array(zone.cords, dtype=np.float64)
    if not len(points):
        return
    order = np.argsort(points[:, 0], kind="stable")
    sorted_points = points[order]
    # Neighbours along x are few: only those can be near.
    ends = np.searchsorted(sorted_points[:, 0], sorted_points[:, 0] + _ONE_POINT, side="right")
    near = []
    for start, end in enumerate(ends):
        away = np.abs(sorted_points[start + 1 : end] - sorted_points[start]).max(axis=1)
        near += [(start, start + 1 + other) for other in np.flatnonzero(away < _ONE_POINT)]
    for pair in near:
        first, second = sorted(int(order[one]) for one in pair)
        apart = float(np.linalg.norm(points[second] - points[first]))
        line = lines.line_of("*cord", number, second, len(zone.cords))
        if apart == 0:
            text = f"vertex {second + 1} is where vertex {first + 1} is"
            findings.error("same-vertex", text, line, zone=zone)
        else:
            findings.warn(
                "near-vertex",
                f"vertex {second + 1} is {1000 * apart:.2g} mm from vertex {first + 1}: "
                "ESP-r takes points within 4 mm for one",
                line,
                zone=zone,
            )


def _child_lines(tag: str, number: int, lines: FileLines) -> list[int]:
    """Give the line of each child of a tag."""
    if number > len(lines.of_zones):
        return []
    found = lines.of_zones[number - 1].get(tag, [])
    return [one.line for one in found for _ in range((len(one.tokens()) - 1) // 2)]


def _check_children(zone: MetaZone, number: int, lines: FileLines, findings: Findings) -> None:
    if not zone.doors and not zone.glazings:
        return
    if zone.shape == "box" and zone.doors and zone.rotate and zone.rotate.angle:
        findings.warn(
            "turned-door",
            "ESP-r puts the door of a turned box to another edge of its wall",
            next(iter(_child_lines("*door", number, lines)), 0),
            zone=zone,
        )
    try:
        vertices, rings = first_faces(zone, findings.file)
    except MetaError:
        # Told by what looks at all of the zone.
        return
    placed: dict[int, list[tuple[Points, str]]] = {}
    both: list[tuple[str, Sequence[Door | Glazing]]]
    both = [("*door", zone.doors), ("*glaze", zone.glazings)]
    for tag, children in both:
        child_lines = _child_lines(tag, number, lines)
        for place, child in enumerate(children):
            line = child_lines[place] if len(child_lines) == len(children) else zone.line
            if child.parent > len(rings):
                findings.error(
                    "parent",
                    f"parent {child.parent} is not there: the shape has {len(rings)} surfaces",
                    line,
                    zone=zone,
                )
                continue
            wall = zone.surfaces[min(child.parent, len(zone.surfaces)) - 1]
            corners = vertices[list(rings[child.parent - 1])]
            rectangle = _check_child(child, corners, line, (zone, wall), findings)
            if rectangle is not None:
                _check_others(placed, child, rectangle, line, (zone, wall), findings)


def _check_child(
    child: Door | Glazing,
    corners: Points,
    line: int,
    of: tuple[MetaZone, MetaSurface],
    findings: Findings,
) -> Points | None:
    """Check one door or window in its wall, and give its corners in the wall's frame."""
    zone, wall = of
    try:
        frame = frame_of(corners)
    except MetaError as problem:
        findings.error("no-area", problem.problem, line, zone=zone, surface=wall)
        return None
    outline = frame.flat(corners)
    if isinstance(child, Door):
        return _check_door(child, frame, outline, line, of, findings)
    rectangle = glazing_corners(frame, child)
    if not _fits(rectangle, outline, frame):
        findings.error(
            "window-outside",
            f"a window of {child.percent:g} % falls outside of its surface: the percentage is of "
            "the rectangle round it",
            line,
            zone=zone,
            surface=wall,
        )
    return rectangle


def _check_door(
    door: Door,
    frame: Frame,
    outline: Points,
    line: int,
    of: tuple[MetaZone, MetaSurface],
    findings: Findings,
) -> Points | None:
    zone, wall = of
    rectangle = door_corners(frame, door)
    if rectangle[2, 1] <= frame.bottom or rectangle[0, 0] < frame.left - _SAME:
        findings.error(
            "door-wide",
            f"a door of {door.width:g} m does not fit into its surface of "
            f"{frame.width:g} m by {frame.height:g} m: 0.3 m are kept free on its right",
            line,
            zone=zone,
            surface=wall,
        )
        return None
    if not _fits(rectangle, outline, frame):
        findings.error(
            "door-outside",
            f"a door of {door.width:g} m falls outside of its surface",
            line,
            zone=zone,
            surface=wall,
        )
    return rectangle


def _fits(rectangle: Points, outline: Points, frame: Frame) -> bool:
    """Tell whether a door or window lies in its surface."""
    low, high = np.array([frame.left, frame.bottom]), np.array([frame.width, frame.height])
    high += low
    if (rectangle < low - _SAME).any() or (rectangle > high + _SAME).any():
        return False
    # Four corners that are those of the bounding rectangle: there is no more to look at.
    at_corners = (np.abs(outline - low) < _SAME) | (np.abs(outline - high) < _SAME)
    return (len(outline) == 4 and bool(at_corners.all())) or within(rectangle, outline)


def _check_others(
    placed: dict[int, list[tuple[Points, str]]],
    child: Door | Glazing,
    rectangle: Points,
    line: int,
    of: tuple[MetaZone, MetaSurface],
    findings: Findings,
) -> None:
    """Check a child against those that its parent has already."""
    zone, wall = of
    what = "door" if isinstance(child, Door) else "window"
    others = placed.setdefault(child.parent, [])
    for other, name in others:
        if overlap(rectangle, other):
            findings.error(
                "overlap",
                f"a {what} of the surface covers its {name}",
                line,
                zone=zone,
                surface=wall,
            )
            break
    others.append((rectangle, what))
    if len(others) > 1:
        findings.warn(
            "children", f"the surface has {len(others)} children", line, zone=zone, surface=wall
        )


def check_boundaries(model: MetaModel, findings: Findings) -> None:
    """Check what surfaces say is behind them."""
    rows = [[*zone.surfaces] for zone in model.zones]
    for number, zone in enumerate(model.zones, start=1):
        for place, surface in enumerate(rows[number - 1], start=1):
            behind = surface.boundary
            problem = _boundary_problem(behind, model)
            if behind.kind == _ANOTHER:
                problem = _partner_problem(model, (number, place), behind)
            if problem:
                findings.error("boundary", problem, zone=zone, surface=surface)
            elif behind.kind == _UNKNOWN:
                findings.warn(
                    "boundary",
                    "what is behind the surface is unknown: it cannot be simulated",
                    zone=zone,
                    surface=surface,
                )


def _boundary_problem(behind: Boundary, model: MetaModel) -> str:
    if behind.kind == _GROUND:
        own = len(model.monthly_profiles)
        if behind.i < 0 or behind.i != int(behind.i) or behind.j != int(behind.j):
            return f"there is no ground profile {behind.i},{behind.j}"
        if behind.i == 0 and not 1 <= behind.j <= own:
            return f"the file has no ground profile {behind.j}: *monthly_profile gives {own}"
    if behind.kind == _BASESIMP and (behind.i < 1 or not 0 <= behind.j <= 100):
        return f"BASESIMP has no configuration {behind.i} for {behind.j} %"
    return ""


def _partner_problem(model: MetaModel, own: tuple[int, int], behind: Boundary) -> str:
    if not 1 <= behind.i <= len(model.zones) or behind.i != int(behind.i):
        return f"there is no zone {behind.i}: the model has {len(model.zones)}"
    zone = model.zones[int(behind.i) - 1]
    rows = len(zone.surfaces)
    if not 1 <= behind.j <= rows + 2 * len(zone.masses) or behind.j != int(behind.j):
        return f"there is no surface {behind.j} in {zone.name!r}: it has {rows}"
    if (behind.i, behind.j) == own:
        return "the surface is behind itself"
    if behind.j > rows:
        return f"surface {behind.j} of {zone.name!r} is a mass, which has its other face behind it"
    partner = zone.surfaces[int(behind.j) - 1]
    back = partner.boundary
    if (back.kind, back.i, back.j) == (_ANOTHER, *own):
        return ""
    says = f"{back.kind},{back.i},{back.j}"
    return (
        f"{partner.name!r} of {zone.name!r} does not point back: it says {says} instead of "
        f"{_ANOTHER},{own[0]},{own[1]}"
    )


def check_choices(
    zone: MetaZone, number: int, known: ConstructionSet, lines: FileLines, findings: Findings
) -> None:
    """Check the surfaces for which shading and insolation are asked."""
    for tag, choice in (("*shad_calc", zone.shading), ("*insol_calc", zone.insolation)):
        if choice is None:
            continue
        line = lines.line_of(tag, number)
        rows = len(zone.surfaces)
        for place in choice.surfaces:
            if place > rows + 2 * len(zone.masses):
                findings.error(
                    "choice", f"{tag} names surface {place}: the zone has {rows}", line, zone=zone
                )
                continue
            if place > rows or zone.surfaces[place - 1].boundary.kind != _EXTERIOR:
                name = zone.surfaces[place - 1].name if place <= rows else f"mass {place}"
                findings.warn(
                    "choice",
                    f"{tag} names {name!r}, which does not face the outside",
                    line,
                    zone=zone,
                )
                continue
            surface = zone.surfaces[place - 1]
            told = surface.optic or surface.construction in known
            if tag == "*insol_calc" and told and not is_transparent(surface, known):
                findings.warn(
                    "choice",
                    f"{tag} names {surface.name!r}, which is not transparent",
                    line,
                    zone=zone,
                )
        for place, times in zip(*np.unique(choice.surfaces, return_counts=True), strict=True):
            if times > 1:
                findings.warn("choice", f"{tag} names surface {place} twice", line, zone=zone)
