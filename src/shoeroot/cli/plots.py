"""``shoeroot plot``, ``display`` and ``report``: columns, events and datasets drawn."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoeroot.cli.minitrees import _common, _loaded, _where
from shoeroot.cli.treemakers import minitree_folders

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["display", "plot", "report"]


@click.command(epilog="Example: shoeroot plot batch_00023 -x floor_area -y eui --by vintage")
@_common
@_where
@click.option("-x", "x", metavar="COLUMN", default="", help="What to draw; a histogram or bars.")
@click.option("-y", "y", metavar="COLUMN", default="", help="Against x; points or boxes.")
@click.option("--by", metavar="COLUMN", default="", help="Colours: texts, values or quarters.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="*.png, *.pdf, *.svg.  [default: DATASET-overview.png or DATASET-COLUMN.png, here]",
)
def plot(as_json: bool, x: str, y: str, by: str, output: Path | None, **asked: Any) -> None:
    """Draw columns of mini-trees, or without -x an overview of one campaign.

    The overview shows energy use by vintage and how long which loads last.
    Mini-trees are made where they are missing; Loads and others are asked for
    by --make.
    """
    from shoeroot.errors import ConfigError
    from shoeroot.plots import plot_columns, plot_dataset

    datasets = asked["datasets"]
    if not x and (y or by):
        raise ConfigError("-y and --by need an -x", hint="such as -x floor_area -y eui")
    if not x and len(datasets) > 1:
        raise ConfigError(
            "the overview is of one dataset",
            hint="give one, or -x COLUMN, such as -x eui --by dataset",
        )
    data = _loaded(weights=(), **asked)
    figure = plot_columns(data, x, y, by=by) if x else plot_dataset(datasets[0], data)
    drawn = "-".join(filter(None, (x, y))) or "overview"
    target = output or Path(f"{_called(datasets[0])}-{drawn}.png")
    _save(figure, target, as_json, rows=len(data))


@click.command(
    epilog="Example: shoeroot display batch_00023 17 -o event.png",
    context_settings={"ignore_unknown_options": True},  # -1 is a place
)
@click.argument("path", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.argument("place", metavar="PLACE", type=int)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="*.png, *.pdf, *.svg.  [default: NAME-event-ID.png, here]",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def display(path: Path, place: int, output: Path | None, as_json: bool) -> None:
    """Draw one event: its year hour by hour and month by month, its zones, its messages.

    PLACE counts from 0 over all files, as for show; -1 is the last.
    """
    from shoeroot.cli.events import read_event
    from shoeroot.plots import plot_event

    event, _, _ = read_event(path, place)
    figure = plot_event(event)
    target = output or Path(f"{_called(path)}-event-{event.event_id}.png")
    _save(figure, target, as_json, event_id=event.event_id, status=event.status)


@click.command(epilog="Example: shoeroot report batch_00023 -o batch_00023.html")
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@_where
@minitree_folders
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="*.html.  [default: DATASET-report.html, here]",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def report(
    dataset: Path,
    where: tuple[str, ...],
    folders: tuple[Path, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Write a page about a campaign: how it ended, energy use, loads, failures, origin.

    One HTML file with its pictures in it, which needs no network. The mini-trees
    Basics, Loads and Diagnostics are made where they are missing.
    """
    from shoeroot.plots import make_report

    target = output or Path(f"{_called(dataset)}-report.html")
    done = make_report(dataset, target, where=where, minitree_folder=folders or None)
    if as_json:
        click.echo(json.dumps(asdict(done), indent=2, default=str))
        return
    ended = ", ".join(f"{count} {status}" for status, count in done.statuses.items())
    click.echo(f"{done.path}: {done.rows} of {done.events} events" + (f": {ended}" * bool(ended)))


def _called(dataset: str | Path) -> str:
    """Give the name of a dataset for that of a file: batch_00023 of ../batch_00023/."""
    path = Path(dataset)
    name = (path.resolve() if path.exists() else path).name
    return name.removesuffix(".root").replace("*", "") or "dataset"


def _save(figure: Figure, target: Path, as_json: bool, **about: Any) -> None:
    from shoeroot.plots import save_figure

    save_figure(figure, target)
    if as_json:
        click.echo(json.dumps({"picture": str(target), **about}, indent=2))
    else:
        click.echo(str(target))
