"""``shoeroot meta``: ESP-r META files checked, told about, changed, converted and simulated."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from shoeroot.meta import MetaModel

__all__ = ["meta"]

a_file = click.argument("file", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
tolerant = click.option("--tolerant", is_flag=True, help="Mend the faults of scanned text.")
output = click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Write it to this file."
)
rotation = click.option(
    "--rotation",
    type=click.Choice(["document", "esp-r"]),
    default="document",
    show_default=True,
    help="What zones turn about: the point of their *rotate, or as ESP-r does it.",
)


def _converting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of verbs that convert."""
    for option in reversed(
        (
            click.option(
                "--databases",
                metavar="FOLDER",
                type=click.Path(path_type=Path),
                help="Where ESP-r's databases and patterns of use lie.",
            ),
            click.option(
                "--ideal-control",
                is_flag=True,
                help="Heat and cool zones that have set-points but no *ideal_control.",
            ),
            tolerant,
            as_json,
        )
    ):
        command = option(command)
    return command


@click.group()
def meta() -> None:
    """Read, check, change, convert and simulate ESP-r META files."""


@meta.command(epilog="Example: shoeroot meta check house.meta")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@tolerant
@as_json
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], tolerant: bool, as_json: bool) -> None:
    """Tell what is wrong with FILES, with lines; exit code 1 where there are errors."""
    from shoeroot.meta import diagnostics

    report: list[dict[str, Any]] = []
    for path in files:
        model = _read(path, tolerant, quiet=as_json)
        found = diagnostics(model)
        report += [{"path": str(path), **asdict(one)} for one in found]
        if as_json:
            continue
        for one in found:
            click.echo(str(one))
        surfaces = sum(len(zone.surfaces) for zone in model.zones)
        click.echo(
            f"{path}: {len(model.zones)} zones, {surfaces} surfaces, {len(found)} diagnostics"
        )
    if as_json:
        click.echo(json.dumps(report, indent=2))
    context.exit(1 if any(one["severity"] == "error" for one in report) else 0)


@meta.command(epilog="Example: shoeroot meta stats house.meta")
@a_file
@tolerant
@rotation
@as_json
def stats(file: Path, tolerant: bool, rotation: Any, as_json: bool) -> None:
    """Show volume, areas, U-values and surfaces of each zone of FILE, as ESP-r reports them."""
    from shoeroot.meta import read_databases_of, statistics

    model = _read(file, tolerant, quiet=as_json)
    known, _ = read_databases_of(model)
    found = statistics(model, known, rotation=rotation)
    if as_json:
        tables = {
            name: json.loads(table.to_json(orient="records"))
            for name, table in (("zones", found.zones), ("surfaces", found.surfaces))
        }
        click.echo(json.dumps(tables, indent=2))
    else:
        click.echo(str(found))


@meta.command(epilog="Example: shoeroot meta expand house.meta -o explicit.meta")
@a_file
@output
@tolerant
@rotation
@as_json
def expand(file: Path, output: Path | None, tolerant: bool, rotation: Any, as_json: bool) -> None:
    """Make all shapes, doors, windows and masses of FILE explicit polygons."""
    from shoeroot.meta import expand

    _write(expand(_read(file, tolerant, quiet=as_json), rotation=rotation), output, as_json)


@meta.command(epilog="Example: shoeroot meta compact explicit.meta -o house.meta")
@a_file
@output
@tolerant
@as_json
def compact(file: Path, output: Path | None, tolerant: bool, as_json: bool) -> None:
    """Write zones of FILE as box, extrude, door, glaze and mass where that says the same."""
    from shoeroot.meta import compact

    _write(compact(_read(file, tolerant, quiet=as_json)), output, as_json)


@meta.command(epilog="Example: shoeroot meta view house.meta -o house.png")
@a_file
@output
@tolerant
@rotation
@as_json
def view(file: Path, output: Path | None, tolerant: bool, rotation: Any, as_json: bool) -> None:
    """Draw FILE from outside: zones in colours, obstructions grey."""
    from shoeroot.meta import view
    from shoeroot.plots import save_figure

    model = _read(file, tolerant, quiet=as_json)
    target = output or Path(f"{file.stem}.png")
    save_figure(view(model, rotation=rotation), target)
    click.echo(json.dumps({"picture": str(target)}) if as_json else f"picture    {target}")


