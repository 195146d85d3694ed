"""META files of the shared test data."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data" / "meta"
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.fixture(scope="session")
def meta_folder():
    if not DATA.is_dir():
        pytest.skip("the META files of ../shared/data/meta are not here")
    return DATA


@pytest.fixture(scope="session")
def scanned_listings():
    """The listings in the scanned document: the compact one and the explicit one."""
    documents = sorted(SEEDS.glob("004_*.txt"))
    if not documents:
        pytest.skip("the scanned document of ../shared/seeds is not here")
    text = documents[0].read_text(encoding="utf-8")
    starts = list(_lines_with(text, "*silent_input"))
    listings = [text[start : text.index("\n*end\n", start) + 6] for start in starts]
    # A mention of the tag in the text is no listing.
    return [listing for listing in listings if listing.count("*start_zone") == 3]


def _lines_with(text, mark):
    place = 0
    for line in text.splitlines(keepends=True):
        if line.strip() == mark:
            yield place
        place += len(line)
