"""Finished steps of an analysis: kept under a hash of all that they were made from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites.sources import is_remote

__all__ = ["Inputs", "Step", "Steps", "from_plain", "hash_of", "plain_of", "write_text"]

Record = TypeVar("Record")

#: Files that belong to a shapefile.
SIDECARS = (".shx", ".dbf", ".prj", ".cpg")


def hash_of(values: Any) -> str:
    """Hash what JSON can hold; the same values have the same hash."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_id() -> str:
    """Hash the code that makes the steps: what other code made is made again."""
    room = Path(__file__).parent
    files = [*room.rglob("*.py"), room.parent / "records" / "site.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Inputs:
    """Hashes of files, each read once as long as it does not change.

    Parameters
    ----------
    folder : Path
        Where they are remembered from one time to the next.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "inputs.json"
        self._known: dict[str, Any] = _read_json(self._file, {})
        self.used: dict[str, str] = {}

    def hash(self, path: str) -> str:
        """Give the SHA-256 of a file; of an address, which is not fetched for it, of its text.

        Raises
        ------
        SiteError
            The file cannot be read.
        """
        if is_remote(path):
            found = hashlib.sha256(path.encode()).hexdigest()
        else:
            parts = [Path(path)]
            if parts[0].suffix.lower() == ".shp":
                beside = [parts[0].with_suffix(suffix) for suffix in SIDECARS]
                parts += [one for one in beside if one.is_file()]
            digests = [self._of_file(one) for one in parts]
            found = digests[0] if len(digests) == 1 else hash_of(digests)
        self.used[path] = "an address, which was not hashed" if is_remote(path) else found
        return found

    def _of_file(self, path: Path) -> str:
        try:
            state = path.stat()
            stamp = [state.st_size, state.st_mtime_ns, state.st_ino]
            known = self._known.get(str(path))
            if known and known["stamp"] == stamp:
                return str(known["sha256"])
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as problem:
            raise SiteError(
                f"the file cannot be read: {problem.strerror or problem}",
                where=str(path),
                hint="correct its path in the settings",
            ) from problem
        self._known[str(path)] = {"stamp": stamp, "sha256": digest}
        write_text(self._file, json.dumps(self._known, indent=1))
        return digest


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a step: "made", or "kept" of an earlier time; the time it took [s]."""

    name: str
    outcome: str
    seconds: float


@dataclass
class Steps:
    """The folder of finished steps.

    Attributes
    ----------
    folder : Path
    tell : callable
        Called with each step that is done.
    done : list of Step
        In the order in which they were asked for.
    """

    folder: Path
    tell: Callable[[Step], None] = lambda _step: None
    done: list[Step] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def value(
        self, name: str, made_from: Mapping[str, Any], make: Callable[[], Any], label: str = ""
    ) -> Any:
        """Give what a step makes: what JSON can hold. It is made where it is not kept.

        Parameters
        ----------
        name : str
            Of the step, a simple word.
        made_from : mapping
            All that decides about the result, as JSON can hold it.
        make : callable
            Its warnings (SiteWarning) are kept and told again with what it made.
        label : str
            What it is for people; by default the name.
        """
        started = time.perf_counter()
        path = self.folder / f"{name}-{self.key(made_from)}.json"
        self._used.add(path.name)
        kept = _read_json(path, None)
        if isinstance(kept, dict) and {"warnings", "value"} <= kept.keys():
            # What there was to say about the result is true of it still.
            for told in kept["warnings"]:
                warnings.warn(told, SiteWarning, stacklevel=2)
            self.note(label or name, "kept", time.perf_counter() - started)
            return kept["value"]
        value, said = _listened_to(make)
        write_text(path, json.dumps({"made_from": made_from, "warnings": said, "value": value}))
        self.note(label or name, "made", time.perf_counter() - started)
        return value

    def key(self, made_from: Mapping[str, Any]) -> str:
        """Give what tells results apart that are made of different things, or by other code."""
        return hash_of([code_id(), made_from])[:24]

    def note(self, name: str, outcome: str, seconds: float, *files: Path) -> None:
        """Note a step that keeps its results in files of its own."""
        self._used.update(path.name for path in files)
        self.done.append(Step(name, outcome, seconds))
        self.tell(self.done[-1])

    def silent(self) -> Steps:
        """Give the same steps, of which nobody is told."""
        return dataclasses.replace(self, tell=lambda _step: None)

    def forget_others(self) -> None:
        """Remove the results that were not asked for this time."""
        for path in self.folder.iterdir():
            if path.name in self._used or path.name == "inputs.json":
                continue
            if path.is_dir():  # a killed writer's room
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _listened_to(make: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Call something; give its result, and the warnings of sites that it let pass."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SiteWarning)
        value = make()
    for one in caught:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    said = [str(one.message) for one in caught if issubclass(one.category, SiteWarning)]
    return value, list(dict.fromkeys(said))


def plain_of(lists: Sequence[Sequence[Any]]) -> list[list[list[Any]]]:
    """Turn lists of records into what JSON can hold; bytes become a text."""
    first = next((one for each in lists for one in each), None)
    names = [one.name for one in dataclasses.fields(first)] if first is not None else []
    return [[[_plain(getattr(one, name)) for name in names] for one in each] for each in lists]


def from_plain(kind: type[Record], lists: Sequence[Sequence[Sequence[Any]]]) -> list[list[Record]]:
    """Make records of what `plain_of` gave."""
    names = [one.name for one in dataclasses.fields(kind)]  # type: ignore[arg-type]
    bytes_at = [number for number, name in enumerate(names) if name == "wkb"]

    def record(values: Sequence[Any]) -> Record:
        given = list(values)
        for number in bytes_at:
            given[number] = list(bytes.fromhex(given[number]))
        return kind(*given)

    return [[record(one) for one in each] for each in lists]


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, list) else value


def write_text(path: Path, text: str) -> None:
    """Write a file beside the old one and put it in its place when it is on disk.

    Raises
    ------
    SiteError
        It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise SiteError(
            f"the file cannot be written: {problem.strerror or problem}",
            where=str(path),
            hint="give a folder on a disk with room that you may write to",
        ) from problem


def _read_json(path: Path, default: Any) -> Any:
    # What is damaged is made again.
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default
