"""Find TreeMakers by name: those that come with shoeroot and those of installed plugins."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from shoeroot.errors import TreeMakerError, nearest
from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["find_treemaker", "treemaker_names"]

GROUP = "shoeroot.treemakers"


@cache
def _registered() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise TreeMakerError(
                f"two TreeMakers are called {entry.name!r}",
                where=f"{other.value} and {entry.value}",
                hint="rename one of them, or uninstall one of their distributions",
            )
        found[entry.name] = entry
    return found


def treemaker_names() -> list[str]:
    """Return the names of all TreeMakers that can be asked for by name."""
    return sorted(_registered())


def find_treemaker(wanted: str | type[TreeMaker]) -> type[TreeMaker]:
    """Return the TreeMaker class of a name; a class is returned as it is.

    Raises
    ------
    TreeMakerError
        The name is unknown, or what it stands for is no TreeMaker.
    """
    if isinstance(wanted, str):
        entry = _registered().get(wanted)
        if entry is None:
            raise TreeMakerError(
                f"there is no TreeMaker {wanted!r}", hint=nearest(wanted, _registered())
            )
        wanted = entry.load()
    if not (isinstance(wanted, type) and issubclass(wanted, TreeMaker)):
        raise TreeMakerError(
            f"{wanted!r} is no TreeMaker",
            hint="give the name of one or a subclass of shoeroot.minitrees.TreeMaker",
        )
    return wanted
