"""Checks of the file and of what stands outside of zones: tags, lengths, names, site."""

from __future__ import annotations

from typing import Final

from shoeroot.errors import nearest
from shoeroot.meta.findings import FileLines, Findings
from shoeroot.meta.model import MetaModel, MetaZone
from shoeroot.meta.source import LONGEST_LINE
from shoeroot.meta.tags import MODEL_TAGS
from shoeroot.meta.zone_tags import ZONE_TAGS

__all__ = ["check_file"]

#: What ESP-r keeps of a name, of a title, and of a zone's text.
LONGEST_NAME: Final = 12
_LONGEST_TITLE = 72
#: Tags that may come more than once.
_OFTEN: Final = frozenset(
    {"*assessments", "*start_xml", "*end_xml", "*ipv", "*start_literal", "*end_literal"}
    | {"*cord", "*surface", "*list", "*mass", "*obs", "*obs3", "*obsp"}
)
#: Two names of one tag.
_SAME: Final = {"*menu": "*title", "*nbsurfs": "*nbwalls"}
#: Tags that a shape does not need: they are read and mean nothing.
_IDLE: Final = {
    "box": ("*cord", "*nbwalls", "*nbsurfs", "*list"),
    "extrude": ("*size", "*list"),
    "poly": ("*size", "*origin"),
}
_SNOW_DAYS, _SNOW_DEPTH = 2, 3
_OWN_VIEWS = 8


def check_file(model: MetaModel, lines: FileLines, findings: Findings) -> None:
    """Check what needs no geometry and no other zone."""
    for repair in model.repairs:
        findings.warn(
            "repair",
            f"{repair.what}: {repair.before.strip()!r} read as {repair.after!r}",
            repair.line,
        )
    for number, length in lines.too_long():
        findings.warn(
            "long-line", f"{length} characters, of which ESP-r reads {LONGEST_LINE}", number
        )
    _check_tags(model, lines, findings)
    _check_names(model, lines, findings)
    _check_site(model, lines, findings)


def _check_tags(model: MetaModel, lines: FileLines, findings: Findings) -> None:
    known = [*MODEL_TAGS, *ZONE_TAGS]
    for one in model.unknown:
        hint = nearest(one.tag, known)
        close = f"; {hint}" if hint.startswith("did you") else ""
        findings.add("warning", "unknown-tag", f"{one.tag} is not known{close}", one.line, one.zone)
    if not model.has_end:
        last = lines.lines[-1][0] if lines.lines else 0
        findings.warn("no-end", "*end is missing", last)
    if lines.after_end:
        findings.warn("after-end", "what stands behind *end is not read", lines.after_end)
    _check_doubled(lines, None, findings)
    for number, zone in enumerate(model.zones, start=1):
        if number > len(lines.of_zones):
            break
        _check_doubled(lines, (number, zone), findings)
        for tag in _IDLE[zone.shape]:
            if line := lines.line_of(tag, number):
                findings.warn(
                    "idle-tag",
                    f"{tag} means nothing in a zone of shape {zone.shape}",
                    line,
                    zone=zone,
                )


def _check_doubled(lines: FileLines, of: tuple[int, MetaZone] | None, findings: Findings) -> None:
    """Warn of tags that may come once, and come again."""
    found = lines.of_model if of is None else lines.of_zones[of[0] - 1]
    first: dict[str, int] = {}
    for tag, statements in found.items():
        # The numbers of profiles, doors and windows add up; others have one value.
        adds = tag in ("*monthly_profile", "*glaze", "*door")
        for statement in statements:
            name = _SAME.get(tag, tag)
            if tag in _OFTEN or first.setdefault(name, statement.line) == statement.line:
                continue
            taken = "all are taken" if adds else "the last one is taken"
            findings.add(
                "warning",
                "doubled",
                f"{tag} stands on line {first[name]} already: {taken}",
                statement.line,
                of[1] if of else "",
            )


def _check_names(model: MetaModel, lines: FileLines, findings: Findings) -> None:
    if len(model.title) > _LONGEST_TITLE:
        findings.warn(
            "long-title",
            f"the title has {len(model.title)} characters, of which ESP-r keeps {_LONGEST_TITLE}",
            lines.line_of("*title") or lines.line_of("*menu"),
        )
    if len(model.doc) > LONGEST_LINE:
        findings.warn(
            "long-title",
            f"*doc has {len(model.doc)} characters, of which ESP-r keeps {LONGEST_LINE}",
            lines.line_of("*doc"),
        )
    seen: dict[str, MetaZone] = {}
    for zone in model.zones:
        _check_name(zone.name, "zone", zone.line, zone, findings)
        if zone.name in seen:
            findings.error(
                "same-name",
                f"another zone of this name begins on line {seen[zone.name].line}",
                zone=zone,
            )
        seen.setdefault(zone.name, zone)
        _check_names_within(zone, findings)


def _check_name(name: str, what: str, line: int, zone: MetaZone, findings: Findings) -> None:
    if len(name) > LONGEST_NAME:
        findings.warn(
            "long-name",
            f"the name of a {what} has {len(name)} characters, of which ESP-r keeps "
            f"{LONGEST_NAME}: {name!r}",
            line,
            zone=zone,
        )


def _check_names_within(zone: MetaZone, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for surface in zone.surfaces:
        _check_name(surface.name, "surface", surface.line, zone, findings)
        if surface.name in seen:
            findings.warn(
                "same-name",
                f"another surface of this name is on line {seen[surface.name]}",
                zone=zone,
                surface=surface,
            )
        seen.setdefault(surface.name, surface.line)
    for mass in zone.masses:
        _check_name(mass.name, "mass", mass.line, zone, findings)
    for block in zone.obstructions:
        _check_name(block.name, "block", block.line, zone, findings)
        if block.kind == "obs3" and block.angles[2] != 0:
            findings.warn(
                "tilt",
                f"the tilt of {block.name!r} has no effect: ESP-r never had one",
                block.line,
                zone=zone,
            )


def _check_site(model: MetaModel, lines: FileLines, findings: Findings) -> None:
    ground = model.monthly_ground
    line = lines.line_of("*ground_refl_monthly")
    if ground is not None and ground.model == _SNOW_DAYS and not model.snow_days:
        findings.warn("no-snow", "ground model 2 needs *monthly_snow_days", line)
    if ground is not None and ground.model == _SNOW_DEPTH and not model.snow_depth_file:
        findings.warn("no-snow", "ground model 3 needs *hourly_snow_depth", line)
    for shares, tag in (
        (
            (model.ground_reflectance,) if model.ground_reflectance is not None else (),
            "*ground_refl_annual",
        ),
        (ground.values if ground else (), "*ground_refl_monthly"),
    ):
        if any(not 0 <= share <= 1 for share in shares):
            findings.error(
                "reflectance", "a reflectance is a share from 0 to 1", lines.line_of(tag)
            )
    exposure = model.exposure
    if exposure is not None and exposure.views and exposure.index != _OWN_VIEWS:
        findings.warn(
            "views",
            f"the views to sky, ground and buildings mean nothing for exposure {exposure.index}: "
            "they are for 8",
            lines.line_of("*site_exp") or lines.line_of("*site"),
        )
    if lines.line_of("*docpth") and lines.line_of("*doc"):
        findings.warn(
            "docpth",
            "ESP-r takes *docpth for *doc: the text of the model may be lost there",
            lines.line_of("*docpth"),
        )
    if any(one.season == "single" and not one.days for one in model.assessments):
        findings.warn(
            "single",
            "a single assessment needs its days: *assessments,single,user,FIRST,LAST",
            lines.line_of("*assessments"),
        )
