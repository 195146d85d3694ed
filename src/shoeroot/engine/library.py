"""Call the engine in its shared library as its command line would, and ask for its version.

It imports nothing but the standard library and runs as a script too, so that an engine
without a command line can be started like one that has it::

    python -I -S library.py version LIBRARY
    python -I -S library.py run LIBRARY ARGUMENTS...
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Library"]

# int EnergyPlusPgm(std::vector<std::string> const &arguments, std::string const &folder):
# what the main program of the engine calls. It keeps no state between calls, and costs a
# tenth less than the C interface, which looks after plugins in every time step.
_ENTRY = (
    "_Z13EnergyPlusPgmRKSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESaIS5_EERKS5_"
)


class _String(ctypes.Structure):
    """A `std::string` of libstdc++: where its characters are, how many, and room for few."""

    _fields_ = (
        ("characters", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("capacity", ctypes.c_char * 16),
    )


class _Vector(ctypes.Structure):
    """A `std::vector` of libstdc++: its begin, its end, and the end of its memory."""

    _fields_ = (
        ("begin", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
        ("limit", ctypes.c_void_p),
    )


class Library:
    """The engine as a shared library.

    Attributes
    ----------
    version : str
        As the engine says it, such as ``"EnergyPlus, Version 25.2.0-cf7368216c"``.

    Raises
    ------
    OSError
        The library or one that it needs cannot be loaded, or it is not an EnergyPlus.
    """

    def __init__(self, path: Path | str) -> None:
        # One build carries a Python of its own, which must not mix with this one: a
        # library that is bound deep looks up names in itself and its own needs first.
        self._library = ctypes.CDLL(str(path), mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
        try:
            version = self._library.energyPlusVersion
            self._entry = self._library[_ENTRY]
        except AttributeError as error:
            raise OSError(f"it has no command-line entry: {error}") from None
        version.restype = ctypes.c_char_p
        self.version = version().decode()
        self._entry.restype = ctypes.c_int
        self._entry.argtypes = [ctypes.POINTER(_Vector), ctypes.POINTER(_String)]
        self._flush = ctypes.CDLL(None).fflush

    def run(self, arguments: Sequence[str]) -> int:
        """Do what the command line does with these arguments; return its return code.

        For some arguments, such as an input that is missing, the engine ends the whole
        process, as it does when it crashes.
        """
        texts = [os.fsencode(text) for text in ("energyplus", *arguments)]
        strings = (_String * len(texts))()
        kept = [_fill(string, text) for string, text in zip(strings, texts, strict=True)]
        begin = ctypes.addressof(strings)
        end = begin + ctypes.sizeof(strings)
        folder = _String()
        kept.append(_fill(folder, b""))
        code: int = self._entry(_Vector(begin, end, end), folder)
        self._flush(None)  # what it printed lies in the buffers of the C library
        return code


def _fill(string: _String, text: bytes) -> ctypes.Array[ctypes.c_char]:
    """Let a string point to a text; return the memory, which must outlive the string."""
    memory = ctypes.create_string_buffer(text)
    string.characters = ctypes.addressof(memory)
    string.length = len(text)
    string.capacity = struct.pack("=Q", len(text))
    return memory


def main(arguments: Sequence[str]) -> int:
    """Run as a script; see the module."""
    verb, path, *rest = arguments
    try:
        library = Library(path)
    except OSError as error:
        # What it needs and what is not there, as the loader says it of a program.
        of_itself = str(error).startswith((path, "it "))
        what = "cannot be loaded" if of_itself else "error while loading shared libraries"
        sys.stderr.write(f"{what}: {error}\n")
        return 127
    if verb == "version":
        sys.stdout.write(f"{library.version}\n")
        return 0
    return library.run(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
