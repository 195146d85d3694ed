"""``shoeroot sample``: draw designs into a campaign folder, and look at their models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoeroot.cli.site_stock import site_options, site_settings_of

if TYPE_CHECKING:
    from shoeroot.campaign import Sampled

__all__ = ["sample"]

METHODS = ("archetypes", "normal", "uniform", "lhs", "sobol", "grid")
DESIGNS = 16


@click.command(
    epilog="Example: shoeroot sample my-campaign --designs 64 --method sobol --vary wwr=0.2:0.6"
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--designs",
    type=click.IntRange(min=1),
    help=f"How many; with --extend how many more.  [default: {DESIGNS}; a grid has its own]",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    help="archetypes: boxes that vary, each built in every vintage; normal: the parameters' "
    "normal distributions; uniform: each alone; lhs: a Latin hypercube; sobol: a sequence that "
    "fills the space evenly; grid: all combinations.  [default: archetypes]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Of the random numbers: the same designs for the same seed.  [default: 0]",
)
@click.option(
    "--vary",
    metavar="NAME=LOW:HIGH",
    multiple=True,
    help="What varies besides program, vintage and weather, instead of the box and its "
    "orientation: wwr, wwr=0.2:0.6, wwr=0.2:0.6:5 (five values of a grid) or orientation=0,2; "
    "may be repeated.",
)
@click.option("--extend", is_flag=True, help="Add to the designs that are there (uniform, sobol).")
@click.option(
    "--weather",
    metavar="FILE",
    multiple=True,
    help="A weather file instead of those that come with the engine; may be repeated.",
)
@click.option(
    "--templates",
    metavar="FILE",
    default="",
    help="A UMI template library instead of the one that ships with shoeroot.",
)
@site_options
@click.option("--engine", metavar="FILE", help="The engine's command line.")
@click.option(
    "--inspect/--no-inspect",
    default=True,
    show_default=True,
    help="Build all models and compare them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def sample(
    context: click.Context,
    folder: Path,
    designs: int | None,
    method: str | None,
    seed: int | None,
    vary: tuple[str, ...],
    extend: bool,
    weather: tuple[str, ...],
    templates: str,
    sites: str,
    site_level: str | None,
    site_weights: str | None,
    floor_area: float | None,
    engine: str | None,
    inspect: bool,
    as_json: bool,
) -> None:
    """Draw designs into the campaign FOLDER, and look at their models.

    Writes designs.root (and campaign.toml where there is none), then says which designs
    have the same model, which numbers vary to no effect, and which designs cannot be
    simulated. Nothing is simulated. The exit code is 1 if some cannot be.
    """
    from shoeroot.campaign import SamplingPlan, parse_variation, sample_campaign

    if extend and (method or seed is not None or vary):
        raise click.UsageError("--extend goes on as before: leave out --method, --seed and --vary")
    plan = None
    if not extend:
        count = designs or (0 if method == "grid" else DESIGNS)
        plan = SamplingPlan(
            method or "archetypes",  # type: ignore[arg-type]
            count,
            seed or 0,
            tuple(parse_variation(one) for one in vary),
        )
    done = sample_campaign(
        folder,
        plan,
        extend=(designs or DESIGNS) if extend else 0,
        weather=weather,
        templates=templates,
        sites=site_settings_of(sites, site_level, site_weights, floor_area),
        engine=engine,
        inspect=inspect,
    )
    click.echo(json.dumps(_as_dict(done), indent=2) if as_json else _report(done))
    context.exit(1 if done.inspection and done.inspection.invalid else 0)


def _as_dict(done: Sampled) -> dict[str, object]:
    return {
        "path": str(done.path),
        "designs": done.designs,
        "added": done.added,
        "plan": done.plan.as_dict(),
        "clipped": done.clipped,
        "inspection": done.inspection.as_dict() if done.inspection else None,
        "sites": done.sites.as_dict() if done.sites else None,
    }


def _report(done: Sampled) -> str:
    lines = [f"{done.path}: {done.designs} designs, {done.added} of them new"]
    if done.clipped:
        told = ", ".join(f"{name} in {count}" for name, count in done.clipped.items())
        lines.append(f"moved to the end of their range: {told}")
    if done.sites:
        lines.append(str(done.sites))
    if done.inspection:
        lines.append(str(done.inspection))
    return "\n".join(lines)
