"""META models as input of EnergyPlus: by the spec's rules, and what the engine itself says."""

import json

import numpy as np
import pytest

from shoeroot import meta
from shoeroot.building import read_input_schema, read_weather
from shoeroot.engine import EngineModel, run_model
from shoeroot.errors import MetaError

from .espr_files import OPERATIONS_1
from .handmade import small

WALLS = {"wall": "extern_wall", "roof": "roof_1", "floor": "floor_1"}
FACES = ("front", "right", "back", "left", "top", "base")


@pytest.fixture(scope="module")
def weather(engine):
    return read_weather(engine.weather_folder / "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw")


def known(text):
    """A small model of constructions that ship with shoeroot."""
    for name, shipped in WALLS.items():
        text = text.replace(f",{name},", f",{shipped},")
    return meta.read_text(text)


def room(*lines, at="*end_zone", instead=None):
    return known(small(*lines, at=at, instead=instead))


def converted(model, **options):
    epjson, _ = meta.to_epjson(model, **options)
    return epjson


def front(epjson):
    return epjson["BuildingSurface:Detailed"]["room front"]


@pytest.fixture(scope="module")
def documents_run(engine, weather, meta_folder, tmp_path_factory):
    """The document's model, run by the engine, which tells its geometry."""
    epjson = converted(meta.read(meta_folder / "doc_compact.meta"), weather=weather)
    epjson["OutputControl:Files"]["Files"]["output_eio"] = "Yes"
    epjson["Output:Surfaces:List"] = {"List": {"report_type": "Details"}}
    folder = tmp_path_factory.mktemp("document") / "run"
    model = EngineModel(json.dumps(epjson).encode())
    return run_model(engine, model, weather.path, folder, keep=True)


def reported(result, kind):
    """Rows of the engine's own report, by the name in the second column."""
    lines = (result.folder / "eplusout.eio").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split(",")] for line in lines]
    (columns,) = (row for row in rows if row[0] == f"! <{kind}>")
    return {row[1]: dict(zip(columns, row, strict=False)) for row in rows if row[0] == kind}


def test_the_documents_model_runs_without_a_severe_error(documents_run):
    assert documents_run.status == "ok"
    assert {message.severity for message in documents_run.messages} <= {"warning"}


def test_the_engine_reports_the_documents_volumes_and_glazing(documents_run):
    zones = reported(documents_run, "Zone Information")
    volumes = {name: float(row["Volume {m3}"]) for name, row in zones.items()}
    assert volumes == {"METAL_BOX5": 1000.0, "METAL_ROOF": 100.0, "PAVILION": 30.0}
    box = zones["METAL_BOX5"]
    assert float(box["Exterior Window Area {m2}"]) == 20.0
    assert float(zones["PAVILION"]["Exterior Window Area {m2}"]) == 3.0


def test_the_engine_reports_the_documents_front_wall(documents_run):
    said = reported(documents_run, "HeatTransfer Surface")["METAL_BOX5 FRONT"]
    assert float(said["Area (Net) {m2}"]) == 74.75
    assert float(said["Area (Gross) {m2}"]) == 100.0


def test_every_object_is_one_that_the_engine_takes(engine, meta_folder, weather):
    schema = read_input_schema(engine.schema)
    for path in sorted(meta_folder.glob("*.meta")):
        epjson = converted(meta.read(path), weather=weather, assume_control=True)
        assert list(schema.refusals(epjson)) == []


def test_heat_is_area_times_u_times_difference(engine, weather):
    # All six faces at 0 degC, no sun, no air: what keeps 20 degC can be worked out by hand.
    text = small("*heating,20,0", "*ideal_control,1")
    for face in FACES:
        for kind, end in (("wall", "0,0,0"), ("roof", "0,0,0"), ("floor", "4,1,0")):
            text = text.replace(f"{face},{kind},{end}", f"{face},extern_wall,2,0,0")
    result = run_model(
        engine,
        EngineModel(json.dumps(converted(meta.read_text(text), weather=weather)).encode()),
        weather.path,
    )
    area = 2 * (4 * 3 + 4 * 2.5 + 3 * 2.5)
    layers = meta.example_constructions()["extern_wall"].r_value
    # Inside, still air alone carries the heat (no face is warmer than another): 1.3 to 4 W/m2K.
    least, most = (area * 20 / (layers + 0.13 + 1 / film) for film in (1.3, 4.0))
    (heating,) = (one for key, one in result.hourly.items() if "Heating" in key[1])
    power = heating / 3600
    assert least < power[-1] < most
    assert power.max() - power.min() < 0.02 * power.mean()


def test_a_wall_is_its_outline_and_windows_and_doors_lie_in_it():
    model = room(
        "*glaze,1,1,20",
        "*door,1,1,0.9",
        "*surface,door,door,0,0,0",
        "*surface,glazing,dbl_glz,0,0,0",
    )
    epjson = converted(model)
    assert front(epjson)["number_of_vertices"] == 4
    openings = epjson["FenestrationSurface:Detailed"]
    kinds = {name: one["surface_type"] for name, one in openings.items()}
    assert kinds == {"room door": "Door", "room glazing": "Window"}
    assert {one["building_surface_name"] for one in openings.values()} == {"room front"}


