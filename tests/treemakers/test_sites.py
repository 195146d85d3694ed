"""TreeMakers of sites: rows in order, units, any sites, and the right events for each."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from shoeroot import treemakers
from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.events import EventWriter, merge
from shoeroot.minitrees import (
    TreeMaker,
    check,
    example_dataset,
    example_record,
    load,
    make_minitrees,
)
from shoeroot.records import AdminUnit, BuiltUp, NightLight, Route, Site
from shoeroot.testing import check_treemaker, records_of

NAMES = ["SiteBasics", "NightLights", "BuiltUp", "ODMatrix", "AdminJoin"]
numbers = itertools.count()


@pytest.fixture
def write(tmp_path):
    """Write sites with these fields, and give the folder."""

    def written(*fields):
        folder = tmp_path / f"sites{next(numbers)}"
        empty = {name: [] for name in ("admin", "ntl", "built", "flood", "climate", "pm25")}
        random = np.random.default_rng(0)
        sites = [
            dataclasses.replace(
                example_record(Site, 0, random),
                **{"event_id": number, "routes": [], **empty, **given},
            )
            for number, given in enumerate(fields)
        ]
        with EventWriter(folder / "events", Site, batch=2) as writer:
            writer.write(sites)
        return folder

    return written


def light(month, total):
    return NightLight(month, total, 1.0, 2.0, 1.5, 10.0)


@pytest.mark.parametrize("name", NAMES)
def test_units_descriptions_and_chunks_are_checked(name):
    check_treemaker(name)


def test_there_are_those_that_the_documentation_lists():
    of_sites = [
        name
        for name in treemakers.__all__
        if isinstance(getattr(treemakers, name), type)
        and issubclass(getattr(treemakers, name), TreeMaker)
        and getattr(treemakers, name).events_of == "Site"
    ]

    assert sorted(of_sites) == sorted(NAMES)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(records=records_of(Site, min_size=1, max_size=3, max_items=2))
def test_any_sites_give_their_rows(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    with EventWriter(folder / "events", Site, batch=2) as writer:
        writer.write(records)
    wanted = {
        "SiteBasics": len(records),
        "NightLights": sum(len(site.ntl) for site in records),
        "BuiltUp": sum(len(site.built) for site in records),
        "ODMatrix": sum(len(site.routes) for site in records),
        "AdminJoin": sum(len(site.admin) for site in records),
    }

    assert {name: len(load(folder, name)) for name in NAMES} == wanted


def test_density_is_people_over_area(write):
    folder = write({"population": 100.0, "area_km2": 4.0}, {"population": 5.0, "area_km2": 0.0})

    density = load(folder)["density"]

    assert density[0] == 25
    assert np.isnan(density[1])


def test_months_are_sorted_within_a_site(write):
    folder = write(
        {"ntl": [light("2020-01", 3.0), light("2019-02", 1.0), light("2019-11", 2.0)]},
        {"ntl": []},
        {"ntl": [light("2018-12", 4.0)]},
    )

    data = load(folder, "NightLights")

    assert data["event_id"].tolist() == [0, 0, 0, 2]
    assert data["month"].tolist() == ["2019-02", "2019-11", "2020-01", "2018-12"]
    assert data["light_sum"].tolist() == [1, 2, 3, 4]


def test_epochs_are_sorted_within_a_site(write):
    folder = write({"built": [BuiltUp(2020, 2.0, 0.2), BuiltUp(1975, 1.0, 0.1)]})

    data = load(folder, "BuiltUp")

    assert data[["epoch", "built_m2", "built_share"]].to_numpy().tolist() == [
        [1975, 1.0, 0.1],
        [2020, 2.0, 0.2],
    ]


def test_the_matrix_is_sorted_by_destination_and_has_speeds(write):
    folder = write(
        {"routes": [Route(2, 30.0, 30.0, []), Route(1, 60.0, 30.0, [1])]},
        {"routes": [Route(0, 0.0, 0.0, [])]},
        {},
    )

    data = load(folder, "ODMatrix")

    assert data[["event_id", "to"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 0]]
    assert data["speed"].tolist()[:2] == [30, 60]
    assert np.isnan(data["speed"][2])


def test_units_are_ranked_by_people_and_then_area(write):
    units = [
        AdminUnit("a", "A", 0.0, 1.0),
        AdminUnit("b", "B", 30.0, 1.0),
        AdminUnit("c", "C", 0.0, 2.0),
        AdminUnit("d", "D", 10.0, 9.0),
    ]
    folder = write({"admin": units}, {}, {"admin": [AdminUnit("e", "E", 0.0, 1.0)]})

    data = load(folder, "AdminJoin")

    assert data["admin_code"].tolist() == ["b", "d", "c", "a", "e"]
    assert data["admin_rank"].tolist() == [0, 1, 2, 3, 0]
    assert data["admin_share"].tolist()[:4] == [0.75, 0.25, 0, 0]
    assert np.isnan(data["admin_share"][4])


def test_no_sites_with_anything_give_empty_tables_with_their_columns(write):
    folder = write({}, {})

    for name in NAMES[1:]:
        data = load(folder, name)
        assert len(data) == 0
        assert set(getattr(treemakers, name).columns) <= set(data)


def test_a_treemaker_for_other_events_says_so(write, tmp_path):
    sites, simulations = write({}), example_dataset(tmp_path / "campaign", 2)

    with pytest.raises(TreeMakerError, match="Basics is for events of Simulation") as caught:
        load(sites, "Basics")
    assert "SiteBasics" in caught.value.hint
    with pytest.raises(TreeMakerError, match="NightLights is for events of Site") as caught:
        load(simulations, "NightLights")
    assert "Basics" in caught.value.hint
    assert "NightLights" not in caught.value.hint


def test_without_a_name_each_kind_has_its_basics(write, tmp_path):
    sites, simulations = write({}), example_dataset(tmp_path / "campaign", 2)

    assert "density" in load(sites)
    assert "eui" in load(simulations)
    made = make_minitrees([sites, simulations])
    assert [(one.treemaker, one.outcome) for one in made] == [
        ("SiteBasics", "current"),
        ("Basics", "current"),
    ]
    assert [one.current for one in check([sites, simulations])] == [True, True]
    with pytest.raises(ConfigError, match="different kinds"):
        load([sites, simulations])


def test_merged_sites_are_sites(write, tmp_path):
    one, other = write({"name": "A"}), write({"name": "B"}, {"name": "C"})

    merge([one, other], tmp_path / "all.root", renumber=True)

    assert load(tmp_path / "all.root")["name"].tolist() == ["A", "B", "C"]
