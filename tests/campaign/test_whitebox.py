"""One simulation to look into: the last part of the notebook, on the real engine."""

from __future__ import annotations

import copy
import json
import pickle

import matplotlib as mpl
import numpy as np
import pytest

import shoeroot
from shoeroot.building import CORE, PERIMETER
from shoeroot.design import PROGRAMS
from shoeroot.errors import ConfigError, DesignError, EngineError, ModelError
from shoeroot.records import Simulation

SCHEMA = shoeroot.Schema()
CORE_SYSTEM = "BLOCK CORE STOREY 0 IDEAL LOADS AIR SYSTEM"
PERIMETER_SYSTEM = "BLOCK PERIM STOREY 0 IDEAL LOADS AIR SYSTEM"

#: What the notebook sets before it makes its simulation; the weather is the third of those
#: that come with the engine, in Florida like the notebook's.
NOTEBOOK = {
    "climate_zone": 12,
    "vintage": 1920,
    "program_type": PROGRAMS.index("Multi-Family with 5+ Units"),
    "base_epw": 2,
    "height": 3,
    "width": 3,
    "facade_2_footprint": 0.3,
    "perim_2_footprint": 0.5,
    "roof_2_footprint": 0.5,
    "footprint_2_ground": 0.5,
    "wwr": 0.4,
    "Infiltration": 0.3,
    "HeatingSetpoint": 17,
    "CoolingSetpoint": 23,
    "PeopleDensity": 0.05,
    "LightingPowerDensity": 18,
    "EquipmentPowerDensity": 7,
    "RoofRValue": 3,
    "SlabRValue": 0.9,
    "FacadeRValue": 2.0,
    "FacadeMass": 120000,
    "RoofMass": 120000,
    # Drawn at random in the notebook.
    "HeatingCoeffOfPerf": 2,
    "CoolingCoeffOfPerf": 3,
    "FlowRatePerFloorArea": 0.0005,
    "WindowSettings": [3.1, 0.6, 0.4],
    "shading_fact": 0.1,
}


def notebook_vector(**changes):
    vector = SCHEMA.generate_empty_storage_vector()
    for name, value in (NOTEBOOK | changes).items():
        SCHEMA.update_storage_vector(vector, name, value)
    return vector


@pytest.fixture(scope="module")
def make(engine, library):
    def make(**changes):
        return shoeroot.WhiteboxSimulation(
            SCHEMA, notebook_vector(**changes), library=library, engine=engine
        )

    return make


@pytest.fixture(scope="module")
def whitebox_sim(make):
    return make()


@pytest.fixture(scope="module")
def results(whitebox_sim):
    return whitebox_sim.simulate()


# The notebook


def test_the_notebook_prints_what_its_design_says(whitebox_sim, capsys):
    print("EPD:", whitebox_sim.template.Perimeter.Loads.EquipmentPowerDensity)
    print("LPD:", whitebox_sim.template.Perimeter.Loads.LightingPowerDensity)
    print("PPD:", whitebox_sim.template.Core.Loads.PeopleDensity)
    print("Inf:", whitebox_sim.template.Core.Ventilation.Infiltration)
    print("RRf:", whitebox_sim.template.Perimeter.Constructions.Roof.r_value)
    print("RPr:", whitebox_sim.template.Perimeter.Constructions.Partition.r_value)
    print("RSl:", whitebox_sim.template.Perimeter.Constructions.Slab.r_value)
    print("RGn:", whitebox_sim.template.Perimeter.Constructions.Ground.r_value)
    print("RFc:", whitebox_sim.template.Perimeter.Constructions.Facade.r_value)
    print("EPW:", whitebox_sim.epw_path)

    said = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    figures = {name: float(said[name]) for name in ("EPD", "LPD", "PPD", "Inf", "RRf", "RSl")}
    assert figures == pytest.approx(
        {"EPD": 7, "LPD": 18, "PPD": 0.05, "Inf": 0.3, "RRf": 3, "RSl": 0.9}
    )
    assert float(said["RFc"]) == pytest.approx(2.0)
    assert float(said["RPr"]) > 0
    assert float(said["RGn"]) > 0
    assert said["EPW"].endswith("USA_FL_Tampa.Intl.AP.722110_TMY3.epw")


