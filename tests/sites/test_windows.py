"""Extents by windows are those of the whole raster, whatever the windows."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shoeroot.errors import SiteError
from shoeroot.sites import Grid, read_grid, urban_extents, urban_extents_by_window, write_grid

shapes = st.tuples(st.integers(1, 12), st.integers(3, 9))


def drawn(values):
    return shapes.flatmap(
        lambda shape: arrays.arrays("f8", shape, elements=st.sampled_from(values))
    )


def assert_same(whole, windows, labels):
    np.testing.assert_array_equal(read_grid(labels).values, whole.labels)
    plain = whole.table.drop(columns="geometry")
    assert plain.equals(windows.drop(columns="geometry"))
    assert windows.crs == whole.table.crs
    assert windows.geometry.tolist() == whole.table.geometry.tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("windows")


@settings(max_examples=40, deadline=None)
@given(
    drawn([0.0, 1.1, 400.7, 2000.3, 2000.3, -200.0, np.nan]),
    st.integers(1, 5),
    st.sampled_from(["degurba", "gost"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_labels_are_stable_under_tiling(folder, people, rows, rule, queen, smooth, turn):
    width = 360 / people.shape[1]
    place = (Affine(width, 0, -180, 0, -1, 3), "EPSG:4326")
    grid = Grid(people, *(place if turn else (Affine(1000, 0, 0, 0, -1000, 0), "EPSG:3035")))
    areas = np.broadcast_to(grid.cell_areas_km2(), grid.shape).max()
    given = {"population": 4000, "smooth": smooth, "queen": queen}
    if rule == "degurba":
        given |= {"density": 400 / areas, "hole_km2": 2.5 * areas}
    path = write_grid(folder / "people.tif", grid)

    whole = urban_extents(grid, rule=rule, **given)
    windows = urban_extents_by_window(
        path, rule=rule, window_rows=rows, labels=folder / "labels.tif", **given
    )

    assert_same(whole, windows, folder / "labels.tif")


@settings(max_examples=20, deadline=None)
@given(
    shapes.flatmap(
        lambda shape: st.tuples(
            arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 0.0, 300.0, 2000.0])),
            arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 4e5, 1e6, 1e6])),
            arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 2e5, 6e5])),
        )
    ),
    st.integers(1, 4),
    st.sampled_from(["urban_centre", "urban_cluster"]),
)
def test_land_and_buildings_are_read_by_window(folder, surfaces, rows, level):
    names = ("people", "land", "built")
    grids = [Grid(each, Affine(1000, 0, 0, 0, -1000, 0), "EPSG:3035") for each in surfaces]
    people, land, built = (
        write_grid(folder / f"{name}.tif", grid) for name, grid in zip(names, grids, strict=True)
    )

    whole = urban_extents(grids[0], land=grids[1], built=grids[2], level=level, population=5000)
    windows = urban_extents_by_window(
        people,
        land=land,
        built=built,
        level=level,
        population=5000,
        window_rows=rows,
        labels=folder / "labels.tif",
    )

    assert_same(whole, windows, folder / "labels.tif")


def test_projections_with_other_areas_in_each_cell(folder):
    people = np.random.default_rng(5).choice([0.0, 1499.9, 1500.1], (60, 80))
    grid = Grid(people, Affine(1000, 0, 900_000, 0, -1000, 6e6), "EPSG:32631")
    path = write_grid(folder / "people.tif", grid)

    whole = urban_extents(grid, population=4000)
    windows = urban_extents_by_window(
        path, population=4000, window_rows=7, labels=folder / "labels.tif"
    )

    assert len(whole) > 2
    assert_same(whole, windows, folder / "labels.tif")


def test_nothing_urban_is_an_empty_table(tmp_path, draw_grid):
    path = write_grid(tmp_path / "people.tif", draw_grid([[0.0, 1.0]]))

    for rule in ("degurba", "gost"):
        found = urban_extents_by_window(path, rule=rule, labels=tmp_path / "labels.tif")

        assert len(found) == 0
        assert found.crs.to_epsg() == 3035
        assert not read_grid(tmp_path / "labels.tif").values.any()


def test_scratch_files_are_removed(tmp_path, draw_grid):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = write_grid(tmp_path / "people.tif", draw_grid(np.full((5, 5), 3000.0)))

    urban_extents_by_window(path, scratch=scratch)

    assert list(scratch.iterdir()) == []


def test_what_does_not_fit_is_refused(tmp_path, draw_grid):
    path = write_grid(tmp_path / "people.tif", draw_grid(np.full((5, 5), 3000.0)))
    land = write_grid(tmp_path / "land.tif", draw_grid(np.full((4, 5), 1e6)))

    with pytest.raises(SiteError, match="use the permanent land with the population") as caught:
        urban_extents_by_window(path, land=land)
    assert "people.tif" in caught.value.where
    assert "land.tif" in caught.value.where
    with pytest.raises(SiteError, match="does not look at `land`"):
        urban_extents_by_window(path, land=land, rule="gost")
    with pytest.raises(SiteError, match="at least one row"):
        urban_extents_by_window(path, window_rows=0)
    with pytest.raises(SiteError, match="cannot be opened"):
        urban_extents_by_window(tmp_path / "none.tif")
