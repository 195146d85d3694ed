"""Layers of places, compared with figures computed by hand, and read from files and over HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.records.site import (
    BuiltUp,
    Flood,
    NightLight,
    ParticulateMatter,
)
from shoeroot.sites import (
    KOPPEN_CLASSES,
    ClimateFile,
    FloodScenario,
    RasterBand,
    built_up,
    climate,
    climate_figures,
    climate_records,
    floods,
    koppen,
    months_of,
    night_lights,
    particulate_matter,
    write_grid,
)

NAN = pytest.approx(float("nan"), nan_ok=True)


def figures(record):
    return [getattr(record, name) for name in type(record).__dataclass_fields__]


# Night lights


def test_night_lights_are_those_of_lit_cells_month_by_month(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 2, 2), (2, 0, 3, 1)])
    june = draw_grid([[0.05, 0.1, 7], [2, np.nan, 0.09]])
    july = draw_grid([[1, 1, 1], [1, 1, 5]])

    lights = night_lights(places, {"2019-07": july, "2019-06": june})

    assert lights[0] == [
        NightLight("2019-06", pytest.approx(2.1), 0.1, 2.0, pytest.approx(1.05), 2.0),
        NightLight("2019-07", 4.0, 1.0, 1.0, 1.0, 4.0),
    ]
    assert lights[1] == [
        NightLight("2019-06", 0.0, NAN, NAN, NAN, 0.0),  # nothing is lit
        NightLight("2019-07", 5.0, 5.0, 5.0, 5.0, 1.0),
    ]


def test_the_mean_of_lights_is_by_area_in_degrees_too(draw_grid, draw_boxes):
    lights = draw_grid([[1.0], [3.0]], crs="EPSG:4326", west=0, south=0, cell=40.0)
    place = draw_boxes([(0, 0, 1, 1)])
    place.geometry = [type(place.geometry[0]).from_bounds(0, 0, 40, 80)]
    place = place.set_crs("EPSG:4326", allow_override=True)

    light = night_lights(place, {"2020-01": lights})[0][0]

    north = np.sin(np.radians(80)) - np.sin(np.radians(40))
    south = np.sin(np.radians(40))
    assert light.mean == pytest.approx((north + 3 * south) / (north + south), abs=5e-3)
    assert light.sum == 4.0


def test_infinite_values_are_not_counted(draw_grid, draw_boxes):
    grid = draw_grid([[np.inf, 2.0]])

    ((light,),) = night_lights(draw_boxes([(0, 0, 2, 1)]), {"2020-01": grid})

    assert (light.sum, light.max, light.lit_km2) == pytest.approx((2, 2, 1))


@pytest.mark.parametrize("month", ["2019-13", "201907", "2019-7", 7])
def test_a_month_that_is_none_is_refused(draw_grid, draw_boxes, month):
    with pytest.raises(SiteError, match=re.escape(f"{month!r} is no month")):
        night_lights(draw_boxes([(0, 0, 1, 1)]), {month: draw_grid([[1]])})


def test_no_months_are_an_empty_list_for_each_place(draw_boxes):
    assert night_lights(draw_boxes([(0, 0, 1, 1), (1, 0, 2, 1)]), {}) == [[], []]


def test_several_threads_give_the_same(draw_grid, draw_boxes, tmp_path):
    rng = np.random.default_rng(0)
    places = draw_boxes([(x, y, x + 3.3, y + 2.7) for x in range(9) for y in range(9)])
    files = {
        f"20{year:02}-{month:02}": write_grid(
            tmp_path / f"{year}-{month}.tif", draw_grid(rng.random((15, 15)))
        )
        for year in range(3)
        for month in range(1, 13)
    }

    together = night_lights(places, files, threads=8)

    assert together == night_lights(places, files)
    with pytest.raises(SiteError, match="At least one thread"):
        night_lights(places, files, threads=0)


def test_progress_is_shown_when_asked_for(draw_grid, draw_boxes, capsys):
    night_lights(draw_boxes([(0, 0, 1, 1)]), {"2019-07": draw_grid([[1]])}, show_progress=True)

    assert "night lights: 1/1" in capsys.readouterr().err


def test_lights_of_belgian_communes(belgium, communes):
    raster = belgium / "processed-viirs-light-belgium.tif"

    lights = night_lights(communes, {"2019-07": raster})

    by_code = {code: one[0] for code, one in zip(communes["code"], lights, strict=True)}
    antwerp, rural = by_code["11002"], by_code["92138"]  # Fernelmont
    assert antwerp.mean > 10 * rural.mean
    assert antwerp.lit_km2 < 206
    assert all(0.1 <= light.min <= light.mean <= light.max for light in by_code.values())
    with rasterio.open(raster) as file:
        everything = np.nansum(file.read(1))
    assert 0.5 * everything < sum(light.sum for light in by_code.values()) < everything


# Built-up


def test_built_up_surface_is_shared_by_the_whole_area(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 2, 1), (0, 0, 0.5, 1)])
    hectares = RasterBand(draw_grid([[20, np.nan]]), scale=1e4)

    built = built_up(places, {2020: draw_grid([[3e5, 1e5]]), 1975: hectares})

    assert built[0] == [BuiltUp(1975, 2e5, 0.1), BuiltUp(2020, 4e5, 0.2)]
    assert built[1] == [BuiltUp(1975, 1e5, 0.2), BuiltUp(2020, 1.5e5, 0.3)]


def test_an_epoch_is_a_whole_number(draw_grid, draw_boxes):
    with pytest.raises(SiteError, match="'2020' is no year"):
        built_up(draw_boxes([(0, 0, 1, 1)]), {"2020": draw_grid([[1]])})


def test_built_up_surface_of_belgian_communes(belgium, communes):
    built = [each[0] for each in built_up(communes, {2020: belgium / "BUILT_S.tif"})]

    assert all(0 <= each.share < 0.6 for each in built)
    assert 1.3e9 < sum(each.m2 for each in built) < 1.7e9  # 4294967295 is nowhere counted


# Fine particles


def test_particles_are_averaged_by_area_and_by_people(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 2, 1), (2, 0, 3, 1)])
    people = draw_grid([[300, 100, 0]])

    particles = particulate_matter(
        places,
        {2019: draw_grid([[20, 12, 5]]), 2018: draw_grid([[8, np.nan, 5]])},
        population=people,
    )

    assert particles[0] == [ParticulateMatter(2018, 8.0, 8.0), ParticulateMatter(2019, 16.0, 18.0)]
    assert particles[1] == [ParticulateMatter(2018, 5.0, NAN), ParticulateMatter(2019, 5.0, NAN)]


# Floods

DEPTHS = [[0, 1, np.nan], [0.2, 2, 3]]
PEOPLE = [[10, 20, 30], [40, 50, 60]]


@pytest.mark.parametrize(("depth_cell", "people_cell"), [(1, 1), (4, 1), (1, 4)])
def test_floods_are_shares_people_and_depths(draw_grid, draw_boxes, depth_cell, people_cell):
    """The people's cells may be finer or coarser than those of the depths."""
    depth = np.kron(DEPTHS, np.ones((depth_cell, depth_cell)))
    people = np.kron(PEOPLE, np.ones((people_cell, people_cell))) / people_cell**2
    places = draw_boxes([(0, 0, 2, 2), (1.5, 0, 3, 1)])

    flooded = floods(
        places,
        {("fluvial", 100, 2020): draw_grid(depth, cell=1000 / depth_cell)},
        population=draw_grid(people, cell=1000 / people_cell),
        thresholds=(1.5, 0),
    )

    assert [figures(flood) for flood in flooded[0]] == [
        ["fluvial", 100, 2020, 0.0, 0.75, pytest.approx(110), pytest.approx(3.2 / 3)],
        ["fluvial", 100, 2020, 1.5, 0.25, pytest.approx(50), 2.0],
    ]
    assert flooded[1][0].share == 1
    assert flooded[1][0].population == pytest.approx(85)
    assert flooded[1][0].mean_depth == pytest.approx(4 / 1.5)


