"""A part of tensors as a Dataset of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.optional import import_optional

if TYPE_CHECKING:
    from shoeroot.exports.tensors import TensorPart

__all__ = ["torch_dataset"]


class _Items:
    """Rows of a part as tuples of tensors."""

    def __init__(self, part: TensorPart, scaled: bool, schedules: bool) -> None:
        self.part = part
        self.scaled = scaled
        self.schedules = schedules

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is made where torch is: a worker process of a DataLoader makes its own.
        return _dataset_of, (self.part, self.scaled, self.schedules)

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, row: int) -> tuple[Any, ...]:
        # Iteration over a Dataset ends by this error.
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        return self.__getitems__([row])[0]

    def __getitems__(self, rows: list[int]) -> list[tuple[Any, ...]]:
        """Read several rows at once, as a DataLoader asks for them."""
        torch = import_optional("torch", "tensors are made with", "pip install 'shoeroot[ml]'")
        batch = self.part.read(np.asarray(rows), scaled=self.scaled, schedules=self.schedules)
        arrays = [
            torch.from_numpy(array)
            for array in (batch.tabular, batch.schedules, batch.targets)
            if array is not None
        ]
        return list(zip(*arrays, strict=True))


def torch_dataset(part: TensorPart, *, scaled: bool, schedules: bool) -> Any:
    """Give a Dataset of torch; see `TensorPart.torch`."""
    data = import_optional(
        "torch.utils.data", "tensors are made with", "pip install 'shoeroot[ml]'"
    )
    kind = type("ShoerootDataset", (_Items, data.Dataset), {})
    if scaled:
        # Once here, rather than in each worker process.
        part.read([0], scaled=True, schedules=False)
    return kind(part, scaled, schedules)


def _dataset_of(part: TensorPart, scaled: bool, schedules: bool) -> Any:
    return torch_dataset(part, scaled=scaled, schedules=schedules)
