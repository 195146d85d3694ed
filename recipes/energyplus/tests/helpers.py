"""Try the programs beside the engine: ExpandObjects before a simulation, ReadVarsESO after it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = Path(__file__).with_name("design_days.epJSON")
TEMPLATE = """\
  Version,25.2;
  HVACTemplate:Thermostat,All,,20,,25;
"""


def main() -> int:
    """Run both; end with 1 where one left no result."""
    with tempfile.TemporaryDirectory() as folder:
        simulated = Path(folder, "simulated")
        command = ["energyplus", "--readvars", "--output-directory", str(simulated), str(MODEL)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        table = (simulated / "eplusout.csv").read_text()
        # It reads in.idf beside Energy+.idd, and writes expanded.idf.
        engine = Path(sys.argv[1] if len(sys.argv) > 1 else _home())
        Path(folder, "Energy+.idd").symlink_to(engine / "Energy+.idd")
        Path(folder, "in.idf").write_text(TEMPLATE)
        subprocess.run(["ExpandObjects"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        expanded = Path(folder, "expanded.idf").read_text()
    print(table.splitlines()[0])
    right = "Total Heating Energy" in table and "ThermostatSetpoint:DualSetpoint" in expanded
    return 0 if right else 1


def _home() -> str:
    import os

    return os.environ["ENERGYPLUS_DIR"]


if __name__ == "__main__":
    sys.exit(main())
