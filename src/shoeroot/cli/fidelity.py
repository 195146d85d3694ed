"""``shoeroot fidelity``: how results change with the time step."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import click

__all__ = ["fidelity"]


@click.command(epilog="Example: shoeroot fidelity campaign --json")
@click.argument("campaign", type=click.Path(exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the corrections as JSON.")
def fidelity(campaign: str, as_json: bool) -> None:
    """Compare designs that were run with several time steps.

    For a campaign with `fidelity = [{steps = 2}, {steps = 6, share = 0.1}]` in its settings:
    by what its annual heating, cooling, energy use intensity and peaks are to be multiplied to be
    those of the finer time step, with standard error, confidence interval and number of designs.
    """
    from shoeroot.campaign import fidelity_report

    report = fidelity_report(campaign)
    if not as_json:
        click.echo(str(report))
        return
    rows = [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in asdict(one).items()
        }
        for one in report.corrections
    ]
    click.echo(json.dumps(rows, indent=2))
