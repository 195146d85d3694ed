"""From a design to a simulation model: templates, geometry, weather, the engine's input."""

from shoeroot.building.envelope import construction_of
from shoeroot.building.epjson import (
    COOLING,
    EQUIPMENT,
    HEATING,
    LIGHTING,
    TEMPERATURE,
    ideal_loads_name,
)
from shoeroot.building.explain import Effect, explain_design
from shoeroot.building.geometry import (
    CORE,
    PERIMETER,
    Box,
    Polygon,
    ZoneBox,
    shading_blocks,
)
from shoeroot.building.glazing import Pane, transmit
from shoeroot.building.input_schema import InputSchema, read_input_schema
from shoeroot.building.library import (
    TemplateLibrary,
    shipped_library_path,
    shipped_library_paths,
)
from shoeroot.building.model import Model, build_model
from shoeroot.building.picture import draw_shoebox
from shoeroot.building.shoebox import Shoebox, apply_design, template_values
from shoeroot.building.summary import TemplateSummary, summarise_template
from shoeroot.building.template import Template, ZoneTemplate
from shoeroot.building.template_json import template_from_json, template_hash, templates_to_json
from shoeroot.building.umi import read_library, read_shipped_library
from shoeroot.building.validate import Finding, check_model
from shoeroot.building.weather import (
    Weather,
    find_weather,
    read_weather,
    weather_catalogue,
    weather_folders,
)

__all__ = [
    "COOLING",
    "CORE",
    "EQUIPMENT",
    "HEATING",
    "LIGHTING",
    "PERIMETER",
    "TEMPERATURE",
    "Box",
    "Effect",
    "Finding",
    "InputSchema",
    "Model",
    "Pane",
    "Polygon",
    "Shoebox",
    "Template",
    "TemplateLibrary",
    "TemplateSummary",
    "Weather",
    "ZoneBox",
    "ZoneTemplate",
    "apply_design",
    "build_model",
    "check_model",
    "construction_of",
    "draw_shoebox",
    "explain_design",
    "find_weather",
    "ideal_loads_name",
    "read_input_schema",
    "read_library",
    "read_shipped_library",
    "read_weather",
    "shading_blocks",
    "shipped_library_path",
    "shipped_library_paths",
    "summarise_template",
    "template_from_json",
    "template_hash",
    "template_values",
    "templates_to_json",
    "transmit",
    "weather_catalogue",
    "weather_folders",
]
