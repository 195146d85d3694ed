"""Copy files and folders to any place that fsspec knows, and check what arrived."""

from __future__ import annotations

import hashlib
import json
import posixpath
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from shoeroot.errors import ExportError, MissingExtraError
from shoeroot.optional import import_optional
from shoeroot.progress import Advance, progress

__all__ = ["UPLOAD_MANIFEST", "Upload", "upload"]

#: At the destination of a folder: size and SHA-256 of each file that has arrived.
UPLOAD_MANIFEST = "shoeroot-upload.json"
ATTEMPTS = 3
#: Files at once.
WORKERS = 4
#: Wait before another attempt, doubled each time [s].
PAUSE = 0.5
#: An upload that is killed forgets this much of its work at most [s].
LISTED_EVERY = 15.0
PIECE = 1 << 22
MEGABYTE = 1_000_000
#: Objects of S3 go in parts of this size [byte], so many of a file at once: 256 MB in memory.
PART, PARTS_AT_ONCE, MOST_PARTS = 1 << 24, 4, 10_000
#: Stores in which an object appears only when all of it has arrived.
_OF_OBJECTS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "hf"}
#: What another attempt would not mend.
_FINAL = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload has done.

    Attributes
    ----------
    url : str
        Where the file or the folder lies now.
    files : int
        Files there that are now as they are here.
    sent, skipped : int
        Files that were copied, and that were there already.
    size : int
        All files together [byte].
    """

    url: str
    files: int
    sent: int
    skipped: int
    size: int


@dataclass(frozen=True, slots=True)
class _Facts:
    size: int
    sha256: str


@dataclass(slots=True)
class _Work:
    """One upload: where to, what has arrived, and how it is told."""

    system: Any
    root: str
    folder: bool
    arrived: dict[str, _Facts]
    advance: Advance
    resume: bool
    told: float = 0.0
    listed: float = field(default_factory=time.monotonic)
    sent: int = 0
    failed: dict[str, ExportError] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def upload(
    path: str | Path,
    url: str,
    *,
    resume: bool = True,
    storage_options: Mapping[str, Any] | None = None,
    show_progress: bool = True,
) -> Upload:
    """Copy a file or a folder to a URL, and read back what arrived to compare it.

    A file counts as done only when its size and SHA-256 at the destination are those of the
    file here; up to three attempts are made. In stores where a file that is being written can
    be seen, it has a temporary name until then. Beside the files of a folder lies a list of
    sizes and hashes, by which a repeated call skips what is there already.

    Parameters
    ----------
    path : path
        A file, or a folder with all files in it. Temporary files (``.*.part``) and links to
        folders are left out.
    url : str
        Such as ``"s3://bucket/batch_00023"``, ``"gs://..."`` or ``"file:///archive/batch_00023"``;
        of a file: its new name, or the folder it goes to, which ends in "/" where a store of
        objects does not know its folders.
    resume : bool
        Skip files that have arrived before. False copies all anew.
    storage_options : mapping, optional
        For the file system of fsspec: keys, endpoints, ...
    show_progress : bool

    Raises
    ------
    ExportError
        There is nothing to copy, the place is unknown or refuses, or a file did not arrive
        whole. Nothing that did not is left there.
    MissingExtraError
        fsspec, or the package for this kind of URL, is not installed.
    """
    source = Path(path)
    files = dict(_files(source))
    system, root = _place(url, storage_options)
    if source.is_file() and (url.endswith("/") or _is_folder(system, root)):
        root = posixpath.join(root, source.name)
    total = sum(file.stat().st_size for file in files.values())
    with progress(
        "Uploading [MB]", max(1, -(-total // MEGABYTE)), show=show_progress and total > 0
    ) as advance:
        work = _Work(system, root, source.is_dir(), {}, advance, resume)
        if work.folder and resume:
            work.arrived = _read_manifest(system, root)
        try:
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(lambda item: _send(work, *item), files.items()))
        finally:
            if work.folder and work.arrived:
                _write_manifest(work)
    if work.failed:
        name, problem = next(iter(work.failed.items()))
        if len(files) == 1:
            raise problem
        raise ExportError(
            f"{len(work.failed)} of {len(files)} files did not arrive; the first: {name}: "
            f"{problem.problem}",
            where=url,
            hint=problem.hint or "call again: it goes on with what is missing",
        ) from problem
    return Upload(
        str(system.unstrip_protocol(root)), len(files), work.sent, len(files) - work.sent, total
    )


def _files(source: Path) -> Iterator[tuple[str, Path]]:
    """Give names and paths of what there is to copy; a single file has no name."""
    if source.is_file():
        yield "", source
        return
    found = [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file()
        and not (path.name.startswith(".") and path.name.endswith(".part"))
        and path != source / UPLOAD_MANIFEST
    ]
    if not found:
        raise ExportError(
            "there is nothing to upload", where=str(source), hint="give a file or a folder"
        )
    for path in found:
        yield path.relative_to(source).as_posix(), path


def _place(url: str, storage_options: Mapping[str, Any] | None) -> tuple[Any, str]:
    fsspec = import_optional("fsspec", "uploads", "pip install 'shoeroot[upload]'")
    try:
        system, root = fsspec.core.url_to_fs(
            url, use_listings_cache=False, **dict(storage_options or {})
        )
    except ImportError as problem:
        raise MissingExtraError(
            f"no package is installed for {url.partition('://')[0]!r}", hint=str(problem)
        ) from problem
    except (ValueError, OSError, TypeError) as problem:
        raise ExportError(
            f"the URL cannot be used: {problem}",
            where=url,
            hint="such as s3://bucket/folder, gs://bucket/folder or file:///folder",
        ) from problem
    return system, str(root).rstrip("/") or "/"


def _send(work: _Work, name: str, path: Path) -> None:
    """Copy one file, unless it is there, and note how that went."""
    try:
        facts = _facts(path)
        target = posixpath.join(work.root, name) if name else work.root
        if not (work.resume and _has_arrived(work, name, target, facts)):
            _copy(work, path, target, facts)
            with work.lock:
                work.sent += 1
        with work.lock:
            work.arrived[name] = facts
            _tell(work, facts.size)
            if work.folder and time.monotonic() - work.listed > LISTED_EVERY:
                _write_manifest(work)
    except ExportError as problem:
        with work.lock:
            work.arrived.pop(name, None)
            work.failed[name] = problem


def _tell(work: _Work, size: int) -> None:
    before = int(work.told)
    work.told += size / MEGABYTE
    work.advance(int(work.told) - before)


def _facts(path: Path) -> _Facts:
    try:
        with path.open("rb") as file:
            return _hashed(file)
    except OSError as problem:
        raise ExportError(
            f"the file cannot be read: {problem.strerror or problem}", where=str(path)
        ) from problem


def _hashed(file: Any) -> _Facts:
    digest, size = hashlib.sha256(), 0
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return _Facts(size, digest.hexdigest())


def _has_arrived(work: _Work, name: str, target: str, facts: _Facts) -> bool:
    """Tell whether a file is there: by the list in a folder, a single one by reading it."""
    try:
        work.system.invalidate_cache()
        there = work.system.info(target)
        if there.get("type") != "file" or there.get("size") != facts.size:
            return False
        if work.folder:
            return work.arrived.get(name) == facts
        return _facts_there(work.system, target) == facts
    except Exception:  # file systems raise what their libraries do: then it is copied
        return False


def _facts_there(system: Any, target: str) -> _Facts:
    with system.open(target, "rb", block_size=PIECE, cache_type="readahead") as file:
        return _hashed(file)


def _copy(work: _Work, path: Path, target: str, facts: _Facts) -> None:
    """Copy a file in at most three attempts; what did not arrive whole is removed."""
    problem: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            _attempt(work.system, path, target, facts)
        except _FINAL as error:
            problem = error
            break
        except ImportError:
            raise
        except Exception as error:  # file systems raise what their libraries do
            problem = error
        else:
            return
    raise ExportError(
        f"the file did not arrive: {type(problem).__name__}: {problem}",
        where=f"{path} -> {target}",
        hint="check the place, the keys and the connection, and call again: what is there is kept",
    ) from problem


def _attempt(system: Any, path: Path, target: str, facts: _Facts) -> None:
    direct = bool(_OF_OBJECTS & set(_protocols(system)))
    folder, _, last = target.rpartition("/")
    if _is_folder(system, target):
        raise IsADirectoryError(f"there is a folder of this name: {target}")
    aim = target if direct else f"{folder}/.{last}-{uuid.uuid4().hex}.part"
    if not direct:
        system.makedirs(folder or "/", exist_ok=True)
    written = not direct
    try:
        system.put_file(str(path), aim, **_in_parts(system, facts.size))
        written = True
        system.invalidate_cache()
        there = _facts_there(system, aim)
        if there != facts:
            raise OSError(
                f"{there.size} bytes with SHA-256 {there.sha256[:12]}... arrived of "
                f"{facts.size} with {facts.sha256[:12]}..."
            )
        if not direct:
            system.mv(aim, target)
    except BaseException:
        with suppress(Exception):
            # An object that could not be written is the one that was there before.
            if written:
                system.rm_file(aim)
            else:
                _forget_parts(system, aim)
        raise


def _is_folder(system: Any, target: str) -> bool:
    """Say whether a file would be moved into something of its name, rather than to it."""
    if _OF_OBJECTS & set(_protocols(system)):
        # An object and others below its name get along.
        return False
    try:
        system.invalidate_cache()
        return bool(system.isdir(target))
    except Exception:  # file systems raise what their libraries do: copying will say
        return False


def _in_parts(system: Any, size: int) -> dict[str, int]:
    """Say how s3fs cuts a file: by itself it would hold 500 MB of each in memory."""
    if not _is_s3(system):
        return {}
    return {"chunksize": max(PART, -(-size // MOST_PARTS)), "max_concurrency": PARTS_AT_ONCE}


def _forget_parts(system: Any, aim: str) -> None:
    """Remove parts of an object that never became whole: nobody sees them, but they are paid."""
    if not _is_s3(system):
        return
    bucket, key, _ = system.split_path(aim)
    for one in system.list_multipart_uploads(bucket):
        if one["Key"] == key:
            system.call_s3(
                "abort_multipart_upload", Bucket=bucket, Key=key, UploadId=one["UploadId"]
            )


def _is_s3(system: Any) -> bool:
    return "s3" in _protocols(system) and hasattr(system, "list_multipart_uploads")


def _protocols(system: Any) -> tuple[str, ...]:
    known = system.protocol
    return (known,) if isinstance(known, str) else tuple(known)


def _read_manifest(system: Any, root: str) -> dict[str, _Facts]:
    """Read what has arrived; nothing where the list is missing or damaged."""
    try:
        system.invalidate_cache()
        stored = json.loads(system.cat_file(posixpath.join(root, UPLOAD_MANIFEST)))
        return {
            str(name): _Facts(int(facts["size"]), str(facts["sha256"]))
            for name, facts in stored["files"].items()
        }
    except Exception:  # as many kinds of errors as file systems: then all is copied
        return {}


def _write_manifest(work: _Work) -> None:
    work.listed = time.monotonic()
    listed = {
        name: {"size": facts.size, "sha256": facts.sha256}
        for name, facts in sorted(work.arrived.items())
    }
    text = json.dumps({"format": 1, "files": listed}, indent=1)
    with suppress(Exception):  # without it, the next call copies more than it must
        work.system.pipe_file(posixpath.join(work.root, UPLOAD_MANIFEST), text.encode())
