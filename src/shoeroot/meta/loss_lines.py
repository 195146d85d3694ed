"""Lines of the source for losses that know only their tag or their construction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel

__all__ = ["with_lines"]

_TAG = re.compile(r"\s*(\*[^ ,\t|]+)")
_NAMED_TAG = re.compile(r"(?:^|, )(\*\w+)")
_CONSTRUCTION = re.compile(r"construction ([^,]+).*")


def with_lines(losses: Iterable[Loss], model: MetaModel) -> list[Loss]:
    """Give losses the line of their tag, or of the first surface of their construction."""
    if model.source is None:
        return list(losses)
    tags = [
        (number, match[1])
        for number, line in enumerate(model.source.lines, start=1)
        if (match := _TAG.match(line))
    ]
    return [replace(loss, line=_line_of(loss, model, tags)) for loss in losses]


def _line_of(loss: Loss, model: MetaModel, tags: list[tuple[int, str]]) -> int:
    named = _NAMED_TAG.search(loss.what)
    if named is not None:
        # A tag of a zone stands below the zone's own line, which the loss has.
        below = (number for number, tag in tags if tag == named[1] and number >= loss.line)
        return next(below, loss.line)
    if loss.line:
        return loss.line
    construction = _CONSTRUCTION.fullmatch(loss.what)
    if construction is None:
        return 0
    surfaces = (surface for zone in model.zones for surface in zone.surfaces)
    return next((one.line for one in surfaces if one.construction == construction[1]), 0)
