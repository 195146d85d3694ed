"""ThermalResilience against the engine: the power goes out in a simulation of the same building."""

import dataclasses

import numpy as np
import pytest

import shoeroot
from shoeroot.building import TEMPERATURE, find_weather, weather_folders
from shoeroot.engine import EngineModel, find_engine, run_model
from shoeroot.events import EventWriter
from shoeroot.minitrees import load
from shoeroot.records import Simulation
from shoeroot.testing import check_treemaker
from shoeroot_minitrees import ThermalResilience

WEEK = 168
RESULTS = ["cold_hours_safe", "cold_lowest", "hot_hours_safe", "hot_highest", "time_constant"]


def cut_simulated(design, event, start):
    """Mean temperature of the week in which heating, cooling, lights and appliances end."""
    model = shoeroot.WhiteboxSimulation(shoeroot.Schema(), design).model
    inputs, files = dict(model.epjson), dict(model.files)
    powered = (np.arange(8760) < start).astype(float)
    schedules = dict(inputs["Schedule:File"])

    def until_the_cut(name):
        file = inputs["Schedule:File"].get(name, {}).get("file_name")
        values = (
            np.array(files[file].split(), dtype=float)
            if file
            else inputs["Schedule:Constant"][name]["hourly_value"]
        )
        written = f"cut_{len(schedules)}.csv"
        files[written] = "\n".join(map(repr, (values * powered).tolist())).encode()
        like = next(iter(inputs["Schedule:File"].values()))
        schedules[written] = {**like, "file_name": written}
        return written

    def with_cut(kind, *fields):
        return {
            name: {**one, **{field: until_the_cut(one[field]) for field in fields}}
            for name, one in inputs[kind].items()
        }

    system = "ZoneHVAC:IdealLoadsAirSystem"
    inputs[system] = {
        name: {**one, "availability_schedule_name": one["heating_availability_schedule_name"]}
        for name, one in inputs[system].items()
    }
    inputs[system] = with_cut(system, "availability_schedule_name")
    inputs["Lights"] = with_cut("Lights", "schedule_name")
    inputs["ElectricEquipment"] = with_cut("ElectricEquipment", "schedule_name")
    inputs["Schedule:File"] = schedules
    text = dataclasses.replace(model, epjson=inputs).text
    result = run_model(find_engine(), EngineModel(text, files), model.weather.path)
    assert result.status == "ok", result.messages
    zones = [result.hourly[zone.name.upper(), TEMPERATURE] for zone in event.zones]
    areas = [zone.floor_area for zone in event.zones]
    return np.average(zones, axis=0, weights=areas)[start : start + WEEK]


@pytest.mark.parametrize("row", [0, 3])
def test_the_coldest_week_is_close_to_a_simulated_cut(made, records, designs, row):
    found = made(ThermalResilience).loc[row]

    simulated = cut_simulated(designs[row], records[row], int(found["cold_start"]))

    unsafe = simulated < 12.2
    hours = int(unsafe.argmax()) if unsafe.any() else WEEK
    assert found["cold_hours_safe"] == pytest.approx(hours, abs=6)
    assert found["cold_lowest"] == pytest.approx(simulated.min(), abs=2.0)
    # Without heat it is far colder than any hour of the simulation with it.
    heated = min(zone.hourly.temperature.min() for zone in records[row].zones)
    assert found["cold_lowest"] < heated - 2.0


def test_limits_are_options(made):
    default, careful = made(ThermalResilience), made(ThermalResilience(unsafe_cold=18.0))

    good = default["cold_hours_safe"].notna()
    assert good.tolist() == [True, True, False, True]
    assert (careful["cold_hours_safe"] < default["cold_hours_safe"])[good].all()
    assert (careful["cold_lowest"] == default["cold_lowest"])[good].all()


def test_weeks_are_those_of_the_weather_file(made, records):
    found = made(ThermalResilience).loc[0]
    path = find_weather(records[0].weather, weather_folders())
    outdoors = np.loadtxt(path, delimiter=",", skiprows=8, usecols=6)

    means = np.array([outdoors[day * 24 : day * 24 + WEEK].mean() for day in range(359)])

    assert found["cold_start"] == 24 * means.argmin()
    assert found["hot_start"] == 24 * means.argmax()


@pytest.mark.parametrize(
    "changed", [{"weather": "nowhere.epw"}, {"weather_hash": "0" * 64}], ids=["missing", "changed"]
)
def test_without_the_weather_file_nothing_is_told(records, made, changed, tmp_path):
    event = dataclasses.replace(records[0], **changed)
    with EventWriter(tmp_path / "other" / "events", Simulation) as writer:
        writer.write([event])

    data = load(tmp_path / "other", ThermalResilience)

    assert data[RESULTS].isna().all().all()
    assert data["cold_start"].tolist() == [-1]


def test_failed_simulations_have_nan(made):
    assert made(ThermalResilience).loc[2, RESULTS].isna().all()


@pytest.mark.parametrize("name", ["ThermalResilience", "DemandFlexibility"])
def test_units_descriptions_and_chunks_are_checked(name, campaigns):
    import shoeroot_minitrees

    check_treemaker(getattr(shoeroot_minitrees, name), campaigns[0])
