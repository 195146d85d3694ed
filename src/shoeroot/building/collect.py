"""Gather the parts that a model's objects share: schedules, materials, constructions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from shoeroot.building.template import Construction, Layer, YearSchedule

__all__ = ["ConstructionCollector", "Epjson", "ScheduleCollector", "merge"]

#: Objects by kind and name, as the engine's JSON input has them.
Epjson = dict[str, Any]

ANY_NUMBER = "Any Number"


def merge(model: Epjson, more: Epjson) -> None:
    """Add objects to a model in place."""
    for kind, objects in more.items():
        model.setdefault(kind, {}).update(objects)


class ScheduleCollector:
    """Collects schedules: equal ones once, constants without a file."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.objects: Epjson = {"ScheduleTypeLimits": {ANY_NUMBER: {}}}
        self._names: dict[bytes, str] = {}

    def constant(self, value: float) -> str:
        """Return the name of a schedule that always has one value."""
        name = f"Always {value:.17g}"
        self.objects.setdefault("Schedule:Constant", {})[name] = {
            "schedule_type_limits_name": ANY_NUMBER,
            "hourly_value": value,
        }
        return name

    def year(self, schedule: YearSchedule) -> str:
        """Return the name of a schedule of 8760 hourly values."""
        constant, key, text = _written(schedule)
        if constant is not None:
            return self.constant(constant)
        name = self._names.get(key)
        if name is None:
            name = f"Series {len(self._names)}"
            self._names[key] = name
            file = f"series_{len(self.files)}.csv"
            self.files[file] = text
            self.objects.setdefault("Schedule:File", {})[name] = {
                "schedule_type_limits_name": ANY_NUMBER,
                "file_name": file,
                "column_number": 1,
                "rows_to_skip_at_top": 0,
                "number_of_hours_of_data": len(schedule.values),
                "column_separator": "Comma",
                "interpolate_to_timestep": "No",
                "minutes_per_item": 60,
            }
        return name

    def months(self, name: str, values: tuple[float, ...]) -> str:
        """Return the name of a schedule of twelve monthly values."""
        days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        data: list[dict[str, str | float]] = []
        for month, (value, last) in enumerate(zip(values, days, strict=True), start=1):
            until = (f"Through: {month}/{last}", "For: AllDays", "Until: 24:00", value)
            data += [{"field": word} for word in until]
        self.objects.setdefault("Schedule:Compact", {})[name] = {
            "schedule_type_limits_name": ANY_NUMBER,
            "data": data,
        }
        return name


# Designs that keep a template's schedules hold the same objects, and writing 8760 numbers takes
# longer than all the rest of a model. 128 schedules with their texts take some 20 MB.
@lru_cache(maxsize=128)
def _written(schedule: YearSchedule) -> tuple[float | None, bytes, bytes]:
    """Return a schedule's only value, if it has one, else what tells it apart and its text."""
    values = schedule.values
    if (values == values[0]).all():
        return float(values[0]), b"", b""
    return None, values.tobytes(), "\n".join(map(repr, values.tolist())).encode()


class ConstructionCollector:
    """Collects opaque constructions; equal layers become one material.

    The engine checks that the two sides of a wall between zones are made of
    the same materials in opposite order, by name. `reserved` are names that
    stand for something else in the model.
    """

    def __init__(self, *, reserved: tuple[str, ...] = ()) -> None:
        self.reserved = reserved
        self.objects: Epjson = {"Material": {}, "Construction": {}}
        self._materials: dict[Layer, str] = {}
        self._constructions: dict[tuple[Layer, ...], str] = {}
        # Most surfaces share the very same layers: comparing them figure by figure takes long.
        self._same: dict[int, tuple[tuple[Layer, ...], str]] = {}

    def add(self, construction: Construction) -> str:
        """Return the name of a construction."""
        layers = construction.layers
        if id(layers) in self._same:
            return self._same[id(layers)][1]
        name = self._constructions.get(layers)
        if name is None:
            name = self._unused(construction.name, "Construction")
            self._constructions[layers] = name
            self.objects["Construction"][name] = {
                "outside_layer" if number == 1 else f"layer_{number}": self._material(layer)
                for number, layer in enumerate(layers, start=1)
            }
        self._same[id(layers)] = (layers, name)
        return name

    def _material(self, layer: Layer) -> str:
        name = self._materials.get(layer)
        if name is None:
            material = layer.material
            name = self._unused(material.name, "Material")
            self._materials[layer] = name
            self.objects["Material"][name] = {
                "roughness": material.roughness,
                "thickness": layer.thickness,
                "conductivity": material.conductivity,
                "density": material.density,
                "specific_heat": material.specific_heat,
                "thermal_absorptance": material.thermal_absorptance,
                "solar_absorptance": material.solar_absorptance,
                "visible_absorptance": material.visible_absorptance,
            }
        return name

    def _unused(self, wanted: str, kind: str) -> str:
        """Return the wanted name, numbered where it is taken: the engine ignores case."""
        taken = {name.lower() for name in (*self.objects[kind], *self.reserved)}
        name, number = wanted, 1
        while name.lower() in taken:
            number += 1
            name = f"{wanted} ({number})"
        return name
