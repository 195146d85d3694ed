"""Ask the installed engine who it is, and fail where it is not what the package says."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys


def main() -> int:
    """Compare version and build with those of the command line's arguments."""
    parser = argparse.ArgumentParser(description="Ask the engine on the PATH who it is.")
    parser.add_argument("--engine", required=True, help="such as 25.2.0")
    parser.add_argument("--build", required=True, help="such as cf7368216c")
    expected = parser.parse_args()
    said = subprocess.run(["energyplus", "--version"], capture_output=True, text=True, check=True)
    print(said.stdout.strip())
    match = re.search(r"EnergyPlus, Version (\S+?)-([0-9a-f]+)", said.stdout)
    if not match or match.groups() != (expected.engine, expected.build):
        print(f"the package says {expected.engine}-{expected.build}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
