"""``shoeroot export`` and ``upload``: results in the forms of other fields, and elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["export", "upload"]

Command = TypeVar("Command", bound=Callable[..., Any])


def _common(command: Command) -> Command:
    """Add what all forms have in common."""
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
        click.option("--overwrite", is_flag=True, help="Replace an earlier export."),
        click.argument("out", metavar="OUT", type=click.Path(path_type=Path)),
        click.argument("campaign", metavar="CAMPAIGN", type=click.Path(path_type=Path)),
    ):
        command = decorate(command)
    return command


_fields = click.option(
    "--field",
    "fields",
    metavar="NAME",
    multiple=True,
    help="An hourly series, such as heating; may be repeated. By default all of them.",
)
_block = click.option(
    "--block",
    default=500,
    show_default=True,
    type=click.IntRange(min=1),
    help="Simulations a file, or a shard.",
)
_layout = click.option(
    "--layout",
    default="results",
    show_default=True,
    type=click.Choice(["results", "events"]),
    help="results: hourly, monthly, areas and designs, as in the authors' notebook; "
    "events: all of every event, which can become events again.",
)


@click.group()
def export() -> None:
    """Write the results of a campaign as netCDF, Zarr, Parquet, HDF5 or tensors."""


@export.command(epilog="Example: shoeroot export netcdf my-campaign my-campaign-netcdf --block 500")
@_common
@_fields
@_block
@click.option(
    "--compression",
    default="zlib",
    show_default=True,
    type=click.Choice(["zlib", "zstd", "none"]),
    help="zstd is faster, and needs hdf5plugin wherever the files are read.",
)
def netcdf(
    campaign: Path,
    out: Path,
    fields: tuple[str, ...],
    block: int,
    compression: Any,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write hourly series as a folder of netCDF files with CF conventions.

    A call that is repeated writes only the files that are missing.
    """
    from shoeroot.exports import save, to_xarray

    dataset = to_xarray(campaign, fields, size=block) if fields else to_xarray(campaign, size=block)
    paths = save(dataset, out, overwrite=overwrite, compression=compression)
    _told(as_json, out, paths, simulations=dataset.sizes["simulation"])


