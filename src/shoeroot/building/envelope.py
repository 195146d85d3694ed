"""Write the envelope of a shoebox as epJSON: surfaces, their assemblies, window and shading."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building.collect import ConstructionCollector, Epjson, ScheduleCollector, merge
from shoeroot.building.geometry import Polygon, ZoneBox, shading_blocks
from shoeroot.building.shoebox import Shoebox
from shoeroot.building.template import Construction, Window
from shoeroot.building.weather import Weather

__all__ = ["WINDOW", "construction_of", "envelope_epjson"]

#: Monthly ground temperature where a weather file has none [degC]: the engine's own default.
DEFAULT_GROUND_TEMPERATURE = 18.0

#: What a surface is to the engine, by part.
_SURFACE_TYPE = {
    "facade": "Wall",
    "wall": "Wall",
    "partition": "Wall",
    "roof": "Roof",
    "ceiling": "Ceiling",
    "ground": "Floor",
    "floor": "Floor",
}
_GROUND = "Ground"
#: Name of the window's construction.
WINDOW = "Window"
_GLAZING = "Glazing"


def construction_of(shoebox: Shoebox, surface: Polygon) -> Construction:
    """Return a surface's assembly, from its outside to its inside.

    Adiabatic walls are partitions; adiabatic floors and ceilings are slabs, of
    which a ceiling shows its lower side. The wall between the zones is the
    perimeter's partition, which the core sees from the other side.
    """
    return _constructions_of(shoebox, surface.zone)[surface.part]


def _constructions_of(shoebox: Shoebox, zone: str) -> dict[str, Construction]:
    """Return the assemblies of a zone's surfaces by part."""
    constructions = shoebox.zone_templates[zone].constructions
    first = shoebox.box.zones()[0].name
    between = shoebox.zone_templates[first].constructions.partition
    return {
        "facade": constructions.facade,
        "wall": constructions.partition,
        "partition": between if zone == first else between.reversed(),
        "roof": constructions.roof,
        "ceiling": constructions.slab.reversed(),
        "ground": constructions.ground,
        "floor": constructions.slab,
    }


def envelope_epjson(
    shoebox: Shoebox, surfaces: list[Polygon], weather: Weather, schedules: ScheduleCollector
) -> Epjson:
    """Return surfaces, constructions, window, shading blocks, internal mass and the ground."""
    constructions = ConstructionCollector(reserved=(WINDOW, _GLAZING))
    known = {zone.name: _constructions_of(shoebox, zone.name) for zone in shoebox.box.zones()}
    written: Epjson = {}
    model: Epjson = {"BuildingSurface:Detailed": written}
    for surface in surfaces:
        name = constructions.add(known[surface.zone][surface.part])
        written[surface.name] = _surface(surface, name)
        if surface.window is not None:
            merge(model, _window(shoebox.window, surface.name, surface.window))
    for zone in shoebox.box.zones():
        merge(model, _internal_mass(shoebox, zone, constructions))
    merge(model, constructions.objects)
    merge(model, _ground(weather, schedules))
    blocks = shading_blocks(shoebox.box)
    if blocks:
        model["Shading:Building:Detailed"] = {
            f"Block {number}": {"number_of_vertices": len(corners), "vertices": _vertices(corners)}
            for number, corners in enumerate(blocks)
        }
    return model


def _ground(weather: Weather, schedules: ScheduleCollector) -> Epjson:
    """Return the boundary under the ground floor: the temperature of its outer face.

    The engine's own ground temperature object does the same but warns in every
    run about temperatures outside 15 to 25 degC.
    """
    months = weather.ground_temperatures or (DEFAULT_GROUND_TEMPERATURE,) * 12
    return {
        "SurfaceProperty:OtherSideCoefficients": {
            _GROUND: {
                "combined_convective_radiative_film_coefficient": 0,
                "constant_temperature_coefficient": 1,
                "external_dry_bulb_temperature_coefficient": 0,
                "ground_temperature_coefficient": 0,
                "wind_speed_coefficient": 0,
                "zone_air_temperature_coefficient": 0,
                "constant_temperature_schedule_name": schedules.months("Ground by Month", months),
            }
        }
    }


def _boundary(surface: Polygon) -> dict[str, str]:
    if surface.boundary == "ground":
        return {
            "outside_boundary_condition": "OtherSideCoefficients",
            "outside_boundary_condition_object": _GROUND,
        }
    if surface.boundary == "zone":
        return {
            "outside_boundary_condition": "Surface",
            "outside_boundary_condition_object": surface.twin,
        }
    return {"outside_boundary_condition": surface.boundary.capitalize()}


def _surface(surface: Polygon, construction: str) -> dict[str, Any]:
    outdoors = surface.boundary == "outdoors"
    return {
        "surface_type": _SURFACE_TYPE[surface.part],
        "construction_name": construction,
        "zone_name": surface.zone,
        **_boundary(surface),
        "sun_exposure": "SunExposed" if outdoors else "NoSun",
        "wind_exposure": "WindExposed" if outdoors else "NoWind",
        "number_of_vertices": len(surface.corners),
        "vertices": _vertices(surface.corners),
    }


def _vertices(corners: NDArray[np.float64]) -> list[dict[str, float]]:
    return [
        {"vertex_x_coordinate": x, "vertex_y_coordinate": y, "vertex_z_coordinate": z}
        for x, y, z in corners.tolist()
    ]


def _window(glazing: Window, wall: str, opening: NDArray[np.float64]) -> Epjson:
    corners = {
        f"vertex_{number}_{axis}_coordinate": value
        for number, corner in enumerate(opening.tolist(), start=1)
        for axis, value in zip("xyz", corner, strict=True)
    }
    return {
        "FenestrationSurface:Detailed": {
            f"{wall} Window": {
                "surface_type": "Window",
                "construction_name": WINDOW,
                "building_surface_name": wall,
                "number_of_vertices": len(opening),
                **corners,
            }
        },
        "Construction": {WINDOW: {"outside_layer": _GLAZING}},
        "WindowMaterial:SimpleGlazingSystem": {
            _GLAZING: {
                "u_factor": glazing.u_value,
                "solar_heat_gain_coefficient": glazing.shgc,
                "visible_transmittance": glazing.visible_transmittance,
            }
        },
    }


def _internal_mass(shoebox: Shoebox, zone: ZoneBox, constructions: ConstructionCollector) -> Epjson:
    template = shoebox.zone_templates[zone.name]
    area = template.internal_mass_per_floor_area * zone.depth * shoebox.box.width
    if template.internal_mass is None or area <= 0:
        return {}
    return {
        "InternalMass": {
            f"{zone.name} Internal Mass": {
                "construction_name": constructions.add(template.internal_mass),
                "zone_or_zonelist_name": zone.name,
                "surface_area": area,
            }
        }
    }
