"""What recipes/check.py proves of the conda packages, in order: each proof says what it saw."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rattler_build import Package, Stage0Recipe

from building import Builder, clean_source, tools
from channel import make_channel
from engines import RECIPES, EngineSource, read_engines, variant_config
from environment import Environment, is_refused, run, solved
from fetch import fetch

__all__ = ["PROOFS", "Setting"]

_FASTEST = 1
_SUPPORTED = "25.2.0"
_DESIGNS = ("--designs", "2", "--seed", "1")
_COMPARED = ("heating", "cooling")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where proofs work, and on which engines.

    Attributes
    ----------
    folder : Path
        Holds what is fetched and made.
    engines : tuple of EngineSource
        The engines to package.
    """

    folder: Path
    engines: tuple[EngineSource, ...]

    @property
    def downloads(self) -> Path:
        """The wheels."""
        return self.folder / "downloads"

    @property
    def channel(self) -> Path:
        """The packages."""
        return self.folder / "channel"

    @property
    def libraries(self) -> Path:
        """The channel for tests: the interpreter and what shoeroot needs."""
        return self.folder / "libraries"

    @property
    def channels(self) -> tuple[Path, Path]:
        """Where packages are looked for."""
        return self.channel, self.libraries

    @property
    def work(self) -> Path:
        """For what is not kept."""
        return self.folder / "work"

    @property
    def environment(self) -> Environment:
        """Where shoeroot is installed."""
        return Environment(self.work / "environment")

    @property
    def builder(self) -> Builder:
        """Builds into the channel, offline."""
        return Builder(self.channel, [self.libraries.as_uri()], "system", _FASTEST)

    def package(self, name: str) -> Path:
        """Return the one package of that name, such as ``shoeroot-0``."""
        (found,) = self.channel.glob(f"*/{name}*.conda")
        return found


def fetched(setting: Setting) -> str:
    """Engines are fetched by hash, and one with another hash is refused."""
    megabytes = sum(fetch(one, setting.downloads).stat().st_size for one in setting.engines) / 1e6
    other = replace(setting.engines[0], distribution_sha256="0" * 64)
    try:
        fetch(other, setting.work / "refused")
    except RuntimeError as error:
        said = str(error)
    else:
        raise AssertionError("pip took a wheel with another hash")
    assert "DO NOT MATCH THE HASHES" in said, said
    return f"{len(setting.engines)} wheels, {megabytes:.0f} MB"


def wrapped(setting: Setting) -> str:
    """A channel of this interpreter and what shoeroot needs is made."""
    make_channel(setting.libraries, ["-shoeroot", "pip", "hatchling"])
    return f"{len(list(setting.libraries.glob('*/*.conda')))} packages"


def engines_built(setting: Setting) -> str:
    """Every engine is built, says who it is, and simulates design days of known energy."""
    setting.builder.index()
    packages = setting.builder.engines(setting.engines, setting.downloads)
    found = {(package.name, package.version) for package in map(Package.from_file, packages)}
    assert found == {("energyplus", one.engine) for one in setting.engines}, found
    return ", ".join(sorted(version for _, version in found))


def published_needs(setting: Setting) -> str:
    """The published variants need conda's libraries, libX11 where it is used."""
    recipe = Stage0Recipe.from_file(RECIPES / "energyplus" / "recipe.yaml")
    for engine in setting.engines:
        (variant,) = recipe.render(variant_config([engine], "conda"))
        needs = " ".join(map(str, variant.recipe.requirements.run))
        assert ("xorg-libx11" in needs) == (engine.flavour == "official"), needs
        assert f"__glibc >={engine.glibc_floor}" in needs, needs
    return needs


def shoeroot_built(setting: Setting) -> str:
    """shoeroot, its contributed TreeMakers and the weather are built and pass their tests."""
    official = read_engines([_SUPPORTED])[0]
    fetch(official, setting.downloads)
    packages = setting.builder.weather(official, setting.downloads)
    packages += setting.builder.shoeroot(clean_source(setting.work))
    return ", ".join(package.stem for package in packages)


