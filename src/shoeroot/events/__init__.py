"""Events on disk: nested records in ROOT files that plain ROOT reads without dictionaries.

`EventWriter` writes records of any record type, `open_events` reads them back.
"""

from __future__ import annotations

from shoeroot.events.content import FileStamp, batch_digests, content_id, file_stamps
from shoeroot.events.cpp import include_folder
from shoeroot.events.describe import Described, FieldSize, PartFacts, describe, event_as_dict
from shoeroot.events.flat_tree import FlatFile, write_flat
from shoeroot.events.header import WHAT_TO_GIVE
from shoeroot.events.interchange import export_events, import_events
from shoeroot.events.layout import Branch, Layout, Tree
from shoeroot.events.merge import Merged, merge
from shoeroot.events.parts import find_parts
from shoeroot.events.reader import Events, open_events
from shoeroot.events.recover import recover
from shoeroot.events.remove import remove_events
from shoeroot.events.rows import Rows, summarize_rows
from shoeroot.events.salvage import Salvaged, salvage
from shoeroot.events.truncate import round_series
from shoeroot.events.verify import PartCheck, Problem, Verification, verify
from shoeroot.events.views import RecordView, UnknownFieldError
from shoeroot.events.writer import EventWriter

__all__ = [
    "WHAT_TO_GIVE",
    "Branch",
    "Described",
    "EventWriter",
    "Events",
    "FieldSize",
    "FileStamp",
    "FlatFile",
    "Layout",
    "Merged",
    "PartCheck",
    "PartFacts",
    "Problem",
    "RecordView",
    "Rows",
    "Salvaged",
    "Tree",
    "UnknownFieldError",
    "Verification",
    "batch_digests",
    "content_id",
    "describe",
    "event_as_dict",
    "export_events",
    "file_stamps",
    "find_parts",
    "import_events",
    "include_folder",
    "merge",
    "open_events",
    "recover",
    "remove_events",
    "round_series",
    "salvage",
    "summarize_rows",
    "verify",
    "write_flat",
]
