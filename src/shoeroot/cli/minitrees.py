"""``shoeroot minitree``, ``load`` and ``cut``: mini-trees made, put into a table, and cut."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from shoeroot.cli.treemakers import minitree_folders, plugins

if TYPE_CHECKING:
    from shoeroot.minitrees import CutFlow, MadeMiniTree
    from shoeroot.minitrees.cuts import Cut

__all__ = ["cut", "load", "minitree"]

#: Rows of a table that are shown.
SHOWN = 10
_NAMED = re.compile(r"\s*([\w][\w -]*?)\s*:(?!=)\s*(.+)", re.DOTALL)

Command = TypeVar("Command", bound=Callable[..., Any])


def _common(command: Command) -> Command:
    """Add what the three verbs have in common."""
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
        plugins,
        click.option("--workers", default=1, type=click.IntRange(min=1), help="Datasets at once."),
        minitree_folders,
        click.option(
            "--make",
            "makers",
            metavar="NAMES",
            help="TreeMakers, separated by commas; by default Basics, of sites SiteBasics.",
        ),
        click.argument("datasets", metavar="DATASET...", nargs=-1, required=True),
    ):
        command = decorate(command)
    return command


_where = click.option(
    "--where",
    metavar="CONDITION",
    multiple=True,
    help="Load only events that pass, such as \"status == 'ok'\"; may be repeated.",
)
_weight = click.option(
    "--weight",
    "weights",
    metavar="COLUMN",
    multiple=True,
    help="Also count sums of this column; may be repeated.",
)


@click.command(epilog="Example: shoeroot minitree 'batch_*' --make Basics,Loads --workers 2")
@_common
@click.option("--force", is_flag=True, help="Make them anew even where they are current.")
@click.option("--watch", is_flag=True, help="Go on as datasets come and change, until Ctrl-C.")
@click.option(
    "--interval",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds from one look to the next.",
)
@click.option("--rounds", type=click.IntRange(min=1), help="Stop watching after so many looks.")
@click.pass_context
def minitree(
    context: click.Context,
    datasets: tuple[str, ...],
    makers: str | None,
    folders: tuple[Path, ...],
    workers: int,
    as_json: bool,
    force: bool,
    watch: bool,
    interval: float,
    rounds: int | None,
) -> None:
    """Make the mini-trees of many datasets where they are missing or not current.

    DATASET is a campaign folder, an event file, a pattern or a name of a catalogue.
    Ends with exit code 1 where one could not be made; the others are made.
    """
    from shoeroot.minitrees import make_minitrees, watch_minitrees

    options: dict[str, Any] = {
        "force_reload": force,
        "num_workers": workers,
        "minitree_folder": folders or None,
    }
    wanted = _names(makers)
    if not watch:
        done = make_minitrees(datasets, wanted, **options)
        _print_made(done, as_json)
        context.exit(int(any(one.outcome == "failed" for one in done)))
    try:
        looks = watch_minitrees(datasets, wanted, interval=interval, rounds=rounds, **options)
        for news in looks:
            if news:
                _print_made(news, as_json)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


@click.command(epilog="Example: shoeroot load batch_00023 --make Basics,Loads -o loads.parquet")
@_common
@_where
@_weight
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the table there: *.csv, *.parquet or *.root.",
)
def load(as_json: bool, output: Path | None, **asked: Any) -> None:
    """Load mini-trees into one table and write it, or show its first rows.

    Missing mini-trees are made, those that are not current are made anew.
    """
    import shoeroot.minitrees as trees

    if output is not None:
        trees.check_kind(output)
    data = _loaded(**asked)
    if output is not None:
        trees.write_data(data, output)
    if as_json:
        _print_json(_about(data, output))
        return
    if output is not None:
        click.echo(f"{output}: {len(data)} rows, {len(data.columns)} columns")
    else:
        click.echo(data.head(SHOWN).to_string())
        click.echo(f"[{len(data)} rows x {len(data.columns)} columns]")
    if asked["where"]:
        click.echo(repr(trees.cut_flow(data)))


@click.command(
    epilog="Example: shoeroot cut batch_00023 --cut \"ran: status == 'ok'\" --cut 'eui < 100'"
)
@_common
@_where
@_weight
@click.option(
    "--cut",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    help="A condition that rows fulfil, or NAME: CONDITION; may be repeated.",
)
@click.option(
    "--cuts",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A TOML file of named cuts.",
)
@click.option(
    "--picture", metavar="FILE", type=click.Path(path_type=Path), help="Draw it: *.png, *.svg..."
)
def cut(
    as_json: bool,
    conditions: tuple[str, ...],
    files: tuple[Path, ...],
    picture: Path | None,
    **asked: Any,
) -> None:
    """Print what cuts leave: in sequence, each alone, and with all cuts but one (N-1)."""
    import shoeroot.minitrees as trees

    wanted = _cuts(conditions, files)
    data = _loaded(**asked)
    flow = trees.cut_flow(trees.cuts.apply(data, *wanted, weights=asked["weights"]))
    if picture is not None:
        _draw(flow, picture)
    if as_json:
        _print_json(flow.to_dict())
    else:
        click.echo(repr(flow))


def _loaded(
    datasets: tuple[str, ...],
    makers: str | None,
    folders: tuple[Path, ...],
    workers: int,
    where: tuple[str, ...],
    weights: tuple[str, ...],
) -> Any:
    """Load what the options that `load` and `cut` share ask for."""
    from shoeroot.minitrees import load

    return load(
        datasets,
        _names(makers),
        list(where),
        weights=weights,
        num_workers=workers,
        minitree_folder=folders or None,
    )


def _names(makers: str | None) -> list[str] | None:
    if makers is None:
        return None
    return [name.strip() for name in makers.split(",") if name.strip()]


def _cuts(conditions: tuple[str, ...], files: tuple[Path, ...]) -> list[Cut]:
    from shoeroot.errors import ConfigError
    from shoeroot.minitrees.cuts import Cut, read_cuts

    wanted = [one for file in files for one in read_cuts(file).values()]
    for text in conditions:
        named = _NAMED.fullmatch(text)
        wanted.append(Cut(named[1], named[2]) if named else Cut("", text))
    if not wanted:
        raise ConfigError("there is no cut", hint="--cut 'eui < 100', or --cuts FILE")
    return wanted


def _draw(flow: CutFlow, picture: Path) -> None:
    from shoeroot.plots import plot_cut_flow, save_figure

    save_figure(plot_cut_flow(flow), picture)


def _about(data: Any, output: Path | None) -> dict[str, Any]:
    from shoeroot.minitrees import cut_flow

    report = {
        "rows": len(data),
        "columns": data.attrs["columns"],
        "cut_flow": cut_flow(data).to_dict(),
        "output": None if output is None else str(output),
    }
    if output is None:
        report["head"] = json.loads(data.head(SHOWN).to_json(orient="records"))
    return report


def _print_json(report: Any) -> None:
    click.echo(json.dumps(report, indent=2, default=str))


def _print_made(done: list[MadeMiniTree], as_json: bool) -> None:
    if as_json:
        _print_json([asdict(one) for one in done])
        return
    for one in done:
        rows = f"{one.rows} rows" if one.outcome != "failed" else ""
        told = f"  ({one.reason})" if one.reason else ""
        click.echo(f"{one.dataset}  {one.treemaker}  {one.outcome}  {rows}{told}")
        for label, text in (("where", one.where), ("what to do", one.hint)):
            if text:
                click.echo(f"  {label}: {text}")
