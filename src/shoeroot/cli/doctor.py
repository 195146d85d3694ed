"""``shoeroot doctor``: what is installed, what is missing, what to type."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

__all__ = ["doctor"]

INDENT = " " * 27
_MARKS = {"ok": "ok", "missing": "MISSING", "optional": "optional", "passed over": ""}


@click.command(epilog="Example: shoeroot doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look for the engine, weather, templates and optional parts.

    Ends with exit code 1 where something is missing that simulations need.
    """
    from shoeroot.campaign import examine

    checks = examine()
    missing = [check for check in checks if check.state == "missing"]
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            first, *more = check.found.splitlines()
            click.echo(f"{check.name:<14} {_MARKS[check.state]:<9} {first}")
            for line in more:
                click.echo(f"{INDENT}{line}")
            if check.remedy:
                click.echo(f"{INDENT}what to type: {check.remedy}")
        click.echo()
        click.echo("Something is missing." if missing else "Ready: try shoeroot demo")
    context.exit(1 if missing else 0)
