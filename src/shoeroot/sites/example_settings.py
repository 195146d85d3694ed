"""A file of settings to begin with: each setting with its meaning."""

from __future__ import annotations

from pathlib import Path

from shoeroot.errors import ConfigError

__all__ = ["EXAMPLE", "write_example_settings"]

#: Lines that begin with "#: " are settings that are commented out.
EXAMPLE = """\
# What `shoeroot sites build` makes sites of. Paths are relative to this file; rasters may be
# addresses as well, such as https://... or /vsis3/bucket/file.tif.

# A raster of people per cell, such as GHS-POP or WorldPop. Several sources by name give a folder
# of sites each: population = {ghs = "GHS_POP.tif", worldpop = "ppp_2020.tif"}
population = "POP.tif"
# On the same grid, where there are any: built-up surface and permanent land [m2 a cell].
#: built = "BUILT_S.tif"
#: land = "LAND.tif"
# The folder to make.
output = "sites"

# "degurba" (Degree of Urbanisation) or "gost" (people per cell alone).
rule = "degurba"
# "urban_centre", "urban_cluster", or "both" in one tree of events.
level = "both"
# Only sites that are named after a place of this country (ISO 3166-1 alpha-2).
#: country = "BE"
# What is read of the rasters: [west, south, east, north] in degrees, or "units"; and a margin
# around, so that no site is cut [km].
#: area = [2.5, 49.4, 6.5, 51.6]
#: margin_km = 50
# Rasters of people with more cells are worked through by windows, with files in place of memory.
#: cells_in_memory = 100_000_000

# Thresholds that differ from the rule's: density, population, smooth, queen, and for "degurba"
# built_share and hole_km2.
#: [extents.urban_centre]
#: density = 1500
#: population = 50000

# Administrative units: joined with the sites, and summed up in units.csv.
#: [units]
#: path = "units.gpkg"
#: code = "UID"
#: name = "NAME_4"
#: layer = ""       # of the file; the first
#: crs = ""         # where the file says none, such as "EPSG:4326"
#: overlap = 0.01   # share of the smaller unit that two may have in common
#: only = false     # leave out sites without people in any unit
#: layers = false   # compute the layers for the units as well

# Urban centres of another source, for hd_id, and an external set of extents, for eca_id.
#: [high_density]
#: path = "centres.gpkg"
#: id = "ID"
#: [external]
#: path = "eca_extents.geojson"
#: id = "ID"

# "geonames" (offline), "online" (asks a geocoder, one place a second) or "none".
[names]
source = "geonames"

# Layers. `files` is a path, a pattern, an address, a template, or a list of them; `date` says what
# their names tell: as for strptime, or a regular expression with named groups. `scale` and
# `offset` bring values to the unit of the layer; values outside of `valid` are nodata.
#: [[layers.night_lights]]
#: files = "lights/*.tif"
#: date = "_%Y%m"
#: valid = [0.1, inf]

#: [[layers.built_up]]
#: files = "built/GHS_BUILT_S_*.tif"
#: date = '_E(?P<epoch>[0-9]{4})_'

#: [[layers.flood]]
#: files = "flood/*.tif"
#: date = '(?P<type>fluvial|pluvial|coastal)_1in(?P<return_period>[0-9]+)'
#: year = 2020
#: thresholds = [0.15, 0.5]

#: [[layers.climate]]
#: variable = "t_mean"   # or t_min, t_max, precipitation
#: files = "climate/tavg_{month}.tif"
#: expand = {month = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}

#: [[layers.particulate_matter]]
#: files = "pm25/*.tif"
#: date = "%Y"

#: [[layers.koppen]]
#: files = "koppen.tif"

# Travel between the sites of a level: a raster of minutes per metre.
#: [friction]
#: path = "friction.tif"
#: metric = "graph"   # or "continuous", which needs shoeroot[continuous]
#: limit = 240        # longest way [min]
#: snap_km = 5        # from a barrier to the nearest cell
#: lines = true
#: units = false      # times from the sites to the units as well
"""


def write_example_settings(path: str | Path) -> Path:
    """Write the example; most of its settings are commented out.

    Raises
    ------
    ConfigError
        The file exists, or cannot be written.
    """
    target = Path(path)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(EXAMPLE.replace("#: ", "# "))
    except FileExistsError:
        raise ConfigError("the file exists", where=str(target), hint="give another name") from None
    except OSError as problem:
        raise ConfigError(
            f"the settings cannot be written: {problem.strerror}", where=str(target)
        ) from problem
    return target
