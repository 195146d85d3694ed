"""``shoeroot init``, ``run``, ``status`` and ``retry``: campaigns from the command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoeroot.cli.site_stock import site_options, site_settings_of

if TYPE_CHECKING:
    from shoeroot.campaign import Campaign, CampaignStatus, FailureGroup

__all__ = ["init", "retry", "run", "status"]

FAILURES_SHOWN = 5

in_folder = click.argument("folder", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def _working(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of verbs that simulate."""
    for option in reversed(
        (
            click.option("--workers", type=click.IntRange(min=1), help="Simulations at once."),
            click.option(
                "--limit", type=click.IntRange(min=1), help="Begin so many simulations at most."
            ),
            click.option("--budget", metavar="TIME", help="Stop after 90s, 30m, 2h, 1h30m, ..."),
            click.option(
                "--max-failures",
                metavar="NUMBER|SHARE",
                help="Stop when more simulations fail: 12, or 5% (once 20 have ended).",
            ),
            click.option(
                "--amend",
                is_flag=True,
                help="Go on with settings or designs that changed, in a new generation.",
            ),
            click.option(
                "--dask",
                metavar="ADDRESS|FILE|local",
                help="Simulate on a Dask cluster: address of its scheduler, its scheduler file, "
                "or local:N for N processes here.",
            ),
            as_json,
        )
    ):
        command = option(command)
    return command


@click.command(epilog="Example: shoeroot init my-campaign --make Basics --make Loads")
@in_folder
@click.option(
    "--weather",
    metavar="FILE",
    multiple=True,
    help="A weather file instead of those that come with the engine; may be repeated.",
)
@click.option("--templates", metavar="FILE", default="", help="A UMI template library.")
@click.option("--timesteps", type=int, default=4, show_default=True, help="Steps an hour.")
@click.option("--make", metavar="TREEMAKER", multiple=True, help="Mini-trees to make.")
@site_options
@click.option("--engine", metavar="FILE", help="The engine's command line.")
@as_json
def init(
    folder: Path,
    weather: tuple[str, ...],
    templates: str,
    timesteps: int,
    make: tuple[str, ...],
    sites: str,
    site_level: str | None,
    site_weights: str | None,
    floor_area: float | None,
    engine: str | None,
    as_json: bool,
) -> None:
    """Begin a campaign in FOLDER: write campaign.toml, with a comment for each setting."""
    from shoeroot.campaign import init_campaign

    path = init_campaign(
        folder,
        weather=weather,
        templates=templates,
        timesteps_per_hour=timesteps,
        make=make,
        engine=engine,
        sites=site_settings_of(sites, site_level, site_weights, floor_area),
    )
    if as_json:
        click.echo(json.dumps({"settings": str(path)}))
    else:
        click.echo(f"settings   {path}")
        typed = shlex.quote(str(folder))
        click.echo(f"What to do next: shoeroot sample {typed}; shoeroot run {typed}")


@click.command(epilog="Example: shoeroot run my-campaign --budget 30m --max-failures 5%")
@in_folder
@_working
@click.pass_context
def run(context: click.Context, /, folder: Path, **options: Any) -> None:
    """Start or continue the campaign in FOLDER: simulate what has not been simulated.

    Ctrl-C stops it; what has ended is kept, and the same command goes on.
    """
    _simulate(context, folder, (), **options)


@click.command(epilog="Example: shoeroot retry my-campaign --only timeout,crash")
@in_folder
@click.option(
    "--only",
    metavar="STATUSES",
    required=True,
    help="Ways to fail, with commas: invalid, fatal, severe, crash, timeout, short.",
)
@_working
@click.pass_context
def retry(context: click.Context, /, folder: Path, only: str, **options: Any) -> None:
    """Run failed simulations again, and those that wait; new events replace the old."""
    statuses = tuple(part.strip() for part in only.split(",") if part.strip())
    _simulate(context, folder, statuses, **options)


