"""Build the conda packages that are published, and upload them.

Run it as::

    python recipes/release.py build --channel NAME [--engines 25.2.0 ...] [--folder FOLDER]
    python recipes/release.py upload --owner NAME [--label main] [--folder FOLDER]

`build` takes what the packages need from conda channels, runs the recipes' tests, and writes
SHA256SUMS and a bill of materials (CycloneDX) for each engine beside the packages. `upload`
compares the packages with SHA256SUMS first; its token is read from the environment variable
ANACONDA_API_TOKEN, and never printed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rattler_build import Package
from rattler_build.upload import upload_package_to_anaconda

from building import Builder, clean_source
from engines import EngineSource, read_engines
from fetch import DOWNLOADS, fetch, sha256
from sbom import engine_materials, write_materials

__all__ = ["build", "check_sums", "upload", "write_sums"]

_TOKEN = "ANACONDA_API_TOKEN"
_SUMS = "SHA256SUMS"
_OFFICIAL = "25.2.0"


def build(
    folder: Path,
    engines: list[EngineSource],
    channels: list[str],
    *,
    libraries: str = "conda",
    compression: int = 19,
    test: bool = True,
) -> list[Path]:
    """Build all packages, with their bills of materials and sums.

    Parameters
    ----------
    folder : Path
        The channel that they are put into.
    engines : list of EngineSource
        The engines to package.
    channels : list of str
        Names or addresses of conda channels.
    libraries : {"conda", "system"}, optional
        Where the engines get their libraries from.
    compression : int, optional
        Level of zstandard.
    test : bool, optional
        Whether to run the recipes' tests.

    Returns
    -------
    list of Path
        The packages.
    """
    official = read_engines([_OFFICIAL])[0]
    wheels = {engine: fetch(engine) for engine in {*engines, official}}
    builder = Builder(folder, channels, libraries, compression, test)
    builder.index()
    built = builder.engines(engines)
    for package in built:
        version = Package.from_file(package).version
        (engine,) = (one for one in engines if one.engine == version)
        materials = engine_materials(package, engine, wheels[engine])
        write_materials(materials, folder / f"{package.stem}.cdx.json")
    packages = [*built, *builder.weather(official), *builder.shoeroot(clean_source(DOWNLOADS))]
    write_sums(folder)
    return packages


def _summed(folder: Path) -> list[Path]:
    found = [*folder.glob("linux-64/*.conda"), *folder.glob("noarch/*.conda")]
    return sorted([*found, *folder.glob("*.cdx.json")])


def write_sums(folder: Path) -> Path:
    """Write the SHA-256 of packages and bills of materials, as `sha256sum --check` reads it."""
    lines = [f"{sha256(path)}  {path.relative_to(folder)}\n" for path in _summed(folder)]
    sums = folder / _SUMS
    sums.write_text("".join(lines))
    return sums


def check_sums(folder: Path) -> list[Path]:
    """Return the packages in SHA256SUMS.

    Raises
    ------
    ValueError
        A file is missing or differs, or a package is not in the list; it is named.
    """
    wanted = dict(reversed(line.split("  ")) for line in (folder / _SUMS).read_text().splitlines())
    there = {str(path.relative_to(folder)): sha256(path) for path in _summed(folder)}
    if wrong := sorted(name for name, _ in wanted.items() ^ there.items()):
        raise ValueError(f"not as in {_SUMS}: {', '.join(dict.fromkeys(wrong))}; build again")
    return [folder / name for name in wanted if name.endswith(".conda")]


def upload(folder: Path, owner: str, label: str) -> list[Path]:
    """Upload the packages of a folder to an owner's channel, under a label.

    Raises
    ------
    ValueError
        There is no token, or the packages are not those in SHA256SUMS.
    """
    token = os.environ.get(_TOKEN, "")
    if not token:
        raise ValueError(f"the environment variable {_TOKEN} is not set: nothing was uploaded")
    packages = check_sums(folder)
    upload_package_to_anaconda(
        [str(package) for package in packages], owner, channel=[label], api_key=token
    )
    return packages


def main() -> int:
    """Run as a script; see the module."""
    arguments = _parser().parse_args()
    folder: Path = arguments.folder.resolve()
    try:
        if arguments.verb == "upload":
            done = upload(folder, arguments.owner, arguments.label)
        else:
            engines = read_engines(arguments.engines)
            done = build(
                folder,
                engines,
                arguments.channel,
                libraries=arguments.libraries,
                compression=arguments.compression,
                test=not arguments.no_test,
            )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for package in done:
        print(package)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Build and upload the published conda packages.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    builds, uploads = verbs.add_parser("build"), verbs.add_parser("upload")
    for verb in (builds, uploads):
        verb.add_argument("--folder", type=Path, default=DOWNLOADS.parent / "release")
    builds.add_argument("--engines", nargs="+", default=[], metavar="VERSION")
    builds.add_argument("--channel", action="append", required=True, help="may be repeated")
    builds.add_argument("--libraries", choices=("conda", "system"), default="conda")
    builds.add_argument("--compression", type=int, default=19, choices=range(1, 20), metavar="1-19")
    builds.add_argument("--no-test", action="store_true", help="do not run the recipes' tests")
    uploads.add_argument("--owner", required=True, help="whose channel")
    uploads.add_argument("--label", default="main")
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # py-rattler's threads may crash an interpreter that ends in the usual way.
    os._exit(code)
