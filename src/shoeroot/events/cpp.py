"""Where the C++ header ``shoeroot.h`` is."""

from __future__ import annotations

from pathlib import Path

__all__ = ["include_folder"]


def include_folder() -> Path:
    """Give the folder with ``shoeroot.h``, for ``ROOT_INCLUDE_PATH`` or a compiler's ``-I``."""
    return Path(__file__).parent / "include"
