"""A picture of a model: zones in colours, windows in blue, obstructions in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.meta.constructions import ConstructionSet, example_constructions
from shoeroot.meta.expand import Manner, ZoneFaces, faces_of
from shoeroot.meta.geometry import Points, area_vector
from shoeroot.meta.model import MetaModel
from shoeroot.meta.obstructions import BLOCK_FACES, corners_of
from shoeroot.meta.rings import children_of, outline_of
from shoeroot.meta.statistics import is_transparent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["outline_of", "view"]

#: How far children are drawn before their wall [m].
_OFFSET = 0.05
_WINDOW, _DOOR, _BLOCK, _EDGE = "#4fa3e0", "#8a5a2b", "#b8b8b8", "#303030"


def view(
    model: MetaModel,
    constructions: ConstructionSet | None = None,
    *,
    elevation: float = 25.0,
    azimuth: float = -60.0,
    rotation: Manner = "document",
) -> Figure:
    """Draw a model from outside.

    Parameters
    ----------
    model : MetaModel
    constructions : ConstructionSet, optional
        By their optics windows are told from walls.
    elevation, azimuth : float
        Where the eye is, above the ground and anticlockwise from east [deg].
    rotation : str
        See `expand`.

    Raises
    ------
    MetaError
        A zone does not fit together.
    """
    from matplotlib.figure import Figure

    known = constructions or example_constructions()
    where = "" if model.source is None else model.source.name
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    axes: Any = figure.add_subplot(projection="3d", computed_zorder=True)
    colors = _palette(len(model.zones))
    everything = []
    for number, (zone, color) in enumerate(zip(model.zones, colors, strict=True), start=1):
        faces = faces_of(zone, number, where, rotation)
        _draw_zone(axes, faces, known, color)
        axes.plot([], [], [], "s", color=color, label=zone.name)
        everything.append(faces.vertices)
        for block in zone.obstructions:
            corners = corners_of(block)
            for side in BLOCK_FACES:
                _draw_face(axes, corners[list(side)], _BLOCK, 0.7)
            everything.append(corners)
    _frame(axes, everything, elevation, azimuth)
    if model.title:
        axes.set_title(model.title, fontsize=10)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    return figure


def _draw_zone(axes: Any, faces: ZoneFaces, known: ConstructionSet, color: Any) -> None:
    parents = children_of(faces)
    for place, (surface, ring) in enumerate(zip(faces.surfaces, faces.rings, strict=True)):
        corners = faces.vertices[list(outline_of(ring))]
        if parents[place] == -1:
            _draw_face(axes, corners, color, 0.55)
        else:
            shown = _WINDOW if is_transparent(surface, known) else _DOOR
            _draw_face(axes, corners + _in_front(corners), shown, 0.9)


def _draw_face(axes: Any, corners: Points, color: Any, opacity: float) -> None:
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    face = Poly3DCollection(
        [corners], facecolors=color, edgecolors=_EDGE, linewidths=0.6, alpha=opacity
    )
    # The corners of a long building stick out of the square that is kept for the axes.
    face.set_clip_on(False)
    axes.add_collection3d(face)


def _in_front(corners: Points) -> Points:
    """Say how far to move a window or a door out of its wall, in which it could not be seen."""
    normal = area_vector(corners)
    moved: Points = _OFFSET * normal / max(float(np.linalg.norm(normal)), 1e-12)
    return moved


def _palette(count: int) -> list[Any]:
    import matplotlib as mpl

    # The gentler ones are eight.
    name = "Set2" if count <= 8 else "tab20"
    colors = mpl.colormaps[name].colors  # type: ignore[attr-defined]
    return [colors[place % len(colors)] for place in range(count)]


def _frame(axes: Any, everything: list[Points], elevation: float, azimuth: float) -> None:
    """Show all of it to scale."""
    if everything:
        points = np.concatenate(everything)
        low, high = points.min(axis=0), points.max(axis=0)
        span = np.maximum(high - low, 0.1)
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
        axes.set_box_aspect(span)
    axes.set(xlabel="east [m]", ylabel="north [m]", zlabel="up [m]")
    axes.view_init(elev=elevation, azim=azimuth)
