"""Results brought back to sites: against hand computation, and from sites to sums by the engine."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from shoeroot.campaign import (
    CampaignConfig,
    SamplingPlan,
    aggregate_to_sites,
    init_campaign,
    run_campaign,
    sample_campaign,
)
from shoeroot.cli.main import verbs
from shoeroot.design import read_designs
from shoeroot.errors import ConfigError, EventFileError, SiteError
from shoeroot.minitrees import load

#: Of the session's campaign: designs 0 to 3 have the weather of San Francisco, where 2 failed;
#: 4 to 7 that of Golden, where 4 failed.
NEAR_SAN_FRANCISCO, NEAR_GOLDEN = [0, 1, 3], [5, 6, 7]


@pytest.fixture
def eui(campaign):
    return load(campaign.folder, "Basics").set_index("event_id")["eui"]


def test_sites_have_the_mean_and_error_of_their_climate(campaign, california_and_colorado, eui):
    table = aggregate_to_sites(campaign.folder, california_and_colorado)

    sites = table[table["kind"] == "site"]
    means = [eui[NEAR_SAN_FRANCISCO].mean()] * 2 + [eui[NEAR_GOLDEN].mean()]
    errors = [eui[NEAR_SAN_FRANCISCO].sem()] * 2 + [eui[NEAR_GOLDEN].sem()]
    np.testing.assert_allclose(sites["mean"], means)
    np.testing.assert_allclose(sites["standard_error"], errors)
    # Student's t of two degrees of freedom.
    np.testing.assert_allclose(
        sites["high"] - sites["mean"], 4.302653 * np.array(errors), rtol=1e-6
    )
    assert sites["unit"].unique().tolist() == ["kWh/m2"]
    assert sites["n"].tolist() == [3, 3, 3]


def test_sites_of_one_climate_have_one_error_that_does_not_average_out(
    campaign, california_and_colorado, eui
):
    table = aggregate_to_sites(campaign.folder, california_and_colorado, floor_area=40.0)

    area = np.array([1.4e6, 0.1e6]) * 40
    errors = np.array([eui[NEAR_SAN_FRANCISCO].sem(), eui[NEAR_GOLDEN].sem()])
    means = np.array([eui[NEAR_SAN_FRANCISCO].mean(), eui[NEAR_GOLDEN].mean()])
    everything = table.iloc[-1]
    assert everything["kind"] == "all"
    assert everything["floor_area"] == area.sum()
    assert everything["total"] == pytest.approx((area * means).sum())
    assert everything["total_error"] == pytest.approx(np.sqrt((area**2 * errors**2).sum()))
    assert everything["total_unit"] == "kWh"
    assert table[table["kind"] == "site"]["total"].sum() == pytest.approx(everything["total"])


def test_failed_simulations_are_left_out_and_counted(campaign, california_and_colorado):
    table = aggregate_to_sites(campaign.folder, california_and_colorado)

    assert table["failed"].tolist() == [1, 1, 1, 2]
    assert table["designs"].tolist() == [4, 4, 4, 8]
    assert any("2 of 8 designs failed; they are left out" in note for note in table.attrs["notes"])
    assert any("there are no sums" in note for note in table.attrs["notes"])
    assert table["total"].isna().all()


def test_energies_are_divided_by_floor_area(campaign, california_and_colorado):
    basics = load(campaign.folder, "Basics").set_index("event_id")

    table = aggregate_to_sites(
        campaign.folder, california_and_colorado, values=["heating", "window_area"]
    )

    intensity = (basics["heating"] / basics["floor_area"])[NEAR_GOLDEN].mean()
    heating = table[table["value"] == "heating"].set_index("name")
    assert heating.loc["Boulder", "mean"] == pytest.approx(intensity)
    assert set(heating["unit"]) == {"kWh/m2"}
    windows = table[table["value"] == "window_area"].set_index("name")
    assert windows.loc["Boulder", "mean"] == pytest.approx(
        basics["window_area"][NEAR_GOLDEN].mean()
    )


def test_countries_are_summed_where_there_are_several(campaign, site, write_sites):
    folder = write_sites(site("Oakland"), site("Boulder", country="CA"), site("San Jose"))

    table = aggregate_to_sites(campaign.folder, folder, floor_area=1.0)

    assert table["kind"].tolist() == ["site"] * 3 + ["country", "country", "all"]
    groups = table[table["kind"] != "site"].set_index("name")
    assert groups.index.tolist() == ["CA", "US", "all sites"]
    assert groups.loc["CA", "mean"] == table.loc[1, "mean"]
    assert groups.loc[["CA", "US"], "total"].sum() == pytest.approx(
        groups.loc["all sites", "total"]
    )


def test_a_site_whose_weather_no_design_has_is_not_covered(campaign, site, write_sites):
    folder = write_sites(site("Oakland"), site("Milwaukee"))

    table = aggregate_to_sites(campaign.folder, folder, floor_area=1.0).set_index("name")

    assert np.isnan(table.loc["Milwaukee", "mean"])
    assert table["covered"].tolist() == [1, 0, 0.4]
    assert table.loc["all sites", "mean"] == table.loc["Oakland", "mean"]
    assert table.loc["all sites", "total"] == pytest.approx(table.loc["Oakland", "total"])
    assert any("no result: Milwaukee" in note for note in table.attrs["notes"])
    assert any("4 designs left out that" in note for note in table.attrs["notes"])


def test_designs_may_be_told_to_sites(campaign, california_and_colorado, eui):
    # Design 0 and one that is not there stand for no site.
    told = {1: 11, 3: 11, 5: 12, 6: 12, 7: 12, 0: 99, 50: 11}

    table = aggregate_to_sites(
        campaign.folder, california_and_colorado, design_sites=told
    ).set_index("name")

    assert table.loc["Oakland", "mean"] == pytest.approx(eui[[1, 3]].mean())
    assert table.loc["San Jose", "standard_error"] == pytest.approx(eui[[5, 6, 7]].sem())
    assert table["n"].tolist() == [2, 3, 0, 5]


def test_designs_may_stand_for_more_or_less(campaign, california_and_colorado, eui):
    weights = pd.Series(np.arange(1.0, 9.0), index=range(8))

    table = aggregate_to_sites(campaign.folder, california_and_colorado, design_weights=weights)

    expected = np.average(eui[NEAR_GOLDEN], weights=weights[NEAR_GOLDEN])
    assert table.loc[2, "mean"] == pytest.approx(expected)


def test_designs_that_stand_for_nothing_are_left_out(campaign, california_and_colorado, eui):
    weights = dict.fromkeys(range(8), 1.0) | {5: 0.0}

    table = aggregate_to_sites(campaign.folder, california_and_colorado, design_weights=weights)

    assert table.loc[2, "mean"] == pytest.approx(eui[[6, 7]].mean())
    assert table.loc[2, ["n", "failed"]].tolist() == [2, 1]
    assert any("1 design left out that" in note for note in table.attrs["notes"])


def test_a_known_number_of_buildings_shortens_error_bars(campaign, california_and_colorado, eui):
    table = aggregate_to_sites(campaign.folder, california_and_colorado, buildings={1: 6})

    errors = table["standard_error"]
    assert errors[0] == pytest.approx(eui[NEAR_SAN_FRANCISCO].sem())
    assert errors[2] == pytest.approx(eui[NEAR_GOLDEN].sem() * np.sqrt(0.5))


def test_figures_of_ones_own_and_floor_areas_of_sites(campaign, california_and_colorado):
    figures = pd.Series(np.arange(8.0), index=range(8), name="cost")
    area = {11: 1.0, 12: 2.0, 13: 3.0}

    table = aggregate_to_sites(
        campaign.folder, california_and_colorado, values=figures, floor_area=area, bootstrap=500
    )

    by_hand = [np.mean(NEAR_SAN_FRANCISCO), np.mean(NEAR_GOLDEN)]
    assert table["value"].unique().tolist() == ["cost"]
    assert table["mean"].tolist()[-1] == pytest.approx(np.mean(by_hand))
    assert table["total"].tolist()[-1] == pytest.approx(6 * np.mean(by_hand))
    np.testing.assert_allclose(table["bootstrap_error"], table["standard_error"], rtol=0.15)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"values": "eiu"}, "no figures 'eiu'"),
        ({"values": "status"}, "no figures 'status'"),
        ({"bootstrap": 1}, "bootstrap is 1"),
        ({"confidence": 95}, "confidence is 95"),
        ({"weights": "people"}, "no weights 'people'"),
        ({"floor_area": {11: 1.0}}, "floor_area has no figure"),
        ({"floor_area": -1}, "floor_area is -1"),
        ({"design_weights": {0: 1.0}}, "design_weights has no figure"),
        ({"buildings": {0: 0}}, "buildings are fewer than 1"),
    ],
)
def test_wrong_arguments_are_told(campaign, california_and_colorado, options, message):
    with pytest.raises(ConfigError, match=message):
        aggregate_to_sites(campaign.folder, california_and_colorado, **options)


def test_a_campaign_without_sites_says_how_to_name_them(campaign):
    with pytest.raises(ConfigError, match="has no sites") as raised:
        aggregate_to_sites(campaign.folder)

    assert "campaign.toml" in raised.value.hint


def test_designs_that_were_not_run_have_no_results(california_and_colorado, tmp_path):
    init_campaign(tmp_path / "c", sites=california_and_colorado)

    with pytest.raises(EventFileError, match="nothing has been simulated yet") as raised:
        aggregate_to_sites(tmp_path / "c")

    assert "shoeroot run" in raised.value.hint


def test_several_rows_an_event_are_refused(campaign, california_and_colorado):
    with pytest.raises(ConfigError, match="several rows an event"):
        aggregate_to_sites(
            campaign.folder, california_and_colorado, values="zone_heating", treemakers="Zones"
        )


def test_no_design_for_any_site_is_an_error(campaign, site, write_sites):
    with pytest.raises(SiteError, match="no design of the campaign stands for a site"):
        aggregate_to_sites(campaign.folder, write_sites(site("Milwaukee")))


def test_from_sites_to_sums_with_the_engine(
    site, write_sites, tmp_path, engine, library, monkeypatch
):
    monkeypatch.setattr("shoeroot.campaign.sample_folder.read_templates", lambda path: library)
    sites = write_sites(
        site("Oakland", built={2020: 4e7}), site("Boulder", built={2020: 2e7}), site("Milwaukee")
    )
    folder = tmp_path / "campaign"
    wanted = {"path": sites, "places": ["Oakland", "Boulder"], "weights": "built", "floor_area": 2}
    sampled = sample_campaign(
        folder,
        SamplingPlan("lhs", 9, 4),
        sites=wanted,
        engine=engine,
        inspect=False,
        show_progress=False,
    )
    schema, designs = read_designs(folder / "designs.root")
    ended = run_campaign(
        designs, folder, schema=schema, library=library, limit=8, show_progress=False
    )

    table = aggregate_to_sites(ended, bootstrap=1000).set_index("name")

    assert sampled.sites.designs.tolist() == [6, 3, 0, 0, 0]
    basics = load(folder, "Basics")
    epw = designs[basics["event_id"], schema["base_epw"].start_storage]
    eui = [basics["eui"][epw == one] for one in (0, 1)]
    total = 8e7 * eui[0].mean() + 4e7 * eui[1].mean()
    error = np.hypot(8e7 * eui[0].sem(), 4e7 * eui[1].sem())
    assert table.loc["all sites", "total"] == pytest.approx(total)
    assert table.loc["all sites", "total_error"] == pytest.approx(error)
    assert table.loc["all sites", "bootstrap_error"] == pytest.approx(error / 1.2e8, rel=0.15)
    assert table.loc["all sites", "waiting"] == 1
    assert table.loc["Oakland", "n"] + table.loc["Boulder", "n"] == 8
    # A floor area a m2 of built-up surface is none a person.
    by_people = aggregate_to_sites(folder, weights="population").set_index("name")
    assert by_people.loc["Oakland", "weight"] == 400_000
    assert by_people["total"].isna().all()
    # Winters of Colorado against those of the bay.
    heating = aggregate_to_sites(folder, values="heating").set_index("name")["mean"]
    assert heating["Boulder"] > heating["Oakland"]


def test_the_verb_prints_the_table_and_what_was_left_out(
    campaign, california_and_colorado, tmp_path
):
    arguments = [
        "sites",
        "aggregate",
        str(campaign.folder),
        "--sites",
        str(california_and_colorado),
    ]

    text = CliRunner().invoke(verbs, [*arguments, "--floor-area", "40"])
    told = CliRunner().invoke(verbs, [*arguments, "--json", "-o", str(tmp_path / "t.csv")])

    assert text.exit_code == told.exit_code == 0, text.output
    assert "San Jose" in text.output
    assert "note: 2 of 8 designs failed" in text.output
    rows = json.loads(told.output)["rows"]
    assert [row["name"] for row in rows] == ["Oakland", "San Jose", "Boulder", "all sites"]
    assert rows[-1]["total"] is None
    assert pd.read_csv(tmp_path / "t.csv")["mean"].tolist() == [row["mean"] for row in rows]


def test_a_site_without_a_result_is_told_by_the_exit_code(campaign, site, write_sites):
    folder = write_sites(site("Oakland"), site("Milwaukee"))

    done = CliRunner().invoke(
        verbs, ["sites", "aggregate", str(campaign.folder), "--sites", str(folder)]
    )

    assert done.exit_code == 1
    assert "no result: Milwaukee" in done.output


def test_the_verb_that_draws_designs_takes_sites(
    california_and_colorado, tmp_path, library, monkeypatch
):
    monkeypatch.setattr("shoeroot.campaign.sample_folder.read_templates", lambda path: library)
    wanted = ["--sites", str(california_and_colorado), "--site-level", "urban_centre"]
    drawing = ["sample", str(tmp_path / "c"), "--designs", "30", "--method", "lhs", "--no-inspect"]

    done = CliRunner().invoke(verbs, [*drawing, *wanted, "--floor-area", "40"])
    wrong = CliRunner().invoke(verbs, ["sample", str(tmp_path / "d"), "--floor-area", "40"])

    assert done.exit_code == 0, done.output
    assert "3 sites:" in done.output
    assert (
        "zone 3C: 2 sites up to 55 km away, 93.3% of the designs wanted, 28 designs" in done.output
    )
    assert CampaignConfig.read(tmp_path / "c").sites.given() == {
        "path": str(california_and_colorado),
        "level": "urban_centre",
        "floor_area": 40.0,
    }
    assert wrong.exit_code == 2
    assert "need --sites" in wrong.output
