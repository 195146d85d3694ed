"""A shoebox in three dimensions: surfaces by what lies behind them, window, shading, north."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DrawnSurface", "draw_shoebox"]

FloatArray = NDArray[np.float64]

#: Colour and opacity by boundary, window and shading: Okabe and Ito's palette.
_LOOKS = {
    "outdoors": ("#E69F00", 0.55),
    "ground": ("#8B5A2B", 0.6),
    "zone": ("#009E73", 0.5),
    "adiabatic": ("#BBBBBB", 0.3),
    "window": ("#56B4E9", 0.85),
    "shading": ("#333333", 0.16),
}
_LABELS = {
    "outdoors": "to outside air",
    "ground": "on the ground",
    "zone": "between the zones",
    "adiabatic": "adiabatic",
    "window": "window",
    "shading": "shading block",
}
#: The shortest side of the picture as a share of the longest: a corridor stays visible.
SLIMMEST = 0.15
#: How far the window is drawn before its wall, as a share of the box: the wall must not hide it.
WINDOW_OFFSET = 0.004
#: Where the viewer stands: beside the direction that the facade looks to, and above [deg].
VIEW_ASIDE, VIEW_ABOVE = 38.0, 24.0


class DrawnSurface(Protocol):
    """What a surface must tell to be drawn; corners are (n, 3) [m]: east, north, up."""

    @property
    def zone(self) -> str:
        """Name of its zone."""

    @property
    def part(self) -> str:
        """Such as facade or roof."""

    @property
    def boundary(self) -> str:
        """What lies behind it: outdoors, ground, zone or adiabatic."""

    @property
    def corners(self) -> FloatArray:
        """Its corners."""

    @property
    def window(self) -> FloatArray | None:
        """Corners of the window in it."""

    @property
    def normal(self) -> FloatArray:
        """A vector that points outside."""


def draw_shoebox(
    surfaces: Sequence[DrawnSurface], shading: Iterable[FloatArray] = (), *, title: str = ""
) -> Figure:
    """Draw a shoebox.

    Parameters
    ----------
    surfaces : sequence of DrawnSurface
        Surfaces of its zones.
    shading : iterable of (n, 3) float64
        Corners of blocks before the facade [m].
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.
    """
    # matplotlib takes its time: it is loaded when a picture is asked for.
    from shoeroot.building.notebook_figure import NotebookFigure

    blocks = list(shading)
    corners = np.concatenate([surface.corners for surface in surfaces])
    low, high = corners.min(axis=0), corners.max(axis=0)
    figure = NotebookFigure(figsize=(9.0, 5.6))
    axes: Any = figure.add_axes((0.0, 0.02, 0.82, 0.88), projection="3d")
    # Blocks first: the box in front of its own shading stays clear.
    used = _add_polygons(axes, [("shading", block) for block in blocks])
    used |= _add_polygons(axes, _coloured(surfaces, float(np.max(high - low))))
    _name_zones(axes, surfaces)
    azimuth, to_scale = _set_view(axes, surfaces, np.concatenate([corners, *blocks]))
    _point_north(figure, azimuth)
    _add_legend(figure, used)
    if not to_scale:
        figure.text(0.02, 0.02, "not to scale", fontsize="small", style="italic")
    figure.suptitle(title, fontsize="medium")
    return figure


def _coloured(surfaces: Sequence[DrawnSurface], size: float) -> list[tuple[str, FloatArray]]:
    """Return what is drawn of the surfaces: look and corners."""
    polygons = []
    for surface in surfaces:
        polygons.append((surface.boundary, surface.corners))
        if surface.window is not None:
            outside = surface.normal / np.linalg.norm(surface.normal)
            polygons.append(("window", surface.window + WINDOW_OFFSET * size * outside))
    return polygons


def _add_polygons(axes: Any, polygons: list[tuple[str, FloatArray]]) -> set[str]:
    """Add polygons as one collection, which sorts them by distance; return the looks used."""
    from matplotlib.colors import to_rgba
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    if not polygons:
        return set()
    looks = [look for look, _ in polygons]
    edges = [(0.2, 0.2, 0.2, 0.25 if look == "shading" else 0.9) for look in looks]
    axes.add_collection3d(
        Poly3DCollection(
            [corners for _, corners in polygons],
            facecolors=[to_rgba(*_LOOKS[look]) for look in looks],
            edgecolors=edges,
            linewidths=[0.4 if look == "shading" else 0.8 for look in looks],
        )
    )
    return set(looks)


def _name_zones(axes: Any, surfaces: Sequence[DrawnSurface]) -> None:
    """Write each zone's name on its top, the first below the others so that none hides another."""
    for number, zone in enumerate(dict.fromkeys(surface.zone for surface in surfaces)):
        corners = np.concatenate([one.corners for one in surfaces if one.zone == zone])
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2.0
        axes.text(
            *(middle[0], middle[1], corners[:, 2].max()),
            *(zone,),
            ha="center",
            va="bottom" if number else "top",
            fontsize="small",
            zorder=100,
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1.0},
        )


