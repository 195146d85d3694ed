"""A small template made by hand, and designs for it: figures that a test can do by head."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shoeroot.building import Template, Weather, ZoneTemplate, template_values
from shoeroot.building.template import (
    Conditioning,
    Construction,
    Constructions,
    DomesticHotWater,
    Layer,
    Loads,
    Material,
    Ventilation,
    Window,
    YearSchedule,
)
from shoeroot.design import Schema

SCHEMA = Schema()

CONCRETE = Material("Concrete", 2.0, 2000.0, 1000.0)
BRICK = Material("Brick", 1.0, 1800.0, 1000.0)
WOOL = Material("Wool", 0.04, 30.0, 1000.0)
GYPSUM = Material("Gypsum", 0.25, 900.0, 1000.0)

HOUR_OF_DAY = np.arange(8760) % 24


def year(name: str, values: object) -> YearSchedule:
    return YearSchedule(name, np.broadcast_to(np.asarray(values, np.float64), (8760,)).copy())


ALWAYS = year("Always", 1.0)
BY_DAY = year("By day", np.where((HOUR_OF_DAY >= 8) & (HOUR_OF_DAY < 18), 1.0, 0.25))
BY_NIGHT = year("By night", np.where(HOUR_OF_DAY >= 18, 0.75, 0.125))
AT_HOME = year("At home", np.where(HOUR_OF_DAY < 8, 1.0, 0.5))

#: R = 0.1 / 1 + 0.08 / 0.04 + 0.1 / 2 = 2.15 m2 K/W; the concrete holds 200 kJ/(m2 K).
FACADE = Construction("Facade", (Layer(BRICK, 0.1), Layer(WOOL, 0.08), Layer(CONCRETE, 0.1)))
ROOF = Construction("Roof", (Layer(WOOL, 0.12), Layer(CONCRETE, 0.1)))
PARTITION = Construction("Partition", (Layer(GYPSUM, 0.0125), Layer(WOOL, 0.05)))
SLAB = Construction("Slab", (Layer(WOOL, 0.02), Layer(CONCRETE, 0.15)))
GROUND = Construction("Ground", (Layer(WOOL, 0.08), Layer(CONCRETE, 0.1)))


def make_zone(name: str = "Zone", *, lighting: float = 8.0, **changes: object) -> ZoneTemplate:
    parts: dict[str, object] = {
        "name": name,
        "loads": Loads(5.0, lighting, 0.05, BY_DAY, BY_NIGHT, AT_HOME),
        "conditioning": Conditioning(20.0, 26.0, 0.9, 3.0, ALWAYS, ALWAYS),
        "ventilation": Ventilation(0.5, 0.0, 0.0, False, ALWAYS),
        "domestic_hot_water": DomesticHotWater(0.0005, 60.0, 10.0, AT_HOME),
        "constructions": Constructions(FACADE, ROOF, PARTITION, SLAB, GROUND),
        "internal_mass": PARTITION,
        "internal_mass_per_floor_area": 0.5,
    }
    return ZoneTemplate(**(parts | changes))


def make_template(
    perimeter: ZoneTemplate | None = None, core: ZoneTemplate | None = None
) -> Template:
    """Both zones are one and the same object unless two are given, as in UMI libraries."""
    perimeter = perimeter or make_zone()
    return Template(
        name="Handmade",
        program="Test",
        climate_zones=(),
        year_from=None,
        year_to=None,
        perimeter=perimeter,
        core=core or perimeter,
        window=Window("Double", 2.0, 0.6, 0.7),
    )


TEMPLATE = make_template()

#: 10 m wide, 3 m high, 10 m deep; each zone 5 m deep: 30 m2 of facade, 50 m2 of floor a zone.
BOX = {
    "width": 10.0,
    "height": 3.0,
    "facade_2_footprint": 0.3,
    "perim_2_footprint": 0.5,
    "roof_2_footprint": 0.5,
    "footprint_2_ground": 0.5,
    "shading_fact": 0.0,
    "wwr": 0.4,
    "orientation": 0.0,
}

#: Weather that no model reads from disk: only its ground temperatures go into the model.
GROUND_BY_MONTH = (8.0, 8.0, 9.0, 10.0, 12.0, 14.0, 15.0, 16.0, 15.0, 13.0, 11.0, 9.0)
WEATHER = Weather(
    path=Path("Somewhere.epw"),
    city="Somewhere",
    station="000000",
    latitude=40.0,
    longitude=-105.0,
    time_zone=-7.0,
    elevation=1800.0,
    climate_zone="5B",
    ground_temperatures=GROUND_BY_MONTH,
    sha256="0" * 64,
)


def make_design(template: Template = TEMPLATE, **changes: object) -> np.ndarray:
    """A design that leaves the template as it is, in the box above, but for the changes."""
    design = SCHEMA.generate_empty_storage_vector()
    SCHEMA.update_storage_vector(design, "vintage", 1990)
    for name, value in (template_values(SCHEMA, template) | BOX | changes).items():
        SCHEMA.update_storage_vector(design, name, value)
    return design


def set_beyond_range(design: np.ndarray, name: str, value: float) -> np.ndarray:
    """Put a value where `update_storage_vector` would clip it."""
    changed = design.copy()
    changed[SCHEMA[name].start_storage] = value
    return changed
