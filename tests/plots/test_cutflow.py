"""The picture of a cut flow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from shoeroot.errors import ConfigError
from shoeroot.minitrees import CutFlow, cut_flow, cuts
from shoeroot.plots import plot_cut_flow


@pytest.fixture
def data():
    table = pd.DataFrame({"eui": np.arange(100.0), "area": np.full(100, 20.0)})
    table = cuts.below(table, "eui", 80, name="efficient", weights="area")
    table["x"] = table["eui"]
    return cuts.above(table, "x", 30)


def widths(axes, label):
    (bars,) = [bars for bars in axes.containers if bars.get_label() == label]
    return [bar.get_width() for bar in bars]


def test_bars_are_what_is_left_and_removed(data):
    axes = plot_cut_flow(data).axes[0]

    assert [text.get_text() for text in axes.get_yticklabels()] == ["all", "efficient", "x > 30"]
    assert widths(axes, "left") == [100, 80, 49]
    assert widths(axes, "removed") == [0, 20, 31]
    low, high = sorted(axes.get_ylim())
    assert low < 0
    assert high > 2


def test_marks_are_shares_and_a_question_mark_where_they_are_unknown(data):
    axes = plot_cut_flow(data).axes[1]

    marks = {line.get_label(): list(line.get_xdata()) for line in axes.get_lines()}
    assert marks["alone, of all"] == [0.8]
    assert marks["after all others (of N-1)"] == [pytest.approx(49 / 80)]
    assert [text.get_text() for text in axes.texts] == ["?", "?"]


def test_a_weight_is_drawn_instead_of_counts(data):
    figure = plot_cut_flow(cut_flow(data), weight="area", log=True)

    assert widths(figure.axes[0], "left") == [2000, 1600, 980]
    assert figure.axes[0].get_xscale() == "log"
    assert figure.get_suptitle() == "980 of 2,000 of the sum of area pass all cuts"
    with pytest.raises(ConfigError, match="no weight 'aria'"):
        plot_cut_flow(data, weight="aria")


def test_nothing_to_draw_is_drawn_too(tmp_path):
    figure = plot_cut_flow(CutFlow((0,)), log=True)
    figure.savefig(tmp_path / "empty.png")

    assert figure.get_suptitle() == "0 of 0 rows pass all cuts"
