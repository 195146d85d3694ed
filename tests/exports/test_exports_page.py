"""The page on exports is true: its snippets run and print what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shoeroot.exports
from shoeroot.campaign import run_campaign, sample_designs

pytest.importorskip("zarr", reason="needs the extra netcdf")

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(
    r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


def test_snippets_print_what_the_page_says(tmp_path):
    # The README's campaign, coarser.
    run_campaign(
        sample_designs(16, seed=1),
        tmp_path / "batch_00023",
        timesteps_per_hour=1,
        show_progress=False,
    )
    assert len(SNIPPETS) == 2

    for code, printed in SNIPPETS:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout == printed


def test_each_name_on_the_page_exists():
    for name in re.findall(
        r"`(to_ml|to_xarray|save|save_tensors|save_zarr|load\w*|write_results|upload|split_by_chunks)`",
        PAGE,
    ):
        assert name in shoeroot.exports.__all__
