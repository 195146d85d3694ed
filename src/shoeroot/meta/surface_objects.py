"""Zones, walls, openings, masses and shading blocks as objects of the engine's input."""

from __future__ import annotations

from typing import Any

import numpy as np

from shoeroot.building import Weather
from shoeroot.errors import MetaError
from shoeroot.meta.assemblies import AssemblyCollector, Objects
from shoeroot.meta.boundaries import BoundaryWriter
from shoeroot.meta.constructions import Construction, ConstructionSet, Optics
from shoeroot.meta.geometry import Points
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel, MetaZone
from shoeroot.meta.obstructions import BLOCK_FACES, corners_of
from shoeroot.meta.planning import EXTERIOR, OTHER_ZONE, PlannedSurface, ZonePlan
from shoeroot.meta.site_objects import ground_view_of

__all__ = ["SurfaceWriter", "merge_objects"]

_BASESIMP, _NO_OPTICS = 6, ("", "OPAQUE", "OPAQ")
#: From which elevation a surface is a roof or a floor and no wall [deg].
_SLOPED = 45.0
#: Corners nearer to each other are one to the engine [m].
_NEAREST_CORNERS = 0.011


def merge_objects(objects: Objects, more: Objects) -> None:
    """Add objects to others in place."""
    for kind, named in more.items():
        if named:
            objects.setdefault(kind, {}).update(named)


