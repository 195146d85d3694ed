"""``shoeroot show templates``: what the building templates of a library are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from shoeroot.building import TemplateSummary
    from shoeroot.records import Field

__all__ = ["show_templates"]

#: Heading and decimals of each column of a program's table.
COLUMNS = {
    "name": ("template", 0),
    "years": ("built", 0),
    "zones": ("zones", 0),
    "facade": ("R wall", 2),
    "roof": ("R roof", 2),
    "slab": ("R slab", 2),
    "window": ("U win", 2),
    "shgc": ("SHGC", 2),
    "visible": ("VT", 2),
    "lighting": ("light", 1),
    "equipment": ("equip", 1),
    "people": ("people", 3),
    "heating": ("heat", 1),
    "cooling": ("cool", 1),
    "infiltration": ("ACH", 2),
    "air_per_person": ("air/p", 1),
    "air_per_area": ("air/m2", 2),
    "hot_water": ("water", 3),
    "lighting_hours": ("h light", 0),
    "equipment_hours": ("h equip", 0),
    "people_hours": ("h people", 0),
}


@click.command(
    "templates",
    epilog="Example: shoeroot show templates --program Office",
)
@click.option(
    "--templates",
    "path",
    metavar="FILE",
    default="",
    help="A UMI template library instead of those that ship with shoeroot.",
)
@click.option("--program", metavar="NAME", help="Only the templates of this program.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures with units as JSON.")
def show_templates(path: str, program: str | None, as_json: bool) -> None:
    """List building templates: R-values, windows, loads, setpoints, air and schedules.

    h stands for full-load hours in a year.
    """
    from shoeroot.building import TemplateSummary, summarise_template
    from shoeroot.campaign import read_templates
    from shoeroot.cli.rendering import print_rich
    from shoeroot.records import RecordType

    library = read_templates(path)
    chosen = library.templates if program is None else library.of_program(program)
    rows = [summarise_template(template) for template in chosen]
    fields = RecordType.of(TemplateSummary).fields
    if as_json:
        columns = {
            field.name: {"unit": field.unit, "description": field.description} for field in fields
        }
        report = {"columns": columns, "templates": [asdict(row) for row in rows]}
        click.echo(json.dumps(report, indent=2))
    else:
        # Where programs, years and zones tell templates apart, names only repeat them.
        shown = [name for name in COLUMNS if name != "name" or not library.knows_programs]
        print_rich(*_tables(rows, [field for field in fields if field.name in shown]))


def _tables(rows: Sequence[TemplateSummary], fields: Sequence[Field]) -> Iterator[RenderableType]:
    from rich.text import Text

    for program, of_program in groupby(rows, key=lambda row: row.program):
        yield Text(program, style="bold")
        yield _table(list(of_program), [field.name for field in fields])
        yield Text("")
    for field in fields:
        unit = f" [{field.unit}]" if field.unit else ""
        yield Text(f"{COLUMNS[field.name][0]:<9} {field.description}{unit}", style="dim")


def _table(rows: Sequence[TemplateSummary], names: Sequence[str]) -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        justify: Any = "left" if name in ("name", "years", "zones") else "right"
        table.add_column(COLUMNS[name][0], justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(getattr(row, name), COLUMNS[name][1]) for name in names))
    return table


def _cell(value: float | str, decimals: int) -> str:
    return value if isinstance(value, str) else f"{value:.{decimals}f}"