def versions_agree(setting: Setting) -> str:
    """Versions and requirements of the recipes are those of pyproject.toml."""
    for recipe, project in (("shoeroot", "."), ("shoeroot-minitrees", "minitrees")):
        about = tomllib.loads((RECIPES.parent / project / "pyproject.toml").read_text())["project"]
        (variant,) = Stage0Recipe.from_file(RECIPES / recipe / "recipe.yaml").render()
        version = str(variant.recipe.package.version)
        assert version == about["version"], f"{recipe} {version}, not {about['version']}"
        needs = {str(need).split()[0] for need in variant.recipe.requirements.run}
        there = {need.removeprefix("python-").removesuffix("-base") for need in needs}
        names = {re.split(r"[<>=!\[]", need)[0] for need in about["dependencies"]}
        assert names <= there, f"{recipe} lacks {names - there}"
    return version


def installed(setting: Setting) -> str:
    """They are solved for and installed into an empty prefix."""
    records = solved(["shoeroot", "shoeroot-minitrees"], setting.channels)
    setting.environment.install(records, setting.work / "cache")
    return f"{len(records)} packages"


def doctor_says_so(setting: Setting) -> str:
    """`shoeroot doctor` recognises the engine of the conda package."""
    said = setting.environment.run("shoeroot", "doctor")
    assert "from the conda package energyplus-25.2.0" in said, said
    assert "Ready" in said, said
    return next(line.strip() for line in said.splitlines() if "conda package" in line)


def library_named(setting: Setting) -> str:
    """`shoeroot doctor` names libX11 where it is missing."""
    folder = setting.work / "broken"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "libX11.so.6").write_bytes(b"")
    command = [str(setting.environment.prefix / "bin" / "shoeroot"), "doctor"]
    environ = {"LD_LIBRARY_PATH": str(folder)}
    said = subprocess.run(command, env=environ, text=True, capture_output=True).stdout
    assert "libX11.so.6" in said, said
    assert "conda install xorg-libx11" in said, said
    return "conda install xorg-libx11"


def demo_runs(setting: Setting) -> str:
    """`shoeroot demo` runs without activation, in an empty environment."""
    said = setting.environment.run("shoeroot", "demo", str(setting.work / "conda"), *_DESIGNS)
    assert "2 ok" in said, said
    return "2 ok"


def engines_agree(setting: Setting) -> str:
    """The package's engine and the wheel's give the same year of the same shoeboxes."""
    import numpy as np

    import shoeroot
    from shoeroot.building import weather_catalogue
    from shoeroot.engine import find_engine

    # Designs depend on which weather files there are.
    files = weather_catalogue([setting.environment.prefix / "lib" / "energyplus" / "WeatherData"])
    weather = [text for path in files.values() for text in ("--weather", str(path))]
    wheel = find_engine(environ={"PATH": ""})
    assert wheel.way.startswith("wheel"), wheel.way
    other = setting.work / "wheel"
    program = Path(sysconfig.get_path("scripts"), "shoeroot")
    command = [str(program), "demo", str(other), *_DESIGNS, *weather]
    run([*command, "--engine", str(wheel.path)])
    with shoeroot.open(setting.work / "conda") as ours, shoeroot.open(other) as theirs:
        assert len(ours) == len(theirs) == 2
        totals = {}
        for name in _COMPARED:
            left = np.concatenate([np.asarray(zone[name]) for zone in _hourly(ours)])
            right = np.concatenate([np.asarray(zone[name]) for zone in _hourly(theirs)])
            np.testing.assert_array_equal(left, right)
            totals[name] = float(left.sum(dtype="f8"))
    assert all(total > 0 for total in totals.values()), totals
    return ", ".join(f"{name} {total:.6f} kWh" for name, total in totals.items())


def _hourly(events):
    for rows in events.rows("zones.hourly", list(_COMPARED)):
        yield {name: rows.arrays[name].ravel() for name in _COMPARED}


def moved(setting: Setting) -> str:
    """The prefix is moved, and the engine still runs."""
    other = Environment(setting.work / "elsewhere" / "with another, longer name")
    other.prefix.parent.mkdir(parents=True)
    shutil.move(setting.environment.prefix, other.prefix)
    try:
        said = run([str(other.engine), "--version"], {})
        script = RECIPES / "energyplus" / "tests" / "design_days.py"
        run([sys.executable, str(script), "--engine", str(other.engine)])
    finally:
        shutil.move(other.prefix, setting.environment.prefix)
    return said.strip()


