"""Models through the real engine: what each design parameter does to heat, sun and temperature.

Every run is made once a session and shared; a test asks for the designs that it compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from shoeroot.building import (
    COOLING,
    CORE,
    EQUIPMENT,
    HEATING,
    LIGHTING,
    PERIMETER,
    TEMPERATURE,
    Model,
    Template,
    build_model,
    check_model,
    ideal_loads_name,
    read_weather,
)
from shoeroot.building.template import Construction, Constructions, Layer, Material, Ventilation
from shoeroot.design import ShoeboxGeometryParameter
from shoeroot.engine import EngineModel, RunResult, run_model

from .handmade import (
    BY_DAY,
    CONCRETE,
    PARTITION,
    SCHEMA,
    TEMPLATE,
    make_design,
    make_template,
    make_zone,
    set_beyond_range,
)

AIR = "Zone Mean Air Temperature"
SUN = "Enclosure Windows Total Transmitted Solar Radiation Energy"
BEAM = "Surface Window Transmitted Beam Solar Radiation Energy"
APPLIANCES = "Zone Electric Equipment Electricity Rate"
INSIDE = "Surface Inside Face Temperature"
OUTSIDE = "Surface Outside Face Temperature"

JOULES_PER_KWH = 3.6e6
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MONTH_OF_HOUR = np.repeat(np.arange(12), 24 * DAYS)
#: November to February.
WINTER = np.isin(MONTH_OF_HOUR, [10, 11, 0, 1])
JULY = MONTH_OF_HOUR == 6


@dataclass(frozen=True)
class Year:
    """A simulated year: the model, and its results with the zones' series by variable."""

    model: Model
    result: RunResult

    def hourly(self, variable: str, key: str = "") -> np.ndarray:
        """The hourly series of a variable, the keys that contain `key` added up."""
        found = [
            values
            for (name, known), values in self.result.hourly.items()
            if known == variable and key.upper() in name
        ]
        assert found, f"no {variable} of {key}"
        return np.sum(found, axis=0)

    @property
    def settled_watts(self) -> float:
        """Mean heating in the second half of the year, when the start is forgotten."""
        return float(self.hourly(HEATING)[4380:].mean() / 3600.0)

    @property
    def heating(self) -> float:
        """Of both zones [kWh]."""
        return self.hourly(HEATING).sum() / JOULES_PER_KWH

    @property
    def cooling(self) -> float:
        """Of both zones [kWh]."""
        return self.hourly(COOLING).sum() / JOULES_PER_KWH


def run(engine, model: Model, weather: Path, extra: tuple[str, ...]) -> Year:
    assert check_model(model) == []
    epjson = json.loads(model.text)
    epjson["Output:Variable"] |= {
        f"Extra {name}": {
            "key_value": "*",
            "variable_name": name,
            "reporting_frequency": "Hourly",
        }
        for name in extra
    }
    result = run_model(engine, EngineModel(json.dumps(epjson).encode(), model.files), weather)
    assert result.status == "ok", result.messages
    return Year(model, result)


@pytest.fixture(scope="module")
def golden(engine) -> Path:
    return next(engine.weather_folder.glob("*Golden*.epw"))


@pytest.fixture(scope="module")
def simulate(engine, golden) -> Callable[..., Year]:
    """Simulates the handmade template in Golden, Colorado, with changes to its design."""
    weather = read_weather(golden)
    done: dict[str, Year] = {}

    def simulate(template: Template = TEMPLATE, **changes: object) -> Year:
        key = repr((id(template), sorted(changes.items())))
        if key not in done:
            design = make_design(template, **changes)
            model = build_model(SCHEMA, design, template, weather, timesteps_per_hour=2)
            done[key] = run(engine, model, golden, (AIR, SUN, BEAM, APPLIANCES))
        return done[key]

    return simulate


# A good run


def test_engine_has_nothing_to_say_about_the_model(engine, golden):
    model = build_model(SCHEMA, make_design(shading_fact=0.97), TEMPLATE, read_weather(golden))

    year = run(engine, model, golden, extra=())

    assert [message.text for message in year.result.messages] == []


def test_results_are_those_of_both_zones(simulate):
    keys = set(simulate().result.hourly)

    for zone in (PERIMETER, CORE):
        assert (ideal_loads_name(zone).upper(), HEATING) in keys
        assert (ideal_loads_name(zone).upper(), COOLING) in keys
        assert (zone.upper(), TEMPERATURE) in keys


