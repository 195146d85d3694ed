"""Events as xarray datasets: shapes, NaN for failed simulations, CF conventions, Dask workers."""

import json

import numpy as np
import pytest

xr = pytest.importorskip("xarray", reason="needs the extra netcdf")

from shoeroot.errors import ExportError  # noqa: E402
from shoeroot.exports import load, save, to_xarray  # noqa: E402


def test_series_stand_at_simulation_zone_and_hour(campaign, events):
    dataset = to_xarray(campaign.folder, size=3)

    assert dataset.heating.dims == ("simulation", "zone", "time")
    assert dataset.heating.shape == (len(events), 2, 8760)
    assert dataset.heating.chunks[0][0] == 3
    for place, event in enumerate(events):
        one = dataset.isel(simulation=place)
        assert int(one.event_id) == event.event_id
        assert str(one.status.item()) == event.status
        if event.zones:
            stored = [zone.hourly.temperature for zone in event.zones]
            np.testing.assert_array_equal(one.temperature.values, stored)
            assert float(one.wwr) == event.design.wwr
        else:
            assert np.isnan(one.temperature.values).all()
    assert (dataset.status != "ok").any()


def test_times_are_the_middle_of_hours_and_have_bounds(campaign):
    dataset = to_xarray(campaign.folder, ["temperature"])

    assert str(dataset.time.values[0]) == "2001-01-01T00:30:00.000000000"
    assert str(dataset.time_bounds.values[-1, 1]) == "2002-01-01T00:00:00.000000000"
    assert dataset.temperature.attrs["units"] == "degree_Celsius"
    assert dataset.temperature.attrs["cell_methods"] == "time: mean"
    assert dataset.zone_name.values.tolist() == ["Block Perim Storey 0", "Block Core Storey 0"]


def test_blocks_come_back_identical(campaign, tmp_path):
    dataset = to_xarray(campaign.folder, size=4)

    save(dataset, tmp_path)

    xr.testing.assert_identical(load(tmp_path), dataset)


def test_files_keep_the_conventions(campaign, tmp_path):
    pytest.importorskip("compliance_checker", reason="needs the extra dev")
    [path, *_] = save(to_xarray(campaign.folder), tmp_path)
    report = tmp_path / "report.json"

    from compliance_checker.runner import CheckSuite, ComplianceChecker

    CheckSuite.load_all_available_checkers()
    ComplianceChecker.run_checker(
        str(path), ["cf:1.11"], 0, "strict", output_filename=str(report), output_format="json"
    )

    found = json.loads(report.read_text())["cf:1.11"]
    assert found["scored_points"] == found["possible_points"]


def test_workers_of_a_client_write(campaign, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    dataset = to_xarray(campaign.folder, size=4)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
        ) as cluster,
        distributed.Client(cluster),
    ):
        save(dataset, tmp_path)

    xr.testing.assert_identical(load(tmp_path), dataset)


def test_unknown_fields_name_the_nearest(campaign):
    with pytest.raises(ExportError, match=r"'heatin'(.|\n)*did you mean 'heating'"):
        to_xarray(campaign.folder, ["heatin"])


def test_one_field_may_be_named_alone(campaign):
    assert list(to_xarray(campaign.folder, "heating").data_vars) == ["heating"]
