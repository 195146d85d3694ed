"""`Lineage`: what a mini-tree was made from, and the first thing in which two differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees.options import as_json
from shoeroot.minitrees.registry import as_treemaker
from shoeroot.minitrees.source import source_of
from shoeroot.minitrees.treemaker import TreeMaker, wanted_dependencies

__all__ = [
    "FORMAT",
    "Lineage",
    "dependencies_of",
    "event_list_id",
    "lineage_of",
    "options_id",
]

#: Raise it when the layout of mini-trees changes.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a mini-tree was made from; it is current while all of it stays the same.

    Attributes
    ----------
    format : int
        Of mini-trees, as this shoeroot writes them.
    treemaker, version : str
        Name and ``__version__``.
    source : dict of str to str
        Hashes of the class, and of the helpers and constants it uses.
    options : dict
        As JSON holds them.
    depends_on : dict of str to Lineage
        Lineages of the TreeMakers it depends on.
    event_list : str
        Hash of the ids it was made for; "" for all events.
    events : str
        Content id of the events.
    """

    format: int
    treemaker: str
    version: str
    source: Mapping[str, str]
    options: Mapping[str, Any]
    depends_on: Mapping[str, Lineage]
    event_list: str
    events: str

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON holds it."""
        return {
            "format": self.format,
            "treemaker": self.treemaker,
            "version": self.version,
            "source": dict(self.source),
            "options": dict(self.options),
            "depends_on": {name: one.to_json() for name, one in self.depends_on.items()},
            "event_list": self.event_list,
            "events": self.events,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises
        ------
        KeyError, TypeError, AttributeError
            It is something else.
        """
        return cls(
            int(stored["format"]),
            str(stored["treemaker"]),
            str(stored["version"]),
            dict(stored["source"]),
            dict(stored["options"]),
            {name: cls.from_json(one) for name, one in stored["depends_on"].items()},
            str(stored["event_list"]),
            str(stored["events"]),
        )

    @property
    def content_id(self) -> str:
        """Hash of all of it."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def difference(self, other: Lineage) -> str:
        """Say the first thing in which `other`, made earlier, differs; "" where nothing does."""
        return (
            self._of_shoeroot(other)
            or self._of_treemaker(other)
            or self._of_dependencies(other)
            or self._of_events(other)
        )

    def _of_shoeroot(self, other: Lineage) -> str:
        if self.format != other.format:
            return f"mini-trees have format {self.format}, it has format {other.format}"
        if self.treemaker != other.treemaker:
            return f"it was made by a TreeMaker called {other.treemaker!r}"
        return ""

    def _of_treemaker(self, other: Lineage) -> str:
        if self.version != other.version:
            return f"the TreeMaker has version {self.version!r}, it was made by {other.version!r}"
        for name, value in self.options.items():
            if name not in other.options:
                return f"the option {name!r} is new"
            if value != other.options[name]:
                return f"the option {name!r} is {value!r}, it was made with {other.options[name]!r}"
        for name in other.options:
            if name not in self.options:
                return f"there is no option {name!r} any more"
        return self._of_source(other)

    def _of_source(self, other: Lineage) -> str:
        for name in sorted({*self.source, *other.source}, key=lambda one: one != self.treemaker):
            if self.source.get(name) != other.source.get(name):
                if name == self.treemaker:
                    return f"the source of {name} has changed"
                return f"{name}, which the TreeMaker uses, has changed"
        return ""

    def _of_dependencies(self, other: Lineage) -> str:
        for name, one in self.depends_on.items():
            if name not in other.depends_on:
                return f"it did not depend on {name} when it was made"
            found = one._of_shoeroot(other.depends_on[name]) or one._of_treemaker(
                other.depends_on[name]
            )
            found = found or one._of_dependencies(other.depends_on[name])
            if found:
                return f"{name}, on which it depends: {found}"
        for name in other.depends_on:
            if name not in self.depends_on:
                return f"it depended on {name} when it was made"
        return ""

    def _of_events(self, other: Lineage) -> str:
        if self.event_list != other.event_list:
            return "it was made for another list of events"
        if self.events != other.events:
            return "the events have changed"
        return ""


def event_list_id(event_list: NDArray[np.int64] | None) -> str:
    """Give a hash of a list of event ids, in any order; "" for None."""
    if event_list is None:
        return ""
    ids = np.unique(np.asarray(event_list, dtype=np.int64)).astype("<i8")
    return hashlib.sha256(ids.tobytes()).hexdigest()[:16]


def options_id(maker: TreeMaker) -> str:
    """Give a short hash of the options that are not as by default."""
    changed = {name: as_json(value) for name, value in maker.changed_options.items()}
    return hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()[:8]


def dependencies_of(maker: TreeMaker, above: Iterable[str] = ()) -> dict[str, TreeMaker]:
    """Give the TreeMakers that one depends on, by name, in the order it names them.

    Raises
    ------
    TreeMakerError
        One is unknown, or they depend on each other in a circle.
    """
    path = (*above, maker.name)
    found: dict[str, TreeMaker] = {}
    for wanted in wanted_dependencies(maker):
        dependency = as_treemaker(wanted)
        if dependency.name in path:
            raise TreeMakerError(
                f"TreeMakers depend on each other: {' -> '.join((*path, dependency.name))}",
                where=f"{maker.name}.depends_on",
                hint="take one of them out",
            )
        if dependency.name in found:
            raise TreeMakerError(
                f"TreeMaker {maker.name} depends on two called {dependency.name!r}",
                where=f"{maker.name}.depends_on",
                hint="take one of them out, or give it a subclass of another name",
            )
        dependencies_of(dependency, path)
        found[dependency.name] = dependency
    return found


def lineage_of(maker: TreeMaker, events: str, event_list: str = "") -> Lineage:
    """Give what a mini-tree would be made from.

    Parameters
    ----------
    maker : TreeMaker
        With its options.
    events : str
        Content id of the events.
    event_list : str
        As `event_list_id` gives it.
    """
    return Lineage(
        FORMAT,
        maker.name,
        str(type(maker).__version__),
        source_of(type(maker)),
        {name: as_json(value) for name, value in maker.options.items()},
        {name: lineage_of(one, events, event_list) for name, one in dependencies_of(maker).items()},
        event_list,
        events,
    )
