"""The notebook ``notebooks/shoebox_designs.ipynb`` from start to end, on the real engine."""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path

import h5py
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import shoeroot

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "shoebox_designs.ipynb"

#: What the authors' own notebook prints.
PRINTED = {
    "roof": ["2.5"],
    "shape": ["20, 90"],
    "shape-repeated": ["20, 90"],
    "schema-all": ["storage vector length: 90", "ml vector length: 26342"],
    "base": ["3.00e+00, 1.92e+03, 1.20e+01, 2.00e+00", "7.20e+00", "2.30e+00, 3.10e+00"],
    "seeded-wwr": ["0.34444465", "0.05      ", "0.33708715", "0.16022385", "0.56547156"],
    "seeded-width": ["4.53980835", "7.08775209", "5.68124462", "5.36848356", "4.65878866"],
    "perturbed-width": ["4.50783096", "7.10805712", "4.57370062", "4.63718082"],
    "uniform-wwr": ["0.4432166 ", "0.33710959", "0.47522886", "0.61353465"],
    "normal-wwr": ["0.21695047", "0.6391094 ", "0.35036656", "0.14348296"],
    "template-values": ["5.73466772", "9.37173696", "3.14958077 0.60625715 0.41883353"],
    "ids": ["(23.0, 0.0)"],
}
#: Cells whose outputs are the same wherever and whenever they run, figures apart.
REPEATABLE = (
    *PRINTED,
    "schema-names",
    "schema-items",
    "vector",
    "inspection",
    "template",
    "uploaded",
)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks") / "here"
    shutil.copytree(NOTEBOOK.parent, folder, ignore=shutil.ignore_patterns("hdf5"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own machinery
        client.execute()
    return folder, notebook


def texts(notebook) -> dict[str, str]:
    """What the tagged cells print, by tag."""
    return {
        tag: "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
        for tag in cell.metadata.get("tags", [])
    }


def pictures(notebook) -> dict[str, int]:
    return {
        tag: sum("image/png" in output.get("data", {}) for output in cell.outputs)
        for cell in notebook.cells
        for tag in cell.metadata.get("tags", [])
    }


def test_the_authors_results_are_printed(executed):
    shown = texts(executed[1])

    for tag, expected in PRINTED.items():
        for text in expected:
            assert text in shown[tag], tag


def test_what_the_file_shows_is_what_comes_out(executed):
    stored, now = texts(nbformat.read(NOTEBOOK, as_version=4)), texts(executed[1])

    for tag in REPEATABLE:
        assert now[tag] == stored[tag], tag


def test_designs_are_mended_before_they_are_simulated(executed):
    shown = texts(executed[1])

    assert re.match(
        r"20 designs: \d+ different models, \d+ cannot be simulated", shown["inspection"]
    )
    assert shown["inspection-mended"].strip() == "20 designs: 20 different models"
    assert shown["results"].splitlines() == ["{'ok': 20}", "(20, 4, 8760)"]


def test_all_pictures_are_shown(executed):
    assert {tag: count for tag, count in pictures(executed[1]).items() if count} == {
        "view": 1,
        "plots": 4,
        "batch-plots": 2,
    }


def test_the_results_are_those_of_the_events(executed):
    folder = executed[0] / "data" / "hdf5"

    with h5py.File(folder / "batch_00023_results.hdf5") as file:
        hourly, monthly, areas = (file[name][...] for name in ("hourly", "monthly", "areas"))
        designs, status = file["storage_vectors"][...], file["status"].asstr()[...]
        assert list(file["hourly"].attrs["series"])[2] == "core heating"
    with h5py.File(folder / "batch_00023.hdf5") as file:
        np.testing.assert_array_equal(designs, file["storage_vectors"][...])
    with shoeroot.open(folder / "batch_00023") as events:
        event = next(one for one in (events[row] for row in range(20)) if one.event_id == 7)
    assert (monthly.shape, set(status)) == ((20, 4, 12), {"ok"})
    np.testing.assert_allclose(monthly.sum(axis=2), hourly.sum(axis=2, dtype="f8"), rtol=1e-5)
    perimeter, core = event.zones
    np.testing.assert_allclose(hourly[7, 0], 3.6e6 * perimeter.hourly.heating, rtol=1e-6)
    np.testing.assert_allclose(hourly[7, 3], 3.6e6 * core.hourly.cooling, rtol=1e-6)
    np.testing.assert_allclose(areas[7], [perimeter.floor_area, core.floor_area])
