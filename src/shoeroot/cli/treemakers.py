"""``shoeroot why`` and ``shoeroot new``: is a mini-tree current, and a start for TreeMakers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

__all__ = ["new", "why"]

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def _find_treemakers(
    context: click.Context, option: click.Parameter, folders: tuple[Path, ...]
) -> None:
    """Let the TreeMakers of folders be asked for by name, in this process."""
    from shoeroot.minitrees import add_treemaker_folder

    for folder in folders:
        add_treemaker_folder(folder)


plugins = click.option(
    "--treemakers",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    callback=_find_treemakers,
    expose_value=False,
    help="A folder of TreeMakers, beside those that are installed; may be repeated.",
)
minitree_folders = click.option(
    "--folder",
    "folders",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where mini-trees are looked for; new ones are made in the first.",
)


@click.command(epilog="Example: shoeroot why Loads batch_00023")
@click.argument("treemaker", metavar="NAME")
@click.argument("dataset", metavar="DATASET")
@minitree_folders
@plugins
@as_json_option
@click.pass_context
def why(
    context: click.Context,
    treemaker: str,
    dataset: str,
    folders: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Say whether a mini-tree is current, and if not, the first thing that differs.

    DATASET is a campaign folder, an event file, a pattern or a name of a
    catalogue.

    Compares the events, the TreeMaker's version, options and source, what it
    depends on, and the format. Ends with exit code 1 where it would be made
    anew.
    """
    from shoeroot.minitrees import check

    found = check(dataset, treemaker, minitree_folder=folders or None)
    if as_json:
        told = [asdict(one) for one in found]
        click.echo(json.dumps(told if len(told) > 1 else told[0], indent=2, default=str))
    else:
        click.echo("\n".join(map(str, found)))
    context.exit(0 if all(one.current for one in found) else 1)


@click.group()
def new() -> None:
    """Write a start for something of your own."""


@new.command("treemaker", epilog="Example: shoeroot new treemaker ShadedHours")
@click.argument("name", metavar="NAME")
@click.option(
    "--folder",
    default="treemakers",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where it is written.",
)
@click.option(
    "--style",
    type=click.Choice(["columnar", "by-event", "many-rows"]),
    default="columnar",
    show_default=True,
    help="Many events at once, one at a time, or many rows an event.",
)
@as_json_option
def treemaker(name: str, folder: Path, style: str, as_json: bool) -> None:
    """Write a TreeMaker that works, to be changed, and a test of it."""
    from shoeroot.minitrees import new_treemaker

    made = new_treemaker(name, folder, style=style)
    if as_json:
        click.echo(json.dumps(asdict(made), indent=2, default=str))
        return
    click.echo(f"{made.file}\n{made.test}")
    click.echo(f"To test it: pytest {made.test}")
    click.echo(
        f'To load it by name: shoeroot.minitrees.add_treemaker_folder("{folder}"), or '
        f"SHOEROOT_TREEMAKERS={folder}"
    )
