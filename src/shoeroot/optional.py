"""Ask for an optional package: the module, or one error that says what to type."""

from __future__ import annotations

import importlib
from typing import Any

from shoeroot.errors import MissingExtraError

__all__ = ["import_optional"]


def import_optional(module: str, purpose: str, hint: str) -> Any:
    """Import a module that shoeroot does without until it is needed.

    Parameters
    ----------
    module : str
        Such as ``"dask.array"``.
    purpose : str
        What it is for: ends the sentence "h5py is not installed, which ...".
    hint : str
        What to type.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as problem:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{package} is not installed, which {purpose}", hint=hint
        ) from problem
