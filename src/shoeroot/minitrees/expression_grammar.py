"""What an expression may say: texts become syntax trees of which every part is allowed."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable
from typing import Any

import numpy as np

from shoeroot.errors import ExpressionError

__all__ = ["ARITHMETIC", "COMPARISONS", "SHOWN", "listed", "operands", "parse_expression"]

#: Longer texts and deeper trees are refused; a preselection of a screen full is far below.
MAX_LETTERS = 20_000
MAX_DEPTH = 100
#: Letters of an expression that an error shows.
SHOWN = 200

ARITHMETIC: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
    ast.Pow: np.power,
}
COMPARISONS: dict[type[ast.cmpop], Callable[..., Any]] = {
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


def parse_expression(text: Any) -> ast.expr:
    """Read a text.

    Raises
    ------
    ExpressionError
        It is too long, cannot be read, or has a part that is not allowed.
    """
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
    for child in operands(node, text):
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


def operands(node: ast.AST, text: str) -> list[ast.expr]:
    """Give the parts of an allowed operation."""
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
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
            listed(right, text)
        elif type(operator) in COMPARISONS:
            parts.append(right)
        else:
            raise ExpressionError(
                "the expression compares by `is`", where=text[:SHOWN], hint="compare by == and !="
            )
    return parts


def listed(node: ast.expr, text: str) -> list[Any]:
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
