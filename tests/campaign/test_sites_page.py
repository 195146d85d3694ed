"""The section on campaigns in docs/sites.md runs as it stands."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from shoeroot.campaign import CampaignConfig, SiteSettings

PAGE = Path(__file__).parents[2] / "docs" / "sites.md"


@pytest.fixture(scope="module")
def section() -> str:
    if not PAGE.is_file():
        pytest.skip("docs/sites.md is not beside the tests")
    return PAGE.read_text().partition("## Campaigns for sites\n")[2].partition("\n## ")[0]


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section, flags=re.DOTALL)


def test_the_settings_are_settings(section):
    (told,) = blocks(section, "toml")

    values = tomllib.loads(told)

    config = CampaignConfig.from_values({"weather": ["a.epw"], **values}, where="docs")
    assert config.sites.weights == "built"


def test_every_setting_is_explained(section):
    rows = set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))

    assert rows | {"epoch"} == set(SiteSettings.model_fields)
    assert "`epoch`" in section


def test_the_program_prints_a_table(
    section, campaign, california_and_colorado, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "my-campaign"
    shutil.copytree(campaign.folder, folder)
    settings = CampaignConfig.read(folder)
    sites = {"path": str(california_and_colorado), "floor_area": 40.0}
    settings.changed({"sites": sites}, where="test").write(folder)
    monkeypatch.chdir(tmp_path)
    (program,) = blocks(section, "python")

    exec(compile(program, str(PAGE), "exec"), {})

    printed = capsys.readouterr().out
    assert "San Jose" in printed
    assert "2 of 8 designs failed" in printed
