"""The overview figure: what it draws, from real events and from none."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.image import imread

from shoeroot.minitrees import load
from shoeroot.plots import plot_overview, save_figure


@pytest.fixture(scope="module")
def data(campaign, tmp_path_factory):
    return load(campaign.folder, "Basics", minitree_folder=tmp_path_factory.mktemp("minitrees"))


def test_bars_stack_to_the_mean_intensity_of_each_vintage(data, events):
    figure = plot_overview(data, events)

    bars = figure.axes[0].patches
    tops = {}
    for bar in bars:
        place = round(bar.get_x() + bar.get_width() / 2)
        tops[place] = max(tops.get(place, 0), bar.get_y() + bar.get_height())
    good = data[data["status"] == "ok"]
    vintage = np.digitize(good["vintage"], [1940, 1980, 2004])
    wanted = [good["eui"][vintage == one].mean() for one in np.unique(vintage)]
    np.testing.assert_allclose(list(tops.values()), wanted)


def test_load_durations_fall_and_enclose_the_years_energy(data, events):
    figure = plot_overview(data, events)

    curves = figure.axes[1].get_lines()
    thin = [line for line in curves if line.get_linewidth() < 1]
    good = np.flatnonzero(data["status"] == "ok")
    assert len(thin) == len(good)
    energies = []
    for line in thin:
        load_duration = np.asarray(line.get_ydata())
        assert (np.diff(load_duration) <= 0).all()
        energies.append(load_duration.sum() / 1000)
    delivered = [
        sum(zone.heating for zone in events[int(row)].zones) / events[int(row)].floor_area
        for row in good
    ]
    np.testing.assert_allclose(sorted(energies), sorted(delivered), rtol=1e-5)


def test_failed_simulations_are_counted_in_the_title(data, events):
    figure = plot_overview(data, events)

    assert figure.get_suptitle() == "6 shoebox simulations, 2 failed"


def test_a_campaign_without_a_single_success_still_draws(data, events, tmp_path):
    failed = (data["status"] != "ok").to_numpy()

    figure = plot_overview(data[failed], events.select(failed))
    save_figure(figure, tmp_path / "empty.png")

    assert imread(tmp_path / "empty.png").size > 0
    assert [path.name for path in tmp_path.iterdir()] == ["empty.png"]


def test_buildings_of_unknown_age_have_a_bar_of_their_own(data, events):
    ageless = data.assign(vintage=np.nan)

    axes = plot_overview(ageless, events).axes[0]

    assert [text.get_text() for text in axes.get_xticklabels()] == ["year\nunknown"]