@export.command(epilog="Example: shoeroot export zarr my-campaign my-campaign.zarr")
@_common
@_fields
@_block
def zarr(
    campaign: Path,
    out: Path,
    fields: tuple[str, ...],
    block: int,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write hourly series as a Zarr store, a shard a block."""
    from shoeroot.exports import save_zarr, to_xarray

    dataset = to_xarray(campaign, fields, size=block) if fields else to_xarray(campaign, size=block)
    save_zarr(dataset, out, overwrite=overwrite)
    files = [path for path in out.rglob("*") if path.is_file()]
    _told(as_json, out, files, simulations=dataset.sizes["simulation"])


@export.command(epilog="Example: shoeroot export parquet my-campaign results.parquet")
@_common
@_layout
def parquet(campaign: Path, out: Path, layout: str, overwrite: bool, as_json: bool) -> None:
    """Write results as a Parquet file, a row a simulation. OUT ends in .parquet."""
    _table(campaign, out, (".parquet",), layout, overwrite, as_json)


@export.command(epilog="Example: shoeroot export hdf5 my-campaign batch_00023_results.hdf5")
@_common
@_layout
def hdf5(campaign: Path, out: Path, layout: str, overwrite: bool, as_json: bool) -> None:
    """Write results as an HDF5 file. OUT ends in .hdf5 or .h5."""
    _table(campaign, out, (".hdf5", ".h5"), layout, overwrite, as_json)


def _table(
    campaign: Path,
    out: Path,
    endings: tuple[str, ...],
    layout: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    from shoeroot.errors import ConfigError
    from shoeroot.events import export_events, open_events
    from shoeroot.exports import write_results

    if out.suffix not in endings:
        raise ConfigError(
            f"{out.name} does not end in {' or '.join(endings)}",
            where="OUT",
            hint=f"such as {out.with_suffix(endings[0])}",
        )
    with open_events(campaign) as events:
        count = len(events)
    if layout == "results":
        write_results(campaign, out, overwrite=overwrite)
    elif overwrite and out.exists():
        # Beside the old file until it is complete.
        unfinished = out.with_name(f".new-{out.name}")
        unfinished.unlink(missing_ok=True)
        export_events(campaign, unfinished).replace(out)
    else:
        export_events(campaign, out)
    _told(as_json, out, [out], simulations=count)


@export.command(
    epilog="Example: shoeroot export tensors my-campaign tensors.h5 --targets monthly "
    "--split train=0.8,test=0.2 --group weather"
)
@_common
@click.option(
    "--targets",
    default="annual",
    show_default=True,
    type=click.Choice(["annual", "monthly", "hourly"]),
    help="Resolution of the results.",
)
@click.option(
    "--series",
    default="heating,cooling",
    show_default=True,
    metavar="NAMES",
    help="Results, separated by commas.",
)
@click.option(
    "--zones",
    default="sum",
    show_default=True,
    type=click.Choice(["sum", "each"]),
    help="Summed over the building, or of perimeter and core each.",
)
@click.option("--per-area", is_flag=True, help="Results per floor area.")
@click.option(
    "--split",
    default="train=0.7,validation=0.15,test=0.15",
    show_default=True,
    metavar="SHARES",
    help="Parts and their shares.",
)
@click.option(
    "--group",
    default="weather",
    show_default=True,
    type=click.Choice(["weather", "template", "design"]),
    help="What never is in two parts.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same parts.")
@click.option("--no-schedules", is_flag=True, help="Without the hourly schedules.")
def tensors(
    campaign: Path,
    out: Path,
    targets: Any,
    series: str,
    zones: Any,
    per_area: bool,
    split: str,
    group: Any,
    seed: int,
    no_schedules: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write tensors for a surrogate model as an HDF5 file, with scalers and lineage."""
    from shoeroot.exports import save_tensors, to_ml

    with to_ml(
        campaign,
        targets,
        _shares(split),
        group,
        series=[name.strip() for name in series.split(",") if name.strip()],
        zones=zones,
        per_area=per_area,
        schedules=not no_schedules,
        seed=seed,
    ) as made:
        save_tensors(made, out, overwrite=overwrite)
        report = {name: len(part) for name, part in made.parts.items()}
        _told(as_json, out, [out], parts=report, left_out=made.left_out)


def _shares(text: str) -> dict[str, float]:
    from shoeroot.errors import ConfigError

    try:
        pairs = [part.split("=") for part in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError as problem:
        raise ConfigError(
            f"{text!r} are no shares", where="--split", hint="such as train=0.8,test=0.2"
        ) from problem


def _told(as_json: bool, out: Path, paths: list[Path], **facts: Any) -> None:
    size = sum(path.stat().st_size for path in paths)
    if as_json:
        click.echo(json.dumps({"path": str(out), "files": len(paths), "size": size, **facts}))
        return
    files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    click.echo(f"{out}: {files}, {size / 1e6:.1f} MB")
    for name, value in facts.items():
        text = (
            ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
            if isinstance(value, dict)
            else value
        )
        click.echo(f"{name.replace('_', ' ')}: {text}")


@click.command(epilog="Example: shoeroot upload batch_00023 s3://my-bucket/batch_00023")
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.argument("url", metavar="URL")
@click.option("--anew", is_flag=True, help="Copy also what has arrived before.")
@click.option(
    "--option",
    "options",
    metavar="NAME=VALUE",
    multiple=True,
    help="For the file system of fsspec, such as endpoint_url=http://...; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def upload(path: Path, url: str, anew: bool, options: tuple[str, ...], as_json: bool) -> None:
    """Copy a file or folder to a URL, and compare what arrived with what is here.

    A call that is repeated copies only what is missing or has changed. Keys are taken from
    where the file system's own package looks for them.
    """
    from dataclasses import asdict

    from shoeroot.errors import ConfigError
    from shoeroot.exports import upload as send

    pairs = [option.partition("=") for option in options]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise ConfigError(f"{name!r} is no option", where="--option", hint="NAME=VALUE")
    done = send(path, url, resume=not anew, storage_options={k: v for k, _, v in pairs})
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(
            f"{done.url}: {done.files} files, {done.size / 1e6:.1f} MB; {done.sent} copied, "
            f"{done.skipped} there already"
        )
