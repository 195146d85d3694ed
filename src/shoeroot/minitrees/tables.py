"""Tables on their way to a DataFrame: columns with units and a cut flow, joined and combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.minitrees.array_columns import same_values
from shoeroot.minitrees.cutflow import CutFlow
from shoeroot.minitrees.dtypes import joined_column
from shoeroot.minitrees.kept_flow import ATTRIBUTE, keep_flow, kept_flow

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Table", "combine", "concat", "cut_flow", "frame_of", "is_dask", "join", "table_of"]

#: What mini-trees of a dataset are joined on.
KEY = "event_id"
#: Names of a table's attrs.
COLUMNS, DATASETS = "columns", "datasets"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one or several datasets.

    Attributes
    ----------
    columns : dict of str to (n_rows,) array
    info : dict of str to {"unit", "description"}
    flow : CutFlow or None
    datasets : dict of str to str
        Where the datasets lie, by the name in the column ``dataset``.
    many : bool
        Whether an event may have many rows.
    """

    columns: dict[str, Any]
    info: Mapping[str, Mapping[str, str]]
    flow: CutFlow | None = None
    datasets: Mapping[str, str] = field(default_factory=dict)
    many: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def take(self, places: NDArray[Any]) -> Table:
        """Keep the rows at some places, or of a mask."""
        return replace(self, columns={name: one[places] for name, one in self.columns.items()})


def is_dask(data: Any) -> bool:
    """Say whether something is a Dask collection, without importing Dask."""
    return type(data).__module__.partition(".")[0] in ("dask", "dask_expr")


def cut_flow(data: Any, weights: str | Sequence[str] = ()) -> CutFlow:
    """Give the cut flow of a table: what each cut left, in sequence, alone, and all but one.

    Parameters
    ----------
    data : pandas.DataFrame, dask.dataframe.DataFrame or pyarrow.Table
        What `load`, `concat` or the functions of `shoeroot.minitrees.cuts` gave. A Dask
        DataFrame is computed for it.
    weights : str or sequence of str
        Columns whose sums are wanted too, such as ``"floor_area"``. Those given to the cuts are
        there anyway; others can be added while the rows that were cut away are still known.

    Raises
    ------
    ConfigError
        The table has more rows than its cuts left: it was put together without `concat`.
    """
    wanted = (weights,) if isinstance(weights, str) else tuple(weights)
    if isinstance(data, CutFlow):
        return data
    if is_dask(data):
        from shoeroot.minitrees.parallel import flow_of_partitions

        return flow_of_partitions(data, wanted)
    if not hasattr(data, "attrs"):
        from shoeroot.minitrees.backends import flow_of_foreign

        return flow_of_foreign(data)
    return kept_flow(data, wanted)


def concat(frames: Iterable[pd.DataFrame], *, ignore_index: bool = True) -> pd.DataFrame:
    """Put DataFrames one after another and keep what pandas drops: units and the cut flow.

    Numbers of different types become one that holds all of them without loss.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
    ignore_index : bool
        Number the rows anew.

    Raises
    ------
    ConfigError
        There is none, or the same cuts were made in different orders.
    """
    import pandas as pd

    given = list(frames)
    if not given:
        raise ConfigError("there is no table to put together", hint="give at least one")
    table = combine([table_of(frame) for frame in given])
    index = None if ignore_index else given[0].index.append([one.index for one in given[1:]])
    data = pd.DataFrame(table.columns, index=index, copy=False)
    return _with_attrs(data, table)


def table_of(data: pd.DataFrame) -> Table:
    """Take a DataFrame apart; the cut flow is there only where there was one."""
    flow = kept_flow(data) if ATTRIBUTE in data.attrs else None
    columns = {str(name): _array(data[name]) for name in data.columns}
    return Table(columns, data.attrs.get(COLUMNS, {}), flow, data.attrs.get(DATASETS, {}))


