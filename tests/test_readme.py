"""The README is true: its snippets run and print what it says, its commands work."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from shoeroot.cli.main import verbs

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


def run_in(folder, arguments):
    """Run what a reader would type, as long as it takes a patient one."""
    return subprocess.run(
        [str(one) for one in arguments],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def wrong_snippets(folder):
    """Run all snippets in their order in one folder; later ones use what earlier ones made."""
    for number, (code, expected) in enumerate(snippets()):
        script = folder / f"snippet_{number}.py"
        script.write_text(code, encoding="utf-8")
        run = run_in(folder, [sys.executable, "-W", "error", script.name])
        if run.returncode != 0 or run.stdout != expected:
            yield f"{code}\nexpected:\n{expected}\nprinted:\n{run.stdout}\n{run.stderr}"


def wrong_commands(folder):
    """Run all commands in their order where the snippets have been run."""
    program = Path(sys.executable).with_name("shoeroot")
    for command in (one for one in COMMANDS if one.startswith("shoeroot ")):
        run = run_in(folder, [program, *shlex.split(command)[1:]])
        if run.returncode != 0:
            yield f"{command}\nended with {run.returncode}:\n{run.stdout}\n{run.stderr}"


def test_snippets_print_what_the_readme_says_and_commands_work(tmp_path):
    """One test, since each goes on with what those above it made."""
    wrong = [*wrong_snippets(tmp_path), *wrong_commands(tmp_path)]

    assert not wrong, "\n\n".join(wrong)


def test_the_python_way_takes_fifteen_lines_at_most():
    code = snippets()[0][0]

    assert len([line for line in code.splitlines() if line.strip()]) <= 15


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


def test_every_environment_variable_is_explained():
    source = REPOSITORY / "src" / "shoeroot"
    texts = [path.read_text(encoding="utf-8") for path in source.rglob("*.py")]
    used = {name for text in texts for name in re.findall(r"\bSHOEROOT_[A-Z_]+\b", text)}

    assert used
    assert {name for name in used if f"| `{name}` |" not in README} == set()


def test_every_verb_is_named():
    for name in verbs.commands:
        assert re.search(rf"shoeroot {name}\b|`{name}`", README), name
