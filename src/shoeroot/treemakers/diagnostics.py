"""Diagnostics: what a run cost, and what the engine said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak
import numpy as np

from shoeroot.minitrees import TreeMaker

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Diagnostics"]

#: From the mildest.
SEVERITIES = ("warning", "severe", "fatal")


class Diagnostics(TreeMaker):
    """Processor time, exit code, and messages: how many, how bad, and the first of the worst.

    A failed simulation has all of them; its time is 0 where the engine did not run.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        "cpu_seconds": ("s", "Processor time of the run"),
        "return_code": ("", "Exit code of the engine"),
        "engine": ("", "Build of the engine"),
        "template": ("", "Name of the building template"),
        "weather": ("", "Name of the weather file"),
        "model_hash": ("", "Hash of the model that was run"),
        "messages": ("", "Messages of the engine, repeated ones as often as they came"),
        "message_kinds": ("", "Messages of the engine, repeated ones once"),
        "worst_severity": ("", "warning, severe or fatal; empty where there is no message"),
        "worst_message": ("", "The first message of that severity"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Count messages and find the worst."""
        messages = events.messages
        counts = messages["count"]
        rank = sum(
            (level * (messages.severity == name) for level, name in enumerate(SEVERITIES, 1)),
            start=counts * 0,
        )
        worst = ak.argmax(rank, axis=1, keepdims=True)
        place = ak.fill_none(ak.max(rank, axis=1), 0)
        return {
            **{
                name: _texts(events[name])
                for name in ("engine", "template", "weather", "model_hash")
            },
            "cpu_seconds": events.cpu_seconds,
            "return_code": events.return_code,
            "messages": np.asarray(ak.sum(counts, axis=1)),
            "message_kinds": np.asarray(ak.num(counts, axis=1)),
            "worst_severity": np.array(["", *SEVERITIES])[np.asarray(place)],
            "worst_message": _texts(ak.fill_none(ak.firsts(messages.text[worst]), "")),
        }


def _texts(column: Any) -> Any:
    return np.asarray(ak.to_list(column), dtype=np.str_)
