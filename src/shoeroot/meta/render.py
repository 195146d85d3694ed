"""The statements of a model: each part of it as the lines that say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shoeroot.meta.model import (
    Boundary,
    Mass,
    MetaModel,
    MetaSurface,
    MetaZone,
    Obstruction,
    Rotation,
    SurfaceChoice,
)
from shoeroot.meta.tags import BOUNDARY_WORDS, HEADERS

__all__ = ["Piece", "pieces_of"]

_DECIMALS = 4
_WORDS = {kind: word for word, kind in BOUNDARY_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement.

    Attributes
    ----------
    tag : str
        With its star; ``""`` for what is written as it is.
    lines : tuple of str
        Without line ends.
    line : int
        Of the file where it was read, where the model knows; 0 otherwise.
    """

    tag: str
    lines: tuple[str, ...]


def pieces_of(model: MetaModel) -> list[Piece]:
    """Give all statements of a model in the order in which a file has them."""
    header = next(tag for tag, dialect in HEADERS.items() if dialect == model.dialect)
    pieces = [Piece(header, (header,)), *_of_model(model)]
    for zone in model.zones:
        pieces += _of_zone(zone, model)
    pieces += [_row(one.tag, *one.text.split("\n")) for one in model.unknown if not one.zone]
    return [*pieces, Piece("*end", ("*end",))] if model.has_end else pieces


def _row(tag: str, first: str, *others: str) -> Piece:
    return Piece(tag, (f"{tag},{first}" if first else tag, *others))


def _number(value: float) -> str:
    """Write a number so that the same is read again."""
    text = repr(float(value)).removesuffix(".0")
    return "0" if text == "-0" else text


def _numbers(values: tuple[float, ...]) -> str:
    return ",".join(map(_number, values))


def _coordinates(values: tuple[float, ...]) -> str:
    """Write a point as ESP-r does, to a tenth of a millimetre."""
    return ",".join(f"{value + 0.0:.{_DECIMALS}f}" for value in values)


def _of_model(model: MetaModel) -> Iterator[Piece]:
    for tag, text in (("*title", model.title), ("*doc", model.doc), ("*date", model.date)):
        if text:
            yield _row(tag, text)
    if model.action:
        said = (model.action.how, model.action.root, model.action.layout, model.action.path)
        yield _row("*action", ",".join(filter(None, said)))
    for tag, path in (*model.paths, *model.databases):
        yield Piece(f"*{tag}", (f"*{tag} {path}",))
    yield from _of_site(model)
    if model.parameters:
        said_numbers = (
            model.parameters.startup_days,
            model.parameters.zone_steps,
            model.parameters.plant_steps,
            model.parameters.save_level,
        )
        yield _row("*sim_parameters", _numbers(said_numbers))
    for assessment in model.assessments:
        words = (assessment.season, assessment.period, *map(str, assessment.days))
        yield _row("*assessments", ",".join(filter(None, words)))
    if model.outputs:
        yield Piece("*start_xml", ("*start_xml", *model.outputs))
        yield Piece("*end_xml", ("*end_xml",))
    for literal in model.literals:
        first = f"*start_literal,{literal.heading}" if literal.heading else "*start_literal"
        yield Piece("*start_literal", (first, *literal.lines, "*end_literal"))


def _of_site(model: MetaModel) -> Iterator[Piece]:
    if model.weather_station:
        yield _row("*weather_station", model.weather_station)
    if model.location:
        place = model.location
        yield _row(
            "*site_loc",
            _numbers((place.latitude, place.longitude_difference, place.time_zone)),
        )
    if model.exposure:
        yield _row("*site_exp", _numbers((model.exposure.index, *model.exposure.views)))
    if model.ground_reflectance is not None:
        yield _row("*ground_refl_annual", _number(model.ground_reflectance))
    if model.monthly_ground:
        ground = model.monthly_ground
        snow = () if ground.snow is None else (ground.snow,)
        yield _row("*ground_refl_monthly", _numbers((ground.model, *ground.values, *snow)))
    if model.snow_days:
        yield _row("*monthly_snow_days", _numbers(model.snow_days))
    if model.snow_depth_file:
        yield _row("*hourly_snow_depth", model.snow_depth_file)
    if model.monthly_profiles:
        rows = map(_numbers, model.monthly_profiles)
        yield _row("*monthly_profile", str(len(model.monthly_profiles)), *rows)


