"""Blocks of a chunked dataset: one a combination of chunks, and the file name of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import ExportError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Block", "blocks_of", "create_filepath", "file_names", "split_by_chunks"]

TIME = "time"
#: How much of a time of day is written: the first that tells all blocks apart.
_DIGITS = (0, 4, 6)


@dataclass(frozen=True, slots=True)
class Block:
    """One combination of chunks of a dataset.

    Attributes
    ----------
    place : dict of str to int
        Number of the chunk along each dimension that is cut into several.
    slices : dict of str to slice
        What it takes of each chunked dimension.
    """

    place: dict[str, int]
    slices: dict[str, slice]


def blocks_of(dataset: xr.Dataset) -> list[Block]:
    """Give the blocks of a dataset; the last of its dimensions runs fastest.

    Raises
    ------
    ExportError
        Its variables are not chunked alike.
    """
    try:
        chunks = dict(dataset.chunksizes)
    except ValueError as problem:
        raise ExportError(
            "the variables of the dataset are not chunked alike",
            where=", ".join(map(str, dataset.dims)),
            hint="call dataset.unify_chunks() first",
        ) from problem
    names = [str(name) for name in chunks]
    slices = [_slices(sizes) for sizes in chunks.values()]
    split = {name for name, cut in zip(names, slices, strict=True) if len(cut) > 1}
    return [
        Block(
            {
                name: number
                for name, (number, _) in zip(names, chosen, strict=True)
                if name in split
            },
            {name: cut for name, (_, cut) in zip(names, chosen, strict=True)},
        )
        for chosen in itertools.product(*(list(enumerate(cut)) for cut in slices))
    ]


def _slices(sizes: tuple[int, ...]) -> list[slice]:
    ends = list(itertools.accumulate(sizes))
    # A chunk of no length would be a file that says nothing.
    cuts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True) if size]
    return cuts or [slice(0, 0)]


def split_by_chunks(dataset: xr.Dataset) -> Iterator[xr.Dataset]:
    """Give one dataset for each combination of chunks.

    Parameters
    ----------
    dataset : xarray.Dataset
        Chunked by Dask along any of its dimensions; without chunks it is one block.

    Raises
    ------
    ExportError
        Its variables are not chunked alike.
    """
    for block in blocks_of(dataset):
        yield dataset.isel(block.slices)


def create_filepath(ds: xr.Dataset, prefix: str = "filename", root_path: str = ".") -> str:
    """Give the path of a file for a dataset with times: from its first day to its last.

    Parameters
    ----------
    ds : xarray.Dataset
        With a coordinate ``time`` of datetime64 or cftime values.
    prefix, root_path : str
        How the file name begins, and the folder.

    Raises
    ------
    ExportError
        There is no time, or a prefix that leaves the folder.
    """
    if not _has_dates(ds) or ds.sizes[TIME] == 0:
        raise ExportError(
            "the dataset has no times to name a file by",
            hint="shoeroot.exports.save names files by number where there are none",
        )
    _check_prefix(prefix)
    return f"{root_path}/{prefix}_{_span(ds[TIME].values, _DIGITS[0])}.nc"


def file_names(dataset: xr.Dataset, blocks: list[Block], prefix: str) -> list[str]:
    """Give a name to the file of each block.

    By time where the dataset is cut along time only, otherwise by the numbers of the chunks.
    """
    _check_prefix(prefix)
    split = list(blocks[0].place)
    if split == [TIME] and _has_dates(dataset):
        for digits in _DIGITS:
            names = [
                f"{prefix}_{_span(dataset[TIME].values[block.slices[TIME]], digits)}.nc"
                for block in blocks
            ]
            if len(set(names)) == len(names):
                return names
    width = len(
        str(max((number for block in blocks for number in block.place.values()), default=0))
    )
    return [
        "_".join([prefix, *(f"{name}{number:0{width}d}" for name, number in block.place.items())])
        + ".nc"
        for block in blocks
    ]


def _has_dates(dataset: xr.Dataset) -> bool:
    """Say whether there is a date for each time; numbers, texts and gaps name no file."""
    if TIME not in dataset.coords or dataset[TIME].dims != (TIME,):
        return False
    times = dataset[TIME].values
    if times.dtype.kind == "M":
        return not np.isnat(times).any()
    return times.dtype.kind == "O" and all(hasattr(time, "calendar") for time in times)


def _span(times: Any, digits: int) -> str:
    return f"{_written(times[0], digits)}_{_written(times[-1], digits)}"


def _written(time: Any, digits: int) -> str:
    if isinstance(time, np.datetime64):
        text = np.datetime_as_string(time, unit="s")
    else:
        text = time.isoformat("T", "seconds")
    day, _, clock = str(text).partition("T")
    return f"{day}T{clock.replace(':', '')[:digits]}" if digits else day


def _check_prefix(prefix: str) -> None:
    if not prefix or Path(prefix).name != prefix or prefix.startswith("."):
        raise ExportError(
            f"{prefix!r} cannot begin the name of a file",
            hint="a prefix is a plain word, such as 'events'",
        )