class SurfaceWriter:
    """Writes zones one after another into one input."""

    def __init__(
        self,
        model: MetaModel,
        weather: Weather | None,
        known: ConstructionSet,
        plans: list[ZonePlan],
    ) -> None:
        self._known = known
        self._plans = plans
        self._boundaries = BoundaryWriter(model, weather, plans)
        self._assemblies = AssemblyCollector()
        self._ground_view = ground_view_of(model)
        self._objects: Objects = {}
        self._losses: list[Loss] = []
        self._surfaces = {(one.zone, one.number): one for plan in plans for one in plan.surfaces}

    @property
    def objects(self) -> Objects:
        """All that was written."""
        for more in (self._boundaries.objects, self._assemblies.objects):
            merge_objects(self._objects, more)
        return self._objects

    @property
    def losses(self) -> list[Loss]:
        """All that was lost."""
        return self._losses + self._boundaries.losses + self._assemblies.losses

    def _add(self, kind: str, name: str, fields: dict[str, Any]) -> None:
        self._objects.setdefault(kind, {})[name] = fields

    def add_zone(self, plan: ZonePlan) -> None:
        """Write a zone, its surfaces, and the blocks that shade."""
        # The engine finds the volume itself where faces are plain outlines.
        fields: dict[str, Any] = {}
        if not all(one.simple for one in plan.surfaces if one.part == "wall"):
            fields["volume"] = plan.volume
        self._add("Zone", plan.name, fields)
        for surface in plan.surfaces:
            if surface.part == "wall":
                self._add_wall(plan, surface)
            elif surface.part == "opening":
                self._add_opening(plan, surface)
            else:
                self._add_mass(plan, surface)
        self._add_blocks(plan.zone, plan.name)

    def _construction_of(self, surface: PlannedSurface) -> Construction:
        name, line = surface.row.construction, surface.row.line
        try:
            return self._known[name]
        except MetaError as problem:
            raise MetaError(
                problem.problem,
                where=f"line {line}: {surface.name}",
                hint=f"{problem.hint}; give constructions=, or the folder of ESP-r's databases",
            ) from problem

    def _optics_of(self, surface: PlannedSurface, construction: Construction) -> Optics:
        own = surface.row.optic
        name = construction.optics if own in _NO_OPTICS else own
        if name not in self._known.optics:
            raise MetaError(
                f"there are no optics {name!r}",
                where=f"line {surface.row.line}: {surface.name}",
                hint="give them with *opt, or the folder of ESP-r's databases",
            )
        return self._known.optics[name]

    def _assembly(self, surface: PlannedSurface) -> str:
        """Name the construction of a surface; the other side of one between zones is the same."""
        construction = self._construction_of(surface)
        behind = surface.row.boundary
        is_between = behind.kind == OTHER_ZONE and surface.part != "mass"
        glazed = surface.glazed and surface.part == "opening"
        if surface.glazed and not glazed:
            self._lose(surface, "glass that is not in a wall to outside or a zone is opaque here")
        if is_between:
            construction, surface = self._between(surface, construction)
        if glazed:
            optics = self._optics_of(surface, construction)
            return self._assemblies.glazed(construction, optics)
        return self._assemblies.opaque(construction, between=is_between)

    def _between(
        self, surface: PlannedSurface, construction: Construction
    ) -> tuple[Construction, PlannedSurface]:
        """Give the construction of the first of two sides, turned for the second."""
        behind = surface.row.boundary
        other = self._surfaces[int(behind.i), int(behind.j)]
        if (other.zone, other.number) > (surface.zone, surface.number):
            if abs(other.area - surface.area) > 0.01 * max(other.area, surface.area):
                self._lose(
                    surface,
                    f"its area is {surface.area:.2f} m2 and that of {other.name} "
                    f"{other.area:.2f} m2",
                )
            return construction, surface
        first = self._construction_of(other)
        turned = first.reversed()
        if turned.layers != construction.layers:
            self._lose(
                surface,
                f"its construction {construction.name} is not that of {other.name} from the other "
                f"side: {first.name} is taken, turned",
            )
        return turned, other

    def _lose(self, surface: PlannedSurface, problem: str) -> None:
        self._losses.append(Loss(surface.name, problem, surface.row.line))

    def _add_wall(self, plan: ZonePlan, surface: PlannedSurface) -> None:
        outside = surface.row.boundary.kind == EXTERIOR
        corners = surface.pieces[0]
        fields = {
            "surface_type": _surface_type(surface),
            "construction_name": self._wall_construction(surface),
            "zone_name": plan.name,
            **self._boundaries.fields(surface),
            "number_of_vertices": len(corners),
            "vertices": _vertices(corners),
        }
        if outside and surface.location == "VERT" and self._ground_view is not None:
            fields["view_factor_to_ground"] = self._ground_view
        if not surface.simple:
            self._lose(surface, "it has a hole that is no window: its shading is approximate")
        self._add("BuildingSurface:Detailed", surface.name, fields)

    def _wall_construction(self, surface: PlannedSurface) -> str:
        if surface.row.boundary.kind != _BASESIMP:
            return self._assembly(surface)
        resistance = self._construction_of(surface).r_value
        kind, fields = self._boundaries.basement_construction(surface, resistance)
        return self._assemblies.fields(kind, f"{surface.name} ground", fields)

    def _add_opening(self, plan: ZonePlan, surface: PlannedSurface) -> None:
        wall = plan.surfaces[surface.parent - 1]
        construction = self._assembly(surface)
        between = surface.row.boundary.kind == OTHER_ZONE
        for number, corners in enumerate(surface.pieces, start=1):
            name = surface.name if len(surface.pieces) == 1 else f"{surface.name} {number}"
            fields: dict[str, Any] = {
                "surface_type": "Window" if surface.glazed else "Door",
                "construction_name": construction,
                "building_surface_name": wall.name,
                "number_of_vertices": len(corners),
            }
            if between:
                fields["outside_boundary_condition_object"] = self._boundaries.partner(surface)
            elif surface.location == "VERT" and self._ground_view is not None:
                fields["view_factor_to_ground"] = self._ground_view
            for place, corner in enumerate(corners.tolist(), start=1):
                for axis, value in zip("xyz", corner, strict=True):
                    fields[f"vertex_{place}_{axis}_coordinate"] = value
            self._add("FenestrationSurface:Detailed", name, fields)

    def _add_mass(self, plan: ZonePlan, surface: PlannedSurface) -> None:
        """Write a pair of faces once: the engine wants the area of both."""
        behind = surface.row.boundary
        if behind.j < surface.number:
            return
        other = plan.surfaces[int(behind.j) - 1]
        construction = self._construction_of(surface)
        if surface.glazed:
            self._lose(surface, "glass within a zone is opaque here")
        if not construction.is_symmetric:
            self._lose(surface, "both faces of the mass show the construction's inside")
        fields = {
            "construction_name": self._assemblies.opaque(construction),
            "zone_or_zonelist_name": plan.name,
            "surface_area": surface.area + (other.area if other is not surface else 0.0),
        }
        self._add("InternalMass", surface.name, fields)

    def _add_blocks(self, zone: MetaZone, name: str) -> None:
        for block in zone.obstructions:
            corners = corners_of(block)
            reflectance = None
            if block.construction in self._known:
                reflectance = 1.0 - self._known[block.construction].layers[0].absorptivity
            else:
                problem = f"construction {block.construction} is not there: it reflects nothing"
                self._losses.append(Loss(f"{zone.name}, {block.name}", problem, block.line))
            for number, face in enumerate(BLOCK_FACES, start=1):
                own = f"{name} {block.name} {number}"
                while own in self._objects.get("Shading:Building:Detailed", {}):
                    own += " more"
                side = corners[list(face)]
                if _is_thin(side):
                    continue
                fields = {"number_of_vertices": len(face), "vertices": _vertices(side)}
                self._add("Shading:Building:Detailed", own, fields)
                shine = {
                    "shading_surface_name": own,
                    "diffuse_solar_reflectance_of_unglazed_part_of_shading_surface": reflectance,
                    "diffuse_visible_reflectance_of_unglazed_part_of_shading_surface": reflectance,
                }
                if reflectance is not None:
                    self._add("ShadingProperty:Reflectance", f"{own} reflectance", shine)


def _is_thin(corners: Points) -> bool:
    """Tell whether the engine would see no face: it makes corners that are near to one."""
    edges = np.roll(corners, -1, axis=0) - corners
    return bool(np.linalg.norm(edges, axis=1).min() < _NEAREST_CORNERS)


def _surface_type(surface: PlannedSurface) -> str:
    if surface.elevation < -_SLOPED:
        return "Floor"
    if surface.elevation <= _SLOPED:
        return "Wall"
    return "Roof" if surface.row.boundary.kind == EXTERIOR else "Ceiling"


def _vertices(corners: Points) -> list[dict[str, float]]:
    # Minus zero would be written as it is.
    return [
        {"vertex_x_coordinate": x, "vertex_y_coordinate": y, "vertex_z_coordinate": z}
        for x, y, z in (np.asarray(corners) + 0.0).tolist()
    ]
