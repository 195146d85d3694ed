"""Write a model: the same bytes where nothing changed, the file's own lines where they still hold.

A model that was read keeps its text. To write one that was changed, the statements of the model
as it was and as it is are compared; lines whose statement is still there stay as they are, with
their comments, order and separators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shoeroot.errors import MetaError
from shoeroot.meta.model import MetaModel
from shoeroot.meta.parse import read_text
from shoeroot.meta.render import Piece, pieces_of
from shoeroot.meta.source import SourceText
from shoeroot.meta.statements import statements_of

__all__ = ["to_text", "write"]

#: Tags that say the same, and those of blocks, whose order must stay.
_SAME = {"*menu": "*title", "*nbsurfs": "*nbwalls", "*obs3": "*obs", "*obsp": "*obs"}
#: An old tag that says what two later ones say.
_TWO_IN_ONE = "*site"
_IN_ONE = (("", "*site_loc", 0), ("", "*site_exp", 0))
#: Zone, tag, and how many of that tag came before in the zone.
Key = tuple[str, str, int]


def write(model: MetaModel, path: str | Path) -> None:
    """Write a META file; under a temporary name first, then renamed.

    Raises
    ------
    MetaError
        The file cannot be written, or holds a character that the format cannot.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(to_text(model).encode("latin-1"))
        temporary.replace(path)
    except UnicodeEncodeError as problem:
        raise MetaError(
            f"the format has no character {problem.object[problem.start]!r}",
            where=str(path),
            hint="names, titles and paths are in Latin-1",
        ) from problem
    except OSError as problem:
        raise MetaError(
            f"the file cannot be written: {problem.strerror or problem}", where=str(path)
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)


def to_text(model: MetaModel) -> str:
    """Give the text of a META file.

    For a model that was read and not changed since, the text that it was read from.
    """
    new = pieces_of(model)
    source = model.source
    # A mended text would be read in the same way no more: it is written anew.
    if source is None or model.repairs:
        return _joined(new, "\n")
    before = read_text(source.text, name=source.name)
    if before == model:
        return source.text
    if (before.location, before.exposure) != (model.location, model.exposure):
        # The old tag for both cannot be changed by halves.
        lines = [line for line in source.lines if not line.lstrip().startswith(f"{_TWO_IN_ONE},")]
        source = replace(source, text="".join(lines))
    return _merged(source, pieces_of(before), new)


def _joined(pieces: list[Piece], end: str) -> str:
    return "".join(f"{line}{end}" for piece in pieces for line in piece.lines)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some text of the file to be written, and the statement in it, if there is one."""

    key: Key | None
    text: str


def _merged(source: SourceText, old: list[Piece], new: list[Piece]) -> str:
    """Keep the lines of statements that stay, and write the others."""
    lines = source.lines
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    was, wanted = dict(_keyed(old)), dict(_keyed(new))
    stretches: list[_Stretch] = []
    place, zone = 0, ""
    counted: Counter[tuple[str, str]] = Counter()
    for statement in statements_of(source.name, enumerate(lines, start=1)):
        tag = statement.tag.text
        zone = statement.text if tag == "*start_zone" else zone
        key = _key(counted, zone, tag)
        if tag == "*end_zone":
            zone = ""
        # Comments and blank lines above a statement stay whatever becomes of it.
        stretches.append(_Stretch(None, "".join(lines[place : statement.line - 1])))
        own = "".join(lines[statement.line - 1 : statement.last])
        place = statement.last
        if key not in was or was[key] == wanted.get(key) or tag == _TWO_IN_ONE:
            stretches.append(_Stretch(key, own))
        elif key in wanted:
            stretches.append(_Stretch(key, _joined([wanted[key]], end)))
    stretches.append(_Stretch(None, "".join(lines[place:])))
    return "".join(stretch.text for stretch in _with_new(stretches, wanted, end))


def _with_new(stretches: list[_Stretch], wanted: dict[Key, Piece], end: str) -> Iterator[_Stretch]:
    """Put statements that the file does not have behind those that they follow."""
    there = {stretch.key for stretch in stretches}
    two_in_one = ("", _TWO_IN_ONE, 0) in there
    following: dict[Key | None, list[_Stretch]] = {}
    last: Key | None = None
    for key, piece in wanted.items():
        if key in there:
            last = key
        elif not (two_in_one and key in _IN_ONE):
            following.setdefault(last, []).append(_Stretch(key, _joined([piece], end)))
    first, *others = stretches
    # What follows nothing, such as another header, stands below the comments at the top.
    yield from (first, *following.pop(None, ()))
    for stretch in others:
        yield stretch
        if stretch.key is not None:
            yield from following.pop(stretch.key, ())


def _keyed(pieces: list[Piece]) -> Iterator[tuple[Key, Piece]]:
    counted: Counter[tuple[str, str]] = Counter()
    zone = ""
    for piece in pieces:
        if piece.tag == "*start_zone":
            zone = piece.lines[0].partition(",")[2]
        yield _key(counted, zone, piece.tag), piece
        if piece.tag == "*end_zone":
            zone = ""


def _key(counted: Counter[tuple[str, str]], zone: str, tag: str) -> Key:
    """Tell a statement by its zone, its tag, and how many of them came before."""
    counted[zone, _SAME.get(tag, tag)] += 1
    return zone, _SAME.get(tag, tag), counted[zone, _SAME.get(tag, tag)] - 1