@pytest.mark.parametrize("zone", [PERIMETER, CORE])
@pytest.mark.parametrize(
    ("variable", "density", "schedule"),
    [
        (LIGHTING, 8.0, TEMPLATE.perimeter.loads.lighting_schedule),
        (EQUIPMENT, 5.0, TEMPLATE.perimeter.loads.equipment_schedule),
    ],
)
def test_electricity_is_density_times_schedule_times_area(
    simulate, zone, variable, density, schedule
):
    hours = np.bincount(MONTH_OF_HOUR, weights=schedule.values)

    joules = simulate().result.monthly[zone.upper(), variable]

    np.testing.assert_allclose(joules, density * 50.0 * hours * 3600.0, rtol=1e-6)


@pytest.mark.parametrize("zone", [PERIMETER, CORE])
def test_appliances_follow_their_schedule_hour_by_hour(simulate, zone):
    watts = simulate().hourly(APPLIANCES, zone)

    schedule = TEMPLATE.perimeter.loads.equipment_schedule
    np.testing.assert_allclose(watts, 5.0 * 50.0 * schedule.values, rtol=1e-6)


def test_single_zone_runs(simulate):
    year = simulate(perim_2_footprint=1.0)

    assert {key for key, name in year.result.hourly if name == TEMPERATURE} == {PERIMETER.upper()}


def test_nearly_whole_roof_and_ground_run(simulate):
    # All but 9 mm of the width: the engine takes no surface that narrow.
    simulate(width=3.0, roof_2_footprint=0.997, footprint_2_ground=0.997)


@pytest.mark.parametrize(("window", "shade"), [(0.9, 0.0), (0.05, 1.0)])
def test_shallowest_perimeter_of_the_schema_runs(simulate, window, shade):
    # 12.5 mm deep: no floor takes all the sun that a large window lets in.
    shape = {"height": 2.5, "facade_2_footprint": 2.0, "perim_2_footprint": 0.01, "width": 3.0}

    year = simulate(wwr=window, shading_fact=shade, **shape)

    assert year.model.shoebox.box.zones()[0].depth == pytest.approx(0.0125)
    assert year.hourly(TEMPERATURE, PERIMETER).max() < 60.0


def test_box_of_the_smallest_figures_runs(simulate):
    smallest = {
        parameter.name: parameter.min
        for parameter in SCHEMA
        if isinstance(parameter, ShoeboxGeometryParameter)
    }
    nothing = {"Infiltration": 0.1, "EquipmentPowerDensity": 0.1, "FacadeMass": 1000.0}

    simulate(**smallest, **nothing, LightingPowerDensity=0.0, PeopleDensity=0.0, RoofMass=1000.0)


# Setpoints


@pytest.mark.parametrize("zone", [PERIMETER, CORE])
def test_air_stays_between_the_setpoints(simulate, zone):
    air = simulate().hourly(AIR, zone)

    assert air.min() == pytest.approx(20.0, abs=0.05)
    assert air.max() == pytest.approx(26.0, abs=0.05)


def test_operative_temperature_stays_near_the_setpoints(simulate):
    felt = simulate().hourly(TEMPERATURE, CORE)

    assert 18.0 < felt.min() < felt.max() < 28.0


def test_lower_heating_setpoint_heats_less(simulate):
    lower = simulate(HeatingSetpoint=17.0)

    assert lower.heating < 0.85 * simulate().heating
    assert lower.hourly(AIR, PERIMETER).min() == pytest.approx(17.0, abs=0.05)


def test_higher_cooling_setpoint_cools_less(simulate):
    assert simulate(CoolingSetpoint=29.0).cooling < 0.85 * simulate().cooling


# Envelope


def test_more_resistance_of_the_facade_heats_less(simulate):
    assert simulate(FacadeRValue=5.0).heating < simulate(FacadeRValue=0.5).heating


def test_more_resistance_of_the_roof_heats_less(simulate):
    assert simulate(RoofRValue=5.0).heating < simulate(RoofRValue=0.5).heating


def test_slab_between_zones_of_the_same_warmth_hardly_matters(simulate):
    # Ceilings and floors inside a building are adiabatic: their R-value only slows what they store.
    slabs = [simulate(SlabRValue=value).heating for value in (0.5, 5.0)]

    assert slabs[0] != slabs[1]
    assert slabs[0] == pytest.approx(slabs[1], rel=0.02)


