"""A TreeMaker as a table for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["html_of_treemaker"]


def html_of_treemaker(maker: TreeMaker) -> str:
    """Give name, version, options and columns with units as HTML."""
    first_line = (type(maker).__doc__ or "").strip().partition("\n")[0]
    caption = f"{maker!r}, version {type(maker).__version__}. {first_line}"
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(info.unit)}</td>"
        f"<td style='text-align:left'>{escape(info.description)}</td></tr>"
        for name, info in maker.columns_made().items()
    )
    options = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(repr(value))}</td>"
        f"<td style='text-align:left'>option</td></tr>"
        for name, value in maker.options.items()
    )
    return (
        f"<table><caption style='text-align:left'>{escape(caption)}</caption>"
        "<thead><tr><th>column</th><th>unit</th><th>description</th></tr></thead>"
        f"<tbody>{rows}{options}</tbody></table>"
    )
