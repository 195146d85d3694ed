"""A dataset of made-up simulations, of which two in five have failed: no engine needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shoeroot.testing import example_dataset


@pytest.fixture(scope="session")
def made_up(tmp_path_factory) -> Path:
    return example_dataset(tmp_path_factory.mktemp("made-up") / "batch_00023", 20)


@pytest.fixture
def batch(made_up, tmp_path) -> Path:
    """A copy, for tests that write into it."""
    return shutil.copytree(made_up, tmp_path / "batch_00023")
