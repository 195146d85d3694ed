"""Sites on disk: written at once, read as a table, verbs and mini-trees work on them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from shoeroot.errors import SiteError
from shoeroot.events import EventWriter, open_events
from shoeroot.minitrees import example_dataset, example_record
from shoeroot.records import Route, Simulation, Site
from shoeroot.sites import open_sites, routes_frame, sites_frame, write_sites
from shoeroot.sites.wkb import bytes_of, geometries_of

BOX = shapely.box(4, 50, 5, 51)
LINE = shapely.LineString([(4, 50), (5, 51)])


def site(number, **given):
    known = {"event_id": number, "geometry": bytes_of(BOX), "routes": []} | given
    return dataclasses.replace(example_record(Site, 0, np.random.default_rng(number)), **known)


def test_a_table_has_values_and_geometry(tmp_path):
    sites = [site(7, name="Gand", hd_id=5), site(3, geometry=[], koppen="Cfb")]

    table = sites_frame(write_sites(tmp_path / "sites", sites))

    assert table["id"].tolist() == [7, 3]
    assert table["name"][0] == "Gand"
    assert table["koppen"][1] == "Cfb"
    assert table["hd_id"].dtype == np.int64
    assert table.crs == "EPSG:4326"
    assert table.geometry[0].equals(BOX)
    assert table.geometry[1] is None


def test_routes_have_lines_where_they_are_stored(tmp_path):
    ways = [[Route(2, 10.0, 12.0, bytes_of(LINE))], [Route(1, 10.0, 12.0, [])], []]
    sites = [site(number + 1, routes=routes) for number, routes in enumerate(ways)]

    table = routes_frame(write_sites(tmp_path / "sites", sites))

    assert table[["origin", "destination", "minutes"]].to_numpy().tolist() == [
        [1, 2, 10.0],
        [2, 1, 10.0],
    ]
    assert table.geometry[0].equals(LINE)
    assert table.geometry[1] is None


def test_metadata_are_kept_and_new_sites_replace_old_ones(tmp_path):
    folder = write_sites(tmp_path / "sites", [site(1), site(2)], {"made": "first"})

    write_sites(folder, [site(9)], {"made": "second"})

    with open_sites(folder) as events:
        assert events.event_id.tolist() == [9]
        assert events.metadata["made"] == "second"
    assert sorted(path.name for path in folder.iterdir()) == ["events"]


def test_several_parts_are_replaced_together(tmp_path):
    folder = tmp_path / "sites"
    for number in (1, 2):
        with EventWriter(folder / "events", Site) as writer:
            writer.write([site(number)])

    write_sites(folder, [site(3)])

    assert sites_frame(folder)["id"].tolist() == [3]
    assert sorted(path.name for path in folder.iterdir()) == ["events"]


def test_sites_that_cannot_be_written_leave_the_old_ones(tmp_path):
    folder = write_sites(tmp_path / "sites", [site(1)])

    for wrong, problem in (([], "no sites"), ([site(4), site(4)], "2 sites have the id 4")):
        with pytest.raises(SiteError, match=problem):
            write_sites(folder, wrong)
    with pytest.raises(Exception, match="population"):
        write_sites(folder, [site(2, population="many")])

    assert sites_frame(folder)["id"].tolist() == [1]
    assert sorted(path.name for path in folder.iterdir()) == ["events"]


def test_what_a_killed_writer_left_is_no_hindrance(tmp_path):
    folder = write_sites(tmp_path / "sites", [site(1), site(2)])
    # Killed between the two renames of several parts: the old events wait under another name.
    (folder / "events").rename(folder / ".events-before")

    write_sites(folder, [site(3)])

    assert sites_frame(folder)["id"].tolist() == [3]
    assert sorted(path.name for path in folder.iterdir()) == ["events"]


def test_simulations_and_missing_folders_are_no_sites(tmp_path):
    campaign = example_dataset(tmp_path / "campaign", 2)

    with pytest.raises(SiteError, match="no sites but Simulation"):
        open_sites(campaign)
    with pytest.raises(SiteError, match="no such file or folder"):
        open_sites(tmp_path / "none")
    wrong = pytest.raises(SiteError, match="no sites but Simulation")
    with open_events(campaign, record_class=Simulation) as events, wrong:
        sites_frame(events)


def test_bytes_of_geometries_and_back(tmp_path):
    events = open_sites(write_sites(tmp_path / "sites", [site(1), site(2, geometry=[])]))

    with events:
        assert geometries_of(events.geometry)[1] is None
    assert bytes_of(None) == bytes_of(shapely.Polygon()) == []
    assert max(bytes_of(BOX)) < 256


def test_bytes_that_are_no_geometry(tmp_path):
    folder = write_sites(tmp_path / "sites", [site(1, geometry=[1, 2, 3])])

    with pytest.raises(SiteError, match="no geometry"):
        sites_frame(folder)
