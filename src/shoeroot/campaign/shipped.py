"""The template library that ships with shoeroot, read once: it takes seconds."""

from __future__ import annotations

from functools import lru_cache

from shoeroot.building import TemplateLibrary
from shoeroot.campaign.prepare import read_templates

__all__ = ["shipped_library"]


@lru_cache(maxsize=1)
def shipped_library() -> TemplateLibrary:
    """Return the library, the same one at each call."""
    return read_templates("")
