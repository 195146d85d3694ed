"""``shoeroot show templates``: what the templates are made of, as text and as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from shoeroot.building import TemplateSummary, summarise_template
from shoeroot.cli.main import verbs


def run(*arguments):
    return CliRunner().invoke(verbs, ["show", "templates", *map(str, arguments)])


def test_a_program_is_a_table():
    done = run("--program", "Office")

    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Office"
    assert lines[1].split()[:4] == ["built", "zones", "R", "wall"]
    assert sum(line.startswith("2004 to 2009") for line in lines) == 10
    assert "R wall    R-value of the facade [m2 K/W]" in lines
    assert "h people  Full-load hours of people in a year [h]" in lines


def test_json_has_units_and_all_figures(library):
    done = run("--program", "Multi-Family with 5+ Units", "--json")

    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["columns"]["infiltration"]["unit"] == "1/h"
    assert len(report["templates"]) == 76
    assert set(report["templates"][0]) == set(report["columns"])
    first = summarise_template(library.of_program("Multi-Family with 5+ Units")[0])
    assert TemplateSummary(**report["templates"][0]) == first


def test_a_library_of_ones_own_shows_names(other_library_path):
    done = run("--templates", other_library_path)

    assert done.exit_code == 0, done.stderr
    assert "small office" in done.stdout
    assert "tall office" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--program", "Ofice"], "did you mean 'Office'"),
        (["--templates", "absent.json"], "absent.json"),
    ],
)
def test_what_is_not_there(arguments, words):
    done = run(*arguments)

    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert done.stdout == ""


def test_help_has_an_example():
    done = run("--help")

    assert done.exit_code == 0
    assert "Example: shoeroot show templates --program Office" in done.stdout


def test_an_event_is_still_shown(campaign):
    done = CliRunner().invoke(verbs, ["show", str(campaign.folder), "0"])

    assert done.exit_code == 0, done.stderr
