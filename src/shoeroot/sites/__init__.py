"""Sites: urban extents, what surrounds them, and the stocks that stand in them."""

from shoeroot.sites.build import build_sites
from shoeroot.sites.build_report import BuildReport, read_report
from shoeroot.sites.centroids import weighted_centroids
from shoeroot.sites.climate import ClimateFile, climate, climate_figures, climate_records, months_of
from shoeroot.sites.config import SitesConfig, read_sites_config
from shoeroot.sites.drawing import draw_sites
from shoeroot.sites.example_settings import write_example_settings
from shoeroot.sites.extents import Extents, urban_extents
from shoeroot.sites.floods import FloodScenario, floods
from shoeroot.sites.grid import Grid, write_grid
from shoeroot.sites.joins import MajorityJoin, join_admin, join_by_centroid, join_majority
from shoeroot.sites.koppen import KOPPEN_CLASSES, koppen
from shoeroot.sites.layers import built_up, night_lights, particulate_matter
from shoeroot.sites.maps import interactive_map
from shoeroot.sites.names import place_names
from shoeroot.sites.population_summary import population_summary, unit_classes
from shoeroot.sites.raster_files import open_raster, read_grid
from shoeroot.sites.settlement_classes import (
    SETTLEMENT_CLASSES,
    classify_units,
    settlement_classes,
)
from shoeroot.sites.site_travel import named_routes, travel_from_sites
from shoeroot.sites.sources import RasterBand
from shoeroot.sites.static_map import static_map
from shoeroot.sites.store import open_sites, routes_frame, sites_frame, write_sites
from shoeroot.sites.tables import write_table
from shoeroot.sites.travel import (
    FrictionGraph,
    as_routes,
    friction_graph,
    gravity,
    travel_tables,
)
from shoeroot.sites.units import check_units, read_units
from shoeroot.sites.windows import urban_extents_by_window
from shoeroot.sites.zonal import zonal_statistics

__all__ = [
    "KOPPEN_CLASSES",
    "SETTLEMENT_CLASSES",
    "BuildReport",
    "ClimateFile",
    "Extents",
    "FloodScenario",
    "FrictionGraph",
    "Grid",
    "MajorityJoin",
    "RasterBand",
    "SitesConfig",
    "as_routes",
    "build_sites",
    "built_up",
    "check_units",
    "classify_units",
    "climate",
    "climate_figures",
    "climate_records",
    "draw_sites",
    "floods",
    "friction_graph",
    "gravity",
    "interactive_map",
    "join_admin",
    "join_by_centroid",
    "join_majority",
    "koppen",
    "months_of",
    "named_routes",
    "night_lights",
    "open_raster",
    "open_sites",
    "particulate_matter",
    "place_names",
    "population_summary",
    "read_grid",
    "read_report",
    "read_sites_config",
    "read_units",
    "routes_frame",
    "settlement_classes",
    "sites_frame",
    "static_map",
    "travel_from_sites",
    "travel_tables",
    "unit_classes",
    "urban_extents",
    "urban_extents_by_window",
    "weighted_centroids",
    "write_example_settings",
    "write_grid",
    "write_sites",
    "write_table",
    "zonal_statistics",
]
