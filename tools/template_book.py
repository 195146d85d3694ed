"""The groups and components of a UMI template library, and the fields all components share."""

from __future__ import annotations

from typing import Any

NO_COST = {"Cost": 0.0, "EmbodiedCarbon": 0.0, "EmbodiedEnergy": 0.0}
NO_TRANSPORT = {
    "SubstitutionRatePattern": [],
    "SubstitutionTimestep": 100,
    "TransportCarbon": 0,
    "TransportDistance": 0,
    "TransportEnergy": 0,
}
NO_ASSEMBLY = {
    "AssemblyCarbon": 0,
    "AssemblyCost": 0,
    "AssemblyEnergy": 0,
    "DisassemblyCarbon": 0,
    "DisassemblyEnergy": 0,
}
SOURCE = "shoeroot: tools/us_residential_figures.toml"


class Book:
    """The groups of a UMI template library; equal components are written once.

    `source` is what every component gives as its source.
    """

    def __init__(self, source: str = SOURCE) -> None:
        self.source = source
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._count = 0

    def add(
        self, group: str, name: str, category: str, comment: str = "", **fields: Any
    ) -> dict[str, str]:
        """Add a component unless the group has one of that name; return the reference to it."""
        if (group, name) not in self._known:
            self._count += 1
            self._known[group, name] = str(self._count)
            named = labels(name, category, comment, self.source)
            entry = {"$id": str(self._count), **fields, **named}
            self.groups.setdefault(group, []).append(entry)
        return {"$ref": self._known[group, name]}

    def known(self, group: str, name: str) -> dict[str, str] | None:
        """Return the reference to a component, None where the group has none of that name."""
        number = self._known.get((group, name))
        return None if number is None else {"$ref": number}


def labels(name: str, category: str, comment: str = "", source: str = SOURCE) -> dict[str, str]:
    """Return the fields that every component has."""
    return {"Category": category, "Comments": comment, "DataSource": source, "Name": name}
