"""``shoeroot meta``: each verb on a small model, and the codes they end with."""

import json

import pytest
from click.testing import CliRunner

from shoeroot.cli.main import verbs

MODEL = """\
*silent_input
*title,A room
*start_zone,room
*shape,box
*origin,0,0,0
*size,4,3,2.5
*glaze,1,1,20
*surface,south,extern_wall,0,0,0
*surface,east,extern_wall,0,0,0
*surface,north,extern_wall,0,0,0
*surface,west,extern_wall,0,0,0
*surface,top,roof_1,0,0,0
*surface,base,floor_1,4,1,0
*surface,window,dbl_glz,0,0,0
*heating,20
*end_zone
*end
"""
WEATHER = "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3"


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "room.meta"
    path.write_text(MODEL)
    return path


def run(*arguments):
    return CliRunner().invoke(verbs, ["meta", *map(str, arguments)])


@pytest.mark.parametrize(
    "verb", ["check", "stats", "expand", "compact", "view", "convert", "simulate"]
)
def test_help_has_an_example(verb):
    assert f"Example: shoeroot meta {verb}" in run(verb, "--help").stdout


def test_check_counts_what_it_finds(model):
    done = run("check", model)
    assert done.exit_code == 0, done.output
    assert "1 zones, 7 surfaces" in done.stdout
    model.write_text(MODEL.replace("*surface,base,floor_1,4,1,0\n", ""))
    wrong = run("check", model, "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)[0]["severity"] == "error"


def test_a_file_that_cannot_be_read_ends_with_2(model):
    model.write_text("*something_else\n")
    done = run("stats", model)
    assert done.exit_code == 2
    assert "line 1" in done.stderr


def test_stats_are_text_or_json(model):
    assert "volume 30.000 m3" in run("stats", model).stdout
    zones = json.loads(run("stats", model, "--json").stdout)["zones"]
    assert zones[0]["volume"] == pytest.approx(30.0)


def test_expand_and_compact_are_there_and_back(model, tmp_path):
    explicit = tmp_path / "explicit.meta"
    assert run("expand", model, "-o", explicit).exit_code == 0
    assert "*shape,poly" in explicit.read_text()
    assert "*shape,box" in run("compact", explicit).stdout


def test_view_is_a_picture(model, tmp_path):
    picture = tmp_path / "room.png"
    assert run("view", model, "-o", picture).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_view_says_which_kinds_of_picture_there_are(model, tmp_path):
    done = run("view", model, "-o", tmp_path / "room.nonsense")

    assert done.exit_code == 2
    assert "png" in done.stderr
    assert "report it" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["room.meta"]


def test_check_says_severities_once(model):
    model.write_text(MODEL.replace("*surface,base,floor_1,4,1,0\n", ""))

    first = run("check", model).stdout.splitlines()[0]

    assert first.startswith(f"{model}:")
    assert first.count("error") == 1


def test_convert_writes_the_input_and_tells_losses(model, tmp_path):
    target = tmp_path / "room.epJSON"
    done = run("convert", model, "-o", target)
    assert done.exit_code == 0, done.output
    assert "line 15, room, *heating" in done.stdout
    assert "room" in json.loads(target.read_text())["Zone"]


def test_simulate_writes_events(model, tmp_path, engine):
    done = run(
        "simulate", model, "--weather", WEATHER, "-o", tmp_path / "out", "--ideal-control", "--json"
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["statuses"] == {"ok": 1}
    assert (tmp_path / "out" / "events" / "part-0000.root").is_file()


def test_a_model_that_fails_ends_with_1(model, tmp_path, engine):
    model.write_text(MODEL.replace("roof_1", "thatch"))
    done = run("simulate", model, "--weather", WEATHER, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "1 invalid" in done.stdout
