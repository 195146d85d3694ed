"""Events to HDF5 and Parquet and back: nothing is lost, and damage is noticed."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from shoeroot.errors import EventFileError, MissingExtraError
from shoeroot.events import EventWriter, export_events, import_events, open_events
from shoeroot.records import Simulation
from shoeroot.testing import assert_same_records, record_types_with_records

ENDINGS = (".h5", ".parquet")
h5py = pytest.importorskip("h5py")
parquet = pytest.importorskip("pyarrow.parquet")

any_ending = pytest.mark.parametrize("ending", ENDINGS)


@pytest.fixture(scope="module", params=ENDINGS)
def exported(request, tmp_path_factory, campaign):
    """The simulations in a file of each format."""
    target = tmp_path_factory.mktemp("exported") / f"all{request.param}"
    return export_events(campaign, target)


def back(path, folder, **options):
    return import_events(path, folder / "back.root", **options)


@pytest.mark.parametrize("backend", ["ttree", "rntuple"])
def test_simulations_come_back_as_they_were(exported, tmp_path, simulations, backend):
    with open_events(back(exported, tmp_path, backend=backend)) as events:
        assert_same_records(events.records(), simulations)
        assert isinstance(events[0], Simulation)
        assert events.metadata["site"] == "Žilina"


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=record_types_with_records(max_size=5))
@any_ending
def test_any_records_come_back(drawn, ending, tmp_path_factory):
    record_class, records = drawn
    folder = tmp_path_factory.mktemp("any")
    with EventWriter(folder / "first.root", record_class, batch=2) as writer:
        writer.write(records)

    export_events(folder / "first.root", folder / f"there{ending}")
    import_events(folder / f"there{ending}", folder / "back.root")

    with open_events(folder / "back.root", record_class=record_class) as events:
        assert_same_records(events.records(), records)


@any_ending
def test_a_selection_is_exported_alone(tmp_path, campaign, simulations, ending):
    with open_events(campaign) as events:
        chosen = events.select(events.status == "ok")
        path = export_events(chosen, tmp_path / f"ok{ending}")
    with open_events(back(path, tmp_path)) as events:
        assert_same_records(events.records(), [each for each in simulations if each.status == "ok"])


def test_a_chunk_is_in_memory_at_a_time(tmp_path, campaign, simulations):
    from shoeroot.events.hdf5 import read_hdf5, write_hdf5
    from shoeroot.events.parquet import read_parquet, write_parquet

    with open_events(campaign) as events:
        seen = []
        write_hdf5(
            events, tmp_path / "a.h5", chunk=4, progress=lambda done, total: seen.append(done)
        )
        write_parquet(events, tmp_path / "a.parquet", chunk=4)
    assert seen == [4, 8, 12, 16, 20, 24, 25]
    assert [len(each["event_id"]) for each in read_hdf5(tmp_path / "a.h5", chunk=10)] == [10, 10, 5]
    assert [len(each["event_id"]) for each in read_parquet(tmp_path / "a.parquet")] == [
        *[4] * 6,
        1,
    ]
    assert_same_records(open_events(back(tmp_path / "a.h5", tmp_path)).records(), simulations)


def test_others_read_the_parquet_file(tmp_path, campaign, simulations):
    path = export_events(campaign, tmp_path / "all.parquet")
    table = parquet.read_table(path)
    assert table["event_id"].to_pylist() == [each.event_id for each in simulations]
    zones = table["zones"].to_pylist()[2]
    assert [zone["name"] for zone in zones] == [zone.name for zone in simulations[2].zones]
    assert np.allclose(zones[0]["hourly"]["heating"], simulations[2].zones[0].hourly.heating)
    field = table.schema.field("wall_seconds" if "wall_seconds" in table.column_names else "status")
    assert b"description" in field.metadata


def test_others_read_the_hdf5_file(tmp_path, campaign, simulations):
    path = export_events(campaign, tmp_path / "all.h5")
    with h5py.File(path) as file:
        heating, zones = file["events/zones_heating"], file["events/zones_n"]
        assert heating[:].tolist() == [z.heating for each in simulations for z in each.zones]
        assert zones[:].tolist() == [len(each.zones) for each in simulations]
        assert heating.attrs["unit"] == "kWh"
        assert heating.attrs["description"]
        assert json.loads(heating.attrs["cut_by"]) == ["zones_n"]
        assert (heating.compression, heating.compression_opts, heating.shuffle) == ("gzip", 4, True)
        with open_events(campaign) as events:
            assert file.attrs["schema_id"] == events.record_type.content_id


@pytest.mark.parametrize("first", ["hdf5plugin", "netCDF4"])
def test_blosc_is_read_back(tmp_path, campaign, simulations, first):
    for package in ("hdf5plugin", first):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    path = tmp_path / "all.h5"
    lines = [
        f"import {first}, sys",  # netCDF4 brings an HDF5 library and codecs of its own
        "from shoeroot.events import export_events",
        "export_events(sys.argv[1], sys.argv[2], compression='blosc')",
    ]
    command = [sys.executable, "-c", "\n".join(lines), str(campaign), str(path)]
    subprocess.run(command, check=True)

    with open_events(back(path, tmp_path)) as events:
        assert_same_records(events.records(), simulations)


def left_behind(folder):
    return sorted(path.name for path in folder.iterdir())


@any_ending
def test_an_export_that_fails_leaves_nothing_behind(tmp_path, campaign, ending):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_events(campaign, tmp_path / f"all{ending}", progress=stop)
    (tmp_path / f"all{ending}").write_text("mine")
    with pytest.raises(EventFileError, match="exists already"):
        export_events(campaign, tmp_path / f"all{ending}")
    assert left_behind(tmp_path) == [f"all{ending}"]


def test_an_import_that_fails_leaves_nothing_behind(exported, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back(exported, tmp_path, progress=stop)
    assert left_behind(tmp_path) == []


def test_a_damaged_file_is_an_error_and_leaves_nothing_behind(exported, tmp_path):
    whole = exported.read_bytes()
    cut = tmp_path / exported.name
    for share in (0, 1, 5, 9):
        cut.write_bytes(whole[: len(whole) * share // 10])
        with pytest.raises(EventFileError):
            back(cut, tmp_path)
    assert left_behind(tmp_path) == [cut.name]


def test_datasets_that_do_not_fit_each_other_are_an_error(tmp_path, campaign):
    path = export_events(campaign, tmp_path / "all.h5")
    with h5py.File(path, "r+") as file:
        file["events/zones_n"][3] += 1
    with pytest.raises(EventFileError, match=r"ends before its lists do|values, of which"):
        back(path, tmp_path)


def test_a_foreign_file_says_that_it_is_one(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = [1, 2]
    import pyarrow

    parquet.write_table(pyarrow.table({"x": [1, 2]}), tmp_path / "a.parquet")
    for name in ("a.h5", "a.parquet"):
        with pytest.raises(EventFileError, match="does not say what its events are"):
            back(tmp_path / name, tmp_path)


def test_a_schema_without_the_id_it_claims_is_an_error(tmp_path, campaign):
    changed = {"h5": tmp_path / "all.h5", "parquet": tmp_path / "all.parquet"}
    for path in changed.values():
        export_events(campaign, path)
    with h5py.File(changed["h5"], "r+") as file:
        file.attrs["schema_id"] = "0" * 64
    table = parquet.read_table(changed["parquet"])
    about = json.loads(table.schema.metadata[b"shoeroot"]) | {"schema_id": "0" * 64}
    stored = {b"shoeroot": json.dumps(about).encode()}
    parquet.write_table(table.replace_schema_metadata(stored), changed["parquet"])

    for path in changed.values():
        with pytest.raises(EventFileError, match="does not have the id it claims"):
            back(path, tmp_path)


def test_endings_that_are_unknown_name_those_that_are_known(tmp_path, campaign):
    with pytest.raises(EventFileError, match=r"\.parquet"):
        export_events(campaign, tmp_path / "all.parket")
    with pytest.raises(EventFileError, match=r"\.hdf5"):
        import_events(tmp_path / "all.hdf", tmp_path / "all.root")
    with pytest.raises(EventFileError, match=r"\.root"):
        import_events(tmp_path / "all.h5", tmp_path / "all")
    with pytest.raises(EventFileError, match="no such file"):
        import_events(tmp_path / "all.h5", tmp_path / "all.root")


@pytest.mark.parametrize(("ending", "extra"), [(".h5", "hdf5"), (".parquet", "parquet")])
def test_a_missing_package_says_what_to_install(tmp_path, campaign, monkeypatch, ending, extra):
    real = importlib.import_module

    def without(name, *rest):
        if name.split(".")[0] in ("h5py", "pyarrow"):
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(MissingExtraError, match=rf"shoeroot\[{extra}\]"):
        export_events(campaign, tmp_path / f"all{ending}")
    assert left_behind(tmp_path) == []
