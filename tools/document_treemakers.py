"""Write `docs/treemakers`: a page for each TreeMaker, made from its class, and one that lists them.

python tools/document_treemakers.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from shoeroot import treemakers
from shoeroot.minitrees import TreeMaker, treemaker_index, treemaker_page

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "treemakers"
CONTRIBUTED = ROOT / "minitrees" / "src"


def pages() -> dict[str, str]:
    """Give the text of each page by its file name."""
    sys.path.insert(0, str(CONTRIBUTED))
    try:
        import shoeroot_minitrees
    finally:
        sys.path.remove(str(CONTRIBUTED))
    named = [
        getattr(module, name)
        for module in (treemakers, shoeroot_minitrees)
        for name in module.__all__
    ]
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, TreeMaker)]
    made = {f"{kind.__name__}.md": treemaker_page(kind) for kind in kinds}
    return made | {"README.md": treemaker_index(kinds)}


def main(folder: Path) -> None:
    """Write all pages, and remove those of TreeMakers that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in set(folder.glob("*.md")) - {folder / name for name in made}:
        old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