def test_floods_come_in_order_and_dry_places_have_no_depth(draw_grid, draw_boxes):
    dry, wet = draw_grid([[0.0]]), draw_grid([[999.0]])
    files = {
        FloodScenario("pluvial", 100, 2020): dry,
        FloodScenario("fluvial", 100, 2020): dry,
        FloodScenario("fluvial", 20, 2050): wet,
        FloodScenario("fluvial", 20, 2020): wet,
    }

    flooded = floods(draw_boxes([(0, 0, 1, 1)]), files, population=draw_grid([[5]]), valid=(0, 900))

    assert [(flood.type, flood.return_period, flood.year) for flood in flooded[0]] == [
        ("fluvial", 20, 2020),
        ("fluvial", 20, 2050),
        ("fluvial", 100, 2020),
        ("pluvial", 100, 2020),
    ]
    # 999 stands for rivers and lakes, and is outside of the valid range.
    assert all(figures(flood)[4:] == [0, 0, NAN] for flood in flooded[0])


def test_a_negative_threshold_is_refused(draw_grid, draw_boxes):
    grid = draw_grid([[1]])
    for thresholds in ((), (-1,)):
        with pytest.raises(SiteError, match="Thresholds are depths"):
            floods(draw_boxes([(0, 0, 1, 1)]), {}, population=grid, thresholds=thresholds)


