"""The words that designs are written in: programs, climate zones, orientations, schedules."""

from __future__ import annotations

__all__ = [
    "CLIMATEZONES",
    "CLIMATE_ZONES",
    "HOURS",
    "ORIENTATIONS",
    "PROGRAMS",
    "RESTYPES",
    "SCHEDULES",
    "SCHEDULE_OPERATIONS",
]

HOURS = 8760

#: The index is the design's `program_type`, which files keep: the order never changes.
PROGRAMS = (
    "Single-Family Detached",
    "Single-Family Attached",
    "Multi-Family with 2 - 4 Units",
    "Multi-Family with 5+ Units",
    # Not residential, from index 4.
    *("Office", "Retail", "School", "Hotel", "Warehouse", "Restaurant", "Hospital", "Clinic"),
    *("Dormitory", "Library", "Museum", "Courthouse", "Religious Building", "Gymnasium"),
    "Theater",
)

#: ASHRAE Standard 169; the index is the design's `climate_zone`.
CLIMATE_ZONES = (
    *("0A", "0B", "1A", "1B", "2A", "2B", "3A", "3B", "3C", "4A"),
    *("4B", "4C", "5A", "5B", "5C", "6A", "6B", "7", "8"),
)

#: The notebook's names: index by climate zone, and by residential program.
CLIMATEZONES = {name: index for index, name in enumerate(CLIMATE_ZONES)}
RESTYPES = {name: index for index, name in enumerate(PROGRAMS[:4])}

ORIENTATIONS = ("south", "east", "north", "west")

SCHEDULES = (
    "Loads.EquipmentAvailabilitySchedule",
    "Loads.LightsAvailabilitySchedule",
    "Loads.OccupancySchedule",
)

SCHEDULE_OPERATIONS = (
    "reverse",
    "roll",
    "invert",
    "scale",
    "bias",
    "noise",
    "sin_overwrite",
    "sin_bias",
    "sin_0_amp",
    "sin_0_freq",
    "sin_0_phase",
    "sin_1_amp",
    "sin_1_freq",
    "sin_1_phase",
    "synthetic",
    "on/off",
    "uniform_random_daily",
    "pulse_period",
    "pulse_width",
)
