"""ESP-r META models: read, checked, expanded, written and converted."""

from shoeroot.meta.boundaries import boundary_word
from shoeroot.meta.compact import compact
from shoeroot.meta.constructions import (
    Construction,
    ConstructionSet,
    Layer,
    Optics,
    example_constructions,
)
from shoeroot.meta.convert import Converted, convert, to_epjson
from shoeroot.meta.database_writing import write_databases
from shoeroot.meta.databases import read_databases, read_databases_of
from shoeroot.meta.diagnostics import Diagnostic, diagnostics
from shoeroot.meta.expand import expand
from shoeroot.meta.from_epjson import Exported, from_epjson, from_shoebox
from shoeroot.meta.losses import Loss, LossReport
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.operations import Operations
from shoeroot.meta.parse import read, read_text
from shoeroot.meta.periods import Period
from shoeroot.meta.planning import PlannedSurface, ZonePlan
from shoeroot.meta.statistics import Statistics, statistics
from shoeroot.meta.view import view
from shoeroot.meta.write import to_text, write

__all__ = [
    "Construction",
    "ConstructionSet",
    "Converted",
    "Diagnostic",
    "Exported",
    "Layer",
    "Loss",
    "LossReport",
    "MetaModel",
    "MetaSurface",
    "MetaZone",
    "Operations",
    "Optics",
    "Period",
    "PlannedSurface",
    "Statistics",
    "ZonePlan",
    "boundary_word",
    "compact",
    "convert",
    "diagnostics",
    "example_constructions",
    "expand",
    "from_epjson",
    "from_shoebox",
    "read",
    "read_databases",
    "read_databases_of",
    "read_text",
    "statistics",
    "to_epjson",
    "to_text",
    "view",
    "write",
    "write_databases",
]
