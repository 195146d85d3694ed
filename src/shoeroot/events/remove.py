"""`remove_events`: a part without some of its events, in place of the part, in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import ArrayLike

from shoeroot.errors import EventFileError
from shoeroot.events.backends import file_facts, make_part
from shoeroot.events.event_ids import event_ids
from shoeroot.events.layout import Layout
from shoeroot.events.metadata import RESERVED, describe_file, provenance_types
from shoeroot.events.reader import Events, open_events
from shoeroot.records import class_from_type

__all__ = ["remove_events"]


def remove_events(path: str | Path, ids: ArrayLike) -> int:
    """Remove events from a complete file, for instance to run their simulations again.

    The file is written anew without them and takes its own place in one step; a file of which
    nothing would be left is removed.

    Parameters
    ----------
    path : path
        One file of events.
    ids : (n,) int
        Their `event_id`; those that are not in the file do not matter.

    Returns
    -------
    int
        How many were removed; with 0 the file has not been touched.

    Raises
    ------
    EventFileError
        The file cannot be read, or the new one cannot be written; the old one is as it was.
    """
    target = Path(path)
    facts = file_facts(target)
    try:
        with open_events([target], record_class=class_from_type(facts.record_type)) as events:
            keep = ~np.isin(np.asarray(events["event_id"]), np.asarray(ids))
            removed = int(np.count_nonzero(~keep))
            if removed == 0:
                return 0
            if removed < len(events):
                _replace(target, facts, events, events.select(keep))
                return removed
        target.unlink()
    except OSError as problem:
        raise EventFileError(
            f"events cannot be removed: {problem.strerror or problem}",
            where=str(target),
            hint="the file is as it was",
        ) from problem
    return removed


def _replace(target: Path, facts: Any, events: Events, kept: Events) -> None:
    texts = {key: text for key, text in events.metadata.items() if key not in RESERVED}
    batch = max(len(chunk) for chunk in events.chunks())
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        part = make_part(
            facts.backend,
            Path(folder) / target.name,
            Layout.of(facts.record_type),
            describe_file(facts.record_type, texts),
            batch,
            len(kept) // batch + 2,
            facts.compression,
        )
        try:
            for chunk in kept.chunks(batch):
                stripes = chunk.stripes()
                ids = event_ids(facts.record_type, stripes, part.count, len(chunk))
                part.extend(stripes, ids)
            part.finish(_provenance(facts.provenance, len(kept)))
        except BaseException:
            part.abandon()
            raise
        os.replace(part.path, target)  # noqa: PTH105 (what matters is in the name)


def _provenance(rows: dict[str, list[Any]], left: int) -> dict[str, Any] | None:
    """Give the rows of the writers with counts that add up to the events that are left."""
    if not rows:
        return None
    # Whose events were removed is not known where several wrote: counts are cut from the end.
    before = np.concatenate([[0], np.cumsum(rows["count"])[:-1]])
    counts = np.clip(left - before, 0, rows["count"]).astype(np.int64)
    texts = {name: rows.get(name, [""] * len(counts)) for name in provenance_types()}
    return {**{n: ak.Array(v) for n, v in texts.items() if n != "count"}, "count": counts}