def test_more_roof_heats_more(simulate):
    assert simulate(roof_2_footprint=1.0).heating > simulate(roof_2_footprint=0.01).heating


def test_more_ground_cools_less(simulate):
    # In Golden the ground has 4.5 to 15 degC all year.
    assert simulate(footprint_2_ground=1.0).cooling < simulate(footprint_2_ground=0.01).cooling


def test_more_infiltration_heats_in_proportion(simulate):
    heating = [simulate(Infiltration=rate).heating for rate in (1.0, 2.0, 3.0)]

    first, second = np.diff(heating)
    assert first > 0
    assert second == pytest.approx(first, rel=0.15)


def test_mass_damps_the_daily_swing(simulate):
    free = {"HeatingSetpoint": 14.0, "CoolingSetpoint": 30.0, "wwr": 0.2}

    def july_swing(mass: float) -> float:
        year = simulate(FacadeMass=mass, RoofMass=mass, **free)
        felt = year.hourly(TEMPERATURE, PERIMETER)[JULY].reshape(31, 24)
        return float(np.ptp(felt, axis=1).mean())

    assert july_swing(250_000.0) < 0.9 * july_swing(5_000.0)


@pytest.mark.parametrize("name", ["FacadeMass", "RoofMass"])
def test_mass_stores_the_heat_of_the_day(simulate, name):
    """Of the facade alone and of the roof alone: gains of the day cool less and heat less."""
    free = {"wwr": 0.2, "roof_2_footprint": 1.0}
    light, heavy = (simulate(**free, **{name: mass}) for mass in (5_000.0, 250_000.0))

    assert heavy.cooling < light.cooling
    assert heavy.heating < light.heating


# Sun and window


def test_south_gets_more_winter_sun_than_north_and_heats_less(simulate):
    south, north = simulate(orientation=0), simulate(orientation=2)

    assert south.hourly(SUN)[WINTER].sum() > 3 * north.hourly(SUN)[WINTER].sum()
    assert south.heating < north.heating


def test_east_gets_its_sun_in_the_morning_and_west_in_the_afternoon(simulate):
    def hour_of_sun(orientation: int) -> float:
        by_hour = simulate(orientation=orientation).hourly(SUN).reshape(365, 24).sum(axis=0)
        return float(by_hour @ (np.arange(24) + 0.5) / by_hour.sum())

    assert hour_of_sun(1) < 11.0 < 13.0 < hour_of_sun(3)


def test_sky_that_is_hidden_lets_no_beam_in(simulate):
    shaded = simulate(shading_fact=1.0)

    assert shaded.hourly(BEAM).sum() == pytest.approx(0.0, abs=1e-6 * simulate().hourly(BEAM).sum())


def test_sky_that_is_hidden_heats_more_and_cools_less(simulate):
    open_sky, half, hidden = (simulate(shading_fact=share) for share in (0.0, 0.5, 1.0))

    assert open_sky.heating < half.heating < hidden.heating
    assert open_sky.cooling > half.cooling > hidden.cooling


def test_larger_window_gets_more_sun_in_proportion(simulate):
    sun = simulate(wwr=0.8).hourly(SUN).sum() / simulate(wwr=0.4).hourly(SUN).sum()

    assert sun == pytest.approx(2.0, rel=0.02)


def test_larger_window_cools_more(simulate):
    assert simulate(wwr=0.8).cooling > simulate(wwr=0.4).cooling


def test_window_of_higher_u_value_heats_more(simulate):
    poor = simulate(WindowSettings=(5.0, 0.6, 0.7))

    assert poor.heating > simulate(WindowSettings=(2.0, 0.6, 0.7)).heating


def test_window_of_lower_shgc_gets_less_sun(simulate):
    dark = simulate(WindowSettings=(2.0, 0.2, 0.7))
    clear = simulate(WindowSettings=(2.0, 0.6, 0.7))

    assert dark.cooling < clear.cooling
    assert dark.heating > clear.heating


def test_window_of_lower_transmittance_is_only_darker(simulate):
    # Lights follow their schedule, not the daylight.
    dark = simulate(WindowSettings=(2.0, 0.6, 0.1))

    assert dark.heating == pytest.approx(simulate().heating, rel=1e-6)
    assert dark.cooling == pytest.approx(simulate().cooling, rel=1e-6)


def test_deeper_box_of_the_same_facade_has_more_of_everything_but_sun(simulate):
    deep = simulate(facade_2_footprint=0.15)

    assert deep.heating > 1.3 * simulate().heating
    assert deep.hourly(SUN).sum() == pytest.approx(simulate().hourly(SUN).sum(), rel=1e-3)