def test_a_place_outside_of_a_flood_raster_is_not_known(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 1, 1), (9, 9, 10, 10)])
    depth, people = draw_grid([[1.0]]), draw_grid(np.ones((10, 10)))

    with pytest.warns(SiteWarning, match="1 of 2 places lie outside of drawn"):
        flooded = floods(places, {("coastal", 10, 2020): depth}, population=people)

    assert isinstance(flooded[1][0], Flood)
    assert np.isnan([flooded[1][0].share, flooded[1][0].population]).all()


# Climate


def test_climate_is_weighted_by_people_and_years_differ(draw_grid, draw_boxes):
    people = draw_grid([[300, 100]])
    files = {
        ClimateFile("t_mean", 1, 2001): draw_grid([[4, 8]]),
        ClimateFile("t_mean", 1, 2000): draw_grid([[2, 6]]),
        ClimateFile("precipitation", 1, 2000): draw_grid([[40, 80]]),
        ClimateFile("precipitation", 1, 2001): draw_grid([[60, 100]]),
        ClimateFile("precipitation", 1, 2002): draw_grid([[80, np.nan]]),
        ClimateFile("t_max", 2): draw_grid([[10, 20]]),
    }

    months = climate(draw_boxes([(0, 0, 2, 1)]), files, population=people)

    january, february = map(figures, months[0])
    deviations = [pytest.approx(2**0.5), pytest.approx(np.std([50, 70, 80], ddof=1))]
    assert january == [1, 4.0, NAN, NAN, pytest.approx(200 / 3), *deviations]
    assert february == [2, NAN, NAN, 12.5, NAN, NAN, NAN]


def test_normals_give_means_and_years_give_deviations(draw_grid, draw_boxes):
    files = {
        ("t_mean", 7, 0): draw_grid([[20]]),
        ("t_mean", 7, 2000): draw_grid([[10]]),
        ("t_mean", 7, 2001): draw_grid([[14]]),
    }

    month = climate(draw_boxes([(0, 0, 1, 1)]), files, population=draw_grid([[1]]))[0][0]

    assert month.t_mean == 20
    assert month.t_mean_deviation == pytest.approx(8**0.5)


def test_bands_are_months_and_kelvin_is_turned(tmp_path, draw_grid, draw_boxes):
    path = tmp_path / "temperature.tif"
    whole = draw_grid(np.zeros((1, 1)))
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=1,
        height=1,
        count=12,
        dtype="float32",
        crs=whole.crs.to_wkt(),
        transform=whole.transform,
    ) as file:
        file.write(np.arange(12, dtype="f4").reshape(12, 1, 1) + 273.15)

    months = climate(
        draw_boxes([(0, 0, 1, 1)]),
        months_of(path, "t_min", offset=-273.15),
        population=draw_grid([[1]]),
    )[0]

    assert [month.month for month in months] == list(range(1, 13))
    assert [month.t_min for month in months] == pytest.approx(range(12), abs=1e-4)


