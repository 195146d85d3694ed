"""Campaigns as tensors: designs, schedules and targets are those of the simulations."""

import json
import pickle

import numpy as np
import pytest

import shoeroot
from shoeroot.building import template_from_json
from shoeroot.design import apply_operations, read_designs
from shoeroot.errors import ExportError
from shoeroot.exports import load_tensors, save_tensors, to_ml, write_results

HALVES = {"train": 0.5, "test": 0.5}


@pytest.fixture
def tensors(campaign):
    with to_ml(campaign.folder, split=HALVES, group="design", series=("heating",)) as made:
        yield made


def by_id(events):
    return {event.event_id: event for event in events}


def test_failed_simulations_are_left_out_and_counted(campaign, tensors):
    failed = {name: count for name, count in campaign.statuses.items() if name != "ok"}

    assert tensors.left_out == failed
    assert sum(map(len, tensors.parts.values())) == campaign.statuses["ok"]
    assert "2 left out" in repr(tensors)


def test_designs_are_what_the_schema_makes_of_them(campaign, tensors):
    schema, designs = read_designs(campaign.folder / "designs.root")

    batch = tensors["train"].read()

    expected = schema.to_ml(designs[batch.event_id]).tabular
    np.testing.assert_allclose(batch.tabular, expected, rtol=1e-6)
    assert len(tensors.columns) == 62


def test_schedules_are_those_that_were_simulated(campaign, events, tensors):
    texts, found = events.metadata, by_id(events)
    schema, designs = read_designs(campaign.folder / "designs.root")

    batch = tensors["test"].read()

    for number, series in zip(batch.event_id, batch.schedules, strict=True):
        loads = template_from_json(texts["templates"], found[number].template_hash).perimeter.loads
        base = np.stack(
            [
                one.values
                for one in (
                    loads.equipment_schedule,
                    loads.lighting_schedule,
                    loads.occupancy_schedule,
                )
            ]
        )
        operations = schema["schedules"].extract_storage_values(designs[number])
        np.testing.assert_allclose(series, apply_operations(base, operations, 0), atol=1e-6)


@pytest.mark.parametrize(
    ("resolution", "zones", "per_area"),
    [("annual", "sum", False), ("monthly", "each", False), ("hourly", "sum", True)],
)
def test_targets_are_the_results(campaign, events, resolution, zones, per_area):
    found = by_id(events)
    with to_ml(
        campaign.folder, resolution, {"all": 1.0}, zones=zones, per_area=per_area
    ) as tensors:
        batch = tensors["all"].read(schedules=False)

    assert batch.schedules is None
    for number, targets in zip(batch.event_id, batch.targets, strict=True):
        event = found[number]
        series = {
            "annual": lambda zone: (zone.heating, zone.cooling),
            "monthly": lambda zone: (zone.monthly_heating, zone.monthly_cooling),
            "hourly": lambda zone: (zone.hourly.heating, zone.hourly.cooling),
        }[resolution]
        each = np.array([series(zone) for zone in event.zones], dtype=np.float64)
        expected = each.sum(axis=0) if zones == "sum" else each.reshape(-1, *each.shape[2:])
        np.testing.assert_allclose(
            targets, expected / (event.floor_area if per_area else 1.0), rtol=1e-5
        )


def test_weather_is_never_in_two_parts_and_its_figures_are_columns(campaign, events):
    figures = {name: float(place) for place, name in enumerate(sorted(set(events.weather)))}

    with to_ml(
        campaign.folder, split=HALVES, weather_features={"place": figures}, schedules=False
    ) as tensors:
        places = [set(part.read().tabular[:, -1]) for part in tensors.parts.values()]

        assert not places[0] & places[1]
        assert tensors.columns[-1] == "place"
        assert tensors.lineage["groups"] == {
            name: len(found) for name, found in zip(tensors, places, strict=True)
        }
    with pytest.raises(ExportError, match="no 'place' of the weather"):
        to_ml(campaign.folder, split=HALVES, weather_features={"place": {}})


