"""Measure which glibc ELF files need, from the versions of the symbols that they ask for.

It needs nothing but Python::

    python floors.py FOLDER [--expect 2.35]

prints what each file needs, and ends with 1 where the whole needs another glibc than expected.
Format: the System V ABI's ELF-64 and the section ``.gnu.version_r`` of the Linux Standard Base.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
from pathlib import Path

__all__ = ["floor", "glibc_floor", "required_versions"]

_MAGIC = b"\x7fELF\x02\x01"  # 64 bit, little endian
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NEED = struct.Struct("<HHIII")
_NEED_ENTRY = struct.Struct("<IHHII")
_VERSIONS_NEEDED = 0x6FFFFFFE

#: Marks of the loader that are no numbers, and the first glibc that knows them.
_MARKS = {"ABI_DT_RELR": (2, 36)}


def required_versions(path: Path) -> dict[str, set[str]]:
    """Return the versions that an ELF file needs, by library.

    Parameters
    ----------
    path : Path
        A 64-bit little-endian ELF file.

    Returns
    -------
    dict of str to set of str
        Such as ``{"libc.so.6": {"GLIBC_2.34"}}``; empty for a static program.

    Raises
    ------
    ValueError
        It is not such a file, or it is cut short.
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise ValueError(f"{path}: not a 64-bit little-endian ELF file")
    try:
        return _required(data)
    except (struct.error, IndexError) as error:
        raise ValueError(f"{path}: the ELF file is damaged: {error}") from error


def _required(data: bytes) -> dict[str, set[str]]:
    (table,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [_SECTION.unpack_from(data, table + size * index) for index in range(count)]
    required: dict[str, set[str]] = {}
    for section in sections:
        _, kind, _, _, place, _, link, needs, *_ = section
        if kind != _VERSIONS_NEEDED:
            continue
        texts = sections[link][4]
        for _ in range(needs):
            _, entries, file, first, after = _NEED.unpack_from(data, place)
            versions = required.setdefault(_text(data, texts + file), set())
            entry = place + first
            for _ in range(entries):
                _, _, _, name, further = _NEED_ENTRY.unpack_from(data, entry)
                versions.add(_text(data, texts + name))
                entry += further
            place += after
    return required


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode()


def floor(paths: list[Path], family: str = "GLIBC") -> tuple[int, ...] | None:
    """Return the highest version of a family of symbols that any of the files needs.

    `family` is such as ``GLIBC``, ``GLIBCXX`` or ``GOMP``. None if no file needs any.
    """
    names = {
        name for path in paths for versions in required_versions(path).values() for name in versions
    }
    return max((found for name in names if (found := _number(name, family))), default=None)


def _number(name: str, family: str) -> tuple[int, ...] | None:
    prefix, _, rest = name.partition("_")
    if prefix != family:
        return None
    if re.fullmatch(r"\d+(\.\d+)*", rest):
        return tuple(map(int, rest.split(".")))
    if family == "GLIBC" and rest not in _MARKS:
        raise ValueError(f"{name}: which glibc knows it is not known; add it to _MARKS")
    return _MARKS.get(rest)


def glibc_floor(folder: Path) -> str:
    """Return the oldest glibc with which all ELF files of a folder can run, such as ``"2.35"``."""
    lowest = floor(elf_files(folder))
    return ".".join(map(str, lowest)) if lowest else "0"


def elf_files(folder: Path) -> list[Path]:
    """Return the ELF files of a folder; links are left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if not path.is_symlink() and _is_elf(path)]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def main() -> int:
    """Run as a script; see the module."""
    parser = argparse.ArgumentParser(description="Measure which glibc the files of a folder need.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--expect", metavar="VERSION", help="fail where the measured one differs")
    arguments = parser.parse_args()
    for path in elf_files(arguments.folder):
        needs = [
            f"{family} {'.'.join(map(str, lowest))}"
            for family in ("GLIBC", "GLIBCXX", "GOMP")
            if (lowest := floor([path], family))
        ]
        print(f"{path.relative_to(arguments.folder)}: {', '.join(needs) or 'nothing'}")
    measured = glibc_floor(arguments.folder)
    print(f"glibc floor {measured}")
    if arguments.expect and measured != arguments.expect:
        print(f"expected {arguments.expect}: correct variants.yaml", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
