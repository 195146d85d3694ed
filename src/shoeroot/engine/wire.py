"""What the parent and its worker processes say to each other, as bytes.

A request is JSON. An answer is JSON, its length before it, and after it all series as one
block of float64: no number changes on the way.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.engine.eso import SeriesKey
from shoeroot.engine.judge import RunResult
from shoeroot.engine.messages import Message

__all__ = ["Answer", "Request", "pack_answer", "pack_request", "unpack_answer", "unpack_request"]

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Request:
    """A run for a worker: its working folder, filled, weather file and time limit [s]."""

    folder: Path
    weather: Path
    timeout: float


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a worker says of a run.

    Attributes
    ----------
    result : RunResult or None
    problem : str
        Why there is none: something is wrong with the worker, not with the model.
    cpu_seconds : float
        CPU time of the worker since it began.
    peak_bytes : int
        Most memory that it ever had resident.
    """

    result: RunResult | None
    problem: str
    cpu_seconds: float
    peak_bytes: int


def pack_request(request: Request) -> bytes:
    """Write a request."""
    return json.dumps([str(request.folder), str(request.weather), request.timeout]).encode()


def unpack_request(data: bytes) -> Request:
    """Read a request."""
    folder, weather, timeout = json.loads(data)
    return Request(Path(folder), Path(weather), timeout)


def pack_answer(answer: Answer) -> bytes:
    """Write an answer."""
    result = answer.result
    series = [*result.hourly.values(), *result.monthly.values()] if result else []
    head = json.dumps(
        {
            "problem": answer.problem,
            "cpu_seconds": answer.cpu_seconds,
            "peak_bytes": answer.peak_bytes,
            "result": _describe(result) if result else None,
        }
    ).encode()
    return b"".join([_LENGTH.pack(len(head)), head, *(values.tobytes() for values in series)])


def unpack_answer(data: bytes) -> Answer:
    """Read an answer."""
    begin = _LENGTH.size
    end = begin + _LENGTH.unpack_from(data)[0]
    head = json.loads(data[begin:end])
    # A copy, because what lies in the bytes could not be written to.
    values = np.frombuffer(data[end:], dtype=np.float64).copy()
    return Answer(
        result=_restore(head["result"], values) if head["result"] else None,
        problem=head["problem"],
        cpu_seconds=head["cpu_seconds"],
        peak_bytes=head["peak_bytes"],
    )


def _describe(result: RunResult) -> dict[str, object]:
    return {
        "status": result.status,
        "return_code": result.return_code,
        "cpu_seconds": result.cpu_seconds,
        "wall_seconds": result.wall_seconds,
        "messages": [[one.severity, one.text, one.count] for one in result.messages],
        "hourly": [[*key, len(values)] for key, values in result.hourly.items()],
        "monthly": [[*key, len(values)] for key, values in result.monthly.items()],
        "units": result.units,
        "engine": result.engine,
    }


def _restore(head: dict[str, list[list[object]]], values: NDArray[np.float64]) -> RunResult:
    fields = dict(head)
    messages = tuple(Message(*one) for one in fields.pop("messages"))  # type: ignore[arg-type]
    hourly, rest = _cut(fields.pop("hourly"), values)
    monthly, _ = _cut(fields.pop("monthly"), rest)
    return RunResult(messages=messages, hourly=hourly, monthly=monthly, **fields)  # type: ignore[arg-type]


def _cut(
    keys: list[list[object]], values: NDArray[np.float64]
) -> tuple[dict[SeriesKey, NDArray[np.float64]], NDArray[np.float64]]:
    """Cut series from a block by their lengths; return them and the rest of the block."""
    series = {}
    for key, variable, length in keys:
        count = int(str(length))
        series[str(key), str(variable)] = values[:count]
        values = values[count:]
    return series, values
