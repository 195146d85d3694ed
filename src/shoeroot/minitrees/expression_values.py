"""Values of expressions: columns as numpy arrays, and a numpy function for each operation."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExpressionError, nearest
from shoeroot.minitrees.array_columns import holds_arrays
from shoeroot.minitrees.expression_grammar import (
    ARITHMETIC,
    COMPARISONS,
    SHOWN,
    listed,
    operands,
)

__all__ = ["column_of", "value_of"]


def column_of(name: str, columns: Mapping[str, Any], text: str) -> NDArray[Any]:
    """Give a column of a table as numpy array; missing integers as NaN.

    Raises
    ------
    ExpressionError
        There is no such column, with the nearest names; `text` says who asks.
    """
    if name not in columns:
        known = [str(one) for one in columns]
        raise ExpressionError(
            f"there is no column {name!r}", where=text[:SHOWN], hint=nearest(name, known)
        )
    values: Any = columns[name]
    if getattr(values, "ndim", 1) != 1:
        raise ExpressionError(
            f"the column {name!r} has {values.ndim} dimensions",
            where=text[:SHOWN],
            hint="an expression takes columns with one value a row",
        )
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind == "O" and holds_arrays(values):
        raise ExpressionError(
            f"the column {name!r} has an array in each row",
            where=text[:SHOWN],
            hint=f"make single values of them first: data['n'] = data[{name!r}].map(len)",
        )
    if dtype is None or isinstance(dtype, np.dtype):
        return _of_objects(np.asarray(values))
    # pandas' own types, in which values may be missing.
    if dtype.kind in "iufb":
        missing = bool(values.isna().any())
        return np.asarray(values.to_numpy(dtype=np.float64 if missing else dtype.numpy_dtype))
    if dtype.kind == "O":
        return _of_objects(values.astype(object).where(values.notna(), None).to_numpy())
    return _of_objects(np.asarray(values))


def _of_objects(values: NDArray[Any]) -> NDArray[Any]:
    """Give numbers and flags that are kept as objects, next to None for example, as numbers."""
    if values.dtype.kind != "O":
        return values
    import pandas as pd

    found = pd.api.types.infer_dtype(values, skipna=True)
    if found == "boolean" and not pd.isna(values).any():
        return values.astype(np.bool_)
    if found in ("boolean", "integer", "floating", "mixed-integer-float"):
        return np.asarray(pd.Series(values).astype("Float64").to_numpy(np.float64, na_value=np.nan))
    return values


def value_of(node: ast.expr, columns: Mapping[str, NDArray[Any]], text: str) -> Any:
    """Compute a part of an expression; `text` is the whole, for errors."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return columns[node.id]
    if isinstance(node, ast.Compare):
        return _comparison(node, columns, text)
    parts = [value_of(child, columns, text) for child in operands(node, text)]
    if isinstance(node, ast.BoolOp):
        joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return joined.reduce(np.broadcast_arrays(*[_flag(part, node, text) for part in parts]))
    if isinstance(node, ast.UnaryOp):
        return _unary(node, parts[0], text)
    assert isinstance(node, ast.BinOp)  # noqa: S101  _operands let nothing else through
    left, right = (_number(part, node, text) for part in parts)
    operation = ARITHMETIC[type(node.op)]
    if operation is np.power and _kind(left) == _kind(right) == "integer":
        # numpy refuses negative ones, and lets large ones overflow.
        operation = np.float_power
    return operation(left, right)


def _unary(node: ast.UnaryOp, value: Any, text: str) -> Any:
    if isinstance(node.op, ast.Not | ast.Invert):
        return np.logical_not(_flag(value, node, text))
    number = _number(value, node, text)
    return np.negative(number) if isinstance(node.op, ast.USub) else number


def _comparison(node: ast.Compare, columns: Mapping[str, NDArray[Any]], text: str) -> Any:
    left = value_of(node.left, columns, text)
    result: Any = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            right: Any = listed(right_node, text)
            holds = _is_in(left, right, node, text) ^ isinstance(operator, ast.NotIn)
        else:
            right = value_of(right_node, columns, text)
            left, right = _times(left, right), _times(right, left)
            _check_comparable(left, right, node, text)
            holds = COMPARISONS[type(operator)](left, right)
        result = np.logical_and(result, holds)
        left = right
    return result


def _times(value: Any, other: Any) -> Any:
    """Read a text as a time where it is compared with times."""
    return np.datetime64(value) if isinstance(value, str) and _kind(other) == "time" else value


def _is_in(value: Any, wanted: list[Any], node: ast.expr, text: str) -> Any:
    import pandas as pd

    if wanted:
        _check_comparable(value, wanted[0], node, text)
    return np.asarray(pd.Series(np.atleast_1d(value)).isin(wanted)).reshape(np.shape(value))


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    kinds = {"b": "flag", "i": "integer", "u": "integer", "f": "number", "M": "time"}
    return kinds.get(np.asarray(value).dtype.kind, "text")


def _check_comparable(left: Any, right: Any, node: ast.expr, text: str) -> None:
    if (_kind(left) == "text") != (_kind(right) == "text"):
        raise ExpressionError(
            f"a text is compared with a number: {ast.unparse(node)}",
            where=text[:SHOWN],
            hint="texts stand in quotes: status == 'ok'; numbers do not",
        )


def _flag(value: Any, node: ast.expr, text: str) -> Any:
    if _kind(value) != "flag":
        raise ExpressionError(
            f"and, or, not need conditions on both sides: {ast.unparse(node)}",
            where=text[:SHOWN],
            hint="compare first: eui < 100 and cooling > 0",
        )
    return value


def _number(value: Any, node: ast.expr, text: str) -> Any:
    kind = _kind(value)
    if kind in ("text", "time"):
        raise ExpressionError(
            f"a {kind} is no number: {ast.unparse(node)}",
            where=text[:SHOWN],
            hint="compare texts by ==",
        )
    if not isinstance(value, np.ndarray):
        return int(value) if isinstance(value, bool) else value
    # Narrow integers would overflow without a word, flags would be joined instead of counted.
    return value if value.dtype.kind == "f" or value.dtype == np.uint64 else value.astype(np.int64)
