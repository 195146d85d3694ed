"""ESP-r META models: read, checked, expanded, written and converted."""

from shoeroot.meta.expand import expand
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.parse import read, read_text
from shoeroot.meta.statistics import Statistics, statistics
from shoeroot.meta.write import to_text, write

__all__ = [
    "MetaModel",
    "MetaSurface",
    "MetaZone",
    "Statistics",
    "expand",
    "read",
    "read_text",
    "statistics",
    "to_text",
    "write",
]
