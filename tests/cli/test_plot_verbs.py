"""``shoeroot plot``, ``display`` and ``report`` on a real campaign."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from shoeroot.cli.main import verbs


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return tmp_path_factory.mktemp("minitrees")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(verbs, [str(each) for each in arguments])


def refused(done):
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("error: ")
    assert "what to do: " in done.stderr
    return done.stderr


def test_plot_draws_the_overview_of_a_campaign(run, campaign, trees, tmp_path):
    done = run("plot", campaign.folder, "--folder", trees, "--json")

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {"picture": "campaign-overview.png", "rows": 8}
    assert imread(tmp_path / "campaign-overview.png")[..., :3].std() > 0.05


def test_plot_draws_columns_of_several_datasets(run, campaign, trees, tmp_path):
    done = run(
        *("plot", campaign.folder, "--folder", trees, "--where", "status == 'ok'"),
        *("-x", "floor_area", "-y", "eui", "--by", "dataset", "-o", "ä b.svg"),
    )

    assert done.exit_code == 0, done.stderr
    assert done.stdout == "ä b.svg\n"
    assert "<svg" in (tmp_path / "ä b.svg").read_text()


def test_plot_says_what_is_missing(run, campaign, trees, tmp_path):
    folder = ("--folder", trees)

    assert "need an -x" in refused(run("plot", campaign.folder, *folder, "-y", "eui"))
    assert "of one dataset" in refused(run("plot", campaign.folder, campaign.folder, *folder))
    assert "did you mean 'eui'" in refused(run("plot", campaign.folder, *folder, "-x", "euii"))
    assert list(tmp_path.iterdir()) == []


def test_display_draws_one_event(run, campaign, tmp_path):
    done = run("display", campaign.folder, -1, "--json")

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {"picture": "campaign-event-7.png", "event_id": 7, "status": "ok"}
    assert imread(tmp_path / "campaign-event-7.png")[..., :3].std() > 0.05
    assert "0 to 7" in refused(run("display", campaign.folder, 8))


def test_report_writes_a_page(run, campaign, trees, tmp_path):
    done = run("report", campaign.folder, "--folder", trees)
    told = run("report", campaign.folder, "--folder", trees, "--where", "status == 'ok'", "--json")

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("campaign-report.html: 8 of 8 events: 6 ok")
    assert json.loads(told.stdout)["statuses"] == {"ok": 6}
    assert (tmp_path / "campaign-report.html").read_text().startswith("<!DOCTYPE html>")
    assert "give a campaign folder" in refused(run("report", "nowhere"))
