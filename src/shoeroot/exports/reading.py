"""How the variables of an export are decoded, so that they come back as what they were.

A file says "days since 2000-01-01" of dates, of numbers that nobody decoded, and of objects of
cftime alike: which of them it was is kept beside the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["decoding", "reading_of"]

#: Calendars whose dates xarray would read as datetime64.
_DECODED = {"standard", "gregorian", "proleptic_gregorian"}
_UNITS = {"s", "ms", "us"}
_CFTIME, _NUMBERS, _AS_STORED = "cftime", "numbers", "as stored"
_PACKING = {"scale_factor", "add_offset", "_FillValue", "missing_value"}


def reading_of(dataset: xr.Dataset) -> dict[str, list[str]]:
    """Say of each variable what xarray would not decode by itself to what it is.

    Returns
    -------
    dict of str to list of str
        ``"cftime"``, ``"numbers"`` (with a unit of time), ``"as stored"`` (with a fill value or
        a factor that are not applied), or the resolution of datetime64 (``"s"``, ...).
    """
    found = {str(key): _reading(variable) for key, variable in dataset.variables.items()}
    return {name: words for name, words in found.items() if words}


def _reading(variable: xr.Variable) -> list[str]:
    words = []
    if variable.dtype.kind == "M":
        unit = np.datetime_data(variable.dtype)[0]
        words += [unit] if unit in _UNITS else []
    elif variable.dtype.kind == "O" and variable.chunks is None and variable.size:
        if getattr(variable.values.flat[0], "calendar", None) in _DECODED:
            words.append(_CFTIME)
    elif " since " in str(variable.attrs.get("units", "")):
        words.append(_NUMBERS)
    if _PACKING & variable.attrs.keys():
        words.append(_AS_STORED)
    return words


def decoding(reading: Mapping[str, list[str]]) -> dict[str, Any]:
    """Give the arguments by which xarray opens a file as `reading_of` says."""
    if not reading:
        return {}
    from xarray.coders import CFDatetimeCoder

    times: dict[str, Any] = {}
    for name, words in reading.items():
        for word in words:
            if word == _CFTIME:
                times[name] = CFDatetimeCoder(use_cftime=True)
            elif word == _NUMBERS:
                times[name] = False
            elif word in _UNITS:
                times[name] = CFDatetimeCoder(time_unit=word)  # type: ignore[arg-type]
    stored = {name: False for name, words in reading.items() if _AS_STORED in words}
    return {"decode_times": times, "mask_and_scale": stored}
