"""Read a META file: statements become a typed model; a fault is an error with file and line."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from shoeroot.errors import MetaError
from shoeroot.meta.model import Literally, MetaModel, MetaZone, Repair, UnknownTag
from shoeroot.meta.repair import mend_lines, mend_statement
from shoeroot.meta.source import SourceText
from shoeroot.meta.statements import NumberedLine, Statement, statements_of
from shoeroot.meta.tags import MODEL_TAGS, ModelParts, dialect_of
from shoeroot.meta.zone_tags import AFTER_SHAPE, ZONE_TAGS, ZoneParts

__all__ = ["read", "read_text"]

#: Nobody writes a longer one by hand; a wrong file is told before it fills the memory.
_LARGEST_BYTES = 64 * 2**20
_ZONE_FIELDS = frozenset(field.name for field in fields(MetaZone))


def read(path: str | Path, *, tolerant: bool = False) -> MetaModel:
    """Read a META file.

    Parameters
    ----------
    path : path
    tolerant : bool
        Mend the faults of a scanned text where only one reading is possible; each is reported
        in the model's ``repairs``.

    Raises
    ------
    MetaError
        The file cannot be read, or a line is wrong: names file, line and token.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > _LARGEST_BYTES:
            raise MetaError(f"a META file of {size} bytes", where=str(path), hint="is it one?")
        content = path.read_bytes()
    except OSError as problem:
        raise MetaError(
            f"the file cannot be read: {problem.strerror or problem}", where=str(path)
        ) from problem
    return read_text(content.decode("latin-1"), name=str(path), tolerant=tolerant)


def read_text(text: str, *, name: str = "META text", tolerant: bool = False) -> MetaModel:
    """Read the text of a META file; see `read`."""
    source = SourceText(name, text)
    lines: list[NumberedLine] = list(enumerate(source.lines, start=1))
    repairs: list[Repair] = []
    if tolerant:
        lines, repairs = mend_lines(lines)
    reader = _Reader(name, repairs if tolerant else None)
    for statement in statements_of(name, lines):
        reader.take(statement)
    return reader.model(source)


class _Reader:
    """Takes one statement after another and knows in which zone it is."""

    def __init__(self, name: str, repairs: list[Repair] | None) -> None:
        self._name = name
        self._repairs = repairs
        self._parts: ModelParts = {}
        self._zone: ZoneParts | None = None
        self._ended = False

    def take(self, statement: Statement) -> None:
        if self._ended:
            return
        if "dialect" not in self._parts:
            self._parts["dialect"] = dialect_of(statement)
            return
        tag = statement.tag.text
        if self._repairs is not None:
            statement = mend_statement(statement, self._zone, self._parts, self._repairs)
        if tag == "*end":
            self._end(statement)
        elif tag == "*start_zone":
            self._start_zone(statement)
        elif tag == "*end_zone":
            self._end_zone(statement)
        elif tag == "*start_literal":
            self._literal(statement)
        elif tag in ZONE_TAGS:
            self._zone_tag(statement)
        elif tag in MODEL_TAGS:
            MODEL_TAGS[tag](statement, self._parts)
        else:
            zone = "" if self._zone is None else self._zone["name"]
            text = "\n".join([statement.text, *(body for _, body in statement.rows[1:])])
            unknown = UnknownTag(tag, text, zone, statement.line)
            self._parts.setdefault("unknown", []).append(unknown)

    def _end(self, statement: Statement) -> None:
        if self._zone is not None:
            raise self._unfinished(statement)
        self._ended = True

    def _start_zone(self, statement: Statement) -> None:
        if self._zone is not None:
            raise self._unfinished(statement)
        values = statement.values()
        name = values.word("name of the zone")
        values.end()
        self._zone = {"name": name, "line": statement.line, "dialect": self._parts["dialect"]}

    def _unfinished(self, statement: Statement) -> MetaError:
        assert self._zone is not None  # noqa: S101 - callers have looked
        return statement.error(
            f"zone {self._zone['name']!r}, which starts on line {self._zone['line']}, has no end",
            hint="put *end_zone after its last line",
        )

    def _end_zone(self, statement: Statement) -> None:
        if self._zone is None:
            raise statement.error("*end_zone without *start_zone")
        if "shape" not in self._zone:
            raise statement.error(
                f"zone {self._zone['name']!r} has no *shape",
                hint="*shape,box or *shape,extrude or *shape,poly after *start_zone",
            )
        kept = {key: value for key, value in self._zone.items() if key in _ZONE_FIELDS}
        self._parts.setdefault("zones", []).append(MetaZone(**_frozen(kept)))
        self._zone = None

    def _zone_tag(self, statement: Statement) -> None:
        tag = statement.tag.text
        if self._zone is None:
            raise statement.error(f"{tag} stands outside of a zone")
        if tag in AFTER_SHAPE and "shape" not in self._zone:
            raise statement.error(f"{tag} stands before *shape", hint="move it behind *shape")
        ZONE_TAGS[tag](statement, self._zone)

    def _literal(self, statement: Statement) -> None:
        lines = tuple(body for _, body in statement.rows[1:-1])
        made = Literally(statement.text, lines, statement.line)
        self._parts.setdefault("literals", []).append(made)

    def model(self, source: SourceText) -> MetaModel:
        """Give the model when all statements are taken."""
        if "dialect" not in self._parts:
            raise MetaError(
                "the file is empty",
                where=self._name,
                hint="a META file begins with *silent_input, *meta_file or *meta_file_v3",
            )
        if self._zone is not None:
            raise MetaError(
                f"zone {self._zone['name']!r} has no end",
                where=f"{self._name}, line {self._zone['line']}",
                hint="put *end_zone after its last line",
            )
        made = MetaModel(**_frozen(self._parts), has_end=self._ended, source=source)
        return replace(
            made, repairs=tuple(sorted(self._repairs or (), key=lambda repair: repair.line))
        )


def _frozen(parts: dict[str, Any]) -> dict[str, Any]:
    """Give the parts with tuples for what grew."""
    return {key: tuple(value) if type(value) is list else value for key, value in parts.items()}
