"""The README is true: its snippets run and print what it says, its commands work."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

# Commands go on with what earlier ones made: one process runs them in order.
pytestmark = pytest.mark.xdist_group("readme")

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ")
    for language, text in BLOCKS
    if language == "console"
    for line in text.splitlines()
]


def snippets():
    """Return the Python snippets with the output that stands below each."""
    pairs = []
    for (language, code), (following, output) in itertools.pairwise(BLOCKS):
        if language == "python":
            assert following == "text", f"a snippet without its output: {code}"
            pairs.append((code, output))
    return pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("readme")


@pytest.fixture(scope="module")
def printed(folder):
    """Run all snippets in their order in one folder; later ones use what earlier ones made."""
    outputs = []
    for number, (code, _) in enumerate(snippets()):
        script = folder / f"snippet_{number}.py"
        script.write_text(code, encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-W", "error", script.name],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert run.returncode == 0, run.stderr
        outputs.append(run.stdout)
    return outputs


@pytest.mark.parametrize("number", range(len(snippets())))
def test_a_snippet_prints_what_the_readme_says(printed, number):
    assert printed[number] == snippets()[number][1]


def test_the_python_way_takes_fifteen_lines_at_most():
    code = snippets()[0][0]

    assert len([line for line in code.splitlines() if line.strip()]) <= 15


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("shoeroot ")])
def test_a_command_works(command, folder, printed):
    """Commands run where the snippets have been run: they use their campaign."""
    assert printed
    program = Path(sys.executable).with_name("shoeroot")

    run = subprocess.run(
        [str(program), *shlex.split(command)[1:]],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert run.returncode == 0, run.stderr


def test_every_make_target_of_the_readme_exists_and_is_run_before_a_change_is_taken():
    named = {one.split()[1] for one in COMMANDS if one.startswith("make ")}
    named |= set(re.findall(r"`make (\w+)`", README))
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")

    assert {"demo", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
        assert re.search(rf"^make {target}$", script, flags=re.MULTILINE), target


def test_every_command_is_of_a_kind_that_is_tested():
    assert COMMANDS
    assert all(one.startswith(("make ", "shoeroot ")) for one in COMMANDS)
