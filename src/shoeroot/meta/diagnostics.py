"""Everything about a model that its author should know, each with its line."""

from __future__ import annotations

import re

import numpy as np

from shoeroot.errors import MetaError
from shoeroot.meta.constructions import ConstructionSet, example_constructions
from shoeroot.meta.expand import Manner, faces_of
from shoeroot.meta.file_checks import check_file
from shoeroot.meta.findings import Diagnostic, FileLines, Findings
from shoeroot.meta.geometry import area_of
from shoeroot.meta.model import MetaModel, MetaZone
from shoeroot.meta.shell_checks import check_pairs, check_shell
from shoeroot.meta.zone_checks import check_boundaries, check_choices, check_rows

__all__ = ["Diagnostic", "diagnostics"]

_LINE = re.compile(r", line (\d+)")


def diagnostics(
    model: MetaModel,
    constructions: ConstructionSet | None = None,
    *,
    rotation: Manner = "document",
) -> list[Diagnostic]:
    """Check a model: what is wrong, and what ESP-r would read in another way.

    Parameters
    ----------
    model : MetaModel
    constructions : ConstructionSet, optional
        By their optics windows are told from walls; by default those of the document's example.
    rotation : str
        See `expand`.

    Returns
    -------
    list of Diagnostic
        In the order of their lines. No error among them: the model can be expanded.
    """
    findings = Findings("" if model.source is None else model.source.name)
    lines = FileLines.of(model)
    known = constructions or example_constructions()
    # Numbers beyond reason are told as such; sums of them may be infinite.
    with np.errstate(all="ignore"):
        check_file(model, lines, findings)
        check_boundaries(model, findings)
        areas = {}
        for number, zone in enumerate(model.zones, start=1):
            check_choices(zone, number, known, lines, findings)
            found = _check_zone(zone, number, lines, rotation, findings)
            if found is not None:
                areas[number] = found
        check_pairs(model, areas, findings)
    return sorted(findings.found, key=lambda one: (one.line, one.severity))


def _check_zone(
    zone: MetaZone, number: int, lines: FileLines, rotation: Manner, findings: Findings
) -> list[float] | None:
    """Check one zone, and give the areas of its surfaces, if it has any polygons [m2]."""
    before = len(findings.found)
    check_rows(zone, number, lines, findings)
    try:
        faces = faces_of(zone, number, findings.file, rotation)
    except MetaError as problem:
        if not any(one.severity == "error" for one in findings.found[before:]):
            match = _LINE.search(problem.where)
            line = int(match.group(1)) if match else zone.line
            findings.error("geometry", problem.problem, line, zone=zone)
        return None
    if not faces.rings or not len(faces.vertices):
        findings.error("geometry", "the zone has no surfaces", zone=zone)
        return None
    check_shell(zone, faces, findings)
    return [area_of(faces.vertices[list(ring)]) for ring in faces.rings]
