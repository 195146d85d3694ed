"""Columns drawn: histograms, points, bars and boxes, in groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from shoeroot.errors import ConfigError
from shoeroot.plots import plot_columns, save_figure


@pytest.fixture
def data():
    table = pd.DataFrame(
        {
            "eui": [50.0, 60.0, 70.0, np.nan, 200.0, 90.0],
            "area": [10, 20, 30, 40, 50, 60],
            "status": ["ok", "ok", "ok", "fatal", "ok", "ok"],
            "year": [1900.0, 1940, 1960, 1980, 2000, 2010],
        }
    )
    table.attrs["columns"] = {"eui": {"unit": "kWh/m2", "description": "Energy use intensity"}}
    return table


def legend(figure):
    return [text.get_text() for box in figure.legends for text in box.get_texts()]


def test_numbers_are_a_histogram_with_units_and_what_is_left_out(data):
    figure = plot_columns(data, "eui")

    (axes,) = figure.axes
    assert sum(bar.get_height() for bar in axes.patches) == 5
    assert axes.get_xlabel() == "eui [kWh/m2]: Energy use intensity"
    assert figure.get_suptitle() == "5 rows, 1 more without a value"


def test_two_columns_of_numbers_are_points_in_the_colours_of_groups(data):
    figure = plot_columns(data, "area", "eui", by="status")

    (axes,) = figure.axes
    points = np.concatenate([points.get_offsets() for points in axes.collections])
    assert points.tolist() == [[10, 50], [20, 60], [30, 70], [50, 200], [60, 90]]
    assert legend(figure) == ["ok"]


def test_many_numbers_are_grouped_by_quarters():
    table = pd.DataFrame({"x": np.arange(100.0), "year": np.arange(1900.0, 2000)})

    figure = plot_columns(table, "x", by="year")

    assert len(legend(figure)) == 4
    assert legend(figure)[-1].endswith(" to 1999")
    heights = [sum(bar.get_height() for bar in bars) for bars in figure.axes[0].containers]
    assert heights == [25, 25, 25, 25]


def test_many_texts_are_the_most_frequent_and_others():
    table = pd.DataFrame(
        {"x": np.arange(45.0), "place": [f"p{n}" for n in range(9) for _ in "12345"]}
    )

    assert legend(plot_columns(table, "x", by="place"))[-1] == "others"


def test_texts_are_bars_or_boxes(data):
    bars = plot_columns(data, "status").axes[0]
    boxes = plot_columns(data, "status", "area").axes[0]

    assert [bar.get_width() for bar in bars.patches] == [5, 1]
    assert [text.get_text() for text in bars.get_yticklabels()] == ["ok", "fatal"]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in boxes.patches]
    assert ends == [(20, 50), (40, 40)]
    medians = boxes.collections[-1].get_segments()
    assert [segment[0][0] for segment in medians] == [30, 40]


@pytest.mark.parametrize("names", [("eui",), ("area", "eui"), ("status",), ("status", "eui")])
@pytest.mark.parametrize("by", ["", "status", "year"])
def test_an_empty_table_is_drawn_too(data, names, by, tmp_path):
    save_figure(plot_columns(data[:0], *names, by=by), tmp_path / "empty.png")

    assert (tmp_path / "empty.png").stat().st_size > 0


def test_wrong_columns_are_errors_with_the_nearest(data):
    with pytest.raises(ConfigError) as unknown:
        plot_columns(data, "euii")
    with pytest.raises(ConfigError, match="status has no numbers"):
        plot_columns(data, "area", "status")

    assert unknown.value.hint == "did you mean 'eui'?"


def test_a_picture_that_cannot_be_written_leaves_nothing(data, tmp_path):
    figure = plot_columns(data, "eui")

    with pytest.raises(ConfigError, match="not supported"):
        save_figure(figure, tmp_path / "picture.nonsense")
    with pytest.raises(ConfigError, match="No such file") as caught:
        save_figure(figure, tmp_path / "nowhere" / "picture.png")

    assert "nowhere" in caught.value.where
    assert list(tmp_path.iterdir()) == []
