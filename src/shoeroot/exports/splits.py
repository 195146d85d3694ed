"""Parts of a data set for training and testing that never share a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExportError

__all__ = ["DEFAULT_SPLIT", "check_shares", "split_groups"]

DEFAULT_SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15}


def split_groups(
    groups: NDArray[Any], shares: Mapping[str, float], seed: int = 0
) -> dict[str, NDArray[np.int64]]:
    """Share rows among parts so that all rows of a group are in the same part.

    Groups come in random order; each goes to the part that lacks most rows, so that shares are
    met as closely as the sizes of the groups allow. No part stays empty.

    Parameters
    ----------
    groups : (n_rows,)
        What group each row is of; numbers or texts.
    shares : mapping of str to float
        Share of the rows of each part; they add up to 1.
    seed : int
        The same seed gives the same parts, whatever the order of the rows.

    Returns
    -------
    dict of str to (n_rows_of_part,) int64
        Numbers of the rows, ascending.

    Raises
    ------
    ExportError
        Shares are not above 0 or do not add up to 1, or there are fewer groups than parts.
    """
    check_shares(shares)
    names, wanted = list(shares), np.array(list(shares.values()), dtype=np.float64)
    labels, which, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(labels) < len(names):
        raise ExportError(
            f"{len(names)} parts need as many groups, and there are {len(labels)}",
            where="split",
            hint="ask for fewer parts, or group by something of which there is more",
        )
    lacking, empty = wanted * len(which), np.ones(len(names), dtype=bool)
    home = np.empty(len(labels), dtype=np.int64)
    order = np.random.default_rng(seed).permutation(len(labels))
    for place, label in enumerate(order.tolist()):
        # The last groups are kept for parts that have none yet.
        kept = empty if len(order) - place <= empty.sum() else np.ones_like(empty)
        part = int(np.argmax(np.where(kept, lacking, -np.inf)))
        home[label], empty[part] = part, False
        lacking[part] -= sizes[label]
    rows = home[which.reshape(-1)]
    return {name: np.flatnonzero(rows == part) for part, name in enumerate(names)}


def check_shares(shares: Any) -> None:
    """Refuse what are no shares of parts.

    Raises
    ------
    ExportError
    """
    hint = "give a share above 0 to each part, 1 in all: {'train': 0.8, 'test': 0.2}"
    try:
        names, wanted = list(shares), np.array(list(shares.values()), dtype=np.float64)
    except (TypeError, ValueError, AttributeError) as problem:
        raise ExportError(f"{shares!r} are no shares", where="split", hint=hint) from problem
    if not names or not (wanted > 0).all() or abs(wanted.sum() - 1.0) > 1e-6:
        raise ExportError(f"shares of {dict(shares)}", where="split", hint=hint)
    for name in names:
        # Parts are groups of HDF5 in a file of tensors.
        if not isinstance(name, str) or not name or "/" in name or name in {".", ".."}:
            raise ExportError(
                f"a part cannot be called {name!r}",
                where="split",
                hint="a plain word, such as 'train'",
            )
