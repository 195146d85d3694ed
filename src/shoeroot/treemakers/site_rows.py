"""What the TreeMakers of sites share: rows of nested lists, sorted within each site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import ManyRows
from shoeroot.treemakers.arrays import flat

__all__ = ["sorted_rows"]


def sorted_rows(columns: Mapping[str, Any], key: str) -> ManyRows:
    """Turn lists of each site into rows that rise in one column within the site.

    Parameters
    ----------
    columns : mapping of str to awkward array
        (n_sites, variable) each, with the same counts; numbers or texts.
    key : str
        The column that rows are sorted by.
    """
    first = next(iter(columns.values()))
    counts = np.asarray(ak.num(first, axis=1), dtype=np.int64)
    rows: dict[str, NDArray[Any]] = {name: flat(values) for name, values in columns.items()}
    site = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rows[key], site))
    return ManyRows(counts, {name: values[order] for name, values in rows.items()})
