"""A country drawn by hand: a city, a town, two units, lights, friction; and its sites.toml."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from shoeroot.sites import Grid, write_grid, write_table

#: West and north of the rasters, near Brussels [m].
WEST, NORTH, CELL = 3_900_000.0, 3_130_000.0, 1000.0
SETTINGS = """\
population = "people.tif"
output = "out"

[units]
path = "units.gpkg"
code = "code"
name = "name"

[[layers.night_lights]]
files = "lights/*.tif"
date = "_%Y%m"

[[layers.built_up]]
files = "built.tif"
epoch = 2020

[friction]
path = "friction.tif"
"""


def draw(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    transform = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    write_grid(path, Grid(values.astype("f4"), transform, CRS(3035), path.name))


def people(town: float = 700.0) -> np.ndarray:
    """A city of 108000 people with 1 km2 of suburb, and a town of nine cells."""
    values = np.zeros((40, 60))
    values[10:16, 10:16] = 3000
    values[10, 16] = 400
    values[20:23, 40:43] = town
    return values


def make_country(folder: Path, settings: str = SETTINGS) -> Path:
    """Write all files and give sites.toml."""
    draw(folder / "people.tif", people())
    draw(folder / "built.tif", np.where(people() > 0, 2.5e5, 0.0))
    draw(folder / "friction.tif", np.full((40, 60), 0.001))
    for number, month in enumerate(("202001", "201907")):
        draw(folder / "lights" / f"lights_{month}.tif", np.where(people() > 0, 5.0 + number, 0.01))
    south = NORTH - 40 * CELL
    middle = WEST + 30 * CELL
    boxes = [
        shapely.box(WEST, south, middle, NORTH),
        shapely.box(middle, south, WEST + 60 * CELL, NORTH),
    ]
    units = geopandas.GeoDataFrame(
        {"code": ["W", "E"], "name": ["West", "East"]}, geometry=boxes, crs=3035
    )
    write_table(units, folder / "units.gpkg")
    path = folder / "sites.toml"
    path.write_text(settings, encoding="utf-8")
    return path
