"""Ask for the packages of the extra `sites`, which load only when something needs them."""

from __future__ import annotations

from typing import Any

from shoeroot.optional import import_optional

__all__ = ["require"]


def require(module: str) -> Any:
    """Import a module of the extra `sites`, such as ``"rasterio.warp"``.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    return import_optional(module, "sites are analysed with", "pip install 'shoeroot[sites]'")