def test_glass_becomes_panes_and_a_gap_of_air():
    epjson = converted(room("*glaze,1,1,20", "*surface,glazing,dbl_glz,0,0,0"))
    layers = list(epjson["Construction"]["dbl_glz"].values())
    pane = epjson["WindowMaterial:Glazing"][layers[0]]
    assert layers == [layers[0], "gas in dbl_glz", layers[0]]
    assert pane["optical_data_type"] == "SpectralAverage"
    assert pane["solar_transmittance_at_normal_incidence"] == pytest.approx(0.780)
    assert pane["front_side_solar_reflectance_at_normal_incidence"] == pytest.approx(0.071)


def test_a_window_of_six_corners_becomes_triangles():
    points = [(1, 0.5), (2, 0.5), (2.5, 1.2), (2, 2), (1, 2), (0.5, 1.2)]
    text = meta.to_text(meta.expand(room()))
    cords = "".join(f"*cord,{x},0,{z}\n" for x, z in points)
    text = text.replace("*surface,front", f"{cords}*surface,front", 1)
    text = text.replace("*list,4,1,2,6,5", "*list,12,1,2,6,5,1,9,14,13,12,11,10,9")
    text = text.replace(
        "*end_zone", "*surface,six,dbl_glz,0,0,0\n*list,6,9,10,11,12,13,14\n*end_zone"
    )
    epjson = converted(meta.read_text(text))
    pieces = epjson["FenestrationSurface:Detailed"]
    assert len(pieces) == 4
    assert {one["number_of_vertices"] for one in pieces.values()} == {3}
    assert front(epjson)["number_of_vertices"] == 4


@pytest.mark.parametrize(
    ("boundary", "condition"),
    [
        ("0,0,0", "Outdoors"),
        ("1,0,0", "Adiabatic"),
        ("1,2,0", "OtherSideCoefficients"),
        ("2,15,0", "OtherSideCoefficients"),
        ("4,1,0", "Ground"),
        ("5,0,0", "Adiabatic"),
        ("6,1,50", "GroundFCfactorMethod"),
        ("7,0,0", "Adiabatic"),
    ],
)
def test_what_is_behind_a_surface(boundary, condition):
    model = room(f"*surface,front,wall,{boundary}", instead="*surface,front,wall,0,0,0")
    assert front(converted(model))["outside_boundary_condition"] == condition


def test_an_unknown_boundary_is_an_error_with_its_line():
    model = room("*surface,front,wall,-1,0,0", instead="*surface,front,wall,0,0,0")
    with pytest.raises(MetaError, match="unknown") as caught:
        converted(model)
    assert "line 7" in caught.value.where


def test_a_wall_to_a_zone_that_does_not_point_back_is_an_error():
    model = room("*surface,front,wall,3,1,2", instead="*surface,front,wall,0,0,0")
    with pytest.raises(MetaError, match="does not point back"):
        converted(model)


def test_the_second_side_between_zones_has_the_first_sides_layers_turned():
    upper = small().split("*start_zone,room\n")[1].replace("*end\n", "")
    upper = f"*start_zone,attic\n{upper}".replace("*origin,0,0,0", "*origin,0,0,2.5")
    upper = upper.replace("base,floor,4,1,0", "base,wall,3,1,5")
    text = small().replace("top,roof,0,0,0", "top,roof,3,2,6").replace("*end\n", f"{upper}*end\n")
    model = known(text)
    epjson, losses = meta.to_epjson(model)
    walls = epjson["BuildingSurface:Detailed"]
    below, above = (
        list(epjson["Construction"][walls[name]["construction_name"]].values())
        for name in ("room top", "attic base")
    )
    assert below == above[::-1]
    assert any("from the other side" in loss.problem for loss in losses)


def test_the_files_own_ground_profile():
    months = "5,4,3.5,3.6,6.6,10.2,13,15,15,13,10,7"
    text = known(
        small("*monthly_profile,1", months, at="*start_zone,room").replace(
            "base,floor,4,1,0", "base,floor,4,0,1"
        )
    )
    ground = converted(text)["Site:GroundTemperature:BuildingSurface"]["Ground"]
    assert list(ground.values()) == [float(month) for month in months.split(",")]


def test_a_pair_of_mass_faces_is_one_mass_of_both_areas():
    epjson = converted(room("*mass,VM,0.5,1,0,3,2,180,part,door"))
    (mass,) = epjson["InternalMass"].values()
    assert mass["surface_area"] == pytest.approx(2 * 3 * 2)


def test_a_block_has_six_faces():
    epjson = converted(room("*obs,0,-2,0,4,1,3,0,tree,door"))
    blocks = epjson["Shading:Building:Detailed"]
    assert len(blocks) == 6
    corners = [list(corner.values()) for one in blocks.values() for corner in one["vertices"]]
    assert np.array(corners).min(axis=0).tolist() == [0, -2, 0]
    assert np.array(corners).max(axis=0).tolist() == [4, -1, 3]


