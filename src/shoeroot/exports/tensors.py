"""Tensors: parts of a data set for surrogate models, their scalers, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExportError, nearest
from shoeroot.exports.scalers import Moments, Scaler
from shoeroot.exports.tensor_sources import Source, TensorBatch

__all__ = ["Scalers", "TensorPart", "Tensors"]

#: Simulations in memory at a time: 27 MB of schedules.
BATCH = 256
#: The part that scalers are fitted on, or else the first.
TRAINING = "train"


@dataclass(frozen=True, slots=True, eq=False)
class Scalers:
    """Scalers of what goes into a model and of what comes out, fitted on the training part.

    Attributes
    ----------
    tabular, targets : Scaler
    """

    tabular: Scaler
    targets: Scaler

    def scaled(self, batch: TensorBatch) -> TensorBatch:
        """Scale the numbers of a batch; schedules lie in 0..1 as they are."""
        return TensorBatch(
            batch.event_id,
            self.tabular.transform(batch.tabular),
            batch.schedules,
            None if batch.targets is None else self.targets.transform(batch.targets),
        )


class TensorPart:
    """One part of a data set, such as the training part; it is read when it is asked for.

    Attributes
    ----------
    name : str
    """

    def __init__(self, name: str, source: Source, rows: NDArray[np.int64], whole: Tensors) -> None:
        self.name = name
        self._source = source
        self._rows = rows
        self._whole = whole

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<part {self.name!r} of {len(self)} simulations>"

    def read(
        self, rows: Any = None, *, scaled: bool = False, schedules: bool = True
    ) -> TensorBatch:
        """Read some rows, by default all.

        Parameters
        ----------
        rows : (n,) int or slice, optional
            Numbers of the rows in this part, in any order.
        scaled : bool
            Whether tabular and targets have mean 0 and deviation 1 over the training part.
        schedules : bool
            Whether to make the schedules, which are 105 kB a simulation.
        """
        chosen = self._rows if rows is None else self._rows[rows]
        batch = self._source.read(np.atleast_1d(chosen), schedules=schedules, targets=True)
        return self._whole.scalers.scaled(batch) if scaled else batch

    def batches(
        self,
        size: int = BATCH,
        *,
        shuffle: int | None = None,
        scaled: bool = False,
        schedules: bool = True,
    ) -> Iterator[TensorBatch]:
        """Go through the part, `size` simulations at a time, in memory for one batch.

        Parameters
        ----------
        size : int
        shuffle : int, optional
            Seed of a random order. From events this reads much more than it gives: save the
            tensors to a file first.
        scaled, schedules : bool
            See `read`.
        """
        if size < 1:
            raise ExportError(f"batches of {size} simulations", where="size", hint="ask for 1")
        order = np.arange(len(self))
        if shuffle is not None:
            np.random.default_rng(shuffle).shuffle(order)
        for start in range(0, len(self), size):
            yield self.read(order[start : start + size], scaled=scaled, schedules=schedules)

    def torch(self, *, scaled: bool = True, schedules: bool = True) -> Any:
        """Give a map-style ``torch.utils.data.Dataset`` of this part.

        An item is a tuple of tensors: tabular, schedules (where there are some) and targets.
        A DataLoader reads whole batches at once, also in several processes.

        Raises
        ------
        MissingExtraError
            torch is not installed.
        """
        from shoeroot.exports.torch_dataset import torch_dataset

        return torch_dataset(self, scaled=scaled, schedules=schedules)


class Tensors:
    """Simulations as a surrogate model sees them, in parts that share no group.

    ``tensors["train"]`` is a part. `to_ml` makes one from a campaign, `load_tensors` from a file.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns of the tabular part.
    lineage : dict
        What the tensors were made of and how, as plain JSON: events by their content id,
        schema, targets with units, split, seed, groups, what was left out.
    """

    def __init__(
        self,
        parts: Mapping[str, tuple[Source, NDArray[np.int64]]],
        columns: tuple[str, ...],
        lineage: dict[str, Any],
        scalers: Scalers | None = None,
    ) -> None:
        self.parts = {name: TensorPart(name, *found, self) for name, found in parts.items()}
        self.columns = columns
        self.lineage = lineage
        self._sources = [source for source, _ in parts.values()]
        if scalers is not None:
            self.__dict__["scalers"] = scalers

    def __getitem__(self, name: str) -> TensorPart:
        if name not in self.parts:
            raise ExportError(f"there is no part {name!r}", hint=nearest(name, self.parts))
        return self.parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files that are open; they are opened again when something is read."""
        for source in self._sources:
            source.close()

    @property
    def targets(self) -> dict[str, str]:
        """Units of the targets by name."""
        return dict(zip(self.lineage["targets"], self.lineage["units"], strict=True))

    @property
    def left_out(self) -> dict[str, int]:
        """Simulations that failed and are in no part, by status."""
        return dict(self.lineage["left_out"])

    @cached_property
    def scalers(self) -> Scalers:
        """Mean and deviation over the training part, found in one pass when first needed."""
        tabular, targets = Moments(self.columns), Moments(tuple(self.targets))
        name = TRAINING if TRAINING in self.parts else next(iter(self.parts))
        for batch in self.parts[name].batches(schedules=False):
            tabular.add(batch.tabular)
            targets.add(batch.targets)
        return Scalers(tabular.scaler(), targets.scaler())

    def description(self) -> dict[str, Any]:
        """Give lineage, columns and scalers as plain JSON."""
        return {
            "lineage": self.lineage,
            "columns": list(self.columns),
            "scalers": {
                "fitted_on": TRAINING if TRAINING in self.parts else next(iter(self.parts)),
                "tabular": self.scalers.tabular.to_dict(),
                "targets": self.scalers.targets.to_dict(),
            },
        }

    def write_description(self, path: str | Path) -> None:
        """Write lineage, columns and scalers as JSON, to go with a trained model."""
        path = Path(path)
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_text(json.dumps(self.description(), indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(part)}" for name, part in self.parts.items())
        failed = sum(self.left_out.values())
        return (
            f"<tensors of {sizes} simulations, {failed} left out; {len(self.columns)} columns -> "
            f"{self.lineage['resolution']} {', '.join(self.targets)}>"
        )


def described_by(scalers: Mapping[str, Any]) -> Scalers:
    """Read the scalers of a description."""
    return Scalers(Scaler.from_dict(scalers["tabular"]), Scaler.from_dict(scalers["targets"]))
