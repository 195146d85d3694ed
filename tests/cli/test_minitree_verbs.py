"""``shoeroot minitree``, ``load`` and ``cut`` as users type them."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

from shoeroot.cli.main import verbs
from shoeroot.minitrees import cut_flow, load, read_data


@pytest.fixture(scope="module")
def folder(campaign, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verbs")
    for name in ("a", "b"):
        shutil.copytree(campaign.folder, folder / name, ignore=shutil.ignore_patterns("minitrees"))
    return folder


@pytest.fixture
def run(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def run(*arguments):
        return CliRunner().invoke(verbs, [str(one) for one in arguments])

    return run


def test_minitree_makes_what_is_not_current(run, tmp_path):
    first = run("minitree", "a", "b", "--make", "Basics,Monthly", "--folder", tmp_path)
    second = run("minitree", "[ab]", "--make", "Basics", "--folder", tmp_path, "--json")
    forced = run("minitree", "a", "--force", "--folder", tmp_path, "--json")

    assert first.exit_code == 0
    assert first.output.count("  made  ") == 4
    assert [one["outcome"] for one in json.loads(second.output)] == ["current"] * 2
    assert json.loads(forced.output)[0]["outcome"] == "made"
    assert (tmp_path / "b" / "Monthly" / "Monthly.root").is_file()


def test_minitree_ends_with_1_where_one_failed(run, folder, tmp_path):
    shutil.copytree(folder / "a", tmp_path / "broken")
    part = tmp_path / "broken" / "events" / "part-0000.root"
    part.write_bytes(part.read_bytes()[:1000])

    done = run("minitree", "a", tmp_path / "broken", "--folder", tmp_path / "made")

    assert done.exit_code == 1
    assert "a  Basics  made" in done.output
    assert "broken  Basics  failed" in done.output


def test_minitree_names_the_event_on_which_a_treemaker_fails(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stumbles.py").write_text(
        "import shoeroot\n"
        "class Stumbles(shoeroot.minitrees.TreeMaker):\n"
        "    __version__ = '1'\n"
        "    def extract_data(self, event):\n"
        "        return dict(one=1 / (event.event_id - 3))\n"
    )
    own = ("--treemakers", tmp_path / "mine", "--make", "Stumbles", "--folder", tmp_path)

    shown, told = run("minitree", "a", *own), run("minitree", "a", *own, "--json")

    assert shown.exit_code == told.exit_code == 1
    assert "  where: dataset a, event 3, line 5 of stumbles.py in extract_data" in shown.output
    assert "  what to do: try it on this event alone" in shown.output
    assert json.loads(told.output)[0]["where"].startswith("dataset a, event 3")


def test_minitree_watches(run, tmp_path):
    done = run("minitree", "[ab]", "--folder", tmp_path, "--watch", "--rounds", 2, "--interval", 0)

    assert done.exit_code == 0
    assert done.output.count("  made  ") == 2


def test_load_shows_and_writes_a_table(run, tmp_path, folder):
    shown = run("load", "a", "b", "--where", "status == 'ok'")
    written = run("load", "a", "--make", "Basics,Loads", "-o", tmp_path / "all.parquet", "--json")

    assert "[12 rows x " in shown.output
    assert "status == 'ok'    12        4" in shown.output
    report = json.loads(written.output)
    assert report["rows"] == 8
    assert report["columns"]["heating_peak"]["unit"] == "kW"
    wanted = load(folder / "a", ["Basics", "Loads"])
    pd.testing.assert_frame_equal(read_data(tmp_path / "all.parquet"), wanted, check_flags=False)


def test_cut_prints_and_draws_the_cut_flow(run, tmp_path, folder):
    (tmp_path / "cuts.toml").write_text('[large]\ncondition = "floor_area > 50"\n')

    done = run(
        *("cut", "a", "b", "--cut", "ran: status == 'ok'", "--cut", "eui < 100"),
        *("--cuts", tmp_path / "cuts.toml", "--weight", "floor_area"),
        *("--picture", tmp_path / "flow.png"),
    )
    told = run("cut", "a", "--cut", "ran: status == 'ok'", "--json")

    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()[1:5]] == [
        *("all", "large", "ran", "eui"),
    ]
    assert "sums of floor_area" in done.output
    assert (tmp_path / "flow.png").stat().st_size > 5000
    assert json.loads(told.output)["steps"][0]["left"] == [6]
    assert cut_flow(load(folder / "a", "Basics", "status == 'ok'")).final == (6,)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("cut", "a"), "there is no cut"),
        (("cut", "a", "--cut", "eiu < 3"), "no column 'eiu'"),
        (("cut", "a", "--cut", "f(eui)"), "a call"),
        (("cut", "a", "--cut", "eui < 3", "--picture", "flow.foo"), "cannot be drawn"),
        (("load", "a", "-o", "all.xlsx"), "cannot be written"),
        (("load", "nowhere"), "no such dataset"),
        (("load", "a", "--make", "Basic"), "no TreeMaker 'Basic'"),
        (("minitree", "a", "--watch", "--make", "Basic"), "no TreeMaker 'Basic'"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_why(run, arguments, problem):
    done = run(*arguments)

    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert problem in done.stderr


@pytest.mark.parametrize("verb", ["minitree", "load", "cut"])
def test_help_ends_in_an_example(run, verb):
    assert f"Example: shoeroot {verb} " in run(verb, "--help").output
