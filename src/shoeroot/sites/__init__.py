"""Sites: urban extents, what surrounds them, and the stocks that stand in them."""

from shoeroot.sites.centroids import weighted_centroids
from shoeroot.sites.climate import ClimateFile, climate, climate_figures, climate_records, months_of
from shoeroot.sites.config import SitesConfig, read_sites_config
from shoeroot.sites.extents import Extents, urban_extents
from shoeroot.sites.floods import FloodScenario, floods
from shoeroot.sites.grid import Grid, open_raster, read_grid, write_grid
from shoeroot.sites.joins import MajorityJoin, join_admin, join_by_centroid, join_majority
from shoeroot.sites.koppen import KOPPEN_CLASSES, koppen
from shoeroot.sites.layers import built_up, night_lights, particulate_matter
from shoeroot.sites.maps import interactive_map
from shoeroot.sites.names import place_names
from shoeroot.sites.population_summary import population_summary, unit_classes
from shoeroot.sites.settlement_classes import (
    SETTLEMENT_CLASSES,
    classify_units,
    settlement_classes,
)
from shoeroot.sites.sources import RasterBand
from shoeroot.sites.static_map import static_map
from shoeroot.sites.store import open_sites, routes_frame, sites_frame, write_sites
from shoeroot.sites.travel import FrictionGraph, as_routes, friction_graph, gravity
from shoeroot.sites.units import check_units, read_units
from shoeroot.sites.zonal import zonal_statistics

__all__ = [
    "KOPPEN_CLASSES",
    "SETTLEMENT_CLASSES",
    "ClimateFile",
    "Extents",
    "FloodScenario",
    "FrictionGraph",
    "Grid",
    "MajorityJoin",
    "RasterBand",
    "SitesConfig",
    "as_routes",
    "built_up",
    "check_units",
    "classify_units",
    "climate",
    "climate_figures",
    "climate_records",
    "floods",
    "friction_graph",
    "gravity",
    "interactive_map",
    "join_admin",
    "join_by_centroid",
    "join_majority",
    "koppen",
    "months_of",
    "night_lights",
    "open_raster",
    "open_sites",
    "particulate_matter",
    "place_names",
    "population_summary",
    "read_grid",
    "read_sites_config",
    "read_units",
    "routes_frame",
    "settlement_classes",
    "sites_frame",
    "static_map",
    "unit_classes",
    "urban_extents",
    "weighted_centroids",
    "write_grid",
    "write_sites",
    "zonal_statistics",
]
