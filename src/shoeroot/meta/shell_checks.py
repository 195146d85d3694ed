"""Checks of a zone's polygons: a closed shell that looks outwards, flat faces, windows in walls."""

from __future__ import annotations

from shoeroot.meta.expand import ZoneFaces
from shoeroot.meta.findings import Findings
from shoeroot.meta.geometry import area_of, frame_of, volume_of
from shoeroot.meta.model import MetaModel, MetaZone
from shoeroot.meta.polyhedra import loose_edges, merged, out_of_plane, within
from shoeroot.meta.rings import children_of, outline_of

__all__ = ["check_pairs", "check_shell"]

#: Farther out of its plane a face is not flat [m]: the decimals of a file leave less open.
_FLAT = 0.005
#: Smaller faces have no area [m2].
_NO_AREA = 1e-6
_ANOTHER = 3
#: Two sides of a wall may differ in area by this share.
_SAME_AREA = 0.01


def check_shell(zone: MetaZone, faces: ZoneFaces, findings: Findings) -> None:
    """Check the polygons of one zone."""
    shell = len(faces.rings) - 2 * len(zone.masses)
    flat = _check_faces(zone, faces, findings)
    _check_edges(zone, faces, shell, findings)
    if zone.shape == "poly" and flat:
        _check_explicit_children(zone, faces, findings)
    low, high = faces.vertices.min(axis=0), faces.vertices.max(axis=0)
    if shell:
        own = faces.vertices[sorted({vertex for ring in faces.rings[:shell] for vertex in ring})]
        low, high = own.min(axis=0) - _FLAT, own.max(axis=0) + _FLAT
    for place, mass in enumerate(zone.masses):
        corners = faces.vertices[list(faces.rings[shell + 2 * place])]
        if (corners < low).any() or (corners > high).any():
            findings.warn(
                "mass-outside", f"mass {mass.name!r} reaches out of the zone", mass.line, zone=zone
            )


def _check_faces(zone: MetaZone, faces: ZoneFaces, findings: Findings) -> bool:
    """Check each polygon; tell whether all have an area."""
    fine = True
    for surface, ring in zip(faces.surfaces, faces.rings, strict=True):
        corners = faces.vertices[list(ring)]
        if area_of(corners) < _NO_AREA:
            findings.error("no-area", "the surface has no area", zone=zone, surface=surface)
            fine = False
            continue
        away = out_of_plane(corners)
        if away > _FLAT:
            findings.warn(
                "not-flat",
                f"a corner of the surface is {1000 * away:.0f} mm out of its plane",
                zone=zone,
                surface=surface,
            )
    return fine


def _check_edges(zone: MetaZone, faces: ZoneFaces, shell: int, findings: Findings) -> None:
    rings = faces.rings[:shell]
    found = loose_edges(rings, merged(faces.vertices))
    for surface, (_, turned) in zip(faces.surfaces, found, strict=False):
        if turned:
            findings.error(
                "inverted",
                "the surface looks inwards: its neighbours go along its edges in the same "
                "direction",
                zone=zone,
                surface=surface,
            )
    if not any(turned for _, turned in found):
        for surface, (loose, _) in zip(faces.surfaces, found, strict=False):
            if loose:
                shown = ", ".join(f"{start + 1}-{end + 1}" for start, end in loose[:4])
                more = f" and {len(loose) - 4} more" if len(loose) > 4 else ""
                findings.error(
                    "open",
                    f"no other surface goes back along the edges {shown}{more}",
                    zone=zone,
                    surface=surface,
                )
    if rings and not any(loose for loose, _ in found) and volume_of(faces.vertices, rings) <= 0:
        findings.error(
            "inverted",
            "all surfaces look inwards: the corners of a *list go anticlockwise seen from outside",
            zone=zone,
        )


def _check_explicit_children(zone: MetaZone, faces: ZoneFaces, findings: Findings) -> None:
    """Check windows that are polygons of their own: round their hole a wall goes back and forth.

    A door needs no such check: its wall goes round it, not to it.
    """
    for place, parent in enumerate(children_of(faces)):
        if parent == -1 or faces.parents[place] != -1:
            continue
        twice = {vertex for vertex in faces.rings[place] if faces.rings[parent].count(vertex) > 1}
        if not twice:
            continue
        wall = faces.vertices[list(outline_of(faces.rings[parent]))]
        if area_of(wall) < _NO_AREA:
            continue
        frame = frame_of(wall)
        child = faces.vertices[list(outline_of(faces.rings[place]))]
        if not within(frame.flat(child), frame.flat(wall)):
            findings.error(
                "window-outside",
                f"the surface falls outside of {faces.surfaces[parent].name!r}, in which it is",
                zone=zone,
                surface=faces.surfaces[place],
            )


def check_pairs(model: MetaModel, areas: dict[int, list[float]], findings: Findings) -> None:
    """Check that both sides of a wall between zones have the same area.

    Parameters
    ----------
    model : MetaModel
    areas : dict of int to list of float
        Areas of the surfaces [m2] by the number of the zone, from 1, where they are known.
    findings : Findings
    """
    for number, zone in enumerate(model.zones, start=1):
        for place, surface in enumerate(zone.surfaces, start=1):
            i, j = int(surface.boundary.i), int(surface.boundary.j)
            # One message a pair; what does not point back is told elsewhere.
            if surface.boundary.kind != _ANOTHER or (i, j) <= (number, place):
                continue
            if number not in areas or i not in areas:
                continue
            if not 1 <= j <= len(model.zones[i - 1].surfaces):
                continue
            own, other = areas[number][place - 1], areas[i][j - 1]
            if abs(own - other) > _SAME_AREA * max(own, other):
                findings.warn(
                    "pair-area",
                    f"{own:.2f} m2, and {other:.2f} m2 on the other side, in "
                    f"{model.zones[i - 1].name!r}",
                    zone=zone,
                    surface=surface,
                )