def test_sun_warms_the_perimeter_and_the_core_behind_it_hardly(simulate):
    year = simulate()

    assert year.hourly(COOLING, PERIMETER).sum() > 2 * year.hourly(COOLING, CORE).sum()


def test_deeper_perimeter_shares_the_sun_with_more_floor(simulate):
    shallow, deep = (simulate(perim_2_footprint=share) for share in (0.2, 0.8))

    assert deep.hourly(SUN).sum() == pytest.approx(shallow.hourly(SUN).sum(), rel=1e-3)
    assert deep.cooling < shallow.cooling


def test_higher_box_of_the_same_depth_has_more_facade_and_air_and_heats_more(simulate):
    high = simulate(height=6.0, facade_2_footprint=0.6)

    assert high.model.shoebox.box.depth == pytest.approx(simulate().model.shoebox.box.depth)
    assert high.heating > 1.3 * simulate().heating


def test_wider_box_has_proportionally_more_of_everything(simulate):
    # But for the sides' share of the sky and of the heat that walls exchange.
    half = simulate(width=5.0)

    assert half.heating == pytest.approx(0.5 * simulate().heating, rel=0.1)
    assert half.hourly(SUN).sum() == pytest.approx(0.5 * simulate().hourly(SUN).sum(), rel=0.02)


# Gains


@pytest.mark.parametrize(
    ("name", "value"),
    [("EquipmentPowerDensity", 15.0), ("LightingPowerDensity", 18.0), ("PeopleDensity", 0.2)],
)
def test_gains_heat_less_and_cool_more(simulate, name, value):
    more = simulate(**{name: value})

    assert more.heating < simulate().heating
    assert more.cooling > simulate().cooling


# Outdoor air


def ventilated(heat_recovery: float) -> Template:
    """The handmade template with 0.3 l/s of outdoor air for each m2."""
    return make_template(
        make_zone(ventilation=Ventilation(0.5, 0.0003, 0.0, True, BY_DAY, heat_recovery))
    )


@pytest.fixture(scope="module")
def without_recovery() -> Template:
    return ventilated(0.0)


def test_outdoor_air_heats_more(simulate, without_recovery):
    assert simulate(without_recovery).heating > 1.05 * simulate().heating


def test_heat_recovery_saves_part_of_that(simulate, without_recovery):
    recovered = simulate(ventilated(0.8)).heating

    assert simulate().heating < recovered < simulate(without_recovery).heating


# A case to work out by hand: it is always -5 degC, without sun, wind and a cold sky.

OUTDOOR, INDOOR, UNDERGROUND = -5.0, 20.0, 10.0
STEFAN_BOLTZMANN = 5.670374e-8
PRESSURE = 80_000.0
#: A share of water vapour that hardly changes the density of air [%].
HUMIDITY = 10.0

#: An insulation that reaches R = 50 m2 K/W within 20 cm.
VACUUM = Material("Vacuum panel", 0.004, 50.0, 1000.0)
THICK = Construction("Thick", (Layer(VACUUM, 0.2), Layer(CONCRETE, 0.05)))


@pytest.fixture(scope="module")
def constant_weather(golden, tmp_path_factory) -> Path:
    """The file of Golden with the same weather in every hour."""
    changes = {
        6: OUTDOOR,
        7: -30.0,  # dew point
        8: HUMIDITY,
        9: PRESSURE,
        12: STEFAN_BOLTZMANN * (OUTDOOR + 273.15) ** 4,  # a sky as warm as the air
        **dict.fromkeys((10, 11, 13, 14, 15, 16, 17, 18, 19), 0.0),  # no sun, no daylight
        21: 0.0,  # no wind
        30: 0.0,  # no snow
        33: 0.0,  # no rain
    }
    lines = golden.read_text(encoding="latin-1").splitlines()
    for number, line in enumerate(lines[8:], start=8):
        words = line.split(",")
        for column, value in changes.items():
            if column < len(words):
                words[column] = f"{value:.4f}"
        lines[number] = ",".join(words)
    path = tmp_path_factory.mktemp("weather") / "Constant.epw"
    path.write_text("\n".join(lines), encoding="latin-1")
    return path


