"""A page of documentation for a TreeMaker, from its class: what it makes, of what, and how."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

from shoeroot.minitrees.registry import find_treemaker
from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["treemaker_index", "treemaker_page"]

#: A section of a docstring: a title, underlined.
_TITLE = re.compile(r"^(?P<title>[A-Z][A-Za-z ]*)\n-{3,}\n", re.MULTILINE)
_OPTION = re.compile(r"^(?P<names>\w+(?:, \w+)*) : (?P<kind>.+)$")
#: Longer defaults are cut.
LONGEST = 60


def treemaker_page(treemaker: str | type[TreeMaker]) -> str:
    """Write the page of a TreeMaker in Markdown.

    Parameters
    ----------
    treemaker : name or class

    Returns
    -------
    str
        Its documentation, options with defaults, columns with units, and what it depends on as
        a graph (Mermaid, which GitHub and most readers of Markdown draw).
    """
    kind = _class_of(treemaker)
    maker = kind()
    sections = _sections(inspect.getdoc(kind) or "")
    lines = [f"# {maker.name}", "", sections[""], "", _facts(kind), ""]
    if maker.options:
        lines += ["## Options", "", *_options(maker, sections.get("Options", "")), ""]
    lines += ["## Columns", "", *_columns(maker), ""]
    lines += ["## Depends on", "", *_graph([kind]), ""]
    return "\n".join(lines)


def treemaker_index(treemakers: Iterable[str | type[TreeMaker]]) -> str:
    """Write a page that lists TreeMakers, with a link to each one's page, and how they depend."""
    kinds = [_class_of(one) for one in treemakers]
    lines = ["# TreeMakers", "", "| TreeMaker | what it makes | columns |", "|---|---|---|"]
    for kind in kinds:
        first = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
        maker = kind()
        lines.append(f"| [{maker.name}]({maker.name}.md) | {first} | {len(maker.columns_made())} |")
    return "\n".join([*lines, "", *_graph(kinds), ""])


def _class_of(treemaker: Any) -> type[TreeMaker]:
    found: Any = find_treemaker(treemaker)
    return found if isinstance(found, type) else type(found)


def _facts(kind: type[TreeMaker]) -> str:
    rows = "one an event" if kind.rows_per_event == "one" else "any number an event"
    kept = ", made each time it is asked for" if kind.never_store else ""
    return f"Version {kind.__version__}; rows: {rows}{kept}; module `{kind.__module__}`."


def _sections(documentation: str) -> dict[str, str]:
    """Split a docstring into its sections; what comes before the first one is ""."""
    titles = list(_TITLE.finditer(documentation))
    if not titles:
        return {"": documentation.strip()}
    ends = [title.start() for title in titles[1:]] + [len(documentation)]
    found = {"": documentation[: titles[0].start()].strip()}
    for title, end in zip(titles, ends, strict=True):
        found[title["title"]] = documentation[title.end() : end].strip()
    return found


def _options(maker: TreeMaker, text: str) -> Iterator[str]:
    meanings = _meanings(text)
    yield "| option | default | meaning |"
    yield "|---|---|---|"
    for name, value in maker.options.items():
        default = repr(value)
        if len(default) > LONGEST:
            default = default[: LONGEST - 3] + "..."
        yield f"| `{name}` | `{default}` | {_cell(meanings.get(name, ''))} |"


def _meanings(text: str) -> dict[str, str]:
    """Give what a section of options says of each: ``name, other : type``, indented text below."""
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        entry = _OPTION.match(line)
        if entry:
            names = entry["names"].split(", ")
            meanings |= dict.fromkeys(names, "")
        else:
            for name in names:
                meanings[name] = f"{meanings[name]} {line.strip()}".strip()
    return meanings


def _columns(maker: TreeMaker) -> Iterator[str]:
    yield "| column | unit | description |"
    yield "|---|---|---|"
    for name, (unit, description) in maker.columns_made().items():
        yield f"| `{name}` | {_cell(unit)} | {_cell(description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _graph(kinds: Iterable[type[TreeMaker]]) -> list[str]:
    """Draw what TreeMakers depend on, and what that depends on, down to the events."""
    edges: dict[tuple[str, str], None] = {}
    waiting = list(kinds)
    known: set[str] = set()
    while waiting:
        kind = waiting.pop(0)
        if kind.__name__ in known:
            continue
        known.add(kind.__name__)
        edges["events", kind.__name__] = None
        for below in _dependencies(kind):
            edges[below.__name__, kind.__name__] = None
            waiting.append(below)
    arrows = [f"    {_node(source)} --> {target}" for source, target in edges]
    return ["```mermaid", "graph LR", *arrows, "```"]


def _dependencies(kind: type[TreeMaker]) -> list[type[TreeMaker]]:
    wanted: Any = kind.depends_on
    listed = [wanted] if isinstance(wanted, str | type | TreeMaker) else list(wanted)
    return [_class_of(one) for one in listed]


def _node(name: str) -> str:
    return "events[(events)]" if name == "events" else name
