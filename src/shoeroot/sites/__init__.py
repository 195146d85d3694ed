"""Sites: urban extents, what surrounds them, and the stocks that stand in them."""

from shoeroot.sites.extents import Extents, urban_extents
from shoeroot.sites.grid import Grid, open_raster, read_grid, write_grid

__all__ = [
    "Extents",
    "Grid",
    "open_raster",
    "read_grid",
    "urban_extents",
    "write_grid",
]
