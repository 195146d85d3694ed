"""Plain data as texts that are the same for equal values, also in another session."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from functools import partial
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["constant_text", "parts_of"]

#: Larger arrays and tables are no constants [bytes].
LARGEST = 1 << 20


def constant_text(value: Any) -> str | None:
    """Tell plain data as a text that is the same for equal values; None for anything else.

    Numbers, texts, flags, dates, paths, members of an Enum, arrays, tables of pandas, and what
    holds nothing else: tuples, lists, sets, mappings, dataclasses, namespaces.
    """
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}={value.value!r}"
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, date | timedelta | PurePath | range | slice):
        return repr(value)
    if isinstance(value, np.ndarray | np.generic):
        return _array(np.asarray(value))
    if isinstance(value, set | frozenset):
        told = [constant_text(one) for one in value]
        return None if None in told else f"{{{','.join(sorted(map(str, told)))}}}"
    if isinstance(value, tuple | list):
        told = [constant_text(one) for one in value]
        return None if None in told else f"[{','.join(map(str, told))}]"
    if (parts := parts_of(value)) is not None and not isinstance(value, partial):
        pairs = {constant_text(name): constant_text(one) for name, one in parts.items()}
        if None in pairs or None in pairs.values():
            return None
        kind = "" if isinstance(value, Mapping) else type(value).__qualname__
        return f"{kind}{{{','.join(f'{name}:{told}' for name, told in pairs.items())}}}"
    return _table(value)


def parts_of(value: Any) -> dict[Any, Any] | None:
    """Give what a container holds, by name or place; None where it is none.

    Of a `functools.partial` the function and the arguments.
    """
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | list):
        return dict(enumerate(value))
    if isinstance(value, partial):
        return {"function": value.func, "arguments": value.args, **value.keywords}
    if isinstance(value, SimpleNamespace):
        return dict(vars(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name, None) for one in dataclasses.fields(value)}
    return None


def _array(array: np.ndarray) -> str | None:
    if array.dtype.kind == "O" or array.nbytes > LARGEST:
        return None
    return f"{array.dtype.str}{array.shape}{array.tobytes().hex()}"


def _table(value: Any) -> str | None:
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index):
        return None
    used = value.memory_usage(deep=True)
    if int(np.sum(used)) > LARGEST:
        return None
    names = list(value.columns) if isinstance(value, pandas.DataFrame) else [value.name]
    try:
        hashes = pandas.util.hash_pandas_object(value, index=True).to_numpy()
    except TypeError:  # lists and the like in it
        return None
    return f"{type(value).__name__}{names!r}{hashes.tobytes().hex()}"
