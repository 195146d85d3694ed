"""Solve, install and use environments of packages, as conda would, with py-rattler."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rattler import Channel, Gateway, solve
from rattler.exceptions import SolverError
from rattler.install import install
from rattler.package import BuildString, PackageName
from rattler.repo_data import RepoDataRecord
from rattler.version import Version
from rattler.virtual_package import GenericVirtualPackage

__all__ = ["Environment", "is_refused", "run", "solved"]

_GLIBC_OF_CI = "2.36"


class Environment:
    """An environment at a prefix.

    Attributes
    ----------
    prefix : Path
        Where it is, as an absolute path.
    """

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix.resolve()

    def install(self, records: Sequence[RepoDataRecord], cache: Path) -> None:
        """Install packages; their hashes are compared with the channel's."""
        asyncio.run(_install(records, self.prefix, cache))

    @property
    def engine(self) -> Path:
        """The command line of the engine."""
        return self.prefix / "bin" / "energyplus"

    def run(self, *command: str, environ: Mapping[str, str] | None = None) -> str:
        """Run a program of the environment without activating it; return what it printed."""
        return run([str(self.prefix / "bin" / command[0]), *command[1:]], environ or {})


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """Run a command; return what it printed, and raise where it fails.

    `environ` replaces all environment variables; None keeps those of this process.
    """
    done = subprocess.run(command, env=environ, text=True, stdout=-1, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def solved(
    specifications: Sequence[str], channels: Sequence[Path], glibc: str = _GLIBC_OF_CI
) -> list[RepoDataRecord]:
    """Choose packages of local channels for a computer with some glibc.

    Raises
    ------
    rattler.exceptions.SolverError
        There are none; it says why.
    """
    return asyncio.run(_solve(specifications, channels, glibc))


def is_refused(specifications: Sequence[str], channels: Sequence[Path], glibc: str) -> str:
    """Return why packages cannot be installed together; empty if they can."""
    try:
        solved(specifications, channels, glibc)
    except SolverError as error:
        return str(error)
    return ""


async def _solve(
    specifications: Sequence[str], channels: Sequence[Path], glibc: str
) -> list[RepoDataRecord]:
    computer = {"__unix": "0", "__linux": "6.1", "__glibc": glibc, "__archspec": "1"}
    records = await solve(
        sources=[Channel(channel.resolve().as_uri()) for channel in channels],
        specs=list(specifications),
        gateway=Gateway(),
        platforms=["linux-64", "noarch"],
        virtual_packages=[
            GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))
            for name, version in computer.items()
        ],
    )
    await asyncio.sleep(0.1)  # its threads end before the loop does
    return records


async def _install(records: Sequence[RepoDataRecord], prefix: Path, cache: Path) -> None:
    await install(list(records), target_prefix=prefix, cache_dir=cache, show_progress=False)
    await asyncio.sleep(0.1)
