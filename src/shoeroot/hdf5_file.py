"""New HDF5 files whose writing may fail: the library crashes where a disk is full.

HDF5 cannot close a file that it cannot write, and ends the process when it tries again. It is
given a file that takes everything, and says afterwards what it could not keep.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shoeroot.optional import import_optional

__all__ = ["KeptFile", "new_hdf5"]


@contextmanager
def new_hdf5(path: Path, purpose: str) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Give a new `h5py.File`, and a function that raises what went wrong until now.

    Parameters
    ----------
    path : path
    purpose : str
        What h5py is for, if it is missing.

    Raises
    ------
    OSError
        The file cannot be written; whoever calls removes it.
    MissingExtraError
        h5py is not installed.
    """
    h5py = import_optional("h5py", purpose, "pip install 'shoeroot[hdf5]'")
    taker = KeptFile(path)
    try:
        with h5py.File(taker, "w") as file:
            yield file, taker.check
    except Exception:
        # What goes wrong after that comes from that.
        taker.check()
        raise
    finally:
        taker.close()
    taker.check()


class KeptFile:
    """A new file that never refuses, for h5py; see the protocol of its `fileobj` driver.

    What could not be kept is known to `check`, which raises it [OSError].
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._place = self._size = 0
        self._problem: OSError | None = None

    def check(self) -> None:
        """Raise what went wrong until now, if anything did."""
        if self._problem is not None:
            raise self._problem

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, from which the next call reads or writes."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        """Give the place."""
        return self._place

    def write(self, content: Any) -> int:
        """Write all of it, as far as anybody is told."""
        length = memoryview(content).nbytes
        self._attempt(self._write, content)
        self._place += length
        self._size = max(self._size, self._place)
        return length

    def _write(self, content: Any) -> None:
        self._file.seek(self._place)
        self._file.write(content)

    def read(self, size: int) -> bytes:
        """Read some bytes; by having this, h5py knows a file."""
        content = bytearray(size)
        self.readinto(content)
        return bytes(content)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer."""
        view = memoryview(buffer).cast("B")
        # What could not be kept is read as zeros: nobody will see them.
        view[:] = bytes(len(view))
        self._attempt(self._read, view)
        self._place += len(view)
        return len(view)

    def _read(self, view: memoryview) -> None:
        self._file.seek(self._place)
        self._file.readinto(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the size [byte]."""
        self._size = self._place if size is None else size
        self._attempt(self._file.truncate, self._size)
        return self._size

    def flush(self) -> None:
        """Write what waits."""
        self._attempt(self._file.flush)

    def close(self) -> None:
        """Close the file; `check` still tells."""
        self.flush()
        self._attempt(self._file.close)

    def _attempt(self, call: Callable[..., Any], *given: Any) -> None:
        if self._problem is not None and call != self._file.close:
            return
        try:
            call(*given)
        except OSError as problem:
            self._problem = self._problem or problem
