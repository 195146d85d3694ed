"""Titles of branches: the description and the unit of what each one holds.

ROOT shows them in `TTree::Print` and in browsers. They are for people: neither ROOT nor uproot
reads a branch by its title (the leaf has names and sizes), so files with and without titles are
read, merged and cloned alike.
"""

from __future__ import annotations

from typing import Any

from shoeroot.events.layout import Branch, Tree
from shoeroot.records import Field, RecordType

__all__ = ["branch_titles", "set_titles"]


def branch_titles(record_type: RecordType, tree: Tree) -> dict[str, str]:
    """Give the title of each branch of a tree, counters included, by its name."""
    titles = (
        {} if tree.is_main else {"event_id": "number of the event", "index": "place in its list"}
    )
    owners = _owners(record_type)
    for branch in tree.branches:
        if branch.counter:
            titles[branch.counter] = f"number of values in {branch.name}"
        titles[branch.name] = _title(record_type, owners, branch)
    return titles


def _owners(record_type: RecordType) -> dict[str, Field]:
    """Give the list or optional field to which each count and flag belongs."""
    owners: dict[str, Field] = {}

    def walk(field: Field, base: str, marker: str) -> None:
        if field.kind == "record":
            for child in field.children:
                walk(child, f"{base}_{child.name}" if base else child.name, "")
        elif field.kind in ("list", "optional"):
            listed = field.kind == "list"
            owners[f"{base}{marker}_{'n' if listed else 'valid'}"] = field
            walk(field.item, base, f"{marker}_item" if listed else marker)

    walk(record_type.root, "", "")
    return owners


def _title(record_type: RecordType, owners: dict[str, Field], branch: Branch) -> str:
    stripe = branch.stripe
    if stripe.role in ("count", "valid"):
        what = "number of elements" if stripe.role == "count" else "whether there is a value"
        return f"{what}: {owners[stripe.name].description}"
    field = record_type.columns[stripe.column].value
    described = _described(record_type, stripe.column)
    if branch.kind == "text" or field.kind != "str":
        return described
    return f"{'bytes' if stripe.role == 'text_length' else 'UTF-8 letters'} of: {described}"


def _described(record_type: RecordType, column: str) -> str:
    # The item of a list or an option carries the unit and the description of its field.
    value = record_type.columns[column].value
    return f"{value.description} [{value.unit}]" if value.unit else value.description


def set_titles(made: Any, record_type: RecordType, tree: Tree) -> None:
    """Set the titles of a tree that `mktree` has just made, for which uproot has no argument.

    Titles change the length of the tree's header, so it is moved. A later uproot that keeps its
    header elsewhere is left alone: the file is valid without.
    """
    cascading: Any = getattr(made, "_cascading", None)
    branches = getattr(cascading, "_branch_data", None)
    file = getattr(made, "_file", None)
    if not isinstance(branches, list) or not hasattr(cascading, "_relocate") or file is None:
        return
    titles = branch_titles(record_type, tree)
    for branch in branches:
        name = branch.get("fName")
        if "fTitle" in branch and name in titles:
            branch["fTitle"] = titles[name]
    cascading._relocate(file, file.sink)
