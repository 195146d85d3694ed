"""``shoeroot sites aggregate``: what the stock of sites uses, from a campaign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aggregate", "site_options", "site_settings_of"]

ROWS_SHOWN = 40
#: What is printed of the table; files and JSON have all of it.
SHOWN = ("name", "weather", "distance_km", "n", "failed", "mean", "standard_error", "total")


def site_options(command: Any) -> Any:
    """Add the options that name the sites that designs stand for."""
    for option in reversed(
        (
            click.option(
                "--sites",
                metavar="FOLDER",
                default="",
                help="Sites that the designs stand for, made by `shoeroot sites build`: weather "
                "files get designs by the weight of the sites near them. --weather may then be a "
                "folder of .epw files.",
            ),
            click.option(
                "--site-level",
                type=click.Choice(["urban_centre", "urban_cluster"]),
                help="Only sites of this level, where there are both.",
            ),
            click.option(
                "--site-weights",
                type=click.Choice(["population", "built"]),
                help="What a site weighs: its people or its built-up surface.  "
                "[default: population]",
            ),
            click.option(
                "--floor-area",
                type=click.FloatRange(min=0, min_open=True),
                metavar="M2",
                help="Floor area a person, or a m2 of built-up surface: for sums over sites.",
            ),
        )
    ):
        command = option(command)
    return command


def site_settings_of(
    sites: str, site_level: str | None, site_weights: str | None, floor_area: float | None
) -> dict[str, Any] | str:
    """Return the settings that those options give; empty for none."""
    told = {"level": site_level, "weights": site_weights, "floor_area": floor_area}
    given = {name: value for name, value in told.items() if value is not None}
    if given and not sites:
        raise click.UsageError("--site-level, --site-weights and --floor-area need --sites")
    return {"path": sites, **given} if sites else ""


@click.command(epilog="Example: shoeroot sites aggregate my-campaign --values eui --bootstrap 1000")
@click.argument("campaign", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--sites",
    metavar="FOLDER",
    help="Other sites than those that campaign.toml names.",
)
@click.option(
    "--level",
    type=click.Choice(["urban_centre", "urban_cluster"]),
    help="Only sites of this level; by default as the settings say.",
)
@click.option(
    "--values",
    metavar="COLUMN",
    multiple=True,
    default=("eui",),
    show_default=True,
    help="What to aggregate, a column of the mini-trees; may be repeated.",
)
@click.option(
    "--make",
    "makers",
    metavar="TREEMAKER",
    multiple=True,
    default=("Basics",),
    show_default=True,
    help="Whose columns those are; may be repeated.",
)
@click.option(
    "--weights", type=click.Choice(["population", "built"]), help="As the settings say, or so."
)
@click.option(
    "--floor-area",
    type=click.FloatRange(min=0, min_open=True),
    metavar="M2",
    help="Floor area a person, or a m2 of built-up surface: for sums.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(min=2),
    default=None,
    metavar="TIMES",
    help="Check the error bars by drawing the designs again so many times.",
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Write .csv, .parquet or .root."
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_context
def aggregate(
    context: click.Context,
    campaign: Path,
    sites: str | None,
    level: str | None,
    values: tuple[str, ...],
    makers: tuple[str, ...],
    weights: str | None,
    floor_area: float | None,
    bootstrap: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Estimate what the stock of each site, and of all, uses, with error bars.

    CAMPAIGN is a campaign whose designs stand for sites: a site has the mean of the designs
    of its weather file. Simulations that failed are left out and counted. The exit code is
    1 if a site has no result.
    """
    from shoeroot.campaign import aggregate_to_sites
    from shoeroot.minitrees import check_kind, write_data

    if output is not None:
        check_kind(output)
    table = aggregate_to_sites(
        campaign,
        sites,
        level=level or "",
        values=list(values),
        treemakers=list(makers),
        weights=weights,  # type: ignore[arg-type]
        floor_area=floor_area,
        bootstrap=bootstrap or 0,
    )
    if output is not None:
        # ROOT holds no numbers that may be missing.
        told = table["agrees"].map({True: "yes", False: "no"}).fillna("")
        write_data(table.assign(agrees=told) if output.suffix == ".root" else table, output)
    if as_json:
        click.echo(json.dumps({"rows": _rows(table), "notes": table.attrs["notes"]}, indent=2))
    else:
        _print(table, output)
    context.exit(1 if table["mean"].isna().any() else 0)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return plain.to_dict(orient="records")  # type: ignore[return-value]


def _print(table: pd.DataFrame, output: Path | None) -> None:
    for (value, unit), rows in table.groupby(["value", "unit"], sort=False):
        summed = rows["total_unit"].iloc[0] if rows["total"].notna().any() else ""
        click.echo(f"{value} [{unit or '1'}]" + (f", total [{summed}]" if summed else ""))
        sites = rows[rows["kind"] == "site"].sort_values("weight", ascending=False)
        groups = rows[rows["kind"] != "site"]
        columns = [*SHOWN, *(["bootstrap_error"] if "bootstrap_error" in rows else [])]
        for some in (sites.head(ROWS_SHOWN), groups):
            shown = some[[name for name in columns if some[name].notna().any()]]
            click.echo(shown.to_string(index=False, float_format=lambda one: f"{one:.4g}"))
        if len(sites) > ROWS_SHOWN:
            click.echo(f"the {ROWS_SHOWN} sites of the largest weight, of {len(sites)}")
        click.echo()
    for note in table.attrs["notes"]:
        click.echo(f"note: {note}")
    if output is not None:
        click.echo(f"{output}: {len(table)} rows, {len(table.columns)} columns")
