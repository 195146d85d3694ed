"""Maps show extents, units and routes; a page without a network shows a picture."""

from __future__ import annotations

import io
import json
import re

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import image

from shoeroot.errors import SiteError
from shoeroot.sites import interactive_map, static_map


@pytest.fixture
def places(draw_boxes):
    places = draw_boxes([(0, 0, 6, 5), (1, 1, 3, 3), (8, 2, 10, 4)])
    places["level"] = ["urban_cluster", "urban_centre", "urban_cluster"]
    places["name"] = ["Around", "Middle", "</script><b>bold"]
    places["population"] = [9000.0, 60000.0, np.nan]
    return places


@pytest.fixture
def units(draw_boxes):
    units = draw_boxes([(0, 0, 5, 6), (5, 0, 12, 6)], "code", ["01", "02"])
    return units.assign(**{"name": ["West", "East"], "class": ["city", "rural"]})


@pytest.fixture
def routes(places):
    middle = places.geometry.centroid
    line = shapely.LineString([middle[1], middle[2]])
    return geopandas.GeoDataFrame(
        {"origin": [2], "destination": [3], "minutes": [12.5], "km": [7.25]},
        geometry=[line],
        crs=places.crs,
    )


def pixels(figure):
    """The picture as shares of red, green and blue, shape (rows, columns, 3)."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=50)
    picture.seek(0)
    return image.imread(picture)[..., :3]


def area_of(figure, colour, tolerance=0.06):
    """The share of a picture that has a colour."""
    return (np.abs(pixels(figure) - np.array(colour)).max(axis=-1) < tolerance).mean()


def layers_of(page):
    return re.findall(r'"([^"]+ \(\d+\))"', page.get_root().render())


def collections_of(page):
    """The features that a page holds, one list a layer."""
    text = page.get_root().render()
    found = re.findall(r"_add\((\{.*\})\);", text)
    return [json.loads(one)["features"] for one in found]


def test_the_page_has_a_layer_for_each_kind(places, units, routes):
    page = interactive_map(places, units, routes)

    names = [name for name in layers_of(page) if "(" in name]
    assert sorted(set(names)) == [
        "Routes (1)",
        "Units (2)",
        "Urban centre (1)",
        "Urban cluster (2)",
    ]
    assert [len(features) for features in collections_of(page)] == [2, 2, 1, 1]


def test_tooltips_tell_names_people_and_minutes(places, units, routes):
    page = interactive_map(places, units, routes)

    areas, clusters, centres, lines = (
        [feature["properties"] for feature in layer] for layer in collections_of(page)
    )
    assert areas[0] == {"name": "West", "code": "01", "class": "city"}
    assert centres[0]["population"] == "60,000"
    assert centres[0]["level"] == "Urban centre"
    assert clusters[1]["population"] == ""
    assert (lines[0]["minutes"], lines[0]["km"]) == ("12.5", "7.25")


def test_names_from_files_are_no_html(places):
    text = interactive_map(places).get_root().render()

    assert "<b>bold" not in text
    assert "&lt;b&gt;bold" in text.replace("\\u0026", "&")


def test_geometry_is_in_longitude_and_latitude(places):
    (clusters, _) = collections_of(interactive_map(places))

    west, south, east, north = shapely.bounds(shapely.geometry.shape(clusters[0]["geometry"]))
    expected = places.to_crs("EPSG:4326").geometry[0].bounds
    assert (west, south, east, north) == pytest.approx(expected, abs=1e-5)


def test_the_page_is_written_and_shows_a_picture_without_a_network(places, tmp_path):
    path = tmp_path / "map.html"
    path.write_text("what was here before")

    interactive_map(places, path=path)

    text = path.read_text(encoding="utf-8")
    assert 'typeof L === "undefined"' in text
    assert 'src="data:image/png;base64,iVBOR' in text
    assert [one.name for one in tmp_path.iterdir()] == ["map.html"]


def test_a_page_needs_no_background(places):
    assert "tileLayer" in interactive_map(places).get_root().render()
    assert "tileLayer" not in interactive_map(places, tiles=None).get_root().render()
    with pytest.raises(SiteError, match="'Mars' is not known"):
        interactive_map(places, tiles="Mars")


def test_a_page_that_cannot_be_written_is_an_error(places, tmp_path):
    with pytest.raises(SiteError, match="cannot be written"):
        interactive_map(places, path=tmp_path / "nowhere" / "map.html")
    with pytest.raises(SiteError, match="cannot be written"):
        static_map(places, path=tmp_path / "nowhere" / "map.png")
    for name in ("map", "map.xyz"):
        with pytest.raises(SiteError, match="cannot be drawn as") as caught:
            static_map(places, path=tmp_path / name)
        assert "*.png" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_the_picture_shows_centres_over_clusters_whatever_their_order(places, units):
    red, orange = (0.736, 0.186, 0.236), (0.94, 0.72, 0.62)

    there = static_map(places, units, names=0)
    turned = static_map(places.iloc[::-1], units, names=0)

    assert area_of(there, red) > 0.01
    assert area_of(there, orange) > 5 * area_of(there, red)
    assert area_of(turned, red) == pytest.approx(area_of(there, red), rel=0.05)


def test_the_largest_places_are_named_and_none_over_another(places):
    axes = static_map(places, names=2).axes[0]

    written = [text.get_text() for text in axes.texts]
    assert "Middle" in written
    assert len([text for text in written if "km" not in text]) <= 2
    assert not [text for text in static_map(places, names=0).axes[0].texts if "Mid" in str(text)]


def test_the_scale_is_round_and_true(places):
    axes = static_map(places, names=0).axes[0]

    (bar,) = (line for line in axes.lines if len(line.get_xdata()) == 2)
    length = float(np.ptp(bar.get_xdata()))
    assert axes.texts[0].get_text() == f"{length / 1000:g} km"
    assert length in (1000, 2000, 5000)


def test_numbers_colour_places_with_a_bar(places):
    figure = static_map(places, colour_by="population")

    assert [axes.get_ylabel() for axes in figure.axes[1:]] == ["population"]
    with pytest.raises(SiteError, match="did you mean 'population'"):
        static_map(places, colour_by="populations")
    with pytest.raises(SiteError, match="holds no numbers"):
        static_map(places, colour_by="name")


def test_routes_are_coloured_by_minutes(places, routes):
    figure = static_map(places, routes=routes)

    assert [axes.get_ylabel() for axes in figure.axes[1:]] == ["minutes"]
    assert len(static_map(places, routes=routes.drop(columns="minutes")).axes) == 1


def test_short_ways_lie_over_long_ones(places, routes):
    both = pd.concat([routes.assign(minutes=one) for one in (5.0, 90.0, 30.0)], ignore_index=True)

    (lines,) = static_map(places, routes=both).axes[0].collections[-1:]

    assert lines.get_array().tolist() == [90, 30, 5]


def test_extents_are_drawn_as_their_table(belgian_centres, tmp_path):
    figure = static_map(belgian_centres, path=tmp_path / "map.png", title="Centres")

    assert figure.axes[0].get_title(loc="left") == "Centres"
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_nothing_to_draw_is_an_error(places):
    for draw in (interactive_map, static_map):
        with pytest.raises(SiteError, match="nothing to draw"):
            draw(places.iloc[:0])
        with pytest.raises(SiteError, match="no coordinate reference system"):
            draw(places.set_crs(None, allow_override=True))


def test_empty_layers_are_left_out(places, units, routes):
    page = interactive_map(places.iloc[:0], units, routes.iloc[:0])

    assert set(layers_of(page)) == {"Units (2)"}
    assert static_map(places.iloc[:0], units, routes.iloc[:0]).axes


def test_a_map_across_the_antimeridian_is_drawn_in_one_piece():
    boxes = [shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -179, -16)]
    places = geopandas.GeoDataFrame({"id": [1, 2]}, geometry=boxes, crs="EPSG:4326")

    axes = static_map(places).axes[0]
    page = interactive_map(places).get_root().render()

    assert np.ptp(axes.get_xlim()) < 500e3
    assert re.search(r"fitBounds\(\s*\[\[-18(.0)?, 178(.0)?\], \[-16(.0)?, 181(.0)?\]\]", page)


def test_frames_of_several_levels_are_joined(belgian_centres, belgian_clusters, communes):
    both = pd.concat([belgian_clusters.table, belgian_centres.table], ignore_index=True)

    assert area_of(static_map(both, communes), (0.736, 0.186, 0.236), 0.08) > 0.005


@pytest.mark.parametrize("nothing", [None, np.nan, ""])
def test_places_without_a_name_have_none_on_the_map(places, nothing):
    places["name"] = pd.Series([nothing] * 3, dtype=object)

    features = [feature for layer in collections_of(interactive_map(places)) for feature in layer]

    assert {feature["properties"]["name"] for feature in features} == {""}
    written = [text.get_text() for text in static_map(places).axes[0].texts]
    assert [text for text in written if not text.endswith("km")] == []
