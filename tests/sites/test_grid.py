"""Grids: read as they lie on the Earth, whatever the file's order, and refused when unclear."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from shoeroot.errors import SiteError
from shoeroot.sites import Grid, open_raster, read_grid, write_grid

VALUES = np.arange(12, dtype="f4").reshape(3, 4)
NORTH_UP = Affine(1000, 0, 4e6, 0, -1000, 3e6)


@pytest.fixture
def write_raster(tmp_path):
    """Write a GeoTIFF as somebody else would."""

    def write(values, transform=NORTH_UP, crs="EPSG:3035", name="raster.tif", **profile):
        path = tmp_path / name
        bands = np.atleast_3d(values.T).T
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=bands.shape[1],
            width=bands.shape[2],
            count=bands.shape[0],
            dtype=bands.dtype,
            crs=crs,
            transform=transform,
            **profile,
        ) as file:
            file.write(bands)
        return path

    return write


def test_a_raster_is_read_with_its_place(write_raster):
    grid = read_grid(write_raster(VALUES))

    np.testing.assert_array_equal(grid.values, VALUES)
    assert grid.shape == (3, 4)
    assert grid.bounds == (4e6, 3e6 - 3000, 4e6 + 4000, 3e6)
    assert grid.crs.to_epsg() == 3035
    assert grid.name.endswith("raster.tif")
    assert grid.valid.all()


@pytest.mark.parametrize(
    ("stored", "transform"),
    [
        (VALUES[::-1], Affine(1000, 0, 4e6, 0, 1000, 3e6 - 3000)),
        (VALUES[:, ::-1], Affine(-1000, 0, 4e6 + 4000, 0, -1000, 3e6)),
        (VALUES[::-1, ::-1], Affine(-1000, 0, 4e6 + 4000, 0, 1000, 3e6 - 3000)),
    ],
    ids=["south first", "east first", "both"],
)
def test_rows_and_columns_are_turned(write_raster, stored, transform):
    grid = read_grid(write_raster(stored, transform))

    np.testing.assert_array_equal(grid.values, VALUES)
    assert grid.transform == NORTH_UP
    part = read_grid(grid.name, bounds=(4e6 + 1000, 3e6 - 3000, 4e6 + 3000, 3e6 - 1000))
    np.testing.assert_array_equal(part.values, VALUES[1:, 1:3])
    windows = list(open_raster(grid.name).windows(2))
    assert [(each.first, each.last) for each in windows] == [(0, 2), (2, 3)]
    np.testing.assert_array_equal(np.concatenate([each.grid.values for each in windows]), VALUES)


def test_nodata_and_masks_are_nan(write_raster):
    assert np.isnan(read_grid(write_raster(VALUES, nodata=5)).values[1, 1])
    whole = read_grid(write_raster(VALUES.astype("u4"), nodata=5, name="whole.tif"))
    assert whole.values.dtype == np.float64
    assert whole.valid.sum() == 11


def test_whole_numbers_without_nodata_stay_whole(write_raster):
    grid = read_grid(write_raster(VALUES.astype("u2")))

    assert grid.values.dtype == np.uint16
    assert grid.valid.all()


def test_scale_and_offset_are_applied(write_raster):
    path = write_raster(VALUES.astype("i2"), nodata=0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (10.0,)

    grid = read_grid(path)

    assert np.isnan(grid.values[0, 0])
    assert grid.values[2, 3] == 11 * 0.5 + 10


def test_values_out_of_range_are_nan(write_raster):
    grid = read_grid(write_raster(VALUES), valid_minimum=2, valid_maximum=9)

    assert grid.valid.sum() == 8
    assert np.nanmin(grid.values) == 2


def test_a_band_is_chosen(write_raster):
    path = write_raster(np.stack([VALUES, VALUES + 100]))

    assert read_grid(path, band=2).values[0, 0] == 100
    with pytest.raises(SiteError, match="2 bands, and not band 3"):
        read_grid(path, band=3)


def test_bounds_take_the_cells_that_they_touch(write_raster):
    path = write_raster(VALUES)

    part = read_grid(path, bounds=(4e6 + 1500, 3e6 - 1500, 4e6 + 2500, 3e6 - 500))

    np.testing.assert_array_equal(part.values, VALUES[:2, 1:3])
    assert part.transform.c == 4e6 + 1000
    with pytest.raises(SiteError, match="No cell lies within"):
        read_grid(path, bounds=(0, 0, 1, 1))
    with pytest.raises(SiteError, match="left, bottom, right and top"):
        read_grid(path, bounds=(1, 0, 0, 1))


@pytest.mark.filterwarnings("ignore", category=NotGeoreferencedWarning)
def test_what_cannot_be_placed_is_refused(write_raster, tmp_path):
    with pytest.raises(SiteError, match="no coordinate reference system"):
        read_grid(write_raster(VALUES, crs=None))
    with pytest.raises(SiteError, match="the grid is turned"):
        read_grid(write_raster(VALUES, NORTH_UP @ Affine.rotation(10)))
    with pytest.raises(SiteError, match="cannot be opened"):
        read_grid(tmp_path / "missing.tif")
    text = tmp_path / "text.tif"
    text.write_text("not a raster")
    with pytest.raises(SiteError, match="cannot be opened"):
        read_grid(text)


def test_a_grid_is_made_north_up():
    with pytest.raises(SiteError, match="north to south"):
        Grid(VALUES, Affine(1, 0, 0, 0, 1, 0), "EPSG:4326")
    with pytest.raises(SiteError, match="not 1 dimensions"):
        Grid(VALUES[0], NORTH_UP, "EPSG:3035")
    with pytest.raises(SiteError, match="no coordinate reference system"):
        Grid(VALUES, NORTH_UP, None)


def test_grids_that_differ_are_named():
    grid = Grid(VALUES, NORTH_UP, "EPSG:3035", "people.tif")
    moved = Grid(VALUES, Affine(1000, 0, 4e6 + 500, 0, -1000, 3e6), "EPSG:3035", "land.tif")
    elsewhere = Grid(VALUES[:2], NORTH_UP, "EPSG:32631", "built.tif")

    grid.same_as(Grid(VALUES, Affine(1000, 0, 4e6 + 0.1, 0, -1000, 3e6), "EPSG:3035"))
    with pytest.raises(SiteError, match=r"transforms") as caught:
        grid.same_as(moved, "add them")
    assert caught.value.where == "people.tif and land.tif"
    assert "Cannot add them" in caught.value.problem
    with pytest.raises(SiteError, match=r"CRS .*; shapes \(3, 4\) and \(2, 4\)"):
        grid.same_as(elsewhere)


def test_a_grid_is_written_and_read_again(tmp_path):
    values = VALUES.copy()
    values[0, 0] = np.nan
    for kind in ("f4", "f8", "i4", "bool"):
        written = (np.nan_to_num(values) if kind in ("i4", "bool") else values).astype(kind)
        path = write_grid(tmp_path / f"{kind}.tif", Grid(written, NORTH_UP, "ESRI:54009"))

        read = read_grid(path)

        np.testing.assert_array_equal(read.values, written.astype(read.values.dtype))
        assert read.transform == NORTH_UP
        assert read.crs.equals(Grid(written, NORTH_UP, "ESRI:54009").crs)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = write_grid(tmp_path / "kept.tif", Grid(VALUES, NORTH_UP, "EPSG:3035"))

    with pytest.raises(SiteError, match="cannot be written"):
        write_grid(path, Grid(VALUES.astype("c8").astype(object), NORTH_UP, "EPSG:3035"))

    np.testing.assert_array_equal(read_grid(path).values, VALUES)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.tif"]
    with pytest.raises(SiteError, match="folder does not exist"):
        write_grid(tmp_path / "nowhere" / "a.tif", Grid(VALUES, NORTH_UP, "EPSG:3035"))


def test_a_part_knows_its_place():
    grid = Grid(VALUES, NORTH_UP, "EPSG:3035")

    part = grid.part(slice(1, 3), slice(2, 4))

    np.testing.assert_array_equal(part.values, VALUES[1:, 2:])
    assert part.bounds == (4e6 + 2000, 3e6 - 3000, 4e6 + 4000, 3e6 - 1000)
    with pytest.raises(SiteError, match="do not fit"):
        grid.with_values(VALUES[:2])


def test_windows_have_margins(write_raster):
    window = list(open_raster(write_raster(VALUES)).windows(1, margin=1))[1]

    assert (window.first, window.last, window.top, window.bottom) == (1, 2, 0, 3)
    np.testing.assert_array_equal(window.grid.values, VALUES)
