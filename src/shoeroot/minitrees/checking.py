"""`check_treemaker`: whether a TreeMaker keeps to what makes mini-trees trustworthy."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.errors import ShoerootError
from shoeroot.events import open_events
from shoeroot.minitrees.array_columns import holds_arrays, same_values
from shoeroot.minitrees.chunk import EventChunk, MinitreesOfChunk, event_ids
from shoeroot.minitrees.example import example_dataset
from shoeroot.minitrees.extraction import KEY, Columns, check_branches, extract_piece
from shoeroot.minitrees.lineage import dependencies_of
from shoeroot.minitrees.making import dependency_columns, minitree_frame
from shoeroot.minitrees.pieces import Pieces
from shoeroot.minitrees.registry import as_treemaker
from shoeroot.minitrees.store import check_names, readable
from shoeroot.minitrees.treemaker import TreeMaker
from shoeroot.records import Simulation, Site

__all__ = ["check_treemaker"]


def check_treemaker(
    treemaker: str | type[TreeMaker] | TreeMaker,
    dataset: str | Path | None = None,
    *,
    events: int = 10,
) -> Columns:
    """Check that a TreeMaker is documented, declared, and makes the same whatever it is given at.

    It needs a docstring, a version, and for each column a description and a unit: "" is for
    texts, flags and whole numbers, "1" for ratios. What it makes must not depend on how events
    are put into chunks, and be the same when it is made again.

    Parameters
    ----------
    treemaker : name, class or TreeMaker with options
        Which.
    dataset : path, optional
        Events to try it on; by default made-up simulations, some of which have failed,
        or made-up sites where it is for those.
    events : int
        How many events of the dataset.

    Returns
    -------
    dict of str to array
        What it made of the events, for checks of your own; ``event_id`` first.

    Raises
    ------
    AssertionError
        With everything that is not as it should be.
    TreeMakerError
        It does not run.
    """
    maker = as_treemaker(treemaker)
    problems = list(_documentation(maker))
    with tempfile.TemporaryDirectory() as folder:
        path = _example(maker, Path(folder) / "example", events) if dataset is None else dataset
        whole = _made(maker, path, events, events, Path(folder))
        problems += _declaration(maker, whole)
        for size in (1, 3):
            try:
                pieces = _made(maker, path, events, size, Path(folder))
            except ShoerootError as problem:
                problems.append(f"in chunks of {size} it fails: {problem}")
                continue
            problems += [
                f"column {name!r} is different when events come {size} at a time"
                for name in whole
                if not _same(whole[name], pieces.get(name))
            ]
        again = _made(maker, path, events, events, Path(folder))
        problems += [
            f"column {name!r} is different when it is made again"
            for name in whole
            if not _same(whole[name], again.get(name))
        ]
    if problems:
        raise AssertionError(f"TreeMaker {maker.name}:\n  " + "\n  ".join(dict.fromkeys(problems)))
    return whole


def _example(maker: TreeMaker, folder: Path, events: int) -> Path:
    record_class = Site if maker.events_of == Site.__name__ else Simulation
    return example_dataset(folder, events, record_class=record_class)


def _documentation(maker: TreeMaker) -> Iterator[str]:
    kind = type(maker)
    if not (kind.__doc__ or "").strip() or kind.__doc__ == TreeMaker.__doc__:
        yield "it has no docstring: the first sentence says what it makes"
    if "__version__" not in vars(kind) and kind.__version__ == TreeMaker.__version__:
        yield 'it has no version: __version__ = "1"'
    if not maker.columns_made():
        yield 'it declares no columns: columns = {"name": ("unit", "description")}'


def _declaration(maker: TreeMaker, made: Columns) -> Iterator[str]:
    for name, info in maker.columns_made().items():
        if not info.description.strip():
            yield f"column {name!r} has no description"
        if not info.unit and _has_fractions(made[name]):
            yield f'column {name!r} has no unit: "1" is for ratios'


def _has_fractions(values: np.ndarray) -> bool:
    if holds_arrays(values):
        return _has_fractions(np.concatenate(values))
    return values.dtype.kind == "f" and not bool(np.isnan(values).all())


def _made(maker: TreeMaker, dataset: str | Path, events: int, size: int, folder: Path) -> Columns:
    pieces = Pieces(maker, Path(dataset).name)
    with open_events(dataset) as opened:
        check_branches(maker, opened, pieces.dataset)
        chosen = opened[:events]
        ids = event_ids(chosen)
        made = {
            name: minitree_frame(dataset, one, folders=[folder / "minitrees"], event_list=ids)
            for name, one in dependencies_of(maker).items()
        }
        handed = dependency_columns(made, ids) if made else {}
        minitrees = MinitreesOfChunk(handed, maker.name)
        for start in range(0, len(chosen), size):
            places = slice(start, min(start + size, len(chosen)))
            chunk = EventChunk(chosen[places], minitrees.of(places))
            pieces.add(extract_piece(maker, chunk, start, pieces.dataset))
    columns = readable(pieces.joined())
    check_names(maker.name, columns)
    return {KEY: columns[KEY], **columns}


def _same(one: Any, other: Any) -> bool:
    if other is None or one.shape != other.shape:
        return False
    if one.dtype.kind == "f" or other.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=1e-12, atol=0.0, equal_nan=True))
    return same_values(one, other)
