"""The text of a META file: lines, what of each is data, and tokens that know where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LONGEST_LINE", "SourceText", "Token", "split_tokens", "without_comment"]

#: What ESP-r reads of a line.
LONGEST_LINE = 248
_SEPARATED = re.compile(r"[^ ,\t|]+")
_NAMED = re.compile(r"[^,\t]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a file.

    Attributes
    ----------
    text : str
    line, column : int
        Where it begins, from 1.
    """

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text that a model was read from, to the last byte.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    text : str
        Decoded as Latin-1, in which every byte is a character: what is written is what was read.
    """

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines with their ends."""
        return re.findall(r"[^\n]*\n|[^\n]+", self.text)


def without_comment(line: str) -> str:
    """Return what stands before ``#``, without the line's end."""
    return line.partition("#")[0].rstrip("\r\n")


def split_tokens(body: str, line: int, start: int = 0, *, named: bool = False) -> list[Token]:
    """Split data into tokens.

    Parameters
    ----------
    body : str
        A line without its comment.
    line : int
        Its number, from 1.
    start : int
        Where in it the data begin, from 0.
    named : bool
        Split at commas and tabs only: names may hold spaces.
    """
    pattern = _NAMED if named else _SEPARATED
    tokens = []
    for match in pattern.finditer(body, start):
        text = match.group()
        stripped = text.strip()
        if stripped:
            lead = len(text) - len(text.lstrip())
            tokens.append(Token(stripped, line, match.start() + lead + 1))
    return tokens
