"""Read what the engine says of a run: the messages of `eplusout.err`, the verdict of `.end`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Message", "parse_end", "parse_messages"]

# "   ** Warning ** text"; in the summary of recurring errors the same after stars.
_LINE = re.compile(
    r"\s*(?P<recurring>\*{13})?\s*\*\*\s*(?P<kind>Warning|Severe|Fatal|~~~)\s*\*\* ?(?P<text>.*)"
)
_MISSING_OUTPUT = re.compile(r"\s*\*{13} (Key=.*, VarName=.*)")
_TOTAL = re.compile(r"\s*This error occurred (\d+) total times")
_COUNT_DETAIL = re.compile(r"\s*during (?:Warmup|Sizing) \d+ times")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the engine.

    Attributes
    ----------
    severity : str
        ``"warning"``, ``"severe"`` or ``"fatal"``.
    text : str
        The message with its continuation lines, joined by newlines.
    count : int
        How often it was given.
    """

    severity: str
    text: str
    count: int = 1


@dataclass(slots=True)
class _Draft:
    """A message whose continuation lines are still being read."""

    severity: str
    lines: list[str]
    recurring: bool
    count: int = 1

    def add(self, text: str) -> None:
        """Take a continuation line: of the text, or of its count."""
        total = _TOTAL.match(text)
        if total:
            self.count = int(total[1])
        elif not _COUNT_DETAIL.match(text):
            self.lines.append(text.strip())


def parse_messages(text: str) -> tuple[Message, ...]:
    """Read the messages of an `eplusout.err` file.

    Parameters
    ----------
    text : str
        The whole file; it may be cut anywhere.

    Returns
    -------
    tuple of Message
        In the order of the file. Messages with the same severity and text are one with
        a count; a message of the summary of recurring errors has the count that the
        summary says, which includes those given before.
    """
    counts: dict[tuple[str, str], int] = {}
    for draft in _drafts(text):
        key = (draft.severity, "\n".join(line for line in draft.lines if line))
        before = counts.get(key, 0)
        counts[key] = max(before, draft.count) if draft.recurring else before + draft.count
    return tuple(Message(severity, said, count) for (severity, said), count in counts.items())


def _drafts(text: str) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            # Which outputs were asked for in vain is said in lines without severity.
            missing = _MISSING_OUTPUT.match(line)
            if draft and missing:
                draft.lines.append(missing[1])
            continue
        if match["kind"] == "~~~":
            if draft:
                draft.add(match["text"])
            continue
        if draft:
            yield draft
        severity = match["kind"].lower()
        draft = _Draft(severity, [match["text"].strip()], bool(match["recurring"]))
    if draft:
        yield draft


def parse_end(text: str) -> bool:
    """Tell from the text of `eplusout.end` whether the engine completed successfully.

    A missing file counts as an empty text: not completed.
    """
    return "EnergyPlus Completed Successfully" in text
