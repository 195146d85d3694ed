"""What a check finds: a diagnostic with its place, and the lines of a file by zone and tag."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.repair import mend_lines
from shoeroot.meta.source import LONGEST_LINE, without_comment
from shoeroot.meta.statements import NumberedLine, Statement, statements_of

__all__ = ["Diagnostic", "FileLines", "Findings", "Severity"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something about a model that its author should know.

    Attributes
    ----------
    severity : str
        ``"error"``: it cannot be expanded, or does not mean a building. ``"warning"``: it can,
        but may not be what was meant, or ESP-r reads it in another way.
    code : str
        A short word for its kind, to choose by.
    text : str
        One sentence.
    line : int
        From 1; 0 where the model was not read from a file.
    zone, surface : str
        Names; empty where it concerns the whole model or zone.
    file : str
        What the model was read from.
    """

    severity: Severity
    code: str
    text: str
    line: int = 0
    zone: str = ""
    surface: str = ""
    file: str = ""

    def __str__(self) -> str:
        place = ":".join(filter(None, [self.file or "model", str(self.line or "")]))
        inside = ", ".join(filter(None, [self.zone, self.surface]))
        return (
            f"{place}: {self.severity}: {f'{inside}: ' if inside else ''}{self.text} [{self.code}]"
        )


@dataclass(slots=True)
class Findings:
    """The diagnostics of one model while they are collected."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)

    def add(
        self,
        severity: Severity,
        code: str,
        text: str,
        line: int = 0,
        zone: MetaZone | str = "",
        surface: MetaSurface | str = "",
    ) -> None:
        """Note one; the line of the surface or of the zone holds where none is given."""
        owner = zone if isinstance(zone, MetaZone) else None
        row = surface if isinstance(surface, MetaSurface) else None
        line = line or (row.line if row else 0) or (owner.line if owner else 0)
        self.found.append(
            Diagnostic(
                severity,
                code,
                text,
                line,
                owner.name if owner else str(zone),
                row.name if row else str(surface),
                self.file,
            )
        )

    def error(
        self,
        code: str,
        text: str,
        line: int = 0,
        *,
        zone: MetaZone | str = "",
        surface: MetaSurface | str = "",
    ) -> None:
        """Note what is wrong."""
        self.add("error", code, text, line, zone, surface)

    def warn(
        self,
        code: str,
        text: str,
        line: int = 0,
        *,
        zone: MetaZone | str = "",
        surface: MetaSurface | str = "",
    ) -> None:
        """Note what may be wrong."""
        self.add("warning", code, text, line, zone, surface)


@dataclass(slots=True)
class FileLines:
    """Where the statements of a file stand.

    Attributes
    ----------
    lines : list of (int, str)
        As they are read: mended, if the model was.
    of_model : dict of str to list of Statement
        Those outside of zones, by tag.
    of_zones : list of dict
        The same for each zone.
    after_end : int
        The first line after ``*end`` that says something; 0 for none.
    """

    lines: list[NumberedLine]
    of_model: dict[str, list[Statement]]
    of_zones: list[dict[str, list[Statement]]]
    after_end: int = 0

    @classmethod
    def of(cls, model: MetaModel) -> FileLines:
        """Find the statements in the text that a model was read from."""
        made = cls([], defaultdict(list), [])
        if model.source is None:
            return made
        made.lines = list(enumerate(model.source.lines, start=1))
        if model.repairs:
            made.lines, _ = mend_lines(made.lines)
        inside = made.of_model
        ended = False
        for statement in statements_of(model.source.name, made.lines):
            tag = statement.tag.text
            if ended:
                made.after_end = made.after_end or statement.line
                continue
            if tag == "*start_zone":
                inside = defaultdict(list)
                made.of_zones.append(inside)
            inside[tag].append(statement)
            if tag == "*end_zone":
                inside = made.of_model
            ended = tag == "*end"
        return made

    def line_of(self, tag: str, zone: int | None = None, place: int = 0, count: int = 0) -> int:
        """Give the line of a statement; 0 where it is not in the file.

        Parameters
        ----------
        tag : str
        zone : int, optional
            From 1; of the model's own statements by default.
        place : int
            How many of that tag come before it.
        count : int
            How many of that tag the model has: if the file has another number of them, the model
            was changed since, and none is found.
        """
        if zone is not None and zone > len(self.of_zones):
            return 0
        found = (self.of_model if zone is None else self.of_zones[zone - 1]).get(tag, [])
        if place >= len(found) or (count and len(found) != count):
            return 0
        return found[place].line

    def too_long(self) -> list[tuple[int, int]]:
        """Give numbers and lengths of the lines whose data end where ESP-r reads no more."""
        return [
            (number, len(body))
            for number, text in self.lines
            if len(text) > LONGEST_LINE
            and len(body := without_comment(text).rstrip()) > LONGEST_LINE
        ]