def test_the_notebook_shows_its_tables_and_plots(results):
    from matplotlib import pyplot as plt

    mpl.use("agg")
    res_hourly, res_monthly = results

    assert len(res_hourly.head()) == 5
    for table in (res_hourly, res_monthly):
        for system in (CORE_SYSTEM, PERIMETER_SYSTEM):
            figure = plt.figure()
            (line,) = plt.plot(table["System"][system] * 2.777e-7, linewidth=0.3)
            assert len(line.get_xdata()) == len(table)
            plt.close(figure)


def test_tables_have_a_year_by_hours_and_by_months(results):
    hourly, monthly = results

    assert (list(hourly.index[[0, -1]]), hourly.index.name) == ([0, 8759], "hour")
    assert (list(monthly.index), monthly.index.name) == (list(range(1, 13)), "month")
    assert hourly.notna().all(axis=None)
    assert monthly.notna().all(axis=None)


@pytest.mark.parametrize("system", [CORE_SYSTEM, PERIMETER_SYSTEM])
def test_system_is_heat_delivered_and_removed(results, system):
    for table in results:
        np.testing.assert_allclose(
            table["System"][system], table["Heating"][system] + table["Cooling"][system]
        )


def test_months_add_up_the_hours(results):
    hourly, monthly = results

    for group in ("System", "Heating", "Cooling"):
        np.testing.assert_allclose(hourly[group].sum(), monthly[group].sum())
    january = hourly["Temperature"].iloc[: 31 * 24].mean()
    np.testing.assert_allclose(monthly["Temperature"].loc[1], january)


def test_units_stand_with_the_tables(results):
    hourly, monthly = results

    assert hourly.attrs["units"] == {
        **dict.fromkeys(("System", "Heating", "Cooling"), "J"),
        "Temperature": "degC",
    }
    assert monthly.attrs["units"]["Lights"] == "J"


def test_a_table_is_what_an_event_says_of_the_same_design(
    whitebox_sim, results, tmp_path, engine, library
):
    shoeroot.run_campaign(
        whitebox_sim.storage_vector[None, :],
        tmp_path / "one",
        engine=engine,
        library=library,
        show_progress=False,
    )
    with shoeroot.open(tmp_path / "one") as events:
        event: Simulation = events[0]
        core = event.zones[1]
        hourly, monthly = results
        for group, series in (("Heating", core.hourly.heating), ("Cooling", core.hourly.cooling)):
            np.testing.assert_allclose(
                hourly[group][CORE_SYSTEM] / 3.6e6, series, rtol=1e-5, atol=1e-7
            )
        np.testing.assert_allclose(
            monthly["Lights"][CORE.upper()] / 3.6e6, core.monthly_lighting, rtol=1e-5
        )
        assert event.model_hash == whitebox_sim.model.hash


# The picture


def pixels(figure):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_picture_needs_no_display_and_has_all_there_is(make):
    shaded = make(shading_fact=0.3).shoebox.view_model()

    assert legend(shaded) == [
        *("to outside air", "on the ground", "between the zones"),
        *("adiabatic", "window", "shading block"),
    ]
    assert (pixels(shaded) < 250).any(axis=2).mean() > 0.05
    assert "3 m wide, 10 m deep, 3 m high" in shaded.get_suptitle()


def test_the_picture_leaves_out_what_is_not_there(make):
    plain = make(shading_fact=0.0, perim_2_footprint=1.0).shoebox.view_model()

    assert "shading block" not in legend(plain)
    assert "between the zones" not in legend(plain)


def test_the_picture_turns_with_the_facade(make):
    south, east = (make(orientation=one).shoebox.view_model() for one in (0, 1))

    assert (pixels(south) != pixels(east)).any()
    assert east.axes[0].azim - south.axes[0].azim == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, False), ({"shading_fact": 1.0}, False), ({"facade_2_footprint": 0.01}, True)],
)
def test_a_corridor_is_not_drawn_to_scale_and_says_so(make, changes, said):
    figure = make(**changes).shoebox.view_model()

    assert ("not to scale" in [text.get_text() for text in figure.texts]) is said


# What stands in it


