"""A META model as the engine's input: zones, surfaces, site, use, and what is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoeroot.building import Weather, read_weather
from shoeroot.errors import MetaError
from shoeroot.meta.assemblies import Objects
from shoeroot.meta.constructions import ConstructionSet
from shoeroot.meta.databases import read_databases_of
from shoeroot.meta.expand import Manner
from shoeroot.meta.loss_lines import with_lines
from shoeroot.meta.losses import Loss, LossReport
from shoeroot.meta.model import MetaModel
from shoeroot.meta.operations import Operations
from shoeroot.meta.outputs import asked_outputs, output_objects
from shoeroot.meta.periods import Period, periods_of, run_periods
from shoeroot.meta.planning import ZonePlan, plan_zones
from shoeroot.meta.schedules import ANY_NUMBER
from shoeroot.meta.site_objects import ground_view_text, site_objects
from shoeroot.meta.surface_objects import SurfaceWriter, merge_objects
from shoeroot.meta.uses import control_objects, find_pattern, use_objects

__all__ = ["Converted", "convert", "to_epjson"]

_ENGINE_VERSION = "25.2"


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A model for the engine, and what an event tells of it.

    Attributes
    ----------
    epjson : dict
        The engine's input.
    losses : LossReport
    zones : tuple of ZonePlan
        Their names and surfaces as the input has them.
    constructions : ConstructionSet
        What surfaces were made of.
    patterns : dict of str to Operations
        Patterns of use by name of the zone.
    periods : tuple of Period
        What is simulated.
    """

    epjson: dict[str, Any]
    losses: LossReport
    zones: tuple[ZonePlan, ...]
    constructions: ConstructionSet
    patterns: dict[str, Operations]
    periods: tuple[Period, ...]


def to_epjson(
    model: MetaModel,
    *,
    weather: Weather | str | Path | None = None,
    constructions: ConstructionSet | None = None,
    databases: str | Path | None = None,
    rotation: Manner = "document",
    assume_control: bool = False,
) -> tuple[dict[str, Any], LossReport]:
    """Write a model as input of EnergyPlus.

    Parameters
    ----------
    model : MetaModel
        Compact or explicit.
    weather : Weather or path, optional
        For the seasons that ``*assessments`` names, the elevation, and where the ground is not
        told.
    constructions : ConstructionSet, optional
        Instead of the databases that the model names; those that are not among them are taken
        from the shipped example.
    databases : path, optional
        Folder of the user's ESP-r databases and patterns of use.
    rotation : str
        See `expand`.
    assume_control : bool
        Heat and cool zones that have set-points and say nothing of an ideal control; ESP-r does
        not.

    Returns
    -------
    dict
        epJSON of EnergyPlus 25.2.
    LossReport
        What it cannot hold, object by object.

    Raises
    ------
    MetaError
        Something does not fit together or is not there: names the line.
    WeatherError
        The weather file cannot be read.
    """
    made = convert(
        model,
        weather=weather,
        constructions=constructions,
        databases=databases,
        rotation=rotation,
        assume_control=assume_control,
    )
    return made.epjson, made.losses


def convert(
    model: MetaModel,
    *,
    weather: Weather | str | Path | None = None,
    constructions: ConstructionSet | None = None,
    databases: str | Path | None = None,
    rotation: Manner = "document",
    assume_control: bool = False,
) -> Converted:
    """Do what `to_epjson` does, and tell more about it."""
    if weather is not None and not isinstance(weather, Weather):
        weather = read_weather(Path(weather))
    if not model.zones:
        raise MetaError("the model has no zone", hint="there is nothing to convert")
    found, losses = read_databases_of(model, databases)
    if constructions is not None:
        found, losses = found.joined(constructions), []
    plans = plan_zones(model, found, rotation)
    writer = SurfaceWriter(model, weather, found, plans)
    for plan in plans:
        writer.add_zone(plan)
    solar = "FullInteriorAndExterior" if _wants_insolation(model) else "FullExterior"
    losses += writer.losses
    periods = periods_of(model, weather, losses)
    objects = writer.objects
    merge_objects(objects, site_objects(model, weather, solar, losses))
    merge_objects(objects, {"RunPeriod": run_periods(periods)})
    patterns = {}
    for plan in plans:
        pattern = find_pattern(model, plan.zone, databases, losses)
        if pattern is not None:
            patterns[plan.name] = pattern
            floor = sum(one.gross_area for one in plan.surfaces if one.location == "FLOR")
            merge_objects(objects, use_objects(plan.zone, plan.name, floor, pattern, losses))
        control = control_objects(plan.zone, plan.name, losses, assume_control=assume_control)
        merge_objects(objects, control)
    zones = {plan.zone.name: plan.name for plan in plans}
    merge_objects(objects, output_objects(objects, asked_outputs(model, zones, losses)))
    losses += _model_losses(model)
    epjson = {**_settings(), **objects}
    return Converted(
        epjson,
        LossReport.of(with_lines(losses, model)),
        tuple(plans),
        found,
        patterns,
        tuple(periods),
    )


def _settings() -> Objects:
    return {
        "Version": {"Version": {"version_identifier": _ENGINE_VERSION}},
        "SimulationControl": {
            "Control": {
                "do_zone_sizing_calculation": "No",
                "do_system_sizing_calculation": "No",
                "do_plant_sizing_calculation": "No",
                "run_simulation_for_sizing_periods": "No",
                "run_simulation_for_weather_file_run_periods": "Yes",
            }
        },
        "HeatBalanceAlgorithm": {"Algorithm": {"algorithm": "ConductionTransferFunction"}},
        "GlobalGeometryRules": {
            "Rules": {
                "starting_vertex_position": "UpperLeftCorner",
                "vertex_entry_direction": "Counterclockwise",
                "coordinate_system": "World",
            }
        },
        "ScheduleTypeLimits": {ANY_NUMBER: {}},
    }


def _wants_insolation(model: MetaModel) -> bool:
    return any(zone.insolation and zone.insolation.how != "none" for zone in model.zones)


def _model_losses(model: MetaModel) -> list[Loss]:
    losses = [
        Loss(f"{one.tag} {one.text}".strip()[:60], "the tag is not known", one.line)
        for one in model.unknown
    ]
    losses += [
        Loss("*start_literal", "embedded files are not used", one.line) for one in model.literals
    ]
    for zone in model.zones:
        if zone.environment:
            losses.append(Loss(f"{zone.name}, *environment", "nothing is done with it", zone.line))
        if zone.shading is not None and zone.shading.how == "none":
            problem = "the engine computes shading of all surfaces"
            losses.append(Loss(f"{zone.name}, *shad_calc", problem, zone.line))
        if zone.solar_grid is not None:
            problem = "the engine computes shading by polygons, not on a grid"
            losses.append(Loss(f"{zone.name}, *solar_grid", problem, zone.line))
    text = ground_view_text(model)
    if text:
        losses.append(Loss("*site_exp", text))
    return losses
