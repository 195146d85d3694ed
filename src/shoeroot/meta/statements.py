"""Statements: a tag, its data, and the lines that run on from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shoeroot.errors import MetaError, nearest
from shoeroot.meta.source import Token, split_tokens, without_comment

__all__ = ["NumberedLine", "Statement", "Values", "statements_of"]

_TAG = re.compile(r"\s*(\*[^ ,\t|]+)[ ,\t|]*")
#: Two numbers or more.
_NUMBERS = re.compile(r"[-+.\d]+(?:[eE][-+]?\d+)?(?:[ |]+[-+.\d]+(?:[eE][-+]?\d+)?)+")
_LITERAL, _LITERAL_END = "*start_literal", "*end_literal"

#: Of lengths [m], angles [deg] and shares: also coordinates of a national grid are below.
_LARGEST = 1e8
#: A line's number, from 1, and its text.
NumberedLine = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A tag and its data.

    Attributes
    ----------
    file : str
        For messages.
    tag : Token
        With its star.
    start : int
        Where on the tag's line the data begin, from 0.
    rows : tuple of NumberedLine
        The tag's line and those that run on, without comments; those of an embedded file as
        they are.
    last : int
        Number of the last line that belongs to it.
    """

    file: str
    tag: Token
    start: int
    rows: tuple[NumberedLine, ...]
    last: int

    @property
    def line(self) -> int:
        """Number of the tag's line, from 1."""
        return self.tag.line

    @property
    def text(self) -> str:
        """The rest of the tag's line."""
        return self.rows[0][1][self.start :].strip()

    def tokens(self, *, named: bool = False) -> list[Token]:
        """Split all data into tokens, also those of the lines that run on."""
        first, *others = self.rows
        tokens = split_tokens(first[1], first[0], self.start, named=named)
        for number, body in others:
            tokens += split_tokens(body, number, named=named)
        return tokens

    def values(self, *, named: bool = False) -> Values:
        """Give the data to be taken one after another."""
        return Values(self, self.tokens(named=named))

    def fields(self, count: int) -> Values:
        """Give exactly `count` data, whose names may hold spaces where commas part them."""
        named = self.tokens(named=True)
        tokens = named if len(named) == count else self.tokens()
        if len(tokens) != count:
            raise self.error(f"{self.tag.text} has {len(tokens)} values instead of {count}")
        return Values(self, tokens)

    def error(self, problem: str, token: Token | None = None, hint: str = "") -> MetaError:
        """Make an error that names file, line and token."""
        place = token or self.tag
        return MetaError(
            problem,
            where=f"{self.file}, line {place.line}, column {place.column}: {place.text}",
            hint=hint or "correct the line; text from a scan is read with tolerant=True",
        )


