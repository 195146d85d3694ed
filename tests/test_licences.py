"""What shoeroot uses is under licences at most as strong as the LGPL, as its metadata says."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest

requirements = pytest.importorskip("packaging.requirements")

STRONG = re.compile(
    r"\b(A?GPL|SSPL|EUPL)|GNU (Affero )?General Public|NonCommercial|CC[- ]BY[- ]NC", re.I
)
#: All extras; what `dev` adds is for those who change shoeroot, and held to the same.
EXTRAS = distribution("shoeroot").metadata.get_all("Provides-Extra") or []


def stated(found: Distribution) -> str:
    """All that a distribution's metadata says of its licence; of a whole text the first line."""
    fields = found.metadata
    classifiers = [one for one in fields.get_all("Classifier") or [] if one.startswith("License")]
    text = (fields.get("License") or "").strip().partition("\n")[0]
    return "; ".join([fields.get("License-Expression") or "", text, *classifiers])


def used(name: str, extras: tuple[str, ...], seen: dict[str, Distribution]) -> None:
    """Collect a distribution and all that it requires here."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # an extra that is not installed here
    seen[name] = found
    for line in found.requires or []:
        needed = requirements.Requirement(line)
        wanted = ("", *extras)
        if needed.marker and not any(needed.marker.evaluate({"extra": one}) for one in wanted):
            continue
        if needed.name.lower() not in seen:
            used(needed.name.lower(), tuple(needed.extras), seen)


def test_nothing_that_is_used_has_a_stronger_licence_than_the_lgpl():
    seen: dict[str, Distribution] = {}

    used("shoeroot", tuple(EXTRAS), seen)

    assert len(seen) > 40
    too_strong = {name: text for name, one in seen.items() if STRONG.search(text := stated(one))}
    assert too_strong == {}


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("GPL-3.0-or-later", True),
        ("GNU General Public License v3 or later (GPLv3+)", True),
        ("AGPL-3.0-only", True),
        ("LGPL-2.1-only", False),
        ("GNU Lesser General Public License v2 (LGPLv2)", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("BSD-3-Clause", False),
    ],
)
def test_licences_are_told_apart(text, strong):
    assert bool(STRONG.search(text)) == strong
