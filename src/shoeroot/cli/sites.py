"""``shoeroot sites``: urban extents and what surrounds them, built, drawn, travelled between."""

from __future__ import annotations

import contextlib
import json
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoeroot.cli.site_stock import aggregate

if TYPE_CHECKING:
    from shoeroot.sites import BuildReport

__all__ = ["sites"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
a_folder = click.argument("folder", metavar="SITES", type=click.Path(path_type=Path))
#: Rows of a table that are shown.
SHOWN = 15
CONTENTS = {
    "admin": "parts of administrative units",
    "ntl": "months of night lights",
    "built": "epochs of built-up surface",
    "flood": "floods",
    "climate": "months of climate",
    "pm25": "years of fine particles",
    "routes": "routes",
}


@click.group()
def sites() -> None:
    """Find urban extents and what surrounds them; draw them; travel between them."""


sites.add_command(aggregate)


@sites.command(epilog="Example: shoeroot sites init sites.toml")
@click.argument("file", default="sites.toml", type=click.Path(path_type=Path))
@as_json
def init(file: Path, as_json: bool) -> None:
    """Write a FILE of settings to begin with: each with its meaning, most of them commented out."""
    from shoeroot.sites import write_example_settings

    written = write_example_settings(file)
    click.echo(json.dumps({"settings": str(written)}) if as_json else f"settings   {written}")


@sites.command(epilog="Example: shoeroot sites build sites.toml")
@click.argument("settings", metavar="SITES.TOML", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Another folder than the settings say.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@as_json
def build(settings: Path, output: Path | None, quiet: bool, as_json: bool) -> None:
    """Do what SITES.TOML says: extents, names, joins, layers, routes; keep the sites as events.

    Finished steps are kept: called again, after a change or after it was killed, it does what
    is missing.
    """
    from shoeroot.sites import build_sites, read_report, read_sites_config

    config = read_sites_config(settings)
    if output is not None:
        config = config.in_folder(config.folder, output=str(output.absolute()))
    with _plain_warnings():
        build_sites(config, progress=not quiet)
    reports = [read_report(one.output_folder) for _, one in config.each_source()]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in reports], indent=2))
        return
    for report in reports:
        _print_report(report)


@sites.command("map", epilog="Example: shoeroot sites map sites-belgium -o belgium.html")
@a_folder
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="*.html to look at in a browser, or *.png, *.pdf, *.svg.  [default: map.html in SITES]",
)
@click.option("--level", type=click.Choice(["urban_centre", "urban_cluster"]))
@click.option("--colour", default="level", show_default=True, help="Column for a picture.")
@click.option(
    "--routes",
    default=3,
    show_default=True,
    type=click.IntRange(min=0),
    help="So many of the fastest routes of each site are drawn.",
)
@click.option("--without-units", is_flag=True)
@as_json
def map_(
    folder: Path,
    output: Path | None,
    level: str | None,
    colour: str,
    routes: int,
    without_units: bool,
    as_json: bool,
) -> None:
    """Draw the sites of a folder with the units and routes that they were built with."""
    from shoeroot.sites import draw_sites

    with _plain_warnings():
        target = draw_sites(
            folder,
            output,
            level=level or "",
            colour_by=colour,
            routes=routes,
            units=not without_units,
        )
    click.echo(json.dumps({"map": str(target)}) if as_json else f"map        {target}")


@sites.command(
    epilog="Example: shoeroot sites routes sites-belgium --friction friction.tif --to ports.gpkg"
)
@a_folder
@click.option(
    "--friction",
    metavar="FILE",
    help="A raster of minutes per metre; by default the routes that the sites hold.",
)
@click.option(
    "--to",
    "facilities",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Points to travel to, instead of the sites.",
)
@click.option("--id", "column", default="", metavar="COLUMN", help="What identifies the points.")
@click.option("--level", type=click.Choice(["urban_centre", "urban_cluster"]))
@click.option(
    "--metric",
    default="graph",
    show_default=True,
    type=click.Choice(["graph", "continuous"]),
    help="Along 8 neighbours, or in any direction.",
)
@click.option("--limit", type=click.FloatRange(min=0, min_open=True), help="Longest way [min].")
@click.option("--snap", default=5.0, show_default=True, help="From a barrier to a cell [km].")
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write them there: *.gpkg or *.geojson with lines, *.csv without.",
)
@click.option(
    "--matrix",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write minutes and km of all pairs there: *.csv or *.parquet.",
)
@as_json
def routes(
    folder: Path,
    friction: str | None,
    facilities: Path | None,
    column: str,
    level: str | None,
    metric: str,
    limit: float | None,
    snap: float,
    output: Path | None,
    matrix: Path | None,
    as_json: bool,
) -> None:
    """Show how long it takes from each site to the others, or to other points.

    SITES is a folder of sites, or a file of points: *.gpkg, *.geojson and the like, or *.csv
    with columns lon and lat.
    """
    from shoeroot.sites import named_routes, travel_from_sites, write_table

    if friction is None and (facilities or column or level or limit or matrix):
        raise click.UsageError("--to, --id, --level, --limit and --matrix need --friction")
    with _plain_warnings():
        if friction is None:
            table = named_routes(folder)
        else:
            table = travel_from_sites(
                folder,
                friction,
                facilities,
                id=column,
                level=level or "",
                metric=metric,
                limit=limit or float("inf"),
                snap_km=snap,
                matrix=matrix,
                progress=True,
            )
        if output is not None:
            write_table(table, output, "routes")
    _print_routes(table, output, as_json)


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print warnings of shoeroot as text, without the line of code they come from."""
    from shoeroot.errors import SiteWarning

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        click.echo(f"warning: {message}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", SiteWarning)
        warnings.showwarning = show
        yield


def _print_report(report: BuildReport) -> None:
    folder = _short(report.folder)
    click.echo(f"sites      {folder}")
    click.echo(f"{'':<10} {'level':<14}{'sites':>7}{'people':>14}{'km2':>11}")
    for level, facts in report.levels.items():
        name = level.replace("_", " ")
        click.echo(
            f"{'':<10} {name:<14}{facts['sites']:>7}{facts['people']:>14,.0f}{facts['km2']:>11,.0f}"
        )
    for name, count in report.contents.items():
        if count:
            click.echo(f"{'':<10} {count} {CONTENTS[name]}")
    made = [step for step in report.steps if step.outcome == "made"]
    seconds = sum(step.seconds for step in report.steps)
    click.echo(
        f"steps      {len(made)} made, {len(report.steps) - len(made)} kept, {seconds:.1f} s"
    )
    typed = shlex.quote(str(folder))
    click.echo(f"next       shoeroot load {typed}; shoeroot sites map {typed}")


def _short(folder: str) -> str:
    """Say where a folder is from here, if it lies below."""
    path = Path(folder)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else folder


def _print_routes(table: Any, output: Path | None, as_json: bool) -> None:
    plain = table.drop(columns="geometry")
    if as_json:
        rows = [] if output is not None else json.loads(plain.to_json(orient="records"))
        click.echo(
            json.dumps(
                {"routes": len(plain), "output": output and str(output), "rows": rows}, indent=2
            )
        )
        return
    if output is not None:
        click.echo(f"{output}: {len(plain)} routes")
        return
    if len(plain):
        click.echo(plain.head(SHOWN).to_string(index=False))
    click.echo(f"[{len(plain)} routes]")
