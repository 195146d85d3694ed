"""What each tag within a zone means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal, cast

from shoeroot.meta.model import (
    Door,
    Glazing,
    Mass,
    MetaSurface,
    Obstruction,
    Rotation,
    SurfaceChoice,
    Usage,
)
from shoeroot.meta.statements import Statement, Values
from shoeroot.meta.tags import boundary_of

__all__ = ["AFTER_SHAPE", "SHAPES", "ZONE_TAGS", "ZoneParts"]

#: Parts of a zone by the names of its fields; lists grow until its end.
ZoneParts = dict[str, Any]
Taker = Callable[[Statement, ZoneParts], None]

SHAPES: Final = ("box", "extrude", "poly")
#: Tags that mean nothing before the shape is known.
AFTER_SHAPE: Final = ("*cord", "*origin", "*size", "*nbwalls", "*nbsurfs", "*surface")
_LOCATIONS = ("VERT", "CEIL", "FLOR", "SLOP", "UNKN")
Point = tuple[float, float, float]


def _append(parts: ZoneParts, name: str, item: Any) -> None:
    parts.setdefault(name, []).append(item)


def _shape(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values()
    if "shape" in parts:
        raise statement.error("the zone has two shapes")
    parts["shape"] = values.choice("shape", SHAPES)
    values.end()


def _triple(name: str) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.values()
        parts[name] = cast(Point, values.measures(name, 3))
        values.end()

    return take


def _cord(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values()
    count = 2 if parts["shape"] == "extrude" else 3
    _append(parts, "cords", values.measures("coordinate", count))
    values.end()


def _wall_count(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values()
    parts["wall_count"] = values.integer("number of walls", 0)
    values.end()


def _rotation(name: str) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.values()
        angle = values.measure("angle")
        point = cast(tuple[float, float], values.measures("X and Y", 2)) if len(values) else None
        values.end()
        parts[name] = Rotation(angle, point)

    return take


def _children(name: str, kind: type[Door] | type[Glazing], what: str) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.values()
        count = values.integer("how many", 0)
        if len(values) != 2 * count:
            raise statement.error(
                f"{count} need {2 * count} values, a parent and a {what} each: "
                f"there are {len(values)}"
            )
        for _ in range(count):
            _append(parts, name, kind(values.integer("parent surface", 1), _positive(values, what)))

    return take


def _positive(values: Values, what: str) -> float:
    value = values.measure(what)
    if value <= 0:
        raise values.statement.error(f"a {what} of {value:g}")
    return value


def _surface(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values(named=True).with_numbers_parted()
    dialect = parts["dialect"]
    if dialect == "1.3":
        made = _long_surface(values, statement.line)
    else:
        allowed = (5, 6) if dialect == "1.1" else (6,)
        if len(values) not in allowed:
            raise statement.error(
                f"*surface has {len(values)} values instead of {allowed[0]}",
                hint="name, construction"
                + (", optic" if dialect == "1.2" else "")
                + ", and three numbers for what is behind it, parted by commas",
            )
        has_optic = len(values) == 6
        name, construction = values.word("name"), values.word("construction")
        optic = values.word("optic") if has_optic else ""
        boundary = boundary_of(values, worded=False)
        made = MetaSurface(name, construction, boundary, optic=optic, line=statement.line)
    values.end()
    _append(parts, "surfaces", made)


def _long_surface(values: Values, line: int) -> MetaSurface:
    name, location = values.word("name"), values.choice("location", _LOCATIONS)
    parent, uses = values.word("parent"), (values.word("use"), values.word("use"))
    construction, optic = values.word("construction"), values.word("optic")
    boundary = boundary_of(values, worded=True)
    return MetaSurface(name, construction, boundary, (), optic, location, parent, uses, line)


def _list(statement: Statement, parts: ZoneParts) -> None:
    surfaces = parts.get("surfaces", [])
    if not surfaces or surfaces[-1].vertices:
        raise statement.error("*list follows no *surface")
    values = statement.values()
    count = values.integer("number of vertices", 3)
    if len(values) != count:
        raise statement.error(f"*list has {len(values)} vertices instead of {count}")
    vertices = tuple(values.integer("vertex", 1) for _ in range(count))
    surfaces[-1] = replace(surfaces[-1], vertices=vertices)


def _mass(statement: Statement, parts: ZoneParts) -> None:
    values = statement.fields(9)
    # ESP-r takes both cases here.
    vertical = values.choice("kind of mass", ("VM", "HM", "vm", "hm")).upper() == "VM"
    origin = cast(Point, values.measures("corner", 3))
    length, extent = _positive(values, "length"), _positive(values, "height or width")
    azimuth = values.measure("azimuth")
    name, construction = values.word("name"), values.word("construction")
    mass = Mass(vertical, origin, length, extent, azimuth, name, construction, statement.line)
    _append(parts, "masses", mass)


def _block(kind: Literal["obs", "obs3"], angles: int) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.fields(8 + angles)
        made = Obstruction(
            kind,
            origin=cast(Point, values.measures("corner", 3)),
            size=cast(Point, values.measures("size", 3)),
            angles=values.measures("angle", angles),
            name=values.word("name"),
            construction=values.word("construction"),
            line=statement.line,
        )
        _append(parts, "obstructions", made)

    return take


def _polyhedron(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values(named=True).with_numbers_parted()
    if len(values) != 28:
        values = statement.fields(28)
    for what, count in (("corners", 8), ("faces", 6)):
        if values.integer(f"number of {what}") != count:
            raise statement.error(f"*obsp has {count} {what}")
    name, construction = values.word("name"), values.word("construction")
    points = tuple(cast(Point, values.measures("corner", 3)) for _ in range(8))
    made = Obstruction("obsp", name, construction, points=points, line=statement.line)
    _append(parts, "obstructions", made)


def _solar_grid(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values()
    parts["solar_grid"] = (values.integer("grid", 1), values.integer("grid", 1))
    values.end()


def _choice(name: str) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.values()
        how = values.choice("surfaces", ("none", "all_applicable", "list"))
        count = values.integer("number of surfaces", 0) if how != "none" else 0
        if len(values) != count:
            raise statement.error(
                f"{statement.tag.text} lists {len(values)} surfaces instead of {count}"
            )
        surfaces = tuple(values.integer("surface", 1) for _ in range(count))
        parts[name] = SurfaceChoice(how, surfaces)

    return take


def _usage(statement: Statement, parts: ZoneParts) -> None:
    pieces = [piece.strip() for piece in statement.text.split(",", 3)]
    if len(pieces) < 4:
        pieces = statement.text.replace(",", " ").split(maxsplit=3)
    if len(pieces) < 4 or not pieces[3]:
        raise statement.error("*usage needs four values", hint="*usage,pattern,all,allcas,FILE")
    parts["usage"] = Usage(*pieces)


def _environment(statement: Statement, parts: ZoneParts) -> None:
    parts["environment"] = statement.text


def _setpoints(name: str) -> Taker:
    def take(statement: Statement, parts: ZoneParts) -> None:
        values = statement.values()
        points = values.all_numbers("setpoint")
        if not 1 <= len(points) <= 2:
            raise statement.error(f"{statement.tag.text} has {len(points)} setpoints")
        parts[name] = points

    return take


def _ideal_control(statement: Statement, parts: ZoneParts) -> None:
    values = statement.values()
    parts["ideal_control"] = bool(values.integer("switch", 0, 1)) if len(values) else True
    values.end()


ZONE_TAGS: Final[dict[str, Taker]] = {
    "*shape": _shape,
    "*origin": _triple("origin"),
    "*size": _triple("size"),
    "*cord": _cord,
    "*nbwalls": _wall_count,
    "*nbsurfs": _wall_count,
    "*rotate": _rotation("rotate"),
    "*previous_rotate": _rotation("previous_rotate"),
    "*glaze": _children("glazings", Glazing, "percentage"),
    "*door": _children("doors", Door, "width"),
    "*mass": _mass,
    "*surface": _surface,
    "*list": _list,
    "*obs": _block("obs", 1),
    "*obs3": _block("obs3", 3),
    "*obsp": _polyhedron,
    "*solar_grid": _solar_grid,
    "*shad_calc": _choice("shading"),
    "*insol_calc": _choice("insolation"),
    "*usage": _usage,
    "*environment": _environment,
    "*heating": _setpoints("heating"),
    "*cooling": _setpoints("cooling"),
    "*ideal_control": _ideal_control,
}
