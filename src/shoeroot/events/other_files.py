"""Branches that are not as ROOT has written them since 6.14: read by uproot, which knows more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.events.branch_reading import split_texts

__all__ = ["UprootFile"]


class UprootFile:
    """One file as uproot sees it, opened when it is first needed.

    Parameters
    ----------
    path : Path
        The file.
    executor : object
        What decompresses baskets: anything with ``submit``.
    """

    def __init__(self, path: Path, executor: Any) -> None:
        self._path = path
        self._executor = executor
        self._opened: Any = None

    def tree(self, name: str) -> Any:
        """Give a tree."""
        if self._opened is None:
            # A dict keeps uproot from looking for "file:object" in the name. Not with a memory
            # map: Python crashed when a thread was still at work as the file was closed.
            self._opened = uproot.open({str(self._path): None}, array_cache=None)
        return self._opened[name]

    def read(
        self, tree: str, branch: str, kind: str, start: int, stop: int
    ) -> tuple[NDArray[Any], ...]:
        """Read entries `start` to `stop`, as the `finish` of `branch_reading` gives them.

        Parameters
        ----------
        kind : str
            "value", "jagged" or "text".
        """
        array = self.tree(tree)[branch].array(
            uproot.AsJagged(uproot.AsDtype("u1")) if kind == "text" else None,
            entry_start=start,
            entry_stop=stop,
            library="np" if kind == "value" else "ak",
            decompression_executor=self._executor,
            array_cache=None,
        )
        if len(array) != stop - start:
            raise ValueError(f"{len(array)} rows where {stop - start} are expected")
        if kind == "value":
            return (array.astype(array.dtype.newbyteorder("=")),)
        layout = array.layout.to_ListOffsetArray64(True)
        offsets = np.asarray(layout.offsets)
        content = np.asarray(layout.content.data)[: offsets[-1]]
        if kind == "text":
            return split_texts(np.diff(offsets), content)
        return np.diff(offsets), content.astype(content.dtype.newbyteorder("="))

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
