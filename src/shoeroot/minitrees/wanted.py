"""The TreeMakers that a call asks for, with their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees.registry import as_treemaker
from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["Wanted", "named_maker", "named_makers"]

Wanted = str | type[TreeMaker] | TreeMaker


def named_maker(wanted: Wanted) -> tuple[str, TreeMaker]:
    """Find a TreeMaker by name or class; one with options is taken as it is."""
    maker = as_treemaker(wanted)
    return maker.name, maker


def named_makers(treemakers: Wanted | Sequence[Wanted]) -> list[tuple[str, TreeMaker]]:
    """Find several.

    Raises
    ------
    TreeMakerError
        One is unknown, two have the same name, or there is none.
    """
    if isinstance(treemakers, str | type | TreeMaker):
        treemakers = [treemakers]
    if not isinstance(treemakers, Iterable):
        raise TreeMakerError(
            f"{treemakers!r} is no TreeMaker",
            hint="give the name of one or a subclass of shoeroot.minitrees.TreeMaker",
        )
    found = [named_maker(one) for one in treemakers]
    names = [name for name, _ in found]
    if not names:
        raise TreeMakerError("there is no TreeMaker to load", hint='such as "Basics"')
    for name in names:
        if names.count(name) > 1:
            raise TreeMakerError(
                f"two TreeMakers are called {name!r}", hint="ask for one, or rename one"
            )
    return found
