"""RetrofitSavings against the end uses of both campaigns."""

import numpy as np
import pytest

import shoeroot
from shoeroot.errors import EventFileError, TreeMakerError
from shoeroot.minitrees import load
from shoeroot_minitrees import RetrofitSavings


def test_pairs_are_found_by_their_designs_whatever_the_order(campaigns, tmp_path):
    before, after = campaigns

    data = load(after, RetrofitSavings(before=str(before)), minitree_folder=tmp_path)

    assert data["before_event_id"].tolist() == [3, 1, 2]
    with shoeroot.open(before) as old, shoeroot.open(after) as new:
        for row, (one, other) in enumerate([(3, 0), (1, 1)]):
            earlier, later = old[one].end_uses, new[other].end_uses
            heating = sum(month.heating for month in earlier) - sum(m.heating for m in later)
            total = sum(month.total for month in earlier) - sum(m.total for m in later)
            assert data["saved_heating"][row] == pytest.approx(heating)
            assert data["saved_energy"][row] == pytest.approx(total)
            assert data["saved_eui"][row] == pytest.approx(total / old[one].floor_area)
            share = total / sum(month.total for month in earlier)
            assert data["saved_share"][row] == pytest.approx(share)
    assert (data["saved_heating"][:2] > 0).all()


def test_failed_partners_give_nan(campaigns, tmp_path):
    before, after = campaigns

    data = load(after, RetrofitSavings(before=str(before)), minitree_folder=tmp_path)

    assert np.isnan(data["saved_energy"][2])


def test_designs_without_a_partner_give_nan(campaigns, tmp_path):
    before, after = campaigns

    data = load(before, RetrofitSavings(before=str(after)), minitree_folder=tmp_path)

    assert data["before_event_id"].tolist() == [-1, 1, 2, 0]
    assert np.isnan(data["saved_energy"][0])
    assert data["saved_heating"][1] < 0


def test_it_is_not_kept_since_the_other_campaign_may_change(campaigns, tmp_path):
    before, after = campaigns

    load(after, RetrofitSavings(before=str(before)), minitree_folder=tmp_path)

    assert not list(tmp_path.rglob("RetrofitSavings*"))
    assert not list(after.rglob("RetrofitSavings*"))


def test_the_other_campaign_must_be_given_and_be_there(campaigns, tmp_path):
    with pytest.raises(TreeMakerError, match="is not given"):
        load(campaigns[1], RetrofitSavings, minitree_folder=tmp_path)
    with pytest.raises((TreeMakerError, EventFileError), match="nowhere"):
        load(campaigns[1], RetrofitSavings(before="nowhere"), minitree_folder=tmp_path)
