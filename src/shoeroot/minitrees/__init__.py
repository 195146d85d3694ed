"""TreeMakers and mini-trees: events reduced to flat tables that load into pandas."""

from shoeroot.minitrees import cuts
from shoeroot.minitrees.catalogue import datasets
from shoeroot.minitrees.checking import check_treemaker
from shoeroot.minitrees.chunk import EventChunk
from shoeroot.minitrees.cutflow import CutFlow, CutStep
from shoeroot.minitrees.cuts import Cut, read_cuts
from shoeroot.minitrees.example import example_dataset, example_record
from shoeroot.minitrees.expressions import Expression
from shoeroot.minitrees.extend import extend, function_over_events
from shoeroot.minitrees.finding import Why, why
from shoeroot.minitrees.incremental import IncrementalMaker
from shoeroot.minitrees.lineage import Lineage
from shoeroot.minitrees.load import check, load, load_single_dataset, load_single_minitree
from shoeroot.minitrees.make_many import MadeMiniTree, make_minitrees, watch_minitrees
from shoeroot.minitrees.making import MiniTree, minitree_frame
from shoeroot.minitrees.new import NewTreeMaker, new_treemaker
from shoeroot.minitrees.pages import treemaker_index, treemaker_page
from shoeroot.minitrees.parallel import compute
from shoeroot.minitrees.places import minitree_folders
from shoeroot.minitrees.record_columns import record_columns
from shoeroot.minitrees.reduce import sum_by_event, sum_series_by_event
from shoeroot.minitrees.registry import (
    TreeMakerWarning,
    add_treemaker_folder,
    as_treemaker,
    find_treemaker,
    treemaker_names,
)
from shoeroot.minitrees.rows import ManyRows
from shoeroot.minitrees.tables import concat, cut_flow
from shoeroot.minitrees.treemaker import ColumnInfo, MultipleRowExtractor, TreeMaker
from shoeroot.minitrees.view import EventView, ListView
from shoeroot.minitrees.write_data import check_kind, read_data, write_data

__all__ = [
    "ColumnInfo",
    "Cut",
    "CutFlow",
    "CutStep",
    "EventChunk",
    "EventView",
    "Expression",
    "IncrementalMaker",
    "Lineage",
    "ListView",
    "MadeMiniTree",
    "ManyRows",
    "MiniTree",
    "MultipleRowExtractor",
    "NewTreeMaker",
    "TreeMaker",
    "TreeMakerWarning",
    "Why",
    "add_treemaker_folder",
    "as_treemaker",
    "check",
    "check_kind",
    "check_treemaker",
    "compute",
    "concat",
    "cut_flow",
    "cuts",
    "datasets",
    "example_dataset",
    "example_record",
    "extend",
    "find_treemaker",
    "function_over_events",
    "load",
    "load_single_dataset",
    "load_single_minitree",
    "make_minitrees",
    "minitree_folders",
    "minitree_frame",
    "new_treemaker",
    "read_cuts",
    "read_data",
    "record_columns",
    "sum_by_event",
    "sum_series_by_event",
    "treemaker_index",
    "treemaker_names",
    "treemaker_page",
    "watch_minitrees",
    "why",
    "write_data",
]
