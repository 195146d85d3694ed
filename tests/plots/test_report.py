"""The page about a campaign: complete in itself, right in its numbers, honest about failures."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from shoeroot.errors import ConfigError
from shoeroot.minitrees import load
from shoeroot.plots import make_report


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return tmp_path_factory.mktemp("minitrees")


@pytest.fixture(scope="module")
def page(campaign, trees, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    make_report(campaign.folder, path, minitree_folder=trees)
    return path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """Reads all tables of a page into lists of rows."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.links, self.open = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.tables[-1][-1][-1] += data


def test_numbers_are_those_of_the_mini_trees(page, campaign, trees):
    rows = {row[0]: row for row in Page(page).tables[0]}

    eui = load(campaign.folder, "Basics", minitree_folder=trees)["eui"]
    assert rows["eui"][1:3] == ["kWh/m2", str(eui.count())]
    assert float(rows["eui"][3]) == pytest.approx(eui.mean(), rel=1e-4)
    assert float(rows["eui"][6]) == pytest.approx(eui.median(), rel=1e-4)
    assert "event_id" not in rows


def test_failures_are_told_with_an_example_and_what_was_said(page, campaign):
    (failures,) = [table for table in Page(page).tables if "such as event" in table[0]]

    counted = pd.Series({row[0]: int(row[1]) for row in failures[1:]})
    assert counted.to_dict() == {
        status: count for status, count in campaign.statuses.items() if status != "ok"
    }
    assert all(row[3] for row in failures[1:])


def test_the_page_needs_nothing_else(page):
    (picture,) = Page(page).links

    kind, _, content = picture.partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content).startswith(b"\x89PNG")
    assert not re.search(r"https?://", page)


def test_cuts_are_told_and_hold(campaign, trees, tmp_path):
    target = tmp_path / "old.html"

    done = make_report(campaign.folder, target, where="vintage < 1980", minitree_folder=trees)

    old = load(campaign.folder, "Basics", "vintage < 1980", minitree_folder=trees)
    assert (done.events, done.rows) == (8, len(old))
    assert "vintage &lt; 1980" in target.read_text()
    assert sum(done.statuses.values()) == len(old)


def test_a_cut_that_nothing_passes_is_a_page_too(campaign, trees, tmp_path):
    done = make_report(
        campaign.folder, tmp_path / "none.html", where="eui < 0", minitree_folder=trees
    )

    assert (done.rows, done.statuses) == (0, {})
    assert "No simulation ended well" in done.path.read_text()


def test_a_page_that_cannot_be_written_is_an_error(campaign, trees, tmp_path):
    with pytest.raises(ConfigError, match="HTML page"):
        make_report(campaign.folder, tmp_path / "report.pdf", minitree_folder=trees)
    with pytest.raises(ConfigError, match="cannot be written"):
        make_report(campaign.folder, tmp_path / "no" / "report.html", minitree_folder=trees)

    assert list(tmp_path.iterdir()) == []