@pytest.fixture(scope="module")
def simulate_constant(engine, constant_weather) -> Callable[..., Year]:
    """Simulates a box without gains, infiltration and internal mass in the constant weather."""
    weather = replace(read_weather(constant_weather), ground_temperatures=(UNDERGROUND,) * 12)
    done: dict[str, Year] = {}

    def simulate(template: Template, infiltration: float = 0.0, **changes: float) -> Year:
        key = repr((id(template), infiltration, sorted(changes.items())))
        if key not in done:
            nothing = {"LightingPowerDensity": 0.0, "PeopleDensity": 0.0}
            design = make_design(template, WindowSettings=[0.3, 0.5, 0.5], **nothing)
            changes |= {"EquipmentPowerDensity": 0.0, "Infiltration": infiltration}
            for name, value in changes.items():
                design = set_beyond_range(design, name, value)
            model = build_model(SCHEMA, design, template, weather, timesteps_per_hour=2)
            done[key] = run(engine, model, constant_weather, (INSIDE, OUTSIDE, AIR))
        return done[key]

    return simulate


THICK_TEMPLATE = make_template(
    make_zone(
        constructions=Constructions(THICK, THICK, PARTITION, THICK, THICK), internal_mass=None
    )
)
PLAIN_TEMPLATE = make_template(make_zone(internal_mass=None))
#: Beyond the range of the schema, so that what the films at both faces add, some 0.5 m2 K/W
#: in calm air, is 1 % of the resistance, and the window hardly counts: the U-value of a
#: simple glazing system has films in it, but those of a wind of 5.5 m/s.
THICK_FIGURES = {"FacadeRValue": 50.0, "RoofRValue": 50.0, "SlabRValue": 50.0, "wwr": 0.005}


def test_heating_is_conductance_times_temperature_difference(simulate_constant):
    year = simulate_constant(THICK_TEMPLATE, **THICK_FIGURES)

    # Facade of 30 m2 with a window of 0.15 m2; 50 m2 of roof; 50 m2 on the ground.
    outdoors = (29.85 + 50.0) / 50.0 + 0.15 * 0.3
    ground = 50.0 / THICK_TEMPLATE.perimeter.constructions.ground.r_value
    watts = outdoors * (INDOOR - OUTDOOR) + ground * (INDOOR - UNDERGROUND)
    assert year.settled_watts == pytest.approx(watts, rel=0.02)


def test_constant_weather_heats_the_same_in_every_hour(simulate_constant):
    heating = simulate_constant(THICK_TEMPLATE, **THICK_FIGURES).hourly(HEATING)[4380:]

    np.testing.assert_allclose(heating, heating.mean(), rtol=1e-3)


def test_infiltration_heats_the_air_that_comes_in(simulate_constant):
    without = simulate_constant(THICK_TEMPLATE, **THICK_FIGURES)
    changed = simulate_constant(THICK_TEMPLATE, infiltration=0.5, **THICK_FIGURES)

    # 300 m3 of box; the density is that of the air outside, by the law of ideal gases.
    density = PRESSURE / (287.05 * (OUTDOOR + 273.15))
    watts = 0.5 * 300.0 / 3600.0 * density * 1006.0 * (INDOOR - OUTDOOR)
    more = changed.settled_watts - without.settled_watts
    assert more == pytest.approx(watts, rel=0.01)


def test_heat_that_leaves_is_the_difference_of_the_faces_over_the_r_value(simulate_constant):
    """Films of whatever size: the temperatures of the faces are the engine's own."""
    year = simulate_constant(PLAIN_TEMPLATE, FacadeRValue=3.0, RoofRValue=5.0, wwr=0.05)

    watts = 1.5 * 0.3 * (INDOOR - OUTDOOR)
    r_values = {"facade": 3.0, "roof": 5.0, "ground": 2.05}
    for surface in year.model.surfaces:
        if surface.part in r_values:
            inside, outside = (
                year.result.hourly[surface.name.upper(), face].mean() for face in (INSIDE, OUTSIDE)
            )
            area = surface.area - surface.window_area
            watts += area * (inside - outside) / r_values[surface.part]
    assert year.settled_watts == pytest.approx(watts, rel=0.02)


def test_face_under_the_ground_floor_has_the_temperature_of_the_ground(simulate_constant):
    year = simulate_constant(PLAIN_TEMPLATE, FacadeRValue=3.0, RoofRValue=5.0, wwr=0.05)

    under = year.result.hourly[f"{CORE} Ground".upper(), OUTSIDE]

    np.testing.assert_allclose(under, UNDERGROUND, atol=1e-6)
