"""What ends a campaign before all is simulated: a number, a time, too many failures."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from shoeroot.errors import ConfigError

__all__ = ["Limits", "Stops", "parse_budget"]

#: A share of failures says nothing before so many simulations have ended.
FEWEST_TO_JUDGE = 20
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BUDGET = re.compile(r"(?:(\d+(?:\.\d+)?)\s*([smhd]))(?:\s*|(?=\d))")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one session; None for none.

    Attributes
    ----------
    simulations : int or None
        Most simulations to begin.
    seconds : float or None
        Longest time [s].
    failures : int or None
        Most simulations that may fail.
    failing_share : float or None
        Largest share of simulations that may fail, once 20 have ended.
    """

    simulations: int | None = None
    seconds: float | None = None
    failures: int | None = None
    failing_share: float | None = None

    @classmethod
    def of(
        cls,
        limit: int | None = None,
        budget: str | float | None = None,
        max_failures: str | int | None = None,
    ) -> Limits:
        """Read limits as users give them: 100, "30m", "5%" or "12".

        Raises
        ------
        ConfigError
            One cannot be understood.
        """
        if limit is not None and limit < 1:
            raise ConfigError(f"limit is {limit}", hint="give 1 or more simulations")
        seconds = None if budget is None else parse_budget(budget)
        if max_failures is None:
            return cls(limit, seconds)
        text = str(max_failures).strip()
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text)
        if match and match[2] and float(match[1]) <= 100:
            return cls(limit, seconds, failing_share=float(match[1]) / 100)
        if match and not match[2] and "." not in match[1]:
            return cls(limit, seconds, failures=int(match[1]))
        raise ConfigError(
            f"max_failures is {max_failures!r}", hint='give a number such as 12, or a share: "5%"'
        )


def parse_budget(budget: str | float) -> float:
    """Return a time in seconds: of "30m", "1h30m", "90s", "2d", or a number of seconds.

    Raises
    ------
    ConfigError
        It cannot be understood.
    """
    if isinstance(budget, int | float):
        seconds = float(budget)
    else:
        text = budget.strip().lower()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            raise ConfigError(f"a budget of {budget!r} what?", hint=f"give {text}m, {text}h, ...")
        if not text or not re.fullmatch(f"(?:{_BUDGET.pattern})+", text):
            raise ConfigError(f"{budget!r} is no time", hint="give 90s, 30m, 2h, 1h30m or 3d")
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _BUDGET.findall(text))
    if not seconds > 0:
        raise ConfigError(f"a budget of {budget!r} is no time", hint="give 30m, for instance")
    return seconds


class Stops:
    """Watches a session for a reason to stop it.

    Parameters
    ----------
    limits : Limits
    interrupted : threading.Event
        Set when the user stops the session.
    clock : callable, optional
        Seconds that never go back.
    """

    def __init__(
        self,
        limits: Limits,
        interrupted: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._interrupted = interrupted
        self._clock = clock
        self._begin = clock()
        self.begun = self.ended = self.failed = 0

    @property
    def may_begin(self) -> int | None:
        """How many more simulations may begin; None for any number."""
        limit = self._limits.simulations
        return None if limit is None else max(limit - self.begun, 0)

    def fits(self, seconds: float) -> bool:
        """Say whether what takes so long [s] would end before the time is up."""
        limit = self._limits.seconds
        return limit is None or self._clock() - self._begin + seconds <= limit

    def reason(self) -> str:
        """Say why to stop now what runs; empty to go on."""
        if self._interrupted.is_set():
            return "interrupted"
        return self._too_many_failures() or ("" if self.fits(0.0) else self.out_of_time())

    def out_of_time(self) -> str:
        """Say that the time is up."""
        return f"the budget of {self._limits.seconds:g} s is used up"

    def at_limit(self) -> str:
        """Say that no more simulations may begin."""
        return f"the limit of {self._limits.simulations} simulations is reached"

    def _too_many_failures(self) -> str:
        told = f"{self.failed} of {self.ended} simulations failed"
        most, share = self._limits.failures, self._limits.failing_share
        if most is not None and self.failed > most:
            return f"{told}, more than {most}; `shoeroot status --failures` says why"
        judged = self.ended >= FEWEST_TO_JUDGE
        if share is not None and judged and self.failed > share * self.ended:
            return f"{told}, more than {100 * share:g} %; `shoeroot status --failures` says why"
        return ""
