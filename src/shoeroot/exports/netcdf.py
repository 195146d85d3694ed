"""Save a chunked dataset as many netCDF files, one a Dask task, and open them as one again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shoeroot.errors import ExportError
from shoeroot.exports.blocks import Block, blocks_of, file_names
from shoeroot.exports.checking import check_dataset
from shoeroot.exports.encoding import (
    Compression,
    check_compression,
    exact_encoding,
    time_encoding,
    variable_encoding,
)
from shoeroot.exports.fingerprint import MANIFEST, Manifest
from shoeroot.exports.leftovers import remove_abandoned
from shoeroot.exports.netcdf_file import write_netcdf
from shoeroot.exports.reading import decoding
from shoeroot.exports.tasks import has_client, run_tasks
from shoeroot.exports.zarr import STORE, load_zarr
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["load", "save"]

_HINT = "pip install 'shoeroot[netcdf]'"
_WRITER: Final = "h5netcdf"
_READER: Final = "netcdf4"
#: Blocks of so many bytes together are written at once; computing them takes memory beside.
_BYTES_AT_ONCE = 128_000_000


def save(
    dataset: xr.Dataset,
    folder: str | Path,
    *,
    resume: bool = True,
    overwrite: bool = False,
    prefix: str = "block",
    compression: Compression = "zlib",
    show_progress: bool = True,
) -> list[Path]:
    """Write each chunk of a dataset as a netCDF file of its own, in parallel.

    Each file is written by one Dask task under a temporary name and renamed when it is
    complete: a block that fails leaves no file, and a call that is repeated writes only the
    files that are missing. Where there is a `distributed.Client`, its workers write; otherwise
    the threads of this process do.

    Parameters
    ----------
    dataset : xarray.Dataset
        Chunked along one or several dimensions. A file is as large as a block, so chunks
        of 50 to 500 MB are right; without chunks there is one file.
    folder : path
        Made where it does not exist.
    resume : bool
        Keep the complete files of an earlier call for the same dataset. False writes all anew.
        Data that Dask would compute cannot be compared without computing it: where its tasks
        have other names than in the earlier call, one block is computed and compared.
    overwrite : bool
        Replace an export of another dataset.
    prefix : str
        How the file names begin. Files are named by time where the dataset is cut along
        time only, otherwise by the numbers of the chunks.
    compression : str
        ``"zlib"`` (level 1 with shuffling), ``"zstd"`` (about twice as fast; whoever reads it
        needs the same filter) or ``"none"``.
    show_progress : bool

    Returns
    -------
    list of Path
        All files of the export, in the order of the blocks.

    Raises
    ------
    ExportError
        The folder holds an export of another dataset, a block cannot be computed or written,
        or the variables are not chunked alike. Complete files stay.
    MissingExtraError
        xarray, h5netcdf or Dask is not installed.
    """
    import_optional(_WRITER, "writes netCDF files", _HINT)
    check_dataset(dataset, "netCDF")
    check_compression(compression)
    folder = Path(folder)
    blocks = blocks_of(dataset)
    names = file_names(dataset, blocks, prefix)
    manifest = Manifest.of(dataset, blocks, names)
    _make_folder(folder)
    present = _settle(folder, manifest, overwrite=overwrite)
    remove_abandoned(folder, f".{prefix}*.part")
    paths = [folder / name for name in names]
    whole = _whole(paths) if resume else [False] * len(paths)
    plan = _Plan(dataset, compression, time_encoding(dataset))
    if any(whole) and present is not None and present.tasks != manifest.tasks:
        done = whole.index(True)
        if not _holds(plan, blocks[done], paths[done]):
            if not overwrite:
                raise _another(folder, f": {paths[done].name} has other values")
            whole = [False] * len(paths)
    # Only now: until here the files are those of the former manifest.
    _write_manifest(manifest, folder)
    missing = [
        (block, path) for block, path, done in zip(blocks, paths, whole, strict=True) if not done
    ]
    _write_missing(plan, missing, show_progress)
    return paths


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is written, and how."""

    dataset: xr.Dataset
    compression: Compression
    times: dict[str, dict[str, Any]]

    def task(self, call: Any, block: Block, path: Path, threads: int) -> Any:
        """Give a Dask task that does something with a block and its file."""
        delayed = import_optional("dask", "writes files in parallel", _HINT).delayed
        part = self.dataset.isel(block.slices)
        encoding = variable_encoding(part, self.compression, self.times)
        carried = {str(key) for key, one in part.variables.items() if "source" in one.encoding}
        # Encodings of the dataset as it was once read do not fit the new file.
        return delayed(call, pure=False, traverse=False)(
            part.drop_encoding(), path.absolute(), encoding, carried, threads
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ExportError(
            f"the folder cannot be made: {problem.strerror or problem}", where=str(folder)
        ) from problem


def _settle(folder: Path, manifest: Manifest, *, overwrite: bool) -> Manifest | None:
    """Make sure that the folder belongs to this export; return the manifest of its files."""
    if not (folder / MANIFEST).exists():
        _write_manifest(manifest, folder)
        return None
    try:
        present: Manifest | None = Manifest.read(folder)
    except ExportError:
        if not overwrite:
            raise
        present = None
    if present == manifest:
        return present
    if not overwrite:
        raise _another(folder, ", or of other chunks")
    for name in present.files if present else ():
        (folder / name).unlink(missing_ok=True)
    _write_manifest(manifest, folder)
    return None


def _another(folder: Path, why: str) -> ExportError:
    return ExportError(
        f"the folder holds an export of another dataset{why}",
        where=str(folder),
        hint="give another folder, or overwrite=True (--overwrite) to replace it",
    )


def _write_manifest(manifest: Manifest, folder: Path) -> None:
    try:
        manifest.write(folder)
    except OSError as problem:
        raise ExportError(
            f"the folder cannot be written: {problem.strerror or problem}", where=str(folder)
        ) from problem


def _holds(plan: _Plan, block: Block, path: Path) -> bool:
    """Make a block once more, and say whether its file has these values."""
    task = plan.task(_compare_block, block, path, 1)
    return bool(run_tasks("Comparing", [task], [path.name], show=False)[0])


def _compare_block(
    dataset: xr.Dataset, path: Path, encoding: dict[str, Any], carried: set[str], threads: int
) -> bool:
    import xarray as xr

    with _temporary(path) as made:
        computed, fitting = _exact(dataset, encoding, carried)
        write_netcdf(computed, made, fitting, threads)
        opened = [xr.open_dataset(one, engine=_WRITER, decode_cf=False) for one in (made, path)]
        try:
            # Sums of several threads differ in their last digits.
            xr.testing.assert_allclose(*opened, rtol=1e-6)
        except AssertionError:
            return False
        finally:
            for one in opened:
                one.close()
    return True


def _whole(paths: Sequence[Path]) -> list[bool]:
    """Say which files are there to their last byte; HDF5 knows its own length."""
    h5py = import_optional("h5py", "reads netCDF files", _HINT)

    def check(path: Path) -> bool:
        try:
            with h5py.File(path, "r"):
                return True
        except OSError:
            return False

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(check, paths))


