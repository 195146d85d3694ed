"""Faults of scanned texts, mended where only one reading is possible, and told one by one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from shoeroot.meta.model import Repair
from shoeroot.meta.statements import NumberedLine, Statement
from shoeroot.meta.tags import HEADERS, MODEL_TAGS, ModelParts
from shoeroot.meta.zone_tags import SHAPES, ZONE_TAGS, ZoneParts

__all__ = ["mend_lines", "mend_statement"]

_MARKS: Final = ("*start_zone", "*end_zone", "*end", "*start_literal", "*end_literal")
_KNOWN: Final = frozenset({*MODEL_TAGS, *ZONE_TAGS, *HEADERS, *_MARKS})
_SPLIT_TAG = re.compile(r"\s*(\*\w+) (\w+)")
_TAG_IN_COMMENT = re.compile(r"\s(\*[a-z_0-9]+),")
_VERB = re.compile(r"^\s*\\verb\W")
_BRACED = re.compile(r"\\\w+\s*\{(.*)")
_WITH_NAMES: Final = (
    "*weather_station",
    "*surface",
    "*mass",
    "*obs",
    "*obs3",
    "*obsp",
    "*start_zone",
)


def mend_lines(lines: list[NumberedLine]) -> tuple[list[NumberedLine], list[Repair]]:
    """Mend what a look at single lines can mend: wrappers, escapes and broken tags.

    Returns
    -------
    list of NumberedLine
        A line on which two statements stood becomes two of the same number.
    list of Repair
    """
    repairs: list[Repair] = []
    mended: list[NumberedLine] = []
    for number, text in lines:
        line = text.rstrip("\r\n")
        for what, mend in _STEPS:
            after = mend(line)
            if after != line:
                repairs.append(Repair(number, what, line, after))
                line = after
        if _is_loose_number(line, mended):
            repairs.append(Repair(number, "the end of a comment on a line of its own", line, ""))
            continue
        if not line.strip() or line.strip() == "```":
            continue
        for piece in _pieces(line):
            if piece is not line:
                repairs.append(Repair(number, "two statements on one line", line, piece))
            mended.append((number, piece))
    return mended, repairs


def _is_loose_number(line: str, before: list[NumberedLine]) -> bool:
    """Tell whether a number belongs to the comment above, such as ``# X Y Z for``."""
    if not before or not line.strip().isdecimal():
        return False
    return before[-1][1].partition("#")[2].split()[-1:] == ["for"]


def _without_wrapper(line: str) -> str:
    line = _VERB.sub("", line)
    match = _BRACED.search(line)
    return line if match is None else line[: match.start()] + match.group(1)


def _without_escapes(line: str) -> str:
    return re.sub(r"\\([_#%&$])", r"\1", line)


def _joined_tag(line: str) -> str:
    match = _SPLIT_TAG.match(line)
    if match is None or line.lstrip().startswith("#"):
        return line
    whole = f"{match.group(1)}_{match.group(2)}"
    return line[: match.start(1)] + whole + line[match.end() :] if whole in _KNOWN else line


def _with_comma(line: str) -> str:
    """Part a tag from its value where the comma was read as a point."""
    match = re.match(r"\s*(\*[a-z_]+)\.(\w)", line)
    if match is None or match.group(1) not in _KNOWN:
        return line
    return f"{line[: match.end(1)]},{line[match.start(2) :]}"


def _as_comment(line: str) -> str:
    """Give back its mark to a comment that looks like a statement: ``*obs = obstructions``."""
    match = re.match(r"\s*\*\w+\s+=\s", line)
    return line if match is None else f"# {line}"


_STEPS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("a wrapper of the typesetter", _without_wrapper),
    ("an escaped character", _without_escapes),
    ("a tag in two words", _joined_tag),
    ("a point for a comma", _with_comma),
    ("a comment without its mark", _as_comment),
)


