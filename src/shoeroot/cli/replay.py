"""``shoeroot replay``: simulate an event again and compare every number."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from shoeroot.campaign import Replay

__all__ = ["replay"]

FIELDS_SHOWN = 20
_TEXT_SHOWN = 60


@click.command(epilog="Example: shoeroot replay campaign 17 --weather my-weather.epw")
@click.argument("campaign", type=click.Path(exists=True))
@click.argument("event_id", type=int)
@click.option(
    "--weather",
    multiple=True,
    type=click.Path(exists=True),
    help="The weather file of the event, or a folder in which it is; may be given again.",
)
@click.option("--engine", type=click.Path(exists=True), help="The engine's program or folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_context
def replay(
    context: click.Context,
    campaign: str,
    event_id: int,
    weather: tuple[str, ...],
    engine: str | None,
    as_json: bool,
) -> None:
    """Rebuild the model of an event from its file, run it, and compare every number.

    CAMPAIGN is a campaign, a folder of events or an event file, also a merged one. On the same
    build of the engine the largest deviation is 0. Ends with exit code 1 where anything deviates.
    """
    from shoeroot.campaign import replay as replay_event

    made = replay_event(campaign, event_id, weather=weather, engine=engine)
    if as_json:
        click.echo(json.dumps(_as_dict(made), indent=2))
    else:
        _show(made)
    context.exit(0 if made.exact else 1)


def _show(made: Replay) -> None:
    stored, replayed = made.stored, made.replayed
    click.echo(f"event {made.event_id} of {made.file}")
    click.echo(f"  {stored.template}; {made.weather.name}; EnergyPlus {replayed.engine}")
    click.echo(f"  status {stored.status}, now {replayed.status}")
    for note in made.notes:
        click.echo(f"  note: {note}")
    click.echo(f"largest deviation of {made.numbers} numbers: {_number(made.largest)}")
    for one in made.deviations[:FIELDS_SHOWN]:
        click.echo(
            f"  {one.field}: {one.differing} of {one.values} differ, most by "
            f"{_number(one.largest)}: {_short(one.stored)} stored, {_short(one.replayed)} now"
        )
    if len(made.deviations) > FIELDS_SHOWN:
        click.echo(f"  and {len(made.deviations) - FIELDS_SHOWN} fields more")


def _number(value: float) -> str:
    return "no number" if math.isinf(value) else f"{value:.3g}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_SHOWN else f"{line[:_TEXT_SHOWN]}..."


def _as_dict(made: Replay) -> dict[str, object]:
    return {
        "event_id": made.event_id,
        "file": str(made.file),
        "exact": made.exact,
        "largest": _plain(made.largest),
        "numbers": made.numbers,
        "status": {"stored": made.stored.status, "replayed": made.replayed.status},
        "engine": {"stored": made.stored.engine, "replayed": made.replayed.engine},
        "model_hash": {"stored": made.stored.model_hash, "replayed": made.replayed.model_hash},
        "weather": str(made.weather),
        "notes": list(made.notes),
        "deviations": [
            {**asdict(one), "largest": _plain(one.largest), "relative": _plain(one.relative)}
            for one in made.deviations
        ],
    }


def _plain(value: float) -> float | None:
    """Return what JSON can write: null where there is no number."""
    return None if math.isinf(value) else value
