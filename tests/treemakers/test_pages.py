"""Pages of documentation made from TreeMakers, and those in docs/treemakers."""

import subprocess
import sys
from pathlib import Path

import pytest

from shoeroot.minitrees import TreeMaker, treemaker_index, treemaker_page

ROOT = Path(__file__).parents[2]


class Cost(TreeMaker):
    """What the energy costs.

    By a price.

    Options
    -------
    price : float
        Of a kWh, everywhere
        and always.
    """

    __version__ = "7"
    options = {"price": 0.3}
    depends_on = ("Carbon",)
    columns = {"cost": ("EUR", "Cost a|b")}


def test_a_page_tells_columns_options_and_dependencies():
    page = treemaker_page(Cost)

    assert page.startswith("# Cost\n\nWhat the energy costs.\n\nBy a price.\n\nVersion 7; ")
    assert "| `cost` | EUR | Cost a\\|b |" in page
    assert "| `price` | `0.3` | Of a kWh, everywhere and always. |" in page
    assert "-------" not in page.replace("|---|---|---|", "")
    for arrow in ("Carbon --> Cost", "Monthly --> Carbon", "events[(events)] --> Monthly"):
        assert arrow in page


def test_the_list_links_to_the_pages():
    page = treemaker_index(["Basics", Cost])

    assert "| [Cost](Cost.md) | What the energy costs. | 1 |" in page
    assert "[Basics](Basics.md)" in page


def test_pages_in_docs_are_current(tmp_path):
    script = ROOT / "tools" / "document_treemakers.py"

    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=120)

    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("docs/treemakers/*")}
    assert written == kept, "run: python tools/document_treemakers.py"
    assert len(written) == 20


@pytest.mark.parametrize("name", ["Carbon", "ThermalResilience"])
def test_every_option_is_explained(name):
    page = (ROOT / "docs" / "treemakers" / f"{name}.md").read_text(encoding="utf-8")

    options = page.partition("## Options")[2].partition("##")[0]
    rows = [line for line in options.splitlines() if line.startswith("| `")]
    assert rows
    assert all(len(row.split("|")[3].strip()) > 10 for row in rows)
