"""The page on clusters is true: what can run here runs, and prints what the page says."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "clusters.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```([a-z ]+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_a_campaign_on_a_cluster_here_prints_what_the_page_says(tmp_path):
    pytest.importorskip("distributed", reason='pip install "shoeroot[dask]"')
    script = tmp_path / "snippet.py"
    script.write_text(BLOCKS["python"], encoding="utf-8")

    run = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout == BLOCKS["text"]
    assert list((tmp_path / "batch_00024" / "events").glob("part-*.root"))


def test_the_jobs_of_the_slurm_snippet_are_dask_workers(tmp_path):
    # Imported, it would take over the signals of the process of all tests.
    if importlib.util.find_spec("dask_jobqueue") is None:
        pytest.skip("pip install dask-jobqueue")
    # Without the last line, which would submit jobs.
    making, adapting = BLOCKS["python slurm"].strip().rsplit("\n", maxsplit=1)
    assert adapting.startswith("cluster.adapt(")
    script = tmp_path / "snippet.py"
    script.write_text(f"{making}\nprint(cluster.job_script())\ncluster.close()\n")

    run = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr
    assert "#SBATCH -t 04:00:00" in run.stdout
    assert "--nworkers 32" in run.stdout
    assert "--nthreads 1" in run.stdout
    assert "--lifetime 230m" in run.stdout


def test_the_kubernetes_snippet_is_python():
    compile(BLOCKS["python kubernetes"], "clusters.md", "exec")
