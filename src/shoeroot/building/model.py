"""A model: what the engine reads, and what an event tells about the building in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shoeroot.building.epjson import shoebox_epjson
from shoeroot.building.geometry import Polygon, surfaces_of
from shoeroot.building.shoebox import Shoebox, apply_design
from shoeroot.building.template import Template
from shoeroot.building.weather import Weather
from shoeroot.design import FloatArray, Schema
from shoeroot.errors import ModelError

__all__ = ["Model", "build_model"]

#: Steps that fill an hour: what the engine takes without changing it.
TIMESTEPS_PER_HOUR = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


@dataclass(frozen=True, eq=False)
class Model:
    """A simulation model.

    Attributes
    ----------
    epjson : dict
        The engine's input.
    files : dict of str to bytes
        Schedules that the input refers to, by file name.
    shoebox : Shoebox
        The design and template that it was built from.
    surfaces : list of Polygon
        Its surfaces, in m.
    weather : Weather
    """

    epjson: dict[str, Any]
    files: dict[str, bytes]
    shoebox: Shoebox
    surfaces: list[Polygon]
    weather: Weather

    @cached_property
    def text(self) -> bytes:
        """The engine's input as a file."""
        return json.dumps(self.epjson).encode()

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that the engine reads except the weather."""
        digest = hashlib.sha256(json.dumps(self.epjson, sort_keys=True).encode())
        for name in sorted(self.files):
            digest.update(name.encode())
            digest.update(self.files[name])
        return digest.hexdigest()


def build_model(
    schema: Schema,
    storage_vector: FloatArray,
    template: Template,
    weather: Weather,
    *,
    timesteps_per_hour: int = 4,
) -> Model:
    """Turn a design into a model.

    Parameters
    ----------
    schema : Schema
    storage_vector : (90,) float64
    template : Template
        What the design leaves open.
    weather : Weather
        Its ground temperatures go into the model.
    timesteps_per_hour : int
        1 to 60, a divisor of 60.

    Raises
    ------
    ModelError, DesignError
        The design cannot be built, or the time step is none; the message names
        the parameter.
    """
    if timesteps_per_hour not in TIMESTEPS_PER_HOUR:
        raise ModelError(
            f"timesteps_per_hour = {timesteps_per_hour!r} does not divide an hour",
            where="timesteps_per_hour",
            hint="choose one of " + ", ".join(map(str, TIMESTEPS_PER_HOUR)),
        )
    shoebox = apply_design(schema, storage_vector, template)
    surfaces = surfaces_of(shoebox.box)
    epjson, files = shoebox_epjson(shoebox, surfaces, weather, timesteps_per_hour)
    return Model(epjson, files, shoebox, surfaces, weather)
