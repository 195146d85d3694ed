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


def test_the_programs_print_a_table_and_draw_a_map(
    section, campaign, site, write_sites, tmp_path, monkeypatch, capsys
):
    shapely = pytest.importorskip("shapely")
    pytest.importorskip("geopandas")
    names = ("Oakland", "San Jose", "Boulder")
    sites = [site(name) for name in names]
    extents = [shapely.box(one.lon, one.lat, one.lon + 0.2, one.lat + 0.1) for one in sites]
    path = write_sites(
        *(
            site(name, geometry=list(shapely.to_wkb(extent)))
            for name, extent in zip(names, extents, strict=True)
        )
    )
    folder = tmp_path / "my-campaign"
    shutil.copytree(campaign.folder, folder)
    settings = CampaignConfig.read(folder)
    wanted = {"path": str(path), "floor_area": 40.0}
    settings.changed({"sites": wanted}, where="test").write(folder)
    monkeypatch.chdir(tmp_path)
    programs = blocks(section, "python")

    exec(compile("\n".join(programs), str(PAGE), "exec"), {})

    printed = capsys.readouterr().out
    assert "San Jose" in printed
    assert "2 of 8 designs failed" in printed
    assert (tmp_path / "stock.png").stat().st_size > 5000
