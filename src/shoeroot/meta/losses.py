"""What a conversion could not carry over, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Loss", "LossReport"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is not in the result as it is in the source.

    Attributes
    ----------
    what : str
        The object: a zone and a surface, a tag, a construction.
    problem : str
        What of it is lost or changed, and what stands instead.
    line : int
        Of the source; 0 where it has none.
    """

    what: str
    problem: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line else ""
        return f"{place}{self.what}: {self.problem}"


@dataclass(frozen=True, slots=True)
class LossReport:
    """All losses of a conversion, in the order of the source's lines."""

    losses: tuple[Loss, ...] = ()

    @classmethod
    def of(cls, losses: list[Loss]) -> LossReport:
        """Sort losses by line, and keep equal ones once."""
        return cls(tuple(sorted(dict.fromkeys(losses), key=lambda loss: loss.line)))

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.losses)

    def __len__(self) -> int:
        return len(self.losses)

    def __str__(self) -> str:
        if not self.losses:
            return "nothing is lost"
        head = f"{len(self.losses)} losses" if len(self.losses) > 1 else "1 loss"
        return "\n".join([f"{head}:", *(f"  {loss}" for loss in self.losses)])

    __repr__ = __str__
