"""The notebooks on exports, from start to end in a folder of their own."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

nbformat = pytest.importorskip("nbformat", reason="needs nbclient")
nbclient = pytest.importorskip("nbclient", reason="needs nbclient")
xr = pytest.importorskip("xarray", reason="needs the extra netcdf")

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def execute(name, folder, **environment):
    """Run a notebook with this Python; give what its tagged cells show, by tag."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own machinery
        for variable, value in environment.items():
            patch.setenv(variable, str(value))
        client.execute()
    return {
        tag: "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
            if output.get("name") != "stderr"
        )
        for cell in notebook.cells
        for tag in cell.metadata.get("tags", [])
    }


def rasm():
    """A dataset of the form of xarray's tutorial dataset: 36 months of a calendar without leaps."""
    import cftime

    rng = np.random.default_rng(0)
    times = [
        cftime.DatetimeNoLeap(1980 + (8 + month) // 12, (8 + month) % 12 + 1, 16, 12)
        for month in range(36)
    ]
    grid = rng.uniform(-180, 180, (2, 205, 275))
    temperature = rng.normal(0, 10, (36, 205, 275))
    temperature[:, :20] = np.nan
    return xr.Dataset(
        {"Tair": (("time", "y", "x"), temperature, {"units": "C", "long_name": "air"})},
        {
            "time": ("time", times, {"long_name": "time"}),
            "xc": (("y", "x"), grid[0], {"units": "degrees_east"}),
            "yc": (("y", "x"), grid[1], {"units": "degrees_north"}),
        },
        {"institution": "none", "convention": "CF-1.4"},
    )


def test_the_authors_statements_write_identical_files(tmp_path):
    pooch = pytest.importorskip("pooch", reason="needs pooch")
    pytest.importorskip("ipycytoscape", reason="needs ipycytoscape")
    pytest.importorskip("distributed", reason="needs the extra dask")
    # Where xarray looks for what it has downloaded before.
    cache = tmp_path / "cache" / "xarray_tutorial_data"
    cache.mkdir(parents=True)
    url = f"{xr.tutorial.base_url}/raw/{xr.tutorial.version}/rasm.nc"
    rasm().to_netcdf(cache / pooch.utils.unique_file_name(url), engine="netcdf4")

    shown = execute(
        "netcdf_in_parallel.ipynb",
        tmp_path,
        XDG_CACHE_HOME=tmp_path / "cache",
        DASK_DISTRIBUTED__DASHBOARD__LINK="",
    )

    assert "Client" in shown["client"]
    assert "Cytoscape" in shown["graph"]
    assert shown["count"].strip() == "3"
    assert shown["one-path"] == "'./filename_1981-09-16_1982-08-16.nc'"
    assert shown["identical"].strip() == "The datasets are identical!"
    assert shown["saved-identical"].strip() == "The datasets are identical!"
    assert len(list(tmp_path.glob("filename_*.nc"))) == 3
    assert len(list(tmp_path.glob("exported/rasm_*.nc"))) == 3


def numbers_after(text, mark):
    """What each line says behind a mark, by what it says before."""
    pairs = (line.rpartition(mark) for line in text.splitlines() if mark in line)
    return {
        name.strip(): float(rest.split()[0])
        for name, _, rest in pairs
        if rest.strip() and rest.split()[0].replace(".", "", 1).isdigit()
    }


def test_a_surrogate_tells_its_errors_next_to_three_baselines(tmp_path):
    pytest.importorskip("sklearn", reason="needs scikit-learn: pip install 'shoeroot[ml]'")
    pytest.importorskip("pyenergyplus", reason="needs the weather files of pyenergyplus-lbnl")

    shown = execute("surrogate.ipynb", tmp_path)

    assert shown["statuses"] == "{'ok': 132}"
    choice = numbers_after(shown["choice"], ":")
    assert len(choice) == 9
    baselines = ["mean", "degree days", "estimate"]
    chosen = shown["choice"].splitlines()[-1].removeprefix("chosen: ")
    assert choice[chosen] == min(error for name, error in choice.items() if name not in baselines)
    errors = numbers_after(shown["errors"], ":")
    assert list(errors) == [*baselines, "surrogate"]
    assert errors["surrogate"] < min(errors[name] for name in baselines)
    each = np.array([line.split() for line in shown["each"].splitlines()[1:]], dtype=float)
    assert each.shape == (3, 6)
    assert each[:, 5].mean() == pytest.approx(errors["surrogate"], abs=0.1)
    description = json.loads((tmp_path / "surrogate.json").read_text())
    weather = description["lineage"]["weather"]
    assert len(weather["train"]) == 8
    assert not set(weather["train"]) & set(weather["test"])