@click.command(epilog="Example: shoeroot status my-campaign --failures")
@in_folder
@click.option("--failures", is_flag=True, help="Group failures by cause, with an example each.")
@as_json
def status(folder: Path, failures: bool, as_json: bool) -> None:
    """Show how far the campaign in FOLDER is, also while it runs."""
    from shoeroot.campaign import campaign_status, failure_groups

    found = campaign_status(folder)
    groups = failure_groups(folder) if failures else []
    if as_json:
        report = asdict(found)
        if failures:
            report["failures"] = [asdict(group) for group in groups]
        click.echo(json.dumps(report, indent=2))
        return
    _print_status(found)
    if failures:
        _print_failures(groups)


def _simulate(
    context: click.Context,
    folder: Path,
    retry: tuple[str, ...],
    *,
    workers: int | None,
    limit: int | None,
    budget: str | None,
    max_failures: str | None,
    amend: bool,
    dask: str | None,
    as_json: bool,
) -> None:
    from shoeroot.campaign import resume_campaign

    ended = resume_campaign(
        folder,
        workers=workers,
        limit=limit,
        budget=budget,
        max_failures=max_failures,
        retry=retry,
        amend=amend,
        executor=_executor(dask),
    )
    if as_json:
        report = {
            "folder": str(folder),
            "statuses": ended.statuses,
            "waiting": ended.waiting,
            "stopped": ended.stopped,
        }
        click.echo(json.dumps(report, indent=2))
    else:
        _print_ended(folder, ended)
    asked_for = ended.stopped.startswith(("the limit", "the budget"))
    context.exit(1 if ended.failed or (ended.stopped and not asked_for) else 0)


def _executor(dask: str | None) -> Any:
    if dask is None:
        return None
    from shoeroot.campaign.dask_executor import executor_of

    return executor_of(dask)


def _print_ended(folder: Path, ended: Campaign) -> None:
    typed = shlex.quote(str(folder))
    click.echo(f"{'ended':<10} {_counted(ended.statuses) or 'nothing'}")
    if ended.stopped:
        click.echo(f"{'stopped':<10} {ended.stopped}")
    if ended.waiting:
        click.echo(f"{'waiting':<10} {ended.waiting}; go on with: shoeroot run {typed}")
    if ended.failed:
        click.echo(f"{'failed':<10} {ended.failed}; why: shoeroot status {typed} --failures")


def _print_status(found: CampaignStatus) -> None:
    from shoeroot.campaign import duration_text

    click.echo(f"{'campaign':<12} {found.folder}, {found.simulations} simulations")
    click.echo(f"{'state':<12} {_state(found)}")
    click.echo(f"{'simulations':<12} {_counted(found.counts)}")
    if found.mean_seconds:
        spent = f"{found.mean_seconds:.2f} s a simulation"
        left = found.seconds_left
        more = f", about {duration_text(left)} left" if left else ""
        click.echo(f"{'time':<12} {spent}{more}")
    for one in found.generations:
        lineage = one.lineage
        told = _counted(one.counts) or "none left"
        click.echo(
            f"{'generation ' + str(one.generation):<12} {one.started}: {one.designs} designs, "
            f"{lineage.get('timesteps_per_hour')} steps an hour, engine {lineage.get('engine')}; "
            f"{told}"
        )


def _state(found: CampaignStatus) -> str:
    if found.at_work:
        return "a process works on it"
    if not found.waiting:
        return "complete"
    last = found.sessions[-1] if found.sessions else None
    reason = "" if last is None else last["reason"] or "its process was killed"
    return f"stopped: {reason}" if reason else "not begun"


def _print_failures(groups: list[FailureGroup]) -> None:
    if not groups:
        click.echo("no failures")
    for group in groups:
        click.echo()
        click.echo(f"{group.count} x {group.status}: {group.cause}")
        lines = [line for line in group.message.splitlines() if line.strip()]
        click.echo(f"  for example event {group.example}:")
        for line in lines[:FAILURES_SHOWN]:
            click.echo(f"    {line}")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {status}" for status, count in counts.items())
