"""Lines of ESP-r's text databases: without comments, with their numbers, taken one by one."""

from __future__ import annotations

from pathlib import Path

from shoeroot.errors import MetaError

__all__ = ["DatabaseLines", "read_database_text"]

_LARGEST_BYTES = 64 * 2**20


def read_database_text(path: Path) -> str:
    """Read a database.

    Raises
    ------
    MetaError
        It cannot be read, is not text, or far too large.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise MetaError("a database of more than 64 MB", where=str(path))
        content = path.read_bytes()
    except OSError as problem:
        raise MetaError(
            f"the database cannot be read: {problem.strerror or problem}", where=str(path)
        ) from problem
    if b"\0" in content:
        raise MetaError(
            "the database is binary",
            where=str(path),
            hint="let ESP-r write it as text (ASCII) and give that",
        )
    return content.decode("latin-1")


class DatabaseLines:
    """The lines of a database that are no comments, one after another."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        bodies = ((number, line.partition("#")[0].rstrip()) for number, line in _numbered(text))
        self._lines = [(number, body) for number, body in bodies if body.strip()]
        self._next = 0
        self.line = 0

    def __bool__(self) -> bool:
        return self._next < len(self._lines)

    def look(self) -> str:
        """Give the next line without taking it; empty at the end."""
        return self._lines[self._next][1] if self else ""

    def take(self, what: str) -> str:
        """Take a line.

        Raises
        ------
        MetaError
            There is none.
        """
        if not self:
            raise self.error(f"the file ends where {what} should be")
        self.line, body = self._lines[self._next]
        self._next += 1
        return body

    def numbers(self, what: str, least: int) -> list[float]:
        """Take a line of numbers, parted by commas or spaces; stops at the first word."""
        found: list[float] = []
        for word in self.take(what).replace(",", " ").split():
            try:
                found.append(float(word))
            except ValueError:
                break
        if len(found) < least or not all(abs(number) < float("inf") for number in found):
            raise self.error(f"{len(found)} numbers instead of {least}: {what}")
        return found

    def error(self, problem: str) -> MetaError:
        """Make an error that names file and line."""
        return MetaError(
            problem,
            where=f"{self.name}, line {self.line}" if self.line else self.name,
            hint="give a text database of ESP-r, as it writes it",
        )


def _numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), start=1))
