"""The page on sites is true: its snippets run and print what it says, its settings are settings."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from shoeroot.sites import SitesConfig

PAGE = (Path(__file__).parents[2] / "docs" / "sites.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def snippets():
    """Give the Python snippets with the output that stands below each."""
    pairs = itertools.pairwise(BLOCKS)
    return [
        (code, output)
        for (language, code), (following, output) in pairs
        if (language, following) == ("python", "text")
    ]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Run the snippets one after another: later ones read what earlier ones wrote."""
    folder = tmp_path_factory.mktemp("page")
    outputs = []
    for code, _ in snippets():
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        outputs.append(run.stdout)
    return outputs


@pytest.mark.parametrize("number", range(len(snippets())))
def test_a_snippet_prints_what_the_page_says(printed, number):
    assert printed[number] == snippets()[number][1]


def test_the_settings_of_the_page_are_all_there_are(tmp_path):
    (text,) = [code for language, code in BLOCKS if language == "toml"][:1]

    config = SitesConfig.from_values(tomllib.loads(text), where="page", folder=tmp_path)

    assert set(config.model_fields_set) == set(SitesConfig.model_fields)
    for table in ("units", "high_density", "external", "names", "friction", "layers"):
        inner = getattr(config, table)
        assert set(inner.model_fields_set) == set(type(inner).model_fields), table