def _pieces(line: str) -> Iterator[str]:
    """Part statements of which the second stands behind the first one's comment."""
    body, mark, comment = line.partition("#")
    if not mark or not body.strip():
        # A comment may speak of tags: only behind data is one a lost statement.
        yield line
        return
    match = _TAG_IN_COMMENT.search(comment)
    if match is None or match.group(1) not in _KNOWN:
        yield line
        return
    place = len(body) + 1 + match.start(1)
    yield line[:place]
    yield from _pieces(line[place:])


def mend_statement(
    statement: Statement, zone: ZoneParts | None, parts: ModelParts, repairs: list[Repair]
) -> Statement:
    """Mend what needs to know the statement: names, values and lists.

    Parameters
    ----------
    statement : Statement
    zone : dict, optional
        What is known of the zone that it stands in.
    parts : dict
        What is known of the model.
    repairs : list of Repair
        Grows by what was mended.
    """
    tag = statement.tag.text
    for needed, mend in (
        (tag in _WITH_NAMES, _names_joined),
        (tag == "*surface" and zone is not None, _named_surface),
        (tag == "*shape", _known_shape),
        (tag == "*list" and zone is not None, _closed_list),
    ):
        if not needed:
            continue
        found = mend(statement, zone or {})
        if found is not None:
            what, body = found
            repairs.append(Repair(statement.line, what, statement.text, body))
            number, first = statement.rows[0]
            rows = ((number, first[: statement.start] + body),)
            statement = replace(statement, rows=rows)
    return statement


Mended = tuple[str, str] | None


def _names_joined(statement: Statement, _zone: ZoneParts) -> Mended:
    """Join names that the scan parted: names have no spaces, their underscores were lost."""
    if len(statement.rows) > 1 or len(statement.tokens(named=True)) == len(statement.tokens()):
        return None
    pieces = [piece.strip() for piece in statement.text.split(",")]
    joined = [re.sub(r"\s+", "_", piece) for piece in pieces]
    return None if joined == pieces else ("a name in two words", ",".join(joined))


def _named_surface(statement: Statement, zone: ZoneParts) -> Mended:
    """Name a surface whose row begins with its construction."""
    pieces = [piece.strip() for piece in statement.text.split(",")]
    if zone["dialect"] != "1.1" or len(pieces) != 4:
        return None
    name = f"surface_{len(zone.get('surfaces', ())) + 1}"
    return "a surface without a name", ",".join([name, *pieces])


def _known_shape(statement: Statement, _zone: ZoneParts) -> Mended:
    word = statement.text
    if word in SHAPES:
        return None
    close = difflib.get_close_matches(word, SHAPES, n=2, cutoff=0.6)
    return ("a shape misread", close[0]) if len(close) == 1 else None


def _closed_list(statement: Statement, zone: ZoneParts) -> Mended:
    """Close the list of a wall with a hole whose last vertices are lost.

    Such a list goes round the wall, back to its first vertex, to a corner of the hole, round
    the hole and ends at that corner again: what follows the last corner that is new is known.
    """
    tokens = statement.tokens()
    try:
        count, *vertices = [int(token.text) for token in tokens]
    except ValueError:
        return None
    closing = _closing(vertices, count - len(vertices), len(zone.get("cords", ())))
    if closing is None:
        return None
    return "the end of a list is lost", ",".join(map(str, [count, *vertices, *closing]))


def _closing(vertices: list[int], lost: int, known: int) -> list[int] | None:
    """Give the `lost` vertices that end the walk round a hole of four corners."""
    if vertices[0] not in vertices[3:]:
        return None
    # Back at the first vertex, for the last time, the walk leaves for the hole.
    leave = len(vertices) - vertices[::-1].index(vertices[0])
    hole = vertices[leave:]
    if len(hole) < 2 or lost < 1:
        return None
    corner = hole[0]
    for walk in ((0, 3, 2, 1, 0), (0, 1, 2, 3, 0)):
        whole = [corner + step for step in walk]
        if whole[: len(hole)] == hole and len(whole) == len(hole) + lost and max(whole) <= known:
            return whole[len(hole) :]
    return None
