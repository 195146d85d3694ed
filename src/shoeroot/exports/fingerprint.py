"""What an export holds, as a record beside its files: by it a repeated call knows its own work."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from shoeroot.errors import ExportError
from shoeroot.exports.blocks import Block
from shoeroot.exports.reading import reading_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["MANIFEST", "Manifest", "fingerprint_of"]

MANIFEST = "export.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which files an export has and how they belong together.

    Attributes
    ----------
    fingerprint : str
        Hash of what the dataset is: dimensions, chunks, variables, attributes and
        all that is in memory; not of data that would have to be computed or read.
    dimensions : tuple of str
        Those that are cut into several chunks.
    files : dict of str to list of int
        Number of the chunk along each of `dimensions`, by file name.
    reading : dict of str to list of str
        Of `reading_of`.
    tasks : str
        Hash of the names of the dataset's Dask arrays, and of the files of what is read from
        one without Dask. The same names promise the same data; others promise nothing.
    """

    fingerprint: str
    dimensions: tuple[str, ...]
    files: dict[str, list[int]]
    reading: dict[str, list[str]] = field(default_factory=dict)
    tasks: str = field(default="", compare=False)

    @classmethod
    def of(cls, dataset: xr.Dataset, blocks: list[Block], names: list[str]) -> Manifest:
        """Describe an export that is to be made."""
        places = {
            name: list(block.place.values()) for name, block in zip(names, blocks, strict=True)
        }
        return cls(
            fingerprint_of(dataset),
            tuple(blocks[0].place),
            places,
            reading_of(dataset),
            _tasks_of(dataset),
        )

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of an export.

        Raises
        ------
        ExportError
            There is none, or it is damaged.
        """
        path = folder / MANIFEST
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored.pop("format") != FORMAT:
                raise ValueError("another format")
            made = cls(
                str(stored["fingerprint"]),
                tuple(map(str, stored["dimensions"])),
                {str(name): [int(n) for n in place] for name, place in stored["files"].items()},
                {
                    str(name): [str(word) for word in words]
                    for name, words in stored.get("reading", {}).items()
                },
                str(stored.get("tasks", "")),
            )
        except (FileNotFoundError, NotADirectoryError) as problem:
            raise ExportError(
                "this is no folder that shoeroot exported to",
                where=str(path),
                hint="give the folder that was given to save",
            ) from problem
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ExportError(
                f"the list of the export's files cannot be read: {problem}",
                where=str(path),
                hint="save again with overwrite=True (--overwrite)",
            ) from problem
        for name in made.files:
            if Path(name).name != name or name in {"", ".", ".."}:
                raise ExportError(f"the file name {name!r} leaves the folder", where=str(path))
        return made

    def write(self, folder: Path) -> None:
        """Write it into a folder, at once or not at all."""
        temporary = folder / f".{MANIFEST}.part"
        temporary.write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=1), "utf-8")
        temporary.replace(folder / MANIFEST)


def fingerprint_of(dataset: xr.Dataset) -> str:
    """Hash what a dataset is without computing any of its Dask arrays."""
    digest = xxhash.xxh3_128()

    def feed(*parts: Any) -> None:
        digest.update(repr(parts).encode())

    feed(sorted(dataset.sizes.items()), sorted(dataset.chunksizes.items()))
    feed(sorted((str(key), repr(value)) for key, value in dataset.attrs.items()))
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        feed(name, variable.dims, str(variable.dtype), name in dataset.coords)
        feed(sorted((str(key), repr(value)) for key, value in variable.attrs.items()))
        if variable.chunks is None and (name in dataset.coords or not _is_of_file(variable)):
            _feed_values(digest, variable.values)
    return digest.hexdigest()


def _feed_values(digest: xxhash.xxh3_128, values: Any) -> None:
    if values.dtype.hasobject or values.dtype.kind == "T":
        digest.update(repr(values.tolist()).encode())
    elif values.size and values.dtype.itemsize:
        digest.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


def _is_of_file(variable: xr.Variable) -> bool:
    """Say whether values may have to be read: they may be in memory now, and not next time."""
    return "source" in variable.encoding


def _tasks_of(dataset: xr.Dataset) -> str:
    digest = xxhash.xxh3_128()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        if variable.chunks is not None:
            digest.update(repr((name, getattr(variable.data, "name", ""))).encode())
        elif _is_of_file(variable):
            digest.update(repr((name, str(variable.encoding["source"]))).encode())
    return digest.hexdigest()
