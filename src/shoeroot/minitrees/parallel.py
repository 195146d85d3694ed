"""Many datasets at once: in threads, by Dask, or as a Dask DataFrame that loads when computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.minitrees.cutflow import CutFlow
from shoeroot.minitrees.dataset_table import Request, dataset_table
from shoeroot.minitrees.kept_flow import kept_flow
from shoeroot.minitrees.places import Place
from shoeroot.minitrees.tables import Table, concat, frame_of, is_dask
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compute", "delayed_frame", "flow_of_partitions", "for_each"]


def for_each(
    jobs: Sequence[Callable[[], Table]],
    num_workers: int = 1,
    compute_options: Mapping[str, Any] | None = None,
) -> list[Table]:
    """Do jobs, in threads or by Dask, and give what they gave in their order."""
    if num_workers < 1:
        raise ConfigError(f"{num_workers} workers do nothing", hint="num_workers=1 or more")
    if compute_options is not None:
        dask = _dask("dask")
        options = {"num_workers": num_workers, **compute_options}
        if "scheduler" not in options:
            # TreeMakers of a notebook cannot be taken to other processes.
            options["scheduler"] = "threads"
        return list(dask.compute(*[dask.delayed(job)() for job in jobs], **options))
    if num_workers == 1 or len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(num_workers) as pool:
        return list(pool.map(lambda job: job(), jobs))


def delayed_frame(
    places: Sequence[Place], request: Request, chosen: Sequence[NDArray[np.int64] | None]
) -> Any:
    """Give a Dask DataFrame with a partition for each dataset.

    The first dataset is loaded at once, to know the columns and their types.
    """
    frames, delayed = _dask("dask.dataframe"), _dask("dask").delayed
    # They are read later, where the working folder may be another one.
    places = [place.absolute() for place in places]
    first = frame_of(dataset_table(places[0], request, chosen[0]))
    meta = first.iloc[:0]
    meta.attrs = {}
    read = delayed(_partition)
    parts = [read(place, request, ids, meta) for place, ids in zip(places, chosen, strict=True)]
    # Texts stay the objects that they are without Dask.
    with _dask("dask.config").set({"dataframe.convert-string": False}):
        return frames.from_delayed(parts, meta=meta, verify_meta=False)


def compute(data: Any, **options: Any) -> pd.DataFrame:
    """Compute a Dask DataFrame and keep what its own `compute` drops: units and the cut flow.

    Parameters
    ----------
    data : dask.dataframe.DataFrame
        What ``load(..., delayed=True)`` gave, also after cuts.
    **options
        For ``dask.compute``.
    """
    if not is_dask(data):
        raise ConfigError(
            f"a {type(data).__name__} needs no computing", hint="load(..., delayed=True)"
        )
    return concat(_dask("dask").compute(*data.to_delayed(), **options))


def flow_of_partitions(data: Any, weights: Sequence[str]) -> CutFlow:
    """Compute the cut flow of a Dask DataFrame: the sum of those of its partitions."""
    dask = _dask("dask")
    flow = dask.delayed(kept_flow)
    flows = dask.compute(*[flow(part, tuple(weights)) for part in data.to_delayed()])
    shared = [name for name in flows[0].weights if all(name in one.weights for one in flows)]
    merged: CutFlow = reduce(CutFlow.merge, [one.with_weights(shared) for one in flows])
    return merged


def _partition(
    place: Place, request: Request, ids: NDArray[np.int64] | None, meta: pd.DataFrame
) -> pd.DataFrame:
    data = frame_of(dataset_table(place, request, ids))
    attrs = data.attrs
    for name in data.columns:
        if name not in meta:
            raise TreeMakerError(
                f"the dataset {place.name!r} has a column {name!r} that the first one lacks",
                hint="load without delayed=True",
            )
    for name in meta.columns:
        if name not in data:
            data[name] = "" if meta[name].dtype == object else np.nan
        data[name] = _as_type(data[name], meta[name].dtype, place.name)
    data = data[list(meta.columns)]
    data.attrs = attrs
    return data


def _as_type(values: Any, wanted: Any, dataset: str) -> Any:
    if values.dtype == wanted:
        return values
    cast = values.to_numpy()
    same = False
    if wanted.kind == "O":
        return values.astype(object)
    if values.dtype.kind in "biuf":
        with np.errstate(all="ignore"):
            cast = values.to_numpy().astype(wanted)
        back = cast.astype(values.dtype)
        same = np.array_equal(back, values.to_numpy(), equal_nan=values.dtype.kind == "f")
    if not same:
        raise TreeMakerError(
            f"the column {values.name!r} of {dataset!r} has type {values.dtype}, which does not "
            f"fit the {wanted} of the first dataset",
            hint="load without delayed=True, or give a dataset with the wider type first",
        )
    return cast


def _dask(module: str) -> Any:
    return import_optional(module, "loads datasets in parallel", "pip install 'shoeroot[dask]'")