def _write_missing(plan: _Plan, missing: Sequence[tuple[Block, Path]], show_progress: bool) -> None:
    if not missing:
        return
    largest = max(plan.dataset.isel(block.slices).nbytes for block, _ in missing)
    at_once, threads = _sharing(largest)
    run_tasks(
        "Writing netCDF",
        [plan.task(_write_block, block, path, threads) for block, path in missing],
        [path.name for _, path in missing],
        show=show_progress,
        at_once=at_once,
        threads=threads,
    )


def _sharing(largest: int) -> tuple[int, int]:
    """Say how many blocks are written at once, and by how many threads each.

    Parameters
    ----------
    largest : int
        Size of the largest block [byte].
    """
    if has_client():
        # Its workers have their threads already.
        return 1, 1
    processors: int = import_optional("dask.system", "writes files in parallel", _HINT).CPU_COUNT
    at_once = max(1, min(processors, _BYTES_AT_ONCE // max(largest, 1)))
    return at_once, max(1, processors // at_once)


def _write_block(
    dataset: xr.Dataset, path: Path, encoding: dict[str, Any], carried: set[str], threads: int
) -> int:
    """Write one file in whatever process the task runs in; return its size [byte]."""
    with _temporary(path) as temporary:
        computed, fitting = _exact(dataset, encoding, carried)
        write_netcdf(computed, temporary, fitting, threads)
        temporary.replace(path)
    return path.stat().st_size


def _exact(
    dataset: xr.Dataset, encoding: dict[str, Any], carried: set[str]
) -> tuple[xr.Dataset, dict[str, Any]]:
    """Compute a block, and do without the encodings of former files that its values do not fit."""
    dataset = dataset.compute()
    return dataset, exact_encoding(dataset, encoding, carried)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    # Two tasks may write the same block where a worker was given up too early.
    temporary = path.with_name(f".{path.stem}-{uuid.uuid4().hex}.part")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def load(folder: str | Path) -> xr.Dataset:
    """Open all files of an export as one dataset, chunked as it was saved.

    Parameters
    ----------
    folder : path
        What was given to `save`, or to `save_zarr`.

    Returns
    -------
    xarray.Dataset
        Lazy: values are read when they are computed.

    Raises
    ------
    ExportError
        It is no export, or files are missing.
    MissingExtraError
        xarray, netCDF4 or Dask is not installed.
    """
    xarray = import_optional("xarray", "reads netCDF files", _HINT)
    import_optional("netCDF4", "reads netCDF files", _HINT)
    folder = Path(folder)
    if (folder / STORE).is_file():
        return load_zarr(folder)
    manifest = Manifest.read(folder)
    absent = [name for name in manifest.files if not (folder / name).is_file()]
    if absent:
        raise ExportError(
            f"{len(absent)} of {len(manifest.files)} files are missing, such as {absent[0]}",
            where=str(folder),
            hint="call save again with the same dataset: it writes what is missing",
        )
    paths = [folder / name for name in manifest.files]
    places = list(manifest.files.values())
    try:
        loaded: xr.Dataset = xarray.open_mfdataset(
            _nested(paths, places) if manifest.dimensions else paths,
            engine=_READER,
            # One chunk a file: a file is what was a chunk.
            chunks=dict.fromkeys(_dimensions(paths[0]), -1),
            **decoding(manifest.reading),
            combine="nested",
            concat_dim=list(manifest.dimensions) or None,
            data_vars="minimal",
            coords="minimal",
            compat="override",
            join="override",
            # Opening in parallel crashes in the netCDF library.
            parallel=False,
        )
    except (OSError, ValueError) as problem:
        raise ExportError(
            f"the files of the export cannot be put together: {problem}",
            where=str(folder),
            hint="remove the damaged file and call save again",
        ) from problem
    return loaded


def _dimensions(path: Path) -> list[str]:
    import netCDF4

    with netCDF4.Dataset(path) as file:
        return list(file.dimensions)


def _nested(paths: Sequence[Path], places: Sequence[Sequence[int]]) -> list[Any]:
    """Put the files into lists of lists by their place; the outermost list is the first axis."""
    if len(places[0]) == 0:
        return list(paths)
    groups: dict[int, tuple[list[Path], list[Sequence[int]]]] = {}
    for path, place in zip(paths, places, strict=True):
        members = groups.setdefault(place[0], ([], []))
        members[0].append(path)
        members[1].append(place[1:])
    if len(places[0]) == 1:
        return [members[0][0] for _, members in sorted(groups.items())]
    return [_nested(*members) for _, members in sorted(groups.items())]