class Values:
    """The data of one statement, taken one after another and checked on the way."""

    def __init__(self, statement: Statement, tokens: Sequence[Token]) -> None:
        self.statement = statement
        self._tokens = list(tokens)
        self._next = 0

    def __len__(self) -> int:
        return len(self._tokens) - self._next

    def with_numbers_parted(self) -> Values:
        """Part numbers that spaces part, where names may hold spaces."""
        tokens: list[Token] = []
        for token in self._tokens:
            if _NUMBERS.fullmatch(token.text):
                tokens += split_tokens(token.text, token.line)
            else:
                tokens.append(token)
        return Values(self.statement, tokens)

    def token(self, what: str) -> Token:
        """Take the next one.

        Raises
        ------
        MetaError
            There is none.
        """
        if not len(self):
            raise self.statement.error(f"{self.statement.tag.text} has no {what}")
        self._next += 1
        return self._tokens[self._next - 1]

    def word(self, what: str) -> str:
        """Take a word."""
        return self.token(what).text

    def number(self, what: str) -> float:
        """Take a finite number."""
        token = self.token(what)
        try:
            value = float(token.text)
        except ValueError:
            value = float("nan")
        # Python reads more than numbers of this format: "nan", "1_000".
        if not abs(value) < float("inf") or "_" in token.text:
            raise self.statement.error(f"the {what} is no number: {token.text!r}", token)
        return value

    def measure(self, what: str) -> float:
        """Take a length, an angle or a share: no number beyond all buildings."""
        value = self.number(what)
        if abs(value) > _LARGEST:
            token = self._tokens[self._next - 1]
            raise self.statement.error(f"the {what} is beyond all buildings: {token.text}", token)
        return value

    def integer(self, what: str, low: int | None = None, high: int | None = None) -> int:
        """Take a whole number, within bounds where they are given."""
        before = self._next
        value = self.number(what)
        token = self._tokens[before]
        if value != int(value):
            raise self.statement.error(f"the {what} is no whole number: {token.text!r}", token)
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"{low} to {high}" if high is not None else f"{low} or more"
            raise self.statement.error(f"the {what} is {token.text}; it is {bounds}", token)
        return int(value)

    def measures(self, what: str, count: int) -> tuple[float, ...]:
        """Take several lengths, angles or shares."""
        self._enough(what, count)
        return tuple(self.measure(what) for _ in range(count))

    def numbers(self, what: str, count: int) -> tuple[float, ...]:
        """Take several numbers."""
        self._enough(what, count)
        return tuple(self.number(what) for _ in range(count))

    def _enough(self, what: str, count: int) -> None:
        if len(self) < count:
            raise self.statement.error(
                f"{self.statement.tag.text} has {len(self)} of {count} values: {what}"
            )

    def all_numbers(self, what: str) -> tuple[float, ...]:
        """Take what is left."""
        return tuple(self.number(what) for _ in range(len(self)))

    def choice(self, what: str, known: Iterable[str], *, any_case: bool = False) -> str:
        """Take one of some words; those in small letters also in capitals with `any_case`."""
        token = self.token(what)
        names = list(known)
        text = token.text.lower() if any_case else token.text
        if text not in names:
            raise self.statement.error(
                f"the {what} {token.text!r} is not known", token, nearest(token.text, names)
            )
        return text

    def next_is(self, *known: str) -> bool:
        """Tell whether one of some words comes next."""
        return self._next < len(self._tokens) and self._tokens[self._next].text in known

    def rest(self) -> str:
        """Take what is left of the tag's line as it is, with its commas and spaces."""
        if not len(self):
            return ""
        column = self._tokens[self._next].column
        self._next = len(self._tokens)
        return self.statement.rows[0][1][column - 1 :].strip()

    def end(self) -> None:
        """Make sure that nothing is left."""
        if len(self):
            token = self._tokens[self._next]
            raise self.statement.error(
                f"{self.statement.tag.text} has {len(self)} values too many", token
            )


def statements_of(file: str, lines: Iterable[NumberedLine]) -> Iterator[Statement]:
    """Put lines together to statements: a line without a tag runs on from the one before.

    Raises
    ------
    MetaError
        Data stand before the first tag, or an embedded file does not end.
    """
    rows: list[NumberedLine] = []
    within_literal = False
    for number, text in lines:
        body = text.rstrip("\r\n") if within_literal else without_comment(text)
        if within_literal:
            rows.append((number, body))
            within_literal = body.strip() != _LITERAL_END
            continue
        if not body.strip():
            continue
        match = _TAG.match(body)
        if match is None:
            if not rows:
                raise MetaError(
                    "data stand before the first tag",
                    where=f"{file}, line {number}: {body.strip()[:40]}",
                    hint="a META file begins with *silent_input, *meta_file or *meta_file_v3",
                )
            rows.append((number, body))
            continue
        if rows:
            yield _statement(file, rows)
        rows = [(number, body)]
        within_literal = match.group(1) == _LITERAL
    if within_literal:
        raise MetaError(
            f"{_LITERAL} has no {_LITERAL_END}",
            where=f"{file}, line {rows[0][0]}",
            hint="end the embedded file",
        )
    if rows:
        yield _statement(file, rows)


def _statement(file: str, rows: list[NumberedLine]) -> Statement:
    number, body = rows[0]
    match = _TAG.match(body)
    assert match is not None  # noqa: S101 - the caller begins rows with a tag
    tag = Token(match.group(1), number, match.start(1) + 1)
    return Statement(file, tag, match.end(), tuple(rows), rows[-1][0])
