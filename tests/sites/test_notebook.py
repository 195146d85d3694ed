"""The notebook ``notebooks/belgium_sites.ipynb`` from start to end, against known facts."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pandas as pd
import pytest

import shoeroot
from shoeroot.sites import sites_frame

nbformat = pytest.importorskip("nbformat", reason="needs nbclient")
nbclient = pytest.importorskip("nbclient", reason="needs nbclient")

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "belgium_sites.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory, belgium):
    """The folder that it ran in, and its cells by tag."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own machinery
        patch.setenv("BELGIUM", str(belgium))
        client.execute()
    return folder, {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}


def text(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def table(cell):
    """What a cell shows as a table: texts, and numbers where a column holds them."""
    (html,) = (
        output["data"]["text/html"]
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    )
    head, body = html.split("<tbody>")
    names = re.findall(r"<th[^>]*>(.*?)</th>", head.split("</tr>")[0])
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]
    ]
    shown = pd.DataFrame(rows, columns=["index", *names[1:]]).set_index("index")
    return shown.apply(as_numbers)


def as_numbers(column):
    try:
        return pd.to_numeric(column.str.replace(",", ""))
    except ValueError:
        return column


def test_no_cell_warns(executed):
    assert [
        (tag, output.text)
        for tag, cell in executed[1].items()
        for output in cell.outputs
        if output.get("name") == "stderr"
    ] == []


def test_the_largest_centres_are_those_that_everybody_knows(executed):
    centres = table(executed[1]["centres"]).set_index("name")

    assert list(centres.index[:3]) == ["Brussels", "Lille", "Antwerp"]
    assert centres.loc["Brussels", "population"] == pytest.approx(1.38e6, rel=0.03)
    assert centres.loc["Brussels", ["lon", "lat"]].tolist() == pytest.approx(
        [4.36, 50.85], abs=0.02
    )
    assert centres.loc["Gent", "country"] == "BE"


def test_people_of_communes_agree_with_the_census(executed):
    cells = executed[1]

    millions = float(text(cells["classes"]).split()[0])
    assert millions == pytest.approx(11.49, rel=0.01)
    communes = table(cells["communes"])
    assert communes["name"].tolist()[:2] == ["Antwerpen", "Gent"]
    # Statbel, 1 January 2020: 529247 and 263614.
    assert communes["total"].tolist()[:2] == pytest.approx([529247, 263614], rel=0.03)
    assert set(communes["class"]) == {"city"}


def test_routes_are_fast_on_roads_and_longer_than_the_crow_flies(executed):
    minutes = table(executed[1]["times"])

    (km, took) = re.match(
        r"Brussels to Antwerp: ([\d.]+) km, (\d+) min", text(executed[1]["reach"])
    ).groups()
    assert 41 < float(km) < 50
    assert 60 * float(km) / float(took) == pytest.approx(90, rel=0.05)
    assert (minutes.index == minutes.columns).all()
    assert minutes.loc["Brussels", "Antwerp"] == minutes.loc["Antwerp", "Brussels"]


def test_maps_are_shown_and_written(executed):
    folder, cells = executed

    for tag in ("static-map", "route-map"):
        assert sum("image/png" in output.get("data", {}) for output in cells[tag].outputs) == 1
    page = (folder / "belgium" / "map.html").read_text(encoding="utf-8")
    assert "Brussels" in page
    assert "Urban centre (31)" in page


def test_one_file_of_settings_gives_the_sites_as_events(executed):
    folder, cells = executed

    frame = sites_frame(folder / "belgium" / "sites")

    assert set(frame["country"]) == {"BE"}
    assert text(cells["build"]).startswith(f"{len(frame)} sites")
    basics = shoeroot.minitrees.load(folder / "belgium" / "sites", ["SiteBasics"])
    assert len(basics) == len(frame)
    names = table(cells["tables"])["name"].tolist()
    assert names[:3] == ["Brussels", "Antwerp", "Liège"]


def test_steps_and_settings_agree(executed):
    """What was computed call by call is what the settings give."""
    cells = executed[1]

    by_hand = table(cells["lights"]).set_index("name")["light_sum"]
    built = table(cells["tables"]).set_index("name")["light_sum"]
    for name in ("Brussels", "Antwerp", "Gent"):
        assert built[name] == pytest.approx(by_hand[name], rel=1e-3)
