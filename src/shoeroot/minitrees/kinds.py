"""Which TreeMakers are for which events: simulations or sites."""

from __future__ import annotations

from contextlib import suppress

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees.registry import find_treemaker, treemaker_names
from shoeroot.minitrees.treemaker import TreeMaker
from shoeroot.records import Simulation, Site

__all__ = ["BASICS", "check_record_type"]

#: The TreeMaker that says what events are, by their record type.
BASICS = {Simulation.__name__: "Basics", Site.__name__: "SiteBasics"}


def check_record_type(maker: TreeMaker, record_type: str, dataset: str) -> None:
    """Refuse events that a TreeMaker is not for.

    Record types of a user's own are let through: they may well have the fields.

    Raises
    ------
    TreeMakerError
        It is for simulations and these are sites, or the reverse.
    """
    wanted = maker.events_of
    if not wanted or wanted == record_type or record_type not in BASICS:
        return
    fitting = [name for name in treemaker_names() if _is_for(name, record_type)]
    raise TreeMakerError(
        f"TreeMaker {maker.name} is for events of {wanted}, these are of {record_type}",
        where=f"dataset {dataset}" if dataset else "",
        hint=f"for {record_type} there are {', '.join(fitting)}",
    )


def _is_for(name: str, record_type: str) -> bool:
    # A plugin that cannot be imported is not told here.
    with suppress(TreeMakerError):
        return find_treemaker(name).events_of == record_type
    return False
