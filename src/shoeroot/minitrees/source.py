"""What a TreeMaker's code is: its class, and the helpers and constants of its package it uses.

The text of the source counts, not where it lies. The text is trusted only where it compiles to
the code that runs, so that a file that was edited after it was imported is not taken for what
made a mini-tree; where there is no such text, the bytecode counts.
"""

from __future__ import annotations

import ast
import dis
import hashlib
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from shoeroot.minitrees.constants import constant_text, parts_of

__all__ = ["CLASS_BODY", "FIRST_MEMBERS", "source_of"]

LARGEST_CACHE = 10_000
#: Attribute in which a TreeMaker class keeps the code of its body, set when it is made.
CLASS_BODY = "__shoeroot_body__"
#: And what it had in its body.
FIRST_MEMBERS = "__shoeroot_members__"
_MISSING = object()
#: Methods by which what is noted becomes more or less.
GROWING = ("add", "append", "clear", "extend", "insert", "pop", "setdefault", "update")
_OWN_BASES = ("shoeroot.minitrees.treemaker",)
_Result = TypeVar("_Result")


def _once_a_code(work: Callable[[types.CodeType], _Result]) -> Callable[[types.CodeType], _Result]:
    """Do it once for each code object: two that are equal may come from different sources."""
    known: dict[int, tuple[types.CodeType, _Result]] = {}

    def remembered(code: types.CodeType) -> _Result:
        if id(code) not in known:
            if len(known) >= LARGEST_CACHE:
                known.clear()
            # Kept with the result, so that no other object gets its id.
            known[id(code)] = (code, work(code))
        return known[id(code)][1]

    return remembered


def source_of(treemaker: type) -> dict[str, str]:
    """Give hashes of what a TreeMaker's result depends on besides its options, by name.

    The class and those of its bases that are not shoeroot's own; functions, classes and plain
    constants of the same package that its methods use, and those that these use in turn.
    """
    found = _Found(treemaker.__module__.partition(".")[0])
    for one in treemaker.__mro__:
        if one is not object and one.__module__ not in _OWN_BASES:
            _add_class(one, found, treemaker.__name__ if one is treemaker else "")
    return dict(sorted(found.hashes.items()))


class _Found:
    """What was found so far; two things of the same name are kept apart."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.hashes: dict[str, str] = {}
        self._seen: set[int] = set()

    def is_new(self, thing: Any) -> bool:
        if id(thing) in self._seen:
            return False
        self._seen.add(id(thing))
        return True

    def add(self, name: str, text: str) -> None:
        number, unused = 2, name
        while unused in self.hashes:
            unused, number = f"{name} ({number})", number + 1
        self.hashes[unused] = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _add_class(one: type, found: _Found, name: str = "") -> None:
    if not found.is_new(one):
        return
    methods = [
        function
        for _, member in sorted(vars(one).items())
        for function in _functions_of(member)
        if function.__module__ == one.__module__
    ]
    body = vars(one).get(CLASS_BODY)
    codes = [each.__code__ for each in methods] + ([body] if body is not None else [])
    text = _class_text(one.__name__, codes)
    if text is None:
        text = "\0".join(
            [
                *(_bytecode(code) for code in codes),
                *(
                    f"{key}={told}"
                    for key, value in sorted(vars(one).items())
                    if not key.startswith("__") and (told := constant_text(value)) is not None
                ),
            ]
        )
    called = name or one.__qualname__.rpartition("<locals>.")[2]
    found.add(called, text)
    state = frozenset(name for each in methods for name in _stored(each.__code__))
    for key, value in sorted(_given_later(one, state)):
        found.add(f"{called}.{key}", value)
    for function in methods:
        _add_used(function, found)


def _given_later(one: type, state: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give plain data that a class got after it was made: ``Own.limit = 3``.

    What its own methods write, such as a counter, is state and no setting.
    """
    at_first = vars(one).get(FIRST_MEMBERS)
    if at_first is None:
        return
    for key, value in vars(one).items():
        before = at_first.get(key, _MISSING)
        if key.startswith("__") or key in state or before is value:
            continue
        told = constant_text(value)
        # Equal, though not the same, where the class comes from another process.
        if told is not None and told != constant_text(before):
            yield key, told


def _functions_of(member: Any) -> Iterator[types.FunctionType]:
    inner = getattr(member, "__func__", member)
    candidates = [inner.fget, inner.fset] if isinstance(inner, property) else [inner]
    for candidate in candidates:
        unwrapped = getattr(candidate, "__wrapped__", candidate)
        if isinstance(unwrapped, types.FunctionType):
            yield unwrapped


def _add_used(function: types.FunctionType, found: _Found) -> None:
    """Add what a function uses of its own package."""
    for name, value in _used(function):
        _add_value(name, value, found)


