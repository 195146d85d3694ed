"""TreeMakers found by name, in plugins and folders; what they show of themselves."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import (
    TreeMaker,
    TreeMakerWarning,
    add_treemaker_folder,
    find_treemaker,
    registry,
    treemaker_names,
)

TEXT = """
from shoeroot.minitrees import TreeMaker
class {name}(TreeMaker):
    __version__ = {version!r}
    def extract(self, events):
        return {{"a": events.floor_area}}
"""


@pytest.fixture(autouse=True)
def forget_folders(monkeypatch):
    monkeypatch.setattr(registry, "_folders", [])
    monkeypatch.setattr(registry, "_files", {})


def test_the_files_of_a_folder_are_found(tmp_path):
    (tmp_path / "first.py").write_text(TEXT.format(name="First", version="1"))
    (tmp_path / "_private.py").write_text("raise ValueError")
    (tmp_path / "test_first.py").write_text("raise ValueError")

    assert add_treemaker_folder(tmp_path) == ["First"]
    assert find_treemaker("First").__version__ == "1"
    assert {"First", "Basics"} <= set(treemaker_names())


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "first.py"
    path.write_text(TEXT.format(name="First", version="1"))
    add_treemaker_folder(tmp_path)
    path.write_text(TEXT.format(name="First", version="1.1"))

    assert find_treemaker("First").__version__ == "1.1"


def test_folders_may_be_named_in_the_environment(tmp_path, monkeypatch):
    (tmp_path / "first.py").write_text(TEXT.format(name="First", version="1"))
    monkeypatch.setenv("SHOEROOT_TREEMAKERS", str(tmp_path))

    assert find_treemaker("First").__name__ == "First"


def test_a_folder_of_the_environment_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOEROOT_TREEMAKERS", str(tmp_path / "lost"))

    with pytest.raises(TreeMakerError, match="'First'") as caught:
        find_treemaker("First")
    assert f"SHOEROOT_TREEMAKERS: no folder {tmp_path / 'lost'}" in caught.value.hint


@pytest.mark.parametrize("name", ["Basics", "Twice"])
def test_a_name_clash_is_an_error_that_names_both_places(tmp_path, name):
    (tmp_path / "one.py").write_text(TEXT.format(name=name, version="1"))
    (tmp_path / "two.py").write_text(TEXT.format(name="Twice", version="1"))

    with pytest.raises(TreeMakerError, match=f"two TreeMakers are called {name!r}") as caught:
        add_treemaker_folder(tmp_path)
    assert "one.py" in caught.value.where
    assert "Basics" in treemaker_names()


@pytest.mark.parametrize("installed", ["same", "older"])
def test_the_file_of_an_installed_one_is_no_clash(tmp_path, monkeypatch, installed):
    """As its author has it: `shoeroot new` wrote it, an entry point names it, its test runs."""
    text = TEXT.format(name="Planted", version="1")
    source, site = tmp_path / "src", tmp_path / "site"
    for folder, version in ((source, "1"), (site, "1" if installed == "same" else "0")):
        folder.mkdir()
        (folder / "planted_plugin.py").write_text(text.replace("'1'", repr(version)))
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "planted_plugin", raising=False)
    entry = EntryPoint("Planted", "planted_plugin:Planted", registry.GROUP)
    monkeypatch.setattr(registry, "_registered", lambda: {"Planted": entry})

    if installed == "same":
        assert add_treemaker_folder(source) == ["Planted"]
        assert find_treemaker("Planted").__module__ == "planted_plugin"
    else:
        with pytest.raises(TreeMakerError, match="install it again"):
            add_treemaker_folder(source)
    sys.modules.pop("planted_plugin")


def test_a_broken_file_is_left_out_with_a_warning_and_named_in_the_hint(tmp_path):
    (tmp_path / "broken.py").write_text("import does_not_exist")
    (tmp_path / "first.py").write_text(TEXT.format(name="First", version="1"))

    with pytest.warns(TreeMakerWarning, match="broken.py cannot be read"):
        assert add_treemaker_folder(tmp_path) == ["First"]
    with pytest.raises(TreeMakerError, match="no TreeMaker 'Broken'") as caught:
        find_treemaker("Broken")
    assert "broken.py cannot be read" in caught.value.hint


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TreeMakerError, match="no such folder"):
        add_treemaker_folder(tmp_path / "nowhere")


def test_a_class_shows_what_it_makes():
    class Glazing(TreeMaker):
        """How much of the facade is window."""

        __version__ = "3"
        columns = {"glazed": ("m2/m2", "Window over facade")}
        options = {"limit": 0.5}
        depends_on = "Basics"

    assert repr(Glazing) == (
        "<TreeMaker Glazing, version 3>\n"
        "  How much of the facade is window.\n"
        "  columns: glazed [m2/m2]\n"
        "  options: limit=0.5\n"
        "  depends on: Basics"
    )
    assert repr(Glazing(limit=0.2)) == "Glazing(limit=0.2)"
    html = Glazing(limit=0.2)._repr_html_()
    assert "<td>glazed</td><td>m2/m2</td>" in html
    assert repr(TreeMaker) == "<class 'shoeroot.minitrees.treemaker.TreeMaker'>"


def test_a_column_declared_without_a_unit_says_what_to_write():
    class Loose(TreeMaker):
        columns = {"area": "Floor area"}

    with pytest.raises(TreeMakerError, match="declares its column 'area'") as caught:
        Loose.column_info()
    assert '{"area": ("unit", "what it is")}' in caught.value.hint
