"""Travel over friction rasters: nearest facilities, matrices, routes, catchments, gravity."""

from shoeroot.sites.travel.catchments import Nearest
from shoeroot.sites.travel.gravity import gravity
from shoeroot.sites.travel.network import FrictionGraph, friction_graph
from shoeroot.sites.travel.routes import as_routes
from shoeroot.sites.travel.tables import travel_tables

__all__ = ["FrictionGraph", "Nearest", "as_routes", "friction_graph", "gravity", "travel_tables"]
