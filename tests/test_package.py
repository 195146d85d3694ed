"""The package as a whole: public names, light imports, licences, metadata."""

from __future__ import annotations

import importlib
import importlib.metadata
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import shoeroot
from shoeroot import errors

ROOMS = (
    *("records", "events", "design", "building", "engine"),
    *("minitrees", "treemakers", "campaign", "exports", "plots", "meta", "sites", "cli"),
)
HEAVY = ("archetypal", "matplotlib", "pandas", "scipy", "uproot", "awkward", "pydantic", "rich")


@pytest.mark.parametrize("room", ["", *(f".{room}" for room in ROOMS)])
def test_every_public_name_of_a_room_is_there(room):
    module = importlib.import_module(f"shoeroot{room}")

    assert module.__doc__
    for name in module.__all__:
        assert getattr(module, name) is not None, name


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "cli"])
def test_rooms_are_there_without_an_import_of_their_own(room):
    assert getattr(shoeroot, room) is importlib.import_module(f"shoeroot.{room}")


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'sample'"):
        _ = shoeroot.sample


def loaded_by(code):
    script = f"import sys; {code}; print(' '.join(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return {name.partition(".")[0] for name in run.stdout.split()}


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import shoeroot") & set(HEAVY)


def test_asking_the_command_line_for_help_loads_nothing_heavy():
    assert not loaded_by("import shoeroot.cli") & set(HEAVY)


def test_campaigns_and_minitrees_load_archetypal_and_matplotlib_only_when_used():
    modules = loaded_by("import shoeroot; shoeroot.run_campaign; shoeroot.minitrees.load")

    assert not modules & {"archetypal", "matplotlib", "dask", "geopandas", "eppy"}


def test_all_errors_have_one_root_and_say_what_to_do():
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and not issubclass(kind, Warning):
            assert issubclass(kind, errors.ShoerootError)
            assert name in errors.__doc__
    error = errors.DesignError("bad", where="design 3", hint="mend it")
    assert str(error) == "bad\n  where: design 3\n  what to do: mend it"


def test_errors_cross_processes():
    error = errors.EngineNotFoundError("none", where="here", hint="install")

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is errors.EngineNotFoundError
    assert str(again) == str(error)


@pytest.mark.parametrize(
    ("asked", "said"),
    [("widht", "did you mean 'width'?"), ("zzz", "known names: orientation, width")],
)
def test_hints_name_the_nearest(asked, said):
    assert errors.nearest(asked, ["width", "orientation"]) == said


def test_the_version_is_that_of_the_distribution():
    assert importlib.metadata.version("shoeroot") == shoeroot.__version__


def core_distributions():
    """Return all distributions that the core and the engine bring, by name."""
    found, waiting = {}, ["shoeroot"]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on another platform only
        for text in found[name].requires or []:
            requirement = Requirement(text)
            extras = ["", "engine"] if name == "shoeroot" else [""]
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(requirement.name)
    return found


def test_no_licence_of_the_core_is_stronger_than_the_lgpl():
    strong = re.compile(r"\b(AGPL|Affero|(?<!L)GPL|(?<!Lesser )General Public License)")
    for name, distribution in core_distributions().items():
        metadata = distribution.metadata
        said = [
            metadata.get("License-Expression") or "",
            (metadata.get("License") or "")[:300],
            *(one for one in metadata.get_all("Classifier") or [] if one.startswith("License")),
        ]
        assert not strong.search(" ".join(said)), f"{name}: {said}"


def test_the_licence_check_would_see_a_strong_licence():
    strong = re.compile(r"\b(AGPL|Affero|(?<!L)GPL|(?<!Lesser )General Public License)")
    assert strong.search("GPL-3.0-or-later")
    assert strong.search("GNU General Public License v3")
    assert not strong.search("GNU Lesser General Public License v2")
    assert not strong.search("LGPL-3.0-or-later")


def test_the_package_says_that_it_is_typed():
    assert (Path(shoeroot.__file__).parent / "py.typed").is_file()