def test_scalers_know_the_training_part_only(campaign, tensors):
    train = tensors["train"].read()

    scaled = tensors["test"].read(scaled=True)

    np.testing.assert_allclose(tensors.scalers.targets.mean, train.targets.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(tensors.scalers.targets.std, train.targets.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(
        tensors.scalers.targets.inverse(scaled.targets), tensors["test"].read().targets, rtol=1e-5
    )


def test_rows_in_any_order_and_in_batches(tensors):
    part = tensors["train"]
    whole = part.read()
    order = [2, 0, 2]

    picked = part.read(order)
    shuffled = list(part.batches(2, shuffle=2))

    np.testing.assert_array_equal(picked.event_id, whole.event_id[order])
    np.testing.assert_array_equal(picked.schedules, whole.schedules[order])
    np.testing.assert_array_equal(picked.targets, whole.targets[order])
    assert max(map(len, shuffled)) == 2
    ids = np.concatenate([batch.event_id for batch in shuffled])
    assert sorted(ids) == sorted(whole.event_id)
    assert ids.tolist() != whole.event_id.tolist()


def test_a_file_has_the_same_tensors(tensors, tmp_path):
    path = save_tensors(tensors, tmp_path / "tensors.h5", show_progress=False)

    with load_tensors(path) as again:
        assert again.lineage == tensors.lineage
        assert again.columns == tensors.columns
        assert again.description() == tensors.description()
        for name in tensors:
            stored, made = again[name].read([1, 0]), tensors[name].read([1, 0])
            np.testing.assert_array_equal(stored.tabular, made.tabular)
            np.testing.assert_array_equal(stored.schedules, made.schedules)
            np.testing.assert_array_equal(stored.targets, made.targets)
    with pytest.raises(ExportError, match="exists already"):
        save_tensors(tensors, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ExportError, match="cannot be read"):
        load_tensors(path)


def test_the_description_goes_with_a_model(tensors, tmp_path):
    tensors.write_description(tmp_path / "model.json")

    said = json.loads((tmp_path / "model.json").read_text())

    assert said["scalers"]["fitted_on"] == "train"
    assert said["scalers"]["targets"]["names"] == ["heating"]
    assert said["lineage"]["units"] == ["kWh"]
    assert len(said["lineage"]["events"]) == 64


def test_a_selection_of_events(campaign, events):
    chosen = events.select(np.asarray(events.event_id) % 2 == 1)

    with to_ml(chosen, split={"all": 1.0}, group="template") as tensors:
        batch = tensors["all"].read()

    assert set(batch.event_id) == {1, 3, 5, 7}


def test_parts_go_to_other_processes(tensors):
    again = pickle.loads(pickle.dumps(tensors["train"]))

    np.testing.assert_array_equal(again.read().targets, tensors["train"].read().targets)


def test_torch_reads_them(tensors):
    torch = pytest.importorskip("torch", reason="needs torch: pip install 'shoeroot[ml]'")

    dataset = tensors["train"].torch()
    loader = torch.utils.data.DataLoader(dataset, batch_size=2)

    assert isinstance(dataset, torch.utils.data.Dataset)
    tabular, schedules, targets = next(iter(loader))
    assert tabular.shape == (2, 62)
    assert schedules.shape == (2, 3, 8760)
    expected = tensors["train"].read([0, 1], scaled=True)
    np.testing.assert_array_equal(targets.numpy(), expected.targets)
    assert len(pickle.loads(pickle.dumps(dataset))[0]) == 3
    assert len(list(dataset)) == len(dataset)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"targets": "weekly"}, "no 'weekly' targets"),
        ({"series": ["heatin"]}, "did you mean 'heating'"),
        ({"targets": "hourly", "series": ["temperature"]}, "cannot be added up"),
        ({"group": "vintage"}, "group='vintage'"),
        ({"split": {"train": 0.5, "test": 0.4}}, "1 in all"),
        ({"schedules": np.zeros(5)}, "schedules of shape"),
    ],
)
def test_questions_that_have_no_answer(campaign, options, said):
    with pytest.raises(ExportError, match=said):
        to_ml(campaign.folder, **{"split": HALVES, **options})


def test_events_without_templates_say_what_to_do(tmp_path, campaign, events):
    some = [event for event in events if event.status == "ok"]
    with shoeroot.events.EventWriter(tmp_path / "bare.root", shoeroot.records.Simulation) as writer:
        writer.write(some)

    with pytest.raises(ExportError, match=r"do not hold the templates(.|\n)*schedules=False"):
        to_ml(tmp_path / "bare.root", split={"all": 1.0})

    with to_ml(tmp_path / "bare.root", split={"all": 1.0}, schedules=False) as tensors:
        assert tensors["all"].read().schedules is None


def test_one_series_may_be_named_alone_and_no_row_be_asked_for(campaign):
    tensors = to_ml(campaign.folder, series="heating", split={"all": 1.0})

    nothing = tensors["all"].read([])

    assert tensors.targets == {"heating": "kWh"}
    assert nothing.tabular.shape == (0, len(tensors.columns))
    assert nothing.targets.shape == (0, 1)


def test_a_missing_folder_is_named(campaign, tmp_path):
    tensors = to_ml(campaign.folder, split={"all": 1.0})

    for write in (
        lambda: save_tensors(tensors, tmp_path / "none" / "tensors.h5"),
        lambda: write_results(campaign.folder, tmp_path / "none" / "results.h5"),
    ):
        with pytest.raises(ExportError, match="no such folder") as caught:
            write()
        assert caught.value.where == str(tmp_path / "none")
