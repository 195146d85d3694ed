"""Quantiles of Loads as an option."""

import numpy as np
import pytest

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import load
from shoeroot.treemakers import Loads


def test_columns_are_those_of_the_quantiles(made, records, good):
    data = made(Loads(quantiles=(0, 2.5, 100)))

    names = [name for name in data if name.startswith("heating_load_")]
    assert names == [
        "heating_load_factor",
        "heating_load_0",
        "heating_load_2_5",
        "heating_load_100",
    ]
    for row in good:
        zones = [zone.hourly.heating.astype(np.float64) for zone in records[row].zones]
        building = np.sort(np.sum(zones, axis=0))[::-1]
        assert data["heating_load_0"][row] == pytest.approx(building[0])
        assert data["heating_load_100"][row] == pytest.approx(building[-1])
        # 2.5 % of 8759 intervals lie between these two hours.
        assert building[219] <= data["heating_load_2_5"][row] <= building[218]


def test_units_and_descriptions_follow():
    columns = Loads(quantiles=(0.5,)).columns_made()

    assert columns["cooling_load_0_5"].unit == "kW"
    assert "0.5 %" in columns["cooling_load_0_5"].description
    assert "cooling_load_1" not in columns


@pytest.mark.parametrize("quantiles", [(101,), (-1,), (1, 1.0)])
def test_wrong_quantiles_are_refused(quantiles, campaign, tmp_path):
    with pytest.raises(TreeMakerError, match=r"share|twice"):
        load(campaign.folder, Loads(quantiles=quantiles), minitree_folder=tmp_path)