def _array(values: pd.Series[Any]) -> Any:
    return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array


def frame_of(table: Table) -> pd.DataFrame:
    """Make a DataFrame; columns are not copied."""
    import pandas as pd

    return _with_attrs(pd.DataFrame(table.columns, copy=False), table)


def _with_attrs(data: pd.DataFrame, table: Table) -> pd.DataFrame:
    data.attrs[COLUMNS] = {name: dict(info) for name, info in table.info.items()}
    data.attrs[DATASETS] = dict(table.datasets)
    if table.flow is not None:
        keep_flow(data, table.flow)
    return data


def combine(tables: Sequence[Table]) -> Table:
    """Put the rows of tables one after another."""
    if len(tables) == 1:
        return tables[0]
    lengths = [len(table) for table in tables]
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns = {name: _joined([one.columns.get(name) for one in tables], lengths) for name in names}
    info = {name: about for table in reversed(tables) for name, about in table.info.items()}
    places = {name: place for table in tables for name, place in table.datasets.items()}
    ordered = {name: info[name] for name in columns if name in info}
    return Table(columns, ordered, _merged_flow(tables), places)


def _joined(pieces: Sequence[Any], lengths: Sequence[int]) -> Any:
    if all(piece is None or isinstance(piece, np.ndarray) for piece in pieces):
        return joined_column(pieces, lengths)
    import pandas as pd

    series = [
        pd.Series([pd.NA] * n, dtype=object) if piece is None else pd.Series(piece)
        for piece, n in zip(pieces, lengths, strict=True)
    ]
    return pd.concat(series, ignore_index=True).array


def _merged_flow(tables: Sequence[Table]) -> CutFlow | None:
    if all(table.flow is None for table in tables):
        return None
    known = [CutFlow((len(one),)) if one.flow is None else one.flow for one in tables]
    shared = [name for name in known[0].weights if all(name in one.weights for one in known)]
    return reduce(CutFlow.merge, [one.with_weights(shared) for one in known])


def join(left: Table, right: Table, name: str) -> Table:
    """Join the mini-tree `right` of the same dataset on the event; events of both stay.

    A column that both have with the same values is kept once.

    Raises
    ------
    TreeMakerError
        Both have a column of the same name with other values, or both have many rows an event.
    """
    if left.many and right.many:
        raise TreeMakerError(
            "two TreeMakers have many rows an event: they cannot stand in one table",
            where=name,
            hint="load them one by one",
        )
    info, many = {**right.info, **left.info}, left.many or right.many
    if not np.array_equal(left.columns[KEY], right.columns[KEY]):
        of_left, of_right = _places(left.columns[KEY], right.columns[KEY])
        left, right = left.take(of_left), right.take(of_right)
    for doubled in sorted((right.columns.keys() & left.columns.keys()) - {KEY}):
        if not _same(left.columns[doubled], right.columns[doubled]):
            raise TreeMakerError(
                f"column {doubled!r} comes from two TreeMakers, with other values",
                where=name,
                hint="rename it in one of them",
            )
    return replace(left, columns={**right.columns, **left.columns}, info=info, many=many)


def _same(one: Any, other: Any) -> bool:
    """Say whether two columns hold the same values; NaN is the same as NaN."""
    return same_values(np.asarray(one), np.asarray(other))


def _places(left: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Say which rows of two columns of keys belong together, in the order of the longer."""
    if _unique(left):
        return _found(left, right)
    of_right, of_left = _found(right, left)
    return of_left, of_right


def _unique(keys: NDArray[Any]) -> bool:
    return len(np.unique(keys)) == len(keys)


def _found(unique: NDArray[Any], keys: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = np.argsort(unique, kind="stable")
    if not len(unique):
        return order, order
    places = np.minimum(np.searchsorted(unique, keys, sorter=order), len(unique) - 1)
    found = order[places]
    both = np.flatnonzero(unique[found] == keys)
    return found[both], both