def _of_zone(zone: MetaZone, model: MetaModel) -> Iterator[Piece]:
    yield _row("*start_zone", zone.name)
    yield _row("*shape", zone.shape)
    yield from _of_shape(zone, model.dialect)
    for surface in zone.surfaces:
        yield _row("*surface", _surface(surface, model.dialect))
        if surface.vertices:
            yield _row("*list", ",".join(map(str, [len(surface.vertices), *surface.vertices])))
    for mass in zone.masses:
        yield _row("*mass", _mass(mass))
    yield from _of_zone_extras(zone)
    for one in model.unknown:
        if one.zone == zone.name:
            yield _row(one.tag, *one.text.split("\n"))
    yield Piece("*end_zone", ("*end_zone",))


def _of_shape(zone: MetaZone, dialect: str) -> Iterator[Piece]:
    if zone.wall_count is not None:
        tag = "*nbwalls" if dialect == "1.1" else "*nbsurfs"
        yield _row(tag, str(zone.wall_count))
    for cord in zone.cords:
        yield _row("*cord", _coordinates(cord))
    if zone.origin is not None:
        yield _row("*origin", _numbers(zone.origin))
    if zone.size is not None:
        yield _row("*size", _numbers(zone.size))
    for tag, rotation in (("*rotate", zone.rotate), ("*previous_rotate", zone.previous_rotate)):
        if rotation is not None:
            yield _row(tag, _rotation(rotation))
    yield from _of_children(zone)


def _of_children(zone: MetaZone) -> Iterator[Piece]:
    if zone.glazings:
        pairs = [f"{one.parent},{_number(one.percent)}" for one in zone.glazings]
        yield _row("*glaze", ",".join([str(len(pairs)), *pairs]))
    if zone.doors:
        pairs = [f"{one.parent},{_number(one.width)}" for one in zone.doors]
        yield _row("*door", ",".join([str(len(pairs)), *pairs]))


def _of_zone_extras(zone: MetaZone) -> Iterator[Piece]:
    for tag, choice in (("*shad_calc", zone.shading), ("*insol_calc", zone.insolation)):
        if choice is not None:
            yield _choice(tag, choice)
    if zone.solar_grid:
        yield _row("*solar_grid", _numbers(zone.solar_grid))
    for block in zone.obstructions:
        yield _obstruction(block)
    if zone.usage:
        use = zone.usage
        yield _row("*usage", ",".join([use.source, use.imported, use.casual, use.file]))
    if zone.environment:
        yield _row("*environment", zone.environment)
    for tag, points in (("*heating", zone.heating), ("*cooling", zone.cooling)):
        if points is not None:
            yield _row(tag, _numbers(points))
    if zone.ideal_control is not None:
        yield _row("*ideal_control", str(int(zone.ideal_control)))


def _rotation(rotation: Rotation) -> str:
    return _numbers((rotation.angle, *(rotation.point or ())))


def _surface(surface: MetaSurface, dialect: str) -> str:
    behind = surface.boundary
    if dialect == "1.3":
        words = (
            *(surface.name, surface.location or "UNKN", surface.parent or "-"),
            *(use or "-" for use in surface.uses),
            *(surface.construction, surface.optic or "OPAQUE", _WORDS[behind.kind]),
        )
        return ",".join([*words, str(behind.i), str(behind.j)])
    optic = [surface.optic] if surface.optic else []
    if dialect == "1.2" and not optic:
        optic = ["OPAQUE"]
    return ",".join([surface.name, surface.construction, *optic, _boundary(behind)])


def _boundary(boundary: Boundary) -> str:
    return f"{boundary.kind},{boundary.i},{boundary.j}"


def _mass(mass: Mass) -> str:
    numbers = (*mass.origin, mass.length, mass.extent, mass.azimuth)
    kind = "VM" if mass.vertical else "HM"
    return ",".join([kind, _numbers(numbers), mass.name, mass.construction])


def _choice(tag: str, choice: SurfaceChoice) -> Piece:
    if choice.how == "none":
        return _row(tag, "none")
    listed = "  ".join(map(str, choice.surfaces))
    return _row(tag, f"{choice.how},{len(choice.surfaces)}", *([listed] if listed else []))


def _obstruction(block: Obstruction) -> Piece:
    if block.kind == "obsp":
        halves = [
            _coordinates(tuple(value for point in block.points[half : half + 4] for value in point))
            for half in (0, 4)
        ]
        return _row("*obsp", f"8,6,{block.name},{block.construction}", *halves)
    numbers = (*block.origin, *block.size, *block.angles)
    return _row(f"*{block.kind}", f"{_numbers(numbers)},{block.name},{block.construction}")