def test_the_template_cannot_be_changed(whitebox_sim):
    with pytest.raises(AttributeError, match="change the design"):
        whitebox_sim.template.Perimeter.Loads.PeopleDensity = 1.0


def test_an_unknown_name_of_the_template_suggests_the_nearest(whitebox_sim):
    with pytest.raises(AttributeError, match="did you mean 'PeopleDensity'"):
        _ = whitebox_sim.template.Core.Loads.PeopleDensty


def test_the_template_shows_its_names(whitebox_sim):
    assert "Loads" in dir(whitebox_sim.template.Core)
    assert "PeopleDensity: 0.05" in repr(whitebox_sim.template.Core.Loads)
    assert whitebox_sim.template.Windows.Construction.u_value == pytest.approx(3.1)
    for again in (
        copy.deepcopy(whitebox_sim.template),
        pickle.loads(pickle.dumps(whitebox_sim.template)),
    ):
        assert again.Core.Loads.PeopleDensity == 0.05


def test_a_later_change_of_the_vector_does_not_reach_it(engine, library):
    vector = notebook_vector()
    simulation = shoeroot.WhiteboxSimulation(SCHEMA, vector, library=library, engine=engine)

    SCHEMA.update_storage_vector(vector, "width", 9)

    assert simulation.shoebox.box.width == 3.0
    assert simulation.explain().set_index("parameter").loc["width", "value"] == 3.0


def test_the_input_can_be_written_and_changed_without_harm(whitebox_sim, tmp_path):
    epjson = whitebox_sim.to_epjson(tmp_path / "model.epJSON")

    assert json.loads((tmp_path / "model.epJSON").read_text()) == epjson
    for fields in epjson["Schedule:File"].values():
        assert (tmp_path / fields["file_name"]).is_file()
    epjson["Zone"].clear()
    assert set(whitebox_sim.to_epjson()["Zone"]) == {PERIMETER, CORE}


def test_it_is_explained_parameter_by_parameter(whitebox_sim):
    table = whitebox_sim.explain()

    assert list(dict.fromkeys(table["parameter"])) == SCHEMA.parameter_names
    lights = table[table["parameter"] == "LightingPowerDensity"].iloc[0]
    assert lights["value"] == lights["after"] == 18.0
    assert (lights["kind"], lights["name"]) == ("Lights", f"{PERIMETER} Lights")
    assert lights["before"] < 18.0


# What is wrong is said


def test_setpoints_out_of_order_are_an_error_that_names_both(make):
    simulation = make(HeatingSetpoint=25, CoolingSetpoint=20)

    with pytest.raises(ModelError) as caught:
        simulation.simulate()

    assert caught.value.where == "HeatingSetpoint, CoolingSetpoint"


def test_a_simulation_that_fails_says_what_the_engine_said(engine, library):
    vector = notebook_vector()
    # A wall so heavy that the engine cannot solve it.
    vector[SCHEMA["FacadeMass"].start_storage] = 6e6
    vector[SCHEMA["FacadeRValue"].start_storage] = 60
    simulation = shoeroot.WhiteboxSimulation(SCHEMA, vector, library=library, engine=engine)

    with pytest.raises(EngineError) as caught:
        simulation.simulate()

    assert "status 'fatal'" in caught.value.problem
    assert "CTF" in caught.value.problem or "Transfer Function" in caught.value.problem


def test_a_batch_is_no_storage_vector(engine, library):
    with pytest.raises(DesignError, match="one design of 90 values"):
        shoeroot.WhiteboxSimulation(
            SCHEMA, notebook_vector()[None, :], library=library, engine=engine
        )


def test_a_wrong_time_step_names_the_argument(engine, library):
    with pytest.raises(ConfigError, match="timesteps_per_hour"):
        shoeroot.WhiteboxSimulation(
            SCHEMA, notebook_vector(), library=library, engine=engine, timesteps_per_hour=7
        )


def test_weather_of_the_catalogue_is_chosen(engine, library):
    chicago = next(engine.weather_folder.glob("*Chicago*.epw"))
    simulation = shoeroot.WhiteboxSimulation(
        SCHEMA, notebook_vector(base_epw=0), library=library, engine=engine, weather=[chicago]
    )

    assert simulation.epw_path == chicago
