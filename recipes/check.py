"""Build the conda packages and prove that they work, where no conda channel can be reached.

Run it as::

    python recipes/check.py [--engines 25.2.0 ...] [--folder FOLDER]

with the extra `recipes` installed beside shoeroot. It prints one line a proof and closes with
`N passed, N failed`; it ends with 1 where one failed. Packages are left in FOLDER/channel.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from engines import RECIPES, read_engines
from proofs import PROOFS, Setting

__all__ = ["check"]


def check(setting: Setting, proofs: list[Callable[[Setting], str]]) -> tuple[int, int]:
    """Try proofs one after the other; return how many passed and how many failed."""
    failed = 0
    for proof in proofs:
        name = (proof.__doc__ or proof.__name__).splitlines()[0].rstrip(".")
        began = time.monotonic()
        try:
            said = proof(setting)
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
        else:
            took = time.monotonic() - began
            print(f"ok      {name}: {said} ({took:.0f} s)", flush=True)
    return len(proofs) - failed, failed


def main() -> int:
    """Run as a script; see the module."""
    parser = argparse.ArgumentParser(description="Build the conda packages and prove them.")
    parser.add_argument("--engines", nargs="+", default=[], metavar="VERSION", help="only these")
    parser.add_argument("--folder", type=Path, default=RECIPES.parent / "build" / "recipes")
    arguments = parser.parse_args()
    try:
        chosen = read_engines(arguments.engines)
    except ValueError as error:
        parser.error(str(error))
    folder: Path = arguments.folder.resolve()
    for made in ("channel", "libraries", "work"):
        shutil.rmtree(folder / made, ignore_errors=True)
    passed, failed = check(Setting(folder, tuple(chosen)), PROOFS)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # py-rattler's threads may crash an interpreter that ends in the usual way.
    os._exit(code)