@meta.command(epilog="Example: shoeroot meta convert house.meta --weather Chicago.epw -o x.epJSON")
@a_file
@click.option("--weather", metavar="FILE|NAME", help="For seasons, elevation and ground.")
@output
@_converting
def convert(
    file: Path,
    weather: str | None,
    output: Path | None,
    databases: Path | None,
    ideal_control: bool,
    tolerant: bool,
    as_json: bool,
) -> None:
    """Write FILE as input of EnergyPlus, and tell what is lost, object by object."""
    from shoeroot.building import find_weather, weather_folders
    from shoeroot.meta import to_epjson

    model = _read(file, tolerant, quiet=as_json)
    epjson, losses = to_epjson(
        model,
        weather=None if weather is None else find_weather(weather, weather_folders()),
        databases=databases,
        assume_control=ideal_control,
    )
    target = output or Path(f"{file.stem}.epJSON")
    target.write_text(json.dumps(epjson, indent=1), encoding="utf-8")
    if as_json:
        report = {"model": str(target), "losses": [asdict(loss) for loss in losses]}
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(str(losses))
        click.echo(f"model      {target}")


@meta.command(epilog="Example: shoeroot meta simulate house.meta --weather Chicago.epw --output r")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--weather", metavar="FILE|NAME", required=True, help="An EPW file.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("shoeroot-meta"),
    show_default=True,
    help="The folder to make.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Simulations at once.")
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds for one.")
@click.option("--engine", metavar="FILE", help="The engine's command line.")
@_converting
@click.pass_context
def simulate(
    context: click.Context,
    paths: tuple[Path, ...],
    weather: str,
    output: Path,
    workers: int | None,
    timeout: float,
    engine: str | None,
    databases: Path | None,
    ideal_control: bool,
    tolerant: bool,
    as_json: bool,
) -> None:
    """Simulate META files, or folders of *.meta, and write an event of each.

    A year, or what *assessments asks for. Exit code 1 where a model failed.
    """
    from shoeroot.campaign import simulate_meta

    ended = simulate_meta(
        paths,
        output,
        weather=weather,
        engine=engine,
        databases=databases,
        assume_control=ideal_control,
        tolerant=tolerant,
        workers=workers,
        timeout=timeout,
    )
    if as_json:
        report = {
            "folder": str(output),
            "statuses": ended.statuses,
            "waiting": ended.waiting,
            "losses": {name: [asdict(one) for one in told] for name, told in ended.losses.items()},
        }
        click.echo(json.dumps(report, indent=2))
    else:
        counts = ", ".join(f"{count} {status}" for status, count in ended.statuses.items())
        click.echo(f"{'ended':<10} {counts or 'nothing'}")
        if ended.waiting:
            click.echo(f"{'waiting':<10} {ended.waiting}: it was stopped")
        click.echo(f"{'events':<10} {output / 'events'}")
        if ended.losses:
            lost = sum(map(len, ended.losses.values()))
            click.echo(f"{'losses':<10} {lost}, told in {output / 'losses'}")
        click.echo(f"What to do next: shoeroot load {shlex.quote(str(output))} --make Basics,Loads")
    context.exit(1 if ended.failed or ended.waiting else 0)


def _read(path: Path, tolerant: bool, *, quiet: bool) -> MetaModel:
    from shoeroot.meta import read

    model = read(path, tolerant=tolerant)
    if not quiet:
        for repair in model.repairs:
            click.echo(f"repaired   {repair}", err=True)
    return model


def _write(model: MetaModel, output: Path | None, as_json: bool) -> None:
    from shoeroot.meta import to_text, write

    if output is not None:
        write(model, output)
    if as_json:
        shapes = {zone.name: zone.shape for zone in model.zones}
        report = {"file": None if output is None else str(output), "shapes": shapes}
        click.echo(json.dumps(report, indent=2))
    elif output is None:
        click.echo(to_text(model), nl=False)
    else:
        click.echo(f"model      {output}")