def test_figures_of_several_calls_are_put_together(draw_grid, draw_boxes):
    import pandas as pd

    places, people = draw_boxes([(0, 0, 1, 1)]), draw_grid([[1]])
    files = {
        ClimateFile("t_mean", month, year): draw_grid([[month * year]])
        for month in (1, 2)
        for year in (1, 2, 4)
    }

    steps = [climate_figures(places, {key: files[key]}, population=people) for key in files]

    merged = climate_records(pd.concat(steps, axis=1))
    at_once = climate(places, files, population=people)
    np.testing.assert_equal(
        [[*map(figures, place)] for place in merged], [[*map(figures, place)] for place in at_once]
    )
    assert [month.t_mean for month in merged[0]] == pytest.approx([7 / 3, 14 / 3])


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (("t_men", 1, 2000), r"no climate variable 't_men'(.|\n)*did you mean 't_mean'"),
        (("t_mean", 13, 2000), "13 is no month"),
    ],
)
def test_unknown_variables_and_months_are_refused(draw_grid, draw_boxes, file, problem):
    grid = draw_grid([[1]])

    with pytest.raises(SiteError, match=problem):
        climate(draw_boxes([(0, 0, 1, 1)]), {file: grid}, population=grid)


# Climate classes


def test_the_numbers_of_climate_classes_are_those_of_beck():
    assert len(KOPPEN_CLASSES) == 30
    named = {KOPPEN_CLASSES[number] for number in (1, 4, 7, 8, 14, 15, 17, 25, 26, 29, 30)}
    assert named == {"Af", "BWh", "BSk", "Csa", "Cfa", "Cfb", "Dsa", "Dfa", "Dfb", "ET", "EF"}


def test_the_climate_class_is_that_of_the_centroid_or_of_most_people(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 3, 2), (2, 0, 3, 1)])
    classes = draw_grid([[15, 15, 15], [8, 14, 30]])
    people = draw_grid([[1, 1, 1], [99, 1, 60]])

    at_centroids = koppen(draw_boxes([(0.5, 0, 2.5, 1), (2, 0, 3, 1)]), classes)
    of_most_people = koppen(places, classes, population=people)

    assert at_centroids == ["Cfa", "EF"]
    assert of_most_people == ["Csa", "EF"]


def test_the_sea_is_no_climate_class(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 2, 1), (1, 0, 2, 1), (2, 0, 3, 1)])
    classes = draw_grid([[15, 0, 0]])

    # The centroid of the first lies on the border of a cell of sea.
    assert koppen(places, classes) == ["Cfb", "", ""]
    assert koppen(places, classes, population=draw_grid([[0, 5, 5]])) == ["Cfb", "", ""]


def test_a_raster_of_something_else_is_no_climate(draw_grid, draw_boxes):
    with pytest.raises(SiteError, match=r"No number of the raster is a climate class: \[210\]"):
        koppen(draw_boxes([(0, 0, 1, 1)]), draw_grid([[210]]))


# Remote rasters


@pytest.fixture
def address(tmp_path):
    script = Path(__file__).with_name("range_server.py")
    with subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True
    ) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.terminate()


def test_a_remote_raster_is_read(address, tmp_path, draw_grid, draw_boxes):
    write_grid(tmp_path / "lights.tif", draw_grid([[1.0, 3.0]]))

    lights = night_lights(draw_boxes([(0, 0, 2, 1)]), {"2019-07": f"{address}/lights.tif"})

    assert lights[0][0].sum == 4.0


def test_a_remote_raster_that_is_not_there_is_an_error(address, draw_boxes):
    with pytest.raises(SiteError, match="cannot be opened"):
        night_lights(draw_boxes([(0, 0, 2, 1)]), {"2019-07": f"{address}/nothing.tif"})
