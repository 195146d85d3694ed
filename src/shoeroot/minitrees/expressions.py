"""Conditions and formulas over columns as text, read without ever running the text.

``Expression("status == 'ok' and 10 < eui <= 100")`` holds names of columns, numbers, texts,
arithmetic, comparisons, ``in`` lists, and/or/not. It has no calls, attributes or indexing, and is
never compiled: each operation is looked up in a table of numpy functions.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExpressionError
from shoeroot.minitrees.expression_grammar import SHOWN, parse_expression
from shoeroot.minitrees.expression_values import column_of, value_of

__all__ = ["Expression"]


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
        tree = parse_expression(self.text)
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
                return np.asarray(value_of(self._tree, values, self.text))
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
