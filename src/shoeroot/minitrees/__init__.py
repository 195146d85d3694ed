"""TreeMakers and mini-trees: events reduced to flat tables that load into pandas."""

from shoeroot.minitrees.load import load
from shoeroot.minitrees.record_columns import record_columns
from shoeroot.minitrees.reduce import sum_by_event, sum_series_by_event
from shoeroot.minitrees.registry import find_treemaker, treemaker_names
from shoeroot.minitrees.treemaker import ColumnInfo, TreeMaker
from shoeroot.minitrees.view import EventView

__all__ = [
    "ColumnInfo",
    "EventView",
    "TreeMaker",
    "find_treemaker",
    "load",
    "record_columns",
    "sum_by_event",
    "sum_series_by_event",
    "treemaker_names",
]
