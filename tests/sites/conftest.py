"""Fixtures of the tests of sites: the data of Belgium, and grids and squares drawn by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from affine import Affine

from shoeroot.sites import Grid, read_grid, read_units, urban_extents

#: Not in the distribution: it lies beside the repository.
BELGIUM = Path(__file__).parents[3] / "shared" / "data" / "sites" / "belgium"

EQUAL_AREA = "EPSG:3035"


@pytest.fixture(scope="session")
def belgium() -> Path:
    if not BELGIUM.is_dir():
        pytest.skip("the rasters and communes of ../shared/data/sites/belgium are not here")
    return BELGIUM


@pytest.fixture(scope="session")
def belgian_people(belgium) -> Grid:
    return read_grid(belgium / "POP.tif")


@pytest.fixture(scope="session")
def communes(belgium):
    return read_units(belgium / "units_belgium_moll.gpkg", code="UID", name="NAME_4")


@pytest.fixture(scope="session")
def belgian_centres(belgian_people):
    return urban_extents(belgian_people, level="urban_centre")


@pytest.fixture(scope="session")
def belgian_clusters(belgian_people):
    return urban_extents(belgian_people, level="urban_cluster")


@pytest.fixture(scope="session")
def draw_grid():
    """Make a grid of cells of a kilometre, the south-western corner at (4000000, 3000000)."""

    def draw(values, crs=EQUAL_AREA, west=4e6, south=3e6, cell=1000.0) -> Grid:
        values = np.asarray(values, dtype=float)
        transform = Affine(cell, 0, west, 0, -cell, south + cell * values.shape[0])
        return Grid(values, transform, crs, "drawn")

    return draw


@pytest.fixture(scope="session")
def draw_boxes():
    """Make places out of boxes, in kilometres from the south-western corner of drawn grids."""

    def draw(boxes, column="id", ids=None, crs=EQUAL_AREA):
        polygons = [
            shapely.box(4e6 + 1e3 * w, 3e6 + 1e3 * s, 4e6 + 1e3 * e, 3e6 + 1e3 * n)
            for w, s, e, n in boxes
        ]
        ids = list(range(1, len(boxes) + 1)) if ids is None else ids
        return geopandas.GeoDataFrame({column: ids}, geometry=polygons, crs=crs)

    return draw
