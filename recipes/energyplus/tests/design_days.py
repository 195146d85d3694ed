"""Simulate two design days of a box with the installed engine; its energy is a known number.

The box is 10 m x 10 m x 3 m of brick with air between 20 and 25 degC, on an adiabatic floor. Its
energy in J, below, is what the official EnergyPlus 25.2.0 gives; the other engines differ by less
than 1e-12 of it. By hand: 220 m2 of walls and roof with a U-value near 1.2 W/(m2 K) and half an air
change an hour lose about 12 kW at 40 K: 1.0e9 J in a day.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = Path(__file__).with_name("design_days.epJSON")
KNOWN = {("WINTER", "Heating"): 997452213.821, ("SUMMER", "Cooling"): 220530381.2223}
#: The engine's numbers depend on the processor in their last digits.
RELATIVE_TOLERANCE = 1e-9


def energies(report: str) -> dict[tuple[str, str], float]:
    """Return the energy [J] of each design day and end use from an .eso file's text."""
    dictionary, _, data = report.partition("End of Data Dictionary\n")
    uses = {
        line.partition(",")[0]: use
        for line in dictionary.splitlines()
        for use in ("Heating", "Cooling")
        if f"Total {use} Energy" in line
    }
    found, day = {}, ""
    for line in data.splitlines():
        key, _, rest = line.partition(",")
        if key == "1":
            day = rest.partition(",")[0]
        elif key in uses:
            found[day, uses[key]] = float(rest.partition(",")[0])
    return found


def main() -> int:
    """Simulate, print the energies, and compare them."""
    parser = argparse.ArgumentParser(description="Simulate two design days of a box.")
    parser.add_argument("--engine", default="energyplus", help="the program")
    program = parser.parse_args().engine
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--output-directory", folder, str(MODEL)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = energies(Path(folder, "eplusout.eso").read_text())
    wrong = 0
    for (day, use), known in KNOWN.items():
        energy = found.get((day, use), math.nan)
        same = math.isclose(energy, known, rel_tol=RELATIVE_TOLERANCE)
        wrong += not same
        print(f"{day} {use}: {energy:.4f} J{'' if same else f', not {known} J'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
