"""``shoeroot demo``: the whole way once, from designs to a table and a picture."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from shoeroot.campaign import Demo

__all__ = ["demo"]

FIGURE = "overview.png"
SHOWN = (
    *("event_id", "status", "program_type", "vintage", "climate_zone"),
    *("floor_area", "heating", "cooling", "eui", "heating_peak", "cooling_peak"),
)


@click.command(epilog="Example: shoeroot demo my-campaign --designs 32 --seed 7")
@click.argument("folder", default="shoeroot-demo", type=click.Path(path_type=Path))
@click.option(
    "--designs", default=16, show_default=True, type=click.IntRange(min=1), help="How many."
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Of the random numbers: the same designs for the same seed.",
)
@click.option(
    "--templates",
    metavar="FILE",
    default="",
    help="A UMI template library instead of the one that ships with shoeroot.",
)
@click.option(
    "--weather",
    metavar="FILE",
    multiple=True,
    help="A weather file instead of those that come with the engine; may be repeated.",
)
@click.option("--engine", metavar="FILE", help="The engine's command line.")
@click.option("--workers", type=click.IntRange(min=1), help="Simulations at once.")
@click.option("--json", "as_json", is_flag=True, help="Print where everything lies as JSON.")
@click.pass_context
def demo(
    context: click.Context,
    folder: Path,
    designs: int,
    seed: int,
    templates: str,
    weather: tuple[str, ...],
    engine: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Sample designs, simulate a year of each, and look at the results.

    Makes the campaign FOLDER (shoeroot-demo unless named), with the events in
    ROOT files, the mini-trees Basics and Loads, and a figure.
    """
    from shoeroot.campaign import run_demo
    from shoeroot.plots import plot_overview, save_figure

    done = run_demo(
        folder,
        designs=designs,
        seed=seed,
        templates=templates,
        weather=weather,
        engine=engine,
        workers=workers,
    )
    figure = folder / FIGURE
    with done.campaign.open() as events:
        save_figure(plot_overview(done.data, events), figure)
    if as_json:
        report = {**_files(folder, done), "statuses": done.campaign.statuses}
        click.echo(json.dumps(report, indent=2))
    else:
        _print_report(folder, done)
    context.exit(1 if done.campaign.interrupted else 0)


def _files(folder: Path, done: Demo) -> dict[str, list[str]]:
    return {
        "designs": [str(folder / "designs.root")],
        "events": [str(path) for path in sorted(done.campaign.events_folder.glob("*.root"))],
        "minitrees": [str(path) for path in sorted((folder / "minitrees").glob("*/*.root"))],
        "figure": [str(folder / FIGURE)],
    }


def _print_report(folder: Path, done: Demo) -> None:
    head = done.data[list(SHOWN)].head()
    click.echo(head.to_string(index=False, float_format="{:.1f}".format))
    rows, columns = done.data.shape
    click.echo(f"[{rows} rows x {columns} columns; floor area in m2, energy in kWh, peaks in kW]")
    click.echo()
    for name, paths in _files(folder, done).items():
        for path in paths:
            click.echo(f"{name:<10} {path}")
    ended = ", ".join(f"{count} {status}" for status, count in done.campaign.statuses.items())
    click.echo(f"{'ended':<10} {ended}{', then interrupted' if done.campaign.interrupted else ''}")
    click.echo(
        f"""
What to try next, in Python:
  import shoeroot
  data = shoeroot.minitrees.load("{folder}", ["Basics", "Loads"])
  data.groupby("vintage").eui.mean()
  events = shoeroot.open("{folder}")
  events[0].zones[0].hourly.temperature
On the command line:
  shoeroot report {shlex.quote(str(folder))}
  shoeroot demo {shlex.quote(f"{folder}-2")} --designs 64 --seed 1
  shoeroot doctor"""
    )
