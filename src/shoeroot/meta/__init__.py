"""ESP-r META models: read, checked, expanded, written and converted."""

from shoeroot.meta.expand import expand
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.parse import read, read_text

__all__ = ["MetaModel", "MetaSurface", "MetaZone", "expand", "read", "read_text"]
