"""Why simulations failed: what to group them by, and the message that says it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable

from shoeroot.campaign.journal import Ended
from shoeroot.records import Message, Simulation

__all__ = ["cause_of", "ended_of", "was_killed"]

#: Signals that come from a user or from a system that is out of memory, not from the engine.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_LONGEST = 300
#: Names of objects and files, between quotes or behind an equals sign; numbers on their own.
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]")
_NAMED = re.compile(r"(?<=[=:])[^\s,;:=()]*[A-Za-z][^,;:=()]*(?=[,;()]|$)")
_NUMBER = re.compile(r"(?<![\w.])[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?(?![\w.]*\w)")
_RETURN_CODE = re.compile(r"return code (-?\d+)")
#: What the engine says last, whatever the reason was.
_LAST_WORDS = ("program terminates", "energyplus terminated", "errors occurred on")


def was_killed(event: Simulation) -> bool:
    """Say whether somebody killed the worker of a simulation: that is not its model's fault."""
    return event.status == "crash" and -event.return_code in _FROM_OUTSIDE


def cause_of(status: str, messages: Iterable[Message]) -> tuple[str, str]:
    """Return what to group a failure by, and the message that says why.

    The message is the first severe one, or the first fatal one. The cause is its first line
    without the names and numbers that differ from one simulation to the next.
    """
    told = list(messages)
    severe = [one.text for one in told if one.severity == "severe"]
    fatal = [one.text for one in told if one.severity == "fatal"]
    message = next((text for text in (*severe, *fatal) if not _is_last_word(text)), "")
    message = message or next(iter((*severe, *fatal)), "no message")
    first = next((line.strip() for line in message.splitlines() if line.strip()), "no message")
    return _normalised(first), message


def ended_of(event: Simulation, wall_seconds: float | None = None) -> Ended:
    """Return what the journal keeps of an event."""
    cause, message = ("", "") if event.status == "ok" else cause_of(event.status, event.messages)
    return Ended(event.event_id, event.status, event.cpu_seconds, wall_seconds, cause, message)


def _is_last_word(text: str) -> bool:
    return any(word in text.lower() for word in _LAST_WORDS)


def _normalised(line: str) -> str:
    codes = _RETURN_CODE.findall(line)
    line = _QUOTED.sub("…", line)
    line = _NAMED.sub("…", line)
    line = _NUMBER.sub("#", line)
    for code in codes:
        line = line.replace("return code #", f"return code {code}", 1)
    line = re.sub(r"(…[\s,]*)+…", "…", re.sub(r"\s+", " ", line))
    return line[:_LONGEST]
