"""The ``shoeroot`` command: its verbs, and how errors end it.

Exit codes: 0 all is well; 1 something ran but not everything came out well;
2 it could not be done, with one error that says what to do.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from shoeroot import __version__
from shoeroot.cli.campaigns import init, retry, run, status
from shoeroot.cli.demo import demo
from shoeroot.cli.doctor import doctor
from shoeroot.cli.events import ls, merge, salvage, show, verify
from shoeroot.cli.exports import export, upload
from shoeroot.cli.fidelity import fidelity
from shoeroot.cli.meta import meta
from shoeroot.cli.minitrees import cut, load, minitree
from shoeroot.cli.replay import replay
from shoeroot.cli.sample import sample
from shoeroot.cli.sites import sites
from shoeroot.cli.templates import show_templates
from shoeroot.cli.treemakers import new, why
from shoeroot.errors import ShoerootError

__all__ = ["main"]


class _Verbs(click.Group):
    """Prints errors of shoeroot as text, without a traceback."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # The word stands where a file would: a folder of that name is ./templates.
        if args[:2] == ["show", "templates"]:
            return "show templates", show_templates, args[2:]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ShoerootError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shoeroot")
def verbs() -> None:
    """Simulate building stocks; keep the results as events, reduce them to mini-trees."""


verbs.add_command(demo)
verbs.add_command(doctor)
verbs.add_command(init)
verbs.add_command(run)
verbs.add_command(status)
verbs.add_command(retry)
verbs.add_command(cut)
verbs.add_command(export)
verbs.add_command(fidelity)
verbs.add_command(load)
verbs.add_command(ls)
verbs.add_command(show)
verbs.add_command(merge)
verbs.add_command(meta)
verbs.add_command(minitree)
verbs.add_command(new)
verbs.add_command(replay)
verbs.add_command(salvage)
verbs.add_command(sample)
verbs.add_command(sites)
verbs.add_command(upload)
verbs.add_command(verify)
verbs.add_command(why)


def main() -> None:
    """Run the command line."""
    # Text with units such as "m2" is plain ASCII, paths need not be.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    verbs()
