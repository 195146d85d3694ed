"""Conditions and formulas over columns as text, read without ever running the text.

``Expression("status == 'ok' and 10 < eui <= 100")`` holds names of columns, numbers, texts,
arithmetic, comparisons, ``in`` lists, and/or/not. It has no calls, attributes or indexing, and is
never compiled: each operation is looked up in a table of numpy functions.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExpressionError, nearest

__all__ = ["Expression", "column_of"]

#: Longer texts and deeper trees are refused; a preselection of a screen full is far below.
MAX_LETTERS = 20_000
MAX_DEPTH = 100
#: Letters of an expression that an error shows.
SHOWN = 200

_ARITHMETIC: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
    ast.Pow: np.power,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
#: What is refused by name; anything else that is not known is refused as well.
_REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Call: ("a call", "compute a column first: data['x'] = np.log(data['eui'])"),
    ast.Attribute: ("an attribute", "name a column of a mini-tree, without dots"),
    ast.Subscript: ("indexing", "name a whole column"),
    ast.Lambda: ("a lambda", "give a condition on columns, such as eui < 100"),
    ast.ListComp: ("a comprehension", "list the values: program_type in [1, 2]"),
    ast.SetComp: ("a comprehension", "list the values: program_type in [1, 2]"),
    ast.DictComp: ("a comprehension", "list the values: program_type in [1, 2]"),
    ast.GeneratorExp: ("a comprehension", "list the values: program_type in [1, 2]"),
    ast.NamedExpr: ("an assignment", "to compare, write =="),
    ast.IfExp: ("an if", "combine conditions with and, or, not"),
    ast.JoinedStr: ("an f-string", "make the text first, outside the expression"),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition or a formula over columns.

    ``&`` and ``|`` are read as ``and`` and ``or``, so that ``a > 1 & b < 2`` means what pandas'
    ``query`` makes of it. A comparison with NaN is false, except ``!=``. Integers count in 64
    bits, their powers in floating point; flags count as 0 and 1 in sums.

    Parameters
    ----------
    text : str
        Such as ``"status == 'ok' and eui < 100"``.

    Raises
    ------
    ExpressionError
        It is no such expression: it has a call, an attribute, a lambda, a comprehension...

    Examples
    --------
    >>> import numpy as np
    >>> from shoeroot.minitrees import Expression
    >>> Expression("10 < eui <= 100").mask({"eui": np.array([5.0, 50.0, np.nan])})
    array([False,  True, False])
    """

    text: str
    names: tuple[str, ...] = field(init=False, compare=False)
    _tree: ast.expr = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        tree = _parsed(self.text)
        object.__setattr__(self, "_tree", tree)
        names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        object.__setattr__(self, "names", tuple(names))
        if not names:
            raise ExpressionError(
                "there is no column in the expression",
                where=self.text,
                hint="name a column, such as eui < 100",
            )

    def __str__(self) -> str:
        return self.text

    def parts(self) -> tuple[Expression, ...]:
        """Give the conditions that the outermost ``and`` joins; where one fails, all do."""
        tree = self._tree
        if not (isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)):
            return (self,)
        return tuple(
            part
            for value in tree.values
            if any(isinstance(node, ast.Name) for node in ast.walk(value))
            for part in Expression(ast.unparse(value)).parts()
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (Expression, (self.text,))

    def evaluate(self, columns: Mapping[str, Any]) -> NDArray[Any]:
        """Compute the expression.

        Parameters
        ----------
        columns : mapping of str to array
            A DataFrame, or arrays (n,) by name: numbers, flags or texts.

        Returns
        -------
        (n,) numpy.ndarray

        Raises
        ------
        ExpressionError
            A column is unknown (the nearest names are told), or texts and numbers are mixed.
        """
        values = {name: column_of(name, columns, self.text) for name in self.names}
        try:
            with np.errstate(all="ignore"):
                return np.asarray(_value(self._tree, values, self.text))
        except (TypeError, ValueError) as problem:
            raise ExpressionError(
                f"the expression does not fit its columns: {problem}",
                where=self.text[:SHOWN],
                hint="texts can be compared with texts, numbers with numbers",
            ) from problem

    def mask(self, columns: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Compute a condition: true where it holds; otherwise as `evaluate`."""
        values = self.evaluate(columns)
        if values.dtype != np.bool_:
            raise ExpressionError(
                "the expression is no condition, it is neither true nor false",
                where=self.text,
                hint="compare it with something, such as eui < 100",
            )
        return values


def _parsed(text: Any) -> ast.expr:
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError(
            "an expression is a text that is not empty",
            where=repr(text),
            hint="such as \"status == 'ok' and eui < 100\"",
        )
    if len(text) > MAX_LETTERS:
        raise ExpressionError(
            f"the expression has {len(text)} letters, more than {MAX_LETTERS}",
            where=text[:SHOWN],
            hint="give several, or a mask: minitrees.cuts.selection(data, mask)",
        )
    try:
        tree = ast.parse(_as_pandas_reads_it(text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as problem:
        reason = problem.msg if isinstance(problem, SyntaxError) else str(problem)
        raise ExpressionError(
            f"the expression cannot be read: {reason}",
            where=text[:SHOWN],
            hint="such as \"status == 'ok' and 10 < eui <= 100\"; = is written ==, "
            "variables of Python are put in by an f-string",
        ) from problem
    _check(tree, text, 0)
    return tree


def _as_pandas_reads_it(text: str) -> str:
    """Write & and | as and and or, which bind less than comparisons; allow line breaks."""
    words = {"&": "and", "|": "or", "&&": "and", "||": "or"}
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(f"({text.strip()}\n)").readline):
        if token.type == tokenize.OP and token.string in words:
            tokens.append((tokenize.NAME, words[token.string]))
        elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT):
            tokens.append((token.type, token.string))
    return tokenize.untokenize(tokens)


def _check(node: ast.AST, text: str, depth: int) -> None:
    """Refuse whatever is not in the tables."""
    if depth > MAX_DEPTH:
        raise ExpressionError(
            "the expression is nested too deeply", where=text[:SHOWN], hint="split it"
        )
    if isinstance(node, ast.Constant):
        _check_constant(node, text)
        return
    if isinstance(node, ast.Name):
        return
    for child in _operands(node, text):
        _check(child, text, depth + 1)


def _check_constant(node: ast.Constant, text: str) -> None:
    if not isinstance(node.value, bool | int | float | str):
        raise ExpressionError(
            f"{ast.unparse(node)} is neither a number nor a text",
            where=text[:SHOWN],
            hint="a missing number is the only one that differs from itself: eui != eui",
        )
    if isinstance(node.value, int) and not -(2**63) <= node.value < 2**64:
        raise ExpressionError(
            f"{node.value} has more than 64 bits", where=text[:SHOWN], hint="write it as 1e30"
        )


def _operands(node: ast.AST, text: str) -> list[ast.expr]:
    """Give the parts of an allowed operation."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.Compare):
        return _compared(node, text)
    what, hint = _REFUSED.get(type(node), ("something that is no operation on columns", ""))
    shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
    raise ExpressionError(
        f"the expression has {what}: {shown}",
        where=text[:SHOWN],
        hint=hint or "numbers, texts, columns, + - * / // % **, comparisons, in, and, or, not",
    )


def _compared(node: ast.Compare, text: str) -> list[ast.expr]:
    parts = [node.left]
    for operator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            _listed(right, text)
        elif type(operator) in _COMPARISONS:
            parts.append(right)
        else:
            raise ExpressionError(
                "the expression compares by `is`", where=text[:SHOWN], hint="compare by == and !="
            )
    return parts


def _listed(node: ast.expr, text: str) -> list[Any]:
    """Give the values of a list behind `in`: constants of one kind."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        raise ExpressionError(
            f"`in` needs a list of values, not {ast.unparse(node)}",
            where=text[:SHOWN],
            hint="status in ['ok', 'fatal']; to find a part of a text, give a mask: "
            "minitrees.cuts.selection(data, data['status'].str.contains('ok'))",
        )
    try:
        values = [ast.literal_eval(item) for item in node.elts]
    except ValueError as problem:
        raise ExpressionError(
            f"{ast.unparse(node)} holds something that is no number and no text",
            where=text[:SHOWN],
            hint="list constants: program_type in [1, 2]",
        ) from problem
    if len({isinstance(value, str) for value in values}) > 1 or not all(
        isinstance(value, bool | int | float | str) for value in values
    ):
        raise ExpressionError(
            f"{ast.unparse(node)} mixes texts and numbers", where=text[:SHOWN], hint="list one kind"
        )
    return values


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


def _value(node: ast.expr, columns: Mapping[str, NDArray[Any]], text: str) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return columns[node.id]
    if isinstance(node, ast.Compare):
        return _comparison(node, columns, text)
    parts = [_value(child, columns, text) for child in _operands(node, text)]
    if isinstance(node, ast.BoolOp):
        joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return joined.reduce(np.broadcast_arrays(*[_flag(part, node, text) for part in parts]))
    if isinstance(node, ast.UnaryOp):
        return _unary(node, parts[0], text)
    assert isinstance(node, ast.BinOp)  # noqa: S101  _operands let nothing else through
    left, right = (_number(part, node, text) for part in parts)
    operation = _ARITHMETIC[type(node.op)]
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
    left = _value(node.left, columns, text)
    result: Any = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            right: Any = _listed(right_node, text)
            holds = _is_in(left, right, node, text) ^ isinstance(operator, ast.NotIn)
        else:
            right = _value(right_node, columns, text)
            left, right = _times(left, right), _times(right, left)
            _check_comparable(left, right, node, text)
            holds = _COMPARISONS[type(operator)](left, right)
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
