"""ESP-r META models: read, checked, expanded, written and converted."""

from shoeroot.meta.compact import compact
from shoeroot.meta.diagnostics import Diagnostic, diagnostics
from shoeroot.meta.expand import expand
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.parse import read, read_text
from shoeroot.meta.statistics import Statistics, statistics
from shoeroot.meta.view import view
from shoeroot.meta.write import to_text, write

__all__ = [
    "Diagnostic",
    "MetaModel",
    "MetaSurface",
    "MetaZone",
    "Statistics",
    "compact",
    "diagnostics",
    "expand",
    "read",
    "read_text",
    "statistics",
    "to_text",
    "view",
    "write",
]