def test_site_reflectance_and_steps():
    model = room(
        "*site_loc,45.3,2.0,1.0",
        "*site_exp,8,0.5,0.3,0.2",
        "*ground_refl_monthly,2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.7",
        "*monthly_snow_days,31,0,0,0,0,0,0,0,0,0,0,15.5",
        "*sim_parameters,7,7,1,4",
        at="*start_zone,room",
    )
    epjson, losses = meta.to_epjson(model)
    assert epjson["Site:Location"]["Site"]["longitude"] == 17.0
    reflectance = list(epjson["Site:GroundReflectance"]["Reflectance"].values())
    assert reflectance == pytest.approx([0.7, *[0.2] * 10, 0.45])
    assert epjson["Timestep"]["Timestep"]["number_of_timesteps_per_hour"] == 6
    assert epjson["Building"]["Building"]["minimum_number_of_warmup_days"] == 7
    assert front(epjson)["view_factor_to_ground"] == pytest.approx(0.5)
    assert "7 steps an hour" in str(losses)


@pytest.mark.parametrize(
    ("said", "first", "last", "count"),
    [
        ("annual", (1, 1), (12, 31), 1),
        ("summer,typical_week", (8, 24), (8, 30), 1),
        ("summer,fortnight", (8, 21), (9, 3), 1),
        ("summer,season", (6, 1), (8, 31), 1),
        # From the 19th of December on into January, which is another period.
        ("winter,fortnight", (1, 1), (1, 1), 2),
        ("winter,season", (1, 1), (2, 28), 2),
        ("five_season,season", (1, 1), (12, 31), 1),
        ("three_season,typical_week", (4, 26), (5, 2), 3),
        ("single,user,32,59", (2, 1), (2, 28), 1),
        ("single,user,360,5", (1, 1), (1, 5), 2),
    ],
)
def test_assessments_are_periods_of_the_weather_file(weather, said, first, last, count):
    model = room(f"*assessments,{said}", at="*start_zone,room")
    periods = list(converted(model, weather=weather)["RunPeriod"].values())
    assert len(periods) == count
    begin, end = (
        (periods[0][f"{which}_month"], periods[0][f"{which}_day_of_month"])
        for which in ("begin", "end")
    )
    assert (begin, end) == (first, last)


def test_set_points_count_only_with_an_ideal_control():
    points = ("*heating,18,0", "*cooling,26,100")
    free, losses = meta.to_epjson(room(*points))
    assert "ZoneHVAC:IdealLoadsAirSystem" not in free
    assert "as in ESP-r" in str(losses)
    for model, options in (
        (room(*points, "*ideal_control"), {}),
        (room(*points), {"assume_control": True}),
    ):
        epjson = converted(model, **options)
        (setpoints,) = epjson["ThermostatSetpoint:DualSetpoint"].values()
        assert setpoints["heating_setpoint_temperature_schedule_name"] == "Always 18"
        assert setpoints["cooling_setpoint_temperature_schedule_name"] == "Always 26"


def test_an_ideal_control_of_zero_is_off():
    epjson = converted(room("*heating,18", "*ideal_control,0"), assume_control=True)
    assert "ZoneControl:Thermostat" not in epjson


def test_use_becomes_gains_and_infiltration(tmp_path):
    (tmp_path / "class.opr").write_text(OPERATIONS_1)
    model = room("*usage,pattern,all,allcas,class.opr")
    epjson = converted(model, databases=tmp_path)
    (air,) = epjson["ZoneInfiltration:DesignFlowRate"].values()
    assert air["air_changes_per_hour"] == 4.0
    assert epjson["Lights"]["room lights"]["lighting_level"] == 10.0 * 4 * 3
    occupants = epjson["OtherEquipment"]["room occupants"]
    assert occupants["design_level"] == 3000.0
    assert occupants["fraction_latent"] == pytest.approx(1 / 3)


def test_a_pattern_that_is_not_there_is_a_loss():
    _, losses = meta.to_epjson(room("*usage,pattern,all,allcas,class.opr"))
    (loss,) = losses
    assert "class.opr" in loss.problem
    assert loss.line == 13


def test_rows_of_the_report_are_outputs_or_losses():
    model = room(
        "*start_xml",
        "building/all_zones/envelope/infiltration/heat_gain",
        "building/all_zones/insolation/adverse",
        "*end_xml",
        at="*start_zone,room",
    )
    epjson, losses = meta.to_epjson(model)
    asked = {one["variable_name"] for one in epjson["Output:Variable"].values()}
    assert "Zone Infiltration Total Heat Gain Energy" in asked
    assert "adverse" in str(losses)


def test_the_report_of_losses_is_text_with_lines(meta_folder, weather):
    _, losses = meta.to_epjson(meta.read(meta_folder / "doc_compact.meta"), weather=weather)
    assert str(losses).startswith(f"{len(losses)} losses:")
    assert "line 45, metal_box5, *environment: nothing is done with it" in str(losses)
    assert all(loss.line for loss in losses)