def _set_view(
    axes: Any, surfaces: Sequence[DrawnSurface], everything: FloatArray
) -> tuple[float, bool]:
    """Look at the facade from aside and above.

    Returns the azimuth of the viewer [deg], and whether lengths are to scale: where one
    is a small part of another they are not.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = everything.min(axis=0), everything.max(axis=0)
    extent = np.maximum(high - low, 1e-9)
    shown = np.maximum(extent, SLIMMEST * extent.max())
    for axis, start, end, share, label in zip(
        (axes.xaxis, axes.yaxis, axes.zaxis),
        low,
        high,
        shown / shown.max(),
        ("east [m]", "north [m]", "height [m]"),
        strict=True,
    ):
        getattr(axes, f"set_{axis.axis_name}lim")(start, end)
        axis.set_major_locator(MaxNLocator(max(1, round(5 * share))))
        axis.set_pane_color((1.0, 1.0, 1.0, 0.0))
        axis.set_label_text(label, fontsize="small")
    axes.grid(visible=False)
    axes.tick_params(labelsize="small", pad=0)
    # A tuple: matplotlib changes an array that it is given. A tower needs room above and below.
    axes.set_box_aspect(tuple(shown), zoom=1.1 if shown[2] < shown[:2].max() else 0.85)
    outward = next(one.normal for one in surfaces if one.part == "facade")
    azimuth = float(np.degrees(np.arctan2(outward[1], outward[0]))) + VIEW_ASIDE
    axes.view_init(elev=VIEW_ABOVE, azim=azimuth)
    return azimuth, bool((shown == extent).all())


def _point_north(figure: Figure, azimuth: float) -> None:
    """Draw an arrow that points where north is in the picture, in a corner of its own."""
    compass = figure.add_axes((0.83, 0.08, 0.14, 0.22))
    compass.set_axis_off()
    compass.set_xlim(-1.6, 1.6)
    compass.set_ylim(-1.6, 1.6)
    compass.set_aspect("equal")
    viewer = np.radians(azimuth)
    tilt = np.sin(np.radians(VIEW_ABOVE))
    circle = np.linspace(0.0, 2.0 * np.pi, 73)
    # A circle on the ground, and the arrow in it, as the viewer sees them.
    compass.plot(np.cos(circle), tilt * np.sin(circle), color="#999999", linewidth=0.8)
    north = np.array([np.cos(viewer), -tilt * np.sin(viewer)])
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.6}
    compass.annotate("", xy=tuple(north), xytext=tuple(-north), arrowprops=arrow)
    x, y = north + 0.35 * north / np.linalg.norm(north)
    compass.text(x, y, "N", ha="center", va="center", fontweight="bold")


def _add_legend(figure: Figure, used: set[str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, alpha=alpha, edgecolor="black", label=_LABELS[look])
        for look, (colour, alpha) in _LOOKS.items()
        if look in used
    ]
    figure.legend(handles=handles, loc="upper right", bbox_to_anchor=(0.99, 0.88), frameon=False)
