"""The ``shoeroot`` command: its verbs, and how errors end it.

Exit codes: 0 all is well; 1 something ran but not everything came out well;
2 it could not be done, with one error that says what to do, on standard error;
with ``--json`` on standard output, too, as ``{"error": {"kind", "problem", "where", "hint"}}``.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
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
from shoeroot.cli.plots import display, plot, report
from shoeroot.cli.replay import replay
from shoeroot.cli.sample import sample
from shoeroot.cli.sites import sites
from shoeroot.cli.templates import show_templates
from shoeroot.cli.treemakers import new, why
from shoeroot.errors import ShoerootError

__all__ = ["main"]

#: Set to anything, errors that shoeroot did not foresee are shown with their traceback.
TRACEBACK_VARIABLE = "SHOEROOT_TRACEBACK"
_AS_JSON = "shoeroot.as_json"


class _Verbs(click.Group):
    """Prints errors of shoeroot as text, without a traceback."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # The word stands where a file would: a folder of that name is ./templates.
        if args[:2] == ["show", "templates"]:
            return "show templates", show_templates, args[2:]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[_AS_JSON] = "--json" in options
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as wrong:
            of = wrong.ctx.command_path if wrong.ctx is not None else ctx.command_path
            _print_as_json(ctx, type(wrong).__name__, wrong.format_message(), hint=f"{of} --help")
            raise
        except (KeyboardInterrupt, click.Abort):
            _print_as_json(ctx, "KeyboardInterrupt", "interrupted")
            raise
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as problem:
            if getattr(problem, "errno", None) == errno.EPIPE:
                raise
            error = _as_shoeroot_error(problem)
            _print_as_json(ctx, type(problem).__name__, error.problem, error.where, error.hint)
            click.echo(f"error: {error}", err=True)
            ctx.exit(2)


def _as_shoeroot_error(problem: Exception) -> ShoerootError:
    """Say what nobody foresaw as an error with a place and a way out, instead of a traceback."""
    if isinstance(problem, ShoerootError):
        return problem
    if os.environ.get(TRACEBACK_VARIABLE):
        raise problem
    if isinstance(problem, OSError) and problem.strerror:
        said = problem.strerror
        return ShoerootError(
            said[:1].lower() + said[1:],
            where=str(problem.filename or ""),
            hint="look whether it is there, may be read and written, and whether the disk is full",
        )
    if isinstance(problem, MemoryError):
        return ShoerootError("the memory is used up", hint="give less at once")
    return ShoerootError(
        f"shoeroot failed: {type(problem).__name__}: {problem}",
        hint=f"please report it with what `{TRACEBACK_VARIABLE}=1 shoeroot ...` prints",
    )


def _print_as_json(
    ctx: click.Context, kind: str, problem: str, where: str = "", hint: str = ""
) -> None:
    """Give an error to programs that read standard output; nothing without ``--json``."""
    if ctx.meta[_AS_JSON]:
        error = {"kind": kind, "problem": problem, "where": where, "hint": hint}
        # Nothing more can be said there where standard output itself is what failed.
        with contextlib.suppress(OSError):
            click.echo(json.dumps({"error": error}, indent=2))


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
verbs.add_command(display)
verbs.add_command(plot)
verbs.add_command(report)
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