def old_glibc_refused(setting: Setting) -> str:
    """A computer with glibc 2.28 is refused by the solver, and one at the floor is not."""
    for engine in setting.engines:
        wanted = [f"energyplus =={engine.engine}"]
        said = is_refused(wanted, setting.channels, "2.28")
        assert f"__glibc >={engine.glibc_floor}" in said, said or f"{engine.engine} was taken"
        said = is_refused(wanted, setting.channels, engine.glibc_floor)
        assert not said, said
    assert is_refused(["shoeroot"], setting.channels, "2.28")
    return ", ".join(f"{engine.engine} from {engine.glibc_floor}" for engine in setting.engines)


def other_engine_refused(setting: Setting) -> str:
    """An engine that shoeroot's models are not written for is refused."""
    others = [engine for engine in setting.engines if not engine.engine.startswith("25.2")]
    refused = others or read_engines(["25.1.0"])
    for engine in refused:
        wanted = ["shoeroot", f"energyplus =={engine.engine}"]
        assert is_refused(wanted, setting.channels, "2.36"), f"{engine.engine} was taken"
    for engine in others[:1]:
        alone = Environment(setting.work / "other")
        alone.install(
            solved([f"energyplus =={engine.engine}"], setting.channels), setting.work / "cache"
        )
        command = [str(setting.environment.prefix / "bin" / "shoeroot"), "doctor"]
        environ = {"ENERGYPLUS_DIR": str(alone.prefix / "lib" / "energyplus")}
        done = subprocess.run(command, env=environ, text=True, capture_output=True)
        assert done.returncode, done.stdout
        assert f"it is version {engine.engine}" in done.stdout, done.stdout
    return ", ".join(engine.engine for engine in refused)


def tampered_refused(setting: Setting) -> str:
    """A package with one other byte is refused."""
    records = solved(["energyplus-weather"], setting.channels)
    package = setting.package("energyplus-weather")
    original = package.read_bytes()
    middle = len(original) // 2
    package.write_bytes(original[:middle] + bytes([original[middle] ^ 1]) + original[middle + 1 :])
    target = Environment(setting.work / "tampered")
    try:
        target.install(records, setting.work / "tampered-cache")
    except Exception as error:
        said = str(error)
    else:
        raise AssertionError("the package was installed")
    finally:
        package.write_bytes(original)
    assert not (target.prefix / "lib").exists()
    target.install(records, setting.work / "cache-of-the-original")
    return said.splitlines()[0][-100:]


def rebuilt(setting: Setting) -> str:
    """Built again from what is inside it, a package is the same to the bit."""
    names = [f"energyplus-{engine.engine}" for engine in setting.engines[-1:]]
    for name in [*names, "shoeroot-0"]:
        package = Package.from_file(setting.package(name))
        with tools(Path()):
            result = package.rebuild(test="skip", output_dir=setting.work / "rebuilt")
        assert result.is_identical, f"{result.original_sha256} became {result.rebuilt_sha256}"
    return ", ".join([*names, "shoeroot"])


def no_registry_named(setting: Setting) -> str:
    """No file of the recipes names a host that packages come from."""
    allowed = {"energyplus.net"}
    files = [path for path in _described() if path.is_file()]
    for path in files:
        hosts = set(re.findall(r"(?:https?|ftp)://([^/\s\"'`)>]+)", path.read_text()))
        hosts |= set(re.findall(r"\b(?:[\w-]+\.)+(?:org|com|io|net|dev)\b", path.read_text()))
        assert hosts <= allowed, f"{path} names {', '.join(sorted(hosts - allowed))}"
    return f"{len(files)} files"


def _described() -> list[Path]:
    repository = RECIPES.parent
    listed = run(
        ["git", "-C", str(repository), "ls-files", "recipes", ".github", "docs/install.md"]
    )
    return [repository / name for name in listed.splitlines()]


PROOFS: list[Callable[[Setting], str]] = [
    no_registry_named,
    versions_agree,
    fetched,
    wrapped,
    engines_built,
    published_needs,
    shoeroot_built,
    installed,
    doctor_says_so,
    library_named,
    demo_runs,
    engines_agree,
    moved,
    old_glibc_refused,
    other_engine_refused,
    tampered_refused,
    rebuilt,
]
