"""Tensors of torch where arrays of numpy are expected; torch is never imported for it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from shoeroot.errors import DesignError

__all__ = ["as_array", "is_tensor", "like", "numpy_type"]


def is_tensor(values: object) -> bool:
    """Tell whether something is a tensor: only if torch has been imported can it be one."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return isinstance(kind, type) and isinstance(values, kind)


def as_array(values: Any) -> Any:
    """Return the numbers of a tensor, in the same memory where it lies in the computer's own."""
    return values.detach().cpu().numpy() if is_tensor(values) else values


def like(values: Any, figures: Any) -> Any:
    """Return figures as a tensor of the type and on the device of another one."""
    return values.new_tensor(np.asarray(figures, dtype=np.float64))


def numpy_type(dtype: Any) -> DTypeLike:
    """Return the type of numpy's for one of torch's, or for what numpy takes itself.

    Raises
    ------
    DesignError
        numpy has no such type, such as bfloat16.
    """
    name = str(dtype)
    if not name.startswith("torch."):
        known: DTypeLike = dtype
        return known
    name = name.removeprefix("torch.")
    if name not in ("float16", "float32", "float64"):
        raise DesignError(
            f"designs cannot be made as {name}",
            where="dtype",
            hint="make them as torch.float32, and convert the tensors",
        )
    return np.dtype(name)
