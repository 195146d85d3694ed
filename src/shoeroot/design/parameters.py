"""The kinds of design parameters, and the table of those that a shoebox has.

The figures (ranges, means, standard deviations) are those that the authors of
the design schema published with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.design.tensors import is_tensor, like
from shoeroot.design.vocabulary import (
    CLIMATE_ZONES,
    HOURS,
    ORIENTATIONS,
    PROGRAMS,
    SCHEDULE_OPERATIONS,
    SCHEDULES,
)
from shoeroot.errors import DesignError

__all__ = [
    "BuildingTemplateParameter",
    "IndexParameter",
    "MassParameter",
    "NumericParameter",
    "OneHotParameter",
    "Parameter",
    "RValueParameter",
    "SchedulesParameter",
    "ShoeboxGeometryParameter",
    "ShoeboxOrientationParameter",
    "WindowParameter",
    "shoebox_parameters",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Parameter:
    """A named piece of a storage vector.

    `start_storage` and `start_ml` say where it begins in the two vectors.
    """

    name: str
    info: str
    unit: str = ""
    shape_storage: tuple[int, ...] = (1,)
    shape_ml: tuple[int, ...] = (1,)
    start_storage: int = 0
    start_ml: int = 0
    kind: str = field(default="scalar", init=False, repr=False)

    @property
    def length_storage(self) -> int:
        """Number of values in a storage vector."""
        return prod(self.shape_storage)

    @property
    def length_ml(self) -> int:
        """Number of values in an ML vector."""
        return prod(self.shape_ml)

    @property
    def slice_storage(self) -> slice:
        """Where the parameter stands in a storage vector."""
        return slice(self.start_storage, self.start_storage + self.length_storage)

    @property
    def slice_ml(self) -> slice:
        """Where the parameter stands in an ML vector."""
        return slice(self.start_ml, self.start_ml + self.length_ml)

    @property
    def columns(self) -> dict[str, str]:
        """Name and unit of each of the parameter's numbers in a table of designs."""
        return {self.name: self.unit}

    def extract_storage_values(self, storage_vector: FloatArray) -> float | FloatArray:
        """Return the parameter's value(s) of one design: a float or `shape_storage`."""
        values = storage_vector[self.slice_storage]
        return float(values[0]) if self.length_storage == 1 else values.reshape(self.shape_storage)

    def extract_storage_values_batch(self, storage_batch: FloatArray) -> FloatArray:
        """Return the parameter's values of many designs: (n_designs, *shape_storage)."""
        return storage_batch[:, self.slice_storage].reshape(-1, *self.shape_storage)

    def extract_ml_values(self, ml_vector: Any) -> Any:
        """Return what a surrogate model sees of the parameter: a float or `shape_ml`.

        Takes an array or a tensor, whole (26342) or its tabular part (62).
        """
        values = ml_vector[self._slice_of(ml_vector)]
        return float(values[0]) if self.length_ml == 1 else values.reshape(self.shape_ml)

    def extract_ml_values_batch(self, ml_batch: Any) -> Any:
        """Return what a surrogate model sees of many designs: (n_designs, *shape_ml)."""
        values = ml_batch[:, self._slice_of(ml_batch)]
        return values.reshape(len(ml_batch), *self.shape_ml)

    def _slice_of(self, ml: Any) -> slice:
        if ml.shape[-1] < self.slice_ml.stop:
            raise DesignError(
                f"an ML vector of {ml.shape[-1]} values ends before {self.name}",
                where=self.name,
                hint="give a whole one, as schema.to_ml(...).vectors() makes it",
            )
        return self.slice_ml

    def to_ml(self, storage_batch: FloatArray) -> FloatArray:
        """Return what a surrogate model sees of the parameter: (n_designs, length_ml)."""
        return np.empty((len(storage_batch), 0))

    def clip(self, values: FloatArray) -> FloatArray:
        """Return the values within the parameter's range, where it has one."""
        return values

    def __str__(self) -> str:
        return (
            f"---{self.name}---\n"
            f"shape_storage={self.shape_storage}, shape_ml={self.shape_ml}, dtype={self.kind}\n"
            f"{self.info}"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class IndexParameter(Parameter):
    """A bookkeeping number that a surrogate model does not see."""

    kind: str = field(default="index", init=False, repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class OneHotParameter(Parameter):
    """An index into categories: one number on disk, `count` numbers for a surrogate model."""

    count: int
    categories: tuple[str, ...] = ()
    schema_argument: str = ""
    kind: str = field(default="onehot", init=False, repr=False)

    def to_ml(self, storage_batch: FloatArray) -> FloatArray:
        """Return a 1 at the category of each design, else 0: (n_designs, count)."""
        categories = np.arange(self.count, dtype=np.float64)
        return np.equal(storage_batch[:, self.slice_storage], categories).astype(np.float64)


@dataclass(frozen=True, eq=False, kw_only=True)
class ShoeboxOrientationParameter(OneHotParameter):
    """Where the facade looks."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NumericParameter(Parameter):
    """A number, or several, with a range and a typical distribution."""

    min: float | FloatArray
    max: float | FloatArray
    mean: float | FloatArray
    std: float | FloatArray

    def clip(self, values: FloatArray) -> FloatArray:
        """Return the values within `min` and `max`."""
        return np.clip(values, self.min, self.max)

    def normalize(self, values: Any) -> Any:
        """Map values from `min`..`max` to 0..1, element by element; tensors stay tensors."""
        if is_tensor(values):
            low = like(values, self.min)
            return (values - low) / (like(values, self.max) - low)
        return (np.asarray(values, dtype=np.float64) - self.min) / np.subtract(self.max, self.min)

    def unnormalize(self, values: Any) -> Any:
        """Map values from 0..1 to `min`..`max`, element by element; tensors stay tensors."""
        if is_tensor(values):
            low = like(values, self.min)
            return values * (like(values, self.max) - low) + low
        return np.asarray(values, dtype=np.float64) * np.subtract(self.max, self.min) + self.min

    def to_ml(self, storage_batch: FloatArray) -> FloatArray:
        """Return the values as `normalize` maps them, unless a surrogate model sees none."""
        if not self.length_ml:
            return super().to_ml(storage_batch)
        shares: FloatArray = self.normalize(storage_batch[:, self.slice_storage])
        return shares


@dataclass(frozen=True, eq=False, kw_only=True)
class ShoeboxGeometryParameter(NumericParameter):
    """A number that shapes the box."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BuildingTemplateParameter(NumericParameter):
    """A number that replaces one of the template's; `path` says which."""

    path: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class RValueParameter(BuildingTemplateParameter):
    """The thermal resistance of one of the template's constructions."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MassParameter(BuildingTemplateParameter):
    """The heat capacity of the massive layer of one of the template's constructions."""


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowParameter(NumericParameter):
    """U-value, solar heat gain coefficient and visible transmittance of the window."""

    @property
    def columns(self) -> dict[str, str]:
        """Name and unit of each of the three numbers."""
        units = {"u_value": "W/(m2 K)", "shgc": "", "vlt": ""}
        return {f"{self.name}.{element}": unit for element, unit in units.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class SchedulesParameter(Parameter):
    """Operations on three schedules of the template, one row a schedule."""

    paths: tuple[str, ...] = SCHEDULES
    kind: str = field(default="matrix", init=False, repr=False)

    @property
    def columns(self) -> dict[str, str]:
        """Name and unit of each operation on each schedule."""
        units = {"roll": "h", "pulse_period": "h", "pulse_width": "h"}
        units |= {"sin_0_freq": "1/a", "sin_1_freq": "1/a"}
        units |= {"sin_0_phase": "rad", "sin_1_phase": "rad"}
        return {
            f"{self.name}.{path.rpartition('.')[2]}.{operation}": units.get(operation, "")
            for path in self.paths
            for operation in SCHEDULE_OPERATIONS
        }


def _one_hot(name: str, info: str, count: int, argument: str, names: tuple[str, ...]) -> Parameter:
    return OneHotParameter(
        name=name,
        info=info,
        count=count,
        shape_ml=(count,),
        schema_argument=argument,
        categories=names,
    )


def _programs(count: int) -> str:
    """Say which program each index of `program_type` stands for."""
    named = [f"{index} {name}" for index, name in enumerate(PROGRAMS[:count])]
    free = [f"free from {len(named)}"] if count > len(named) else []
    return "Program type: " + ", ".join(named + free)


def _geometry() -> list[Parameter]:
    rows = [
        ("width", "Width [m]", "m", 3, 12, 5, 1),
        ("height", "Height [m]", "m", 2.5, 6, 3, 0.5),
        ("facade_2_footprint", "Facade area / footprint area", "", 0.01, 2, 0.5, 0.25),
        ("perim_2_footprint", "Perimeter-zone area / footprint area", "", 0.01, 1, 0.5, 0.25),
        ("roof_2_footprint", "Share of the top that is roof", "", 0.01, 1, 0.5, 0.25),
        ("footprint_2_ground", "Share of the bottom on the ground", "", 0.01, 1, 0.5, 0.25),
        ("shading_fact", "Share of the sky before the facade that is hidden", "", 0, 1, 0.1, 0.33),
        ("wwr", "Window-to-wall ratio of the facade", "", 0.05, 0.9, 0.3, 0.25),
    ]
    return [
        ShoeboxGeometryParameter(
            name=name, info=info, unit=unit, min=low, max=high, mean=mean, std=std
        )
        for name, info, unit, low, high, mean, std in rows
    ]


def _template() -> list[Parameter]:
    rows: list[tuple[str, str, str, float, float, float, float, tuple[int, ...]]] = [
        ("HeatingSetpoint", "Conditioning", "degC", 14, 30, 21, 4, (0,)),
        ("CoolingSetpoint", "Conditioning", "degC", 14, 30, 22, 4, (0,)),
        ("HeatingCoeffOfPerf", "Conditioning", "", 0.9, 5, 1, 1, (1,)),
        ("CoolingCoeffOfPerf", "Conditioning", "", 2.5, 5, 3, 1, (1,)),
        ("FlowRatePerFloorArea", "DomesticHotWater", "m3/(h m2)", 0, 0.002, 0.0005, 0.0001, (1,)),
        ("LightingPowerDensity", "Loads", "W/m2", 0, 20, 10, 6, (1,)),
        ("EquipmentPowerDensity", "Loads", "W/m2", 0.1, 30, 10, 6, (1,)),
        ("PeopleDensity", "Loads", "people/m2", 0, 2, 0.1, 0.1, (1,)),
        ("Infiltration", "Ventilation", "1/h", 0.1, 4, 2, 1, (1,)),
    ]
    return [
        BuildingTemplateParameter(
            name=name,
            info=f"{room}.{name} of the template" + (f" [{unit}]" if unit else ""),
            unit=unit,
            shape_ml=shape_ml,
            min=low,
            max=high,
            mean=mean,
            std=std,
            path=f"{room}.{name}",
        )
        for name, room, unit, low, high, mean, std, shape_ml in rows
    ]


def _constructions() -> list[Parameter]:
    masses: list[Parameter] = [
        MassParameter(
            name=f"{part}Mass",
            info=f"Thermal mass of {part} [J/(m2 K)]",
            unit="J/(m2 K)",
            min=1000,
            max=300000,
            mean=50000,
            std=20000,
            path=part,
        )
        for part in ("Facade", "Roof")
    ]
    resistances: list[Parameter] = [
        RValueParameter(
            name=f"{part}RValue",
            info=f"R-value of {part} [m2 K/W]",
            unit="m2 K/W",
            min=0.1,
            max=5,
            mean=2,
            std=1,
            path=part,
        )
        for part in ("Facade", "Roof", "Slab")
    ]
    return masses + resistances


def shoebox_parameters(program_types: int, climate_zones: int) -> list[Parameter]:
    """Return the parameters of a shoebox in their order, not yet placed in the vectors."""
    no_ml = (0,)
    if not 1 <= climate_zones <= len(CLIMATE_ZONES):
        raise DesignError(
            f"a schema cannot have {climate_zones} climate zones",
            where="climate_zones",
            hint=f"choose 1 to {len(CLIMATE_ZONES)}",
        )
    if program_types < 1:
        raise DesignError(
            f"a schema cannot have {program_types} program types",
            where="program_types",
            hint="choose 1 or more",
        )
    return [
        IndexParameter(name="batch_id", info="Which batch", shape_ml=no_ml),
        IndexParameter(name="variation_id", info="Which variation in the batch", shape_ml=no_ml),
        _one_hot("program_type", _programs(program_types), program_types, "program_types", ()),
        NumericParameter(
            name="vintage", info="Year of construction", min=1920, max=2020, mean=1980, std=20
        ),
        _one_hot("climate_zone", "Climate zone", climate_zones, "climate_zones", CLIMATE_ZONES),
        IndexParameter(name="base_epw", info="Index into the weather catalogue", shape_ml=no_ml),
        *_geometry(),
        ShoeboxOrientationParameter(
            name="orientation",
            info="Shoebox Orientation",
            count=len(ORIENTATIONS),
            categories=ORIENTATIONS,
            shape_ml=(len(ORIENTATIONS),),
        ),
        *_template(),
        *_constructions(),
        WindowParameter(
            name="WindowSettings",
            info="U-value [W/(m2 K)], solar heat gain coefficient, visible transmittance",
            shape_storage=(3,),
            shape_ml=(3,),
            min=np.array([0.3, 0.05, 0.05]),
            max=np.array([7.0, 0.99, 0.99]),
            mean=np.array([5, 0.5, 0.5]),
            std=np.array([2, 0.1, 0.1]),
        ),
        IndexParameter(
            name="schedules_seed", info="Seed of the schedule operations", shape_ml=no_ml
        ),
        SchedulesParameter(
            name="schedules",
            info="A matrix in the storage vector with operations to apply to schedules; "
            "a matrix of timeseries in ml vector",
            shape_storage=(len(SCHEDULES), len(SCHEDULE_OPERATIONS)),
            shape_ml=(len(SCHEDULES), HOURS),
        ),
    ]