def _add_value(name: str, value: Any, found: _Found) -> None:
    unwrapped = getattr(value, "__wrapped__", value)
    if isinstance(unwrapped, types.FunctionType):
        if _is_of(unwrapped, found.package) and found.is_new(unwrapped):
            found.add(unwrapped.__qualname__, _function_text(unwrapped.__code__))
            _add_used(unwrapped, found)
    elif isinstance(value, type):
        if _is_of(value, found.package) and value.__module__ not in _OWN_BASES:
            _add_class(value, found)
    elif (told := constant_text(value)) is not None:
        if name not in found.hashes:
            found.add(name, told)
    elif (parts := parts_of(value)) and found.is_new(value):
        # Functions among them, such as those of a table of functions.
        for part, inner in parts.items():
            _add_value(f"{name}[{part}]", inner, found)


def _is_of(value: Any, package: str) -> bool:
    module: str = getattr(value, "__module__", "") or ""
    return module.partition(".")[0] == package


def _used(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Give the globals and closed-over values that a function reads, by name."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    modules: list[types.ModuleType] = []
    names = sorted(_names(code))
    for name in names:
        if name not in function.__globals__:
            continue
        value = function.__globals__[name]
        if isinstance(value, types.ModuleType):
            modules.append(value)
        else:
            yield name, value
    package = function.__module__.partition(".")[0]
    for module in modules:
        # helpers.peak(...): only of modules of the same package.
        if module.__name__.partition(".")[0] == package:
            for name in names:
                if hasattr(module, name):
                    yield f"{module.__name__}.{name}", getattr(module, name)


@_once_a_code
def _stored(code: types.CodeType) -> frozenset[str]:
    """Give the attributes, of whatever, that code assigns, or adds something to."""
    found: set[str] = set()
    before = ""
    for one in dis.get_instructions(code):
        if one.opname == "STORE_ATTR":
            found.add(str(one.argval))
        elif one.opname in ("LOAD_METHOD", "LOAD_ATTR") and one.argval in GROWING:
            found.add(before)
        before = str(one.argval) if one.opname == "LOAD_ATTR" else ""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _stored(constant)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _names(code: types.CodeType) -> frozenset[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _names(constant)
    return frozenset(found)


@_once_a_code
def _function_text(code: types.CodeType) -> str:
    text = _trusted_text(code)
    if text is not None:
        for node in ast.walk(_tree_of(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _spans(
                node, code.co_firstlineno, code.co_name
            ):
                segment = ast.get_source_segment(text, node, padded=False)
                if segment:
                    return segment
    return _bytecode(code)


def _class_text(name: str, codes: list[types.CodeType]) -> str | None:
    """Give the source of a class, found by its code; None where it cannot be trusted."""
    if not codes:
        return None
    text = _trusted_text(codes[0])
    if text is None or any(_trusted_text(each) != text for each in codes):
        return None
    return _class_in(text, name, tuple(each.co_firstlineno for each in codes))


@lru_cache(maxsize=1024)
def _class_in(text: str, name: str, lines: tuple[int, ...]) -> str | None:
    for node in ast.walk(_tree_of(text)):
        if isinstance(node, ast.ClassDef) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if all(first <= line <= (node.end_lineno or 0) for line in lines):
                return ast.get_source_segment(text, node)
    return None


def _spans(node: ast.FunctionDef | ast.AsyncFunctionDef, line: int, name: str) -> bool:
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return node.name == name and first == line


@lru_cache(maxsize=64)
def _tree_of(text: str) -> ast.Module:
    return ast.parse(text)


@_once_a_code
def _trusted_text(code: types.CodeType) -> str | None:
    """Give the text of the file of a code object, if it compiles to that code."""
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename))
    if not text:
        return None
    return text if _outline(code) in _outlines(text, code.co_filename) else None


@lru_cache(maxsize=64)
def _outlines(text: str, filename: str) -> frozenset[str]:
    try:
        whole = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return frozenset()
    # Files with other future imports than ours compile otherwise; the text says which.
    found: set[str] = set()
    waiting = [whole]
    while waiting:
        code = waiting.pop()
        found.add(_outline(code))
        waiting += [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return frozenset(found)


def _outline(code: types.CodeType) -> str:
    return f"{code.co_firstlineno}:{code.co_qualname}:{_bytecode(code)}"


def _bytecode(code: types.CodeType) -> str:
    constants = [
        _bytecode(one) if isinstance(one, types.CodeType) else _told(one) for one in code.co_consts
    ]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{version}:{code.co_code.hex()}:{constants}:{code.co_names}"


def _told(constant: Any) -> str:
    # The order in a frozenset differs between processes.
    return str(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)
