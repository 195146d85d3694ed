"""Shoeboxes and other inputs of the engine as META models with databases, and back."""

import json

import numpy as np
import pytest

import shoeroot
from shoeroot import meta
from shoeroot.building import build_model, construction_of, read_weather
from shoeroot.campaign import sample_designs
from shoeroot.engine import EngineModel, run_model
from shoeroot.errors import MetaError

USES = ("People", "Lights", "ElectricEquipment", "ZoneInfiltration:DesignFlowRate")


@pytest.fixture(scope="module")
def shoebox(engine, library):
    """A shoebox with a core, whose roof and floor have two parts each, and blocks around."""
    weather = read_weather(engine.weather_folder / "USA_CO_Golden-NREL.724666_TMY3.epw")
    schema = shoeroot.Schema()
    design = sample_designs(1, library=library, weather=[weather], seed=3)[0]
    for name, value in (("roof_2_footprint", 0.6), ("footprint_2_ground", 0.5), ("wwr", 0.4)):
        design[schema[name].start_storage] = value
    design[schema["perim_2_footprint"].start_storage] = 0.5
    return build_model(schema, design, library.templates[0], weather)


@pytest.fixture(scope="module")
def exported(shoebox):
    return meta.from_shoebox(shoebox)


def read_back(exported, folder):
    model = meta.read(exported.write(folder))
    known, losses = meta.read_databases_of(model)
    assert losses == []
    return model, known


def test_a_shoebox_keeps_its_geometry_and_u_values(shoebox, exported, tmp_path):
    model, known = read_back(exported, tmp_path)
    found = meta.statistics(model, known).surfaces
    box = shoebox.shoebox.box
    order = [zone.name for zone in box.zones()]
    for polygon in shoebox.surfaces:
        zone = order.index(polygon.zone)
        name = polygon.name.removeprefix(polygon.zone).strip().replace(" ", "_")
        rows = found[(found.zone == model.zones[zone].name) & (found.name == name)]
        (row,) = rows.itertuples()
        assert row.area == pytest.approx(polygon.area - polygon.window_area, abs=2e-3)
        assert row.azimuth % 360 == pytest.approx(polygon.azimuth, abs=0.01)
        assert row.elevation == pytest.approx(90 - polygon.tilt, abs=0.01)
        construction = construction_of(shoebox.shoebox, polygon)
        assert row.u_value == pytest.approx(1 / (construction.r_value + 0.17), rel=1e-4)
    (window,) = found[found.use == "C-WIN"].itertuples()
    assert window.u_value == pytest.approx(shoebox.shoebox.window.u_value, rel=1e-3)
    zones = meta.statistics(model, known).zones
    assert zones.volume.tolist() == pytest.approx(
        [zone.depth * box.width * box.height for zone in box.zones()],
        rel=1e-4,
    )


def test_esp_r_would_find_nothing_wrong_with_it(exported, tmp_path):
    model, known = read_back(exported, tmp_path)
    assert [str(one) for one in meta.diagnostics(model, known) if one.severity == "error"] == []
    assert all(len(surface.name) <= 12 for zone in model.zones for surface in zone.surfaces)


def test_what_is_not_carried_over_is_told(exported):
    kinds = {loss.what for loss in exported.losses}
    assert set(USES) <= kinds


def test_there_and_back_the_building_needs_the_same_heat(shoebox, exported, tmp_path, engine):
    model, _ = read_back(exported, tmp_path)
    back, _ = meta.to_epjson(model, weather=shoebox.weather)
    bare = {kind: objects for kind, objects in shoebox.epjson.items() if kind not in USES}
    heat = []
    for epjson, files in ((bare, shoebox.files), (back, {})):
        run = EngineModel(json.dumps(epjson).encode(), files)
        result = run_model(engine, run, shoebox.weather.path)
        assert result.status == "ok"
        heat.append(sum(v.sum() for key, v in result.hourly.items() if "Heating" in key[1]))
    assert heat[1] == pytest.approx(heat[0], rel=0.03)


def test_the_class_makes_a_model_of_a_shoebox(shoebox, exported):
    assert meta.MetaModel.from_shoebox(shoebox) == exported.model


def test_a_converted_model_comes_back_with_its_faces(meta_folder):
    model = meta.read(meta_folder / "doc_explicit.meta")
    epjson, _ = meta.to_epjson(model)
    again = meta.from_epjson(epjson)
    before = meta.statistics(model)
    after = meta.statistics(again.model, again.constructions)
    assert after.zones.volume.tolist() == pytest.approx(before.zones.volume.tolist())
    assert sorted(np.round(after.surfaces.area, 4)) == pytest.approx(
        sorted(np.round(before.surfaces.area, 4)), abs=2e-4
    )
    assert after.zones.wall_ua.tolist() == pytest.approx(before.zones.wall_ua.tolist(), rel=1e-4)


def test_an_input_without_zones_is_refused():
    with pytest.raises(MetaError, match="no zones"):
        meta.from_epjson({"Version": {}})
