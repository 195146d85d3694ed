"""Which rasters a table of ``sites.toml`` means, and what their names say: month, epoch, type."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoeroot.errors import ConfigError, nearest
from shoeroot.sites.layer_settings import Layer, NightLightsLayer
from shoeroot.sites.sources import is_remote

__all__ = ["DatedFile", "dated_files"]

#: What a name can say.
GROUPS = ("year", "month", "day", "epoch", "type", "return_period")
_DIRECTIVES = {"Y": r"(?P<year>\d{4})", "m": r"(?P<month>0[1-9]|1[0-2])", "d": r"(?P<day>\d{2})"}
_PLACE = re.compile(r"\{(\w+)(?::0?(\d*)d)?\}")
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class DatedFile:
    """A raster and what is known of it.

    Attributes
    ----------
    path : str
        As it is opened.
    values : dict of str to str
        Such as ``{"year": "2019", "month": "07"}``.
    """

    path: str
    values: Mapping[str, str]


def dated_files(
    layer: Layer,
    folder: Path,
    needed: Sequence[str],
    *,
    also: Sequence[str] = (),
    key: str,
    where: str,
) -> list[DatedFile]:
    """Find the rasters of a table, in the order of what their names say.

    Parameters
    ----------
    layer : Layer
        Files, date and what is the same for all of them.
    folder : Path
        What paths are relative to.
    needed : sequence of str
        What must be known of each file.
    also : sequence of str
        What may be known as well. No two files may be alike in all that is known.
    key, where : str
        Named in errors: the table and the file of settings.

    Raises
    ------
    ConfigError
        A file is missing, a pattern matches nothing, a name does not say what it should, or two
        files say the same.
    """
    pattern = _date_pattern(layer.date, f"{key}.date", where)
    found: dict[tuple[str, ...], DatedFile] = {}
    for path, known in _paths(layer, folder, key, where):
        values = {**layer.fixed(), **known, **_said(pattern, layer.date, path, key, where)}
        lacking = [name for name in needed if name not in values]
        if lacking:
            raise ConfigError(
                f"{key}: nothing says the {lacking[0]} of {path}",
                where=where,
                hint=f"give `date` with a group (?P<{lacking[0]}>...){_itself(layer, lacking[0])}",
            )
        mark = tuple(values.get(name, "") for name in (*needed, *also))
        if mark in found:
            told = ", ".join(
                f"{name} {values[name]}" for name in (*needed, *also) if name in values
            )
            raise ConfigError(
                f"{key}: two files are of {told or 'the layer'}: {found[mark].path} and {path}",
                where=where,
                hint="narrow `files`, or let `date` tell them apart",
            )
        found[mark] = DatedFile(path, values)
    return [found[mark] for mark in sorted(found)]


def _itself(layer: Layer, name: str) -> str:
    """Say how a table tells what the names of its files do not, if it can."""
    if isinstance(layer, NightLightsLayer):
        return ', or month = "2019-07" itself'
    return f", or `{name}` itself" if name in type(layer).model_fields else ""


def _paths(
    layer: Layer, folder: Path, key: str, where: str
) -> Iterator[tuple[str, dict[str, str]]]:
    for text in layer.files:
        for path, known in _filled(text, layer, key, where):
            if is_remote(path):
                yield path, known
                continue
            for local in _local(path, folder, key, where):
                yield str(local), known


def _filled(text: str, layer: Layer, key: str, where: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Put values into a template; a month has two digits unless the template says otherwise."""
    names = list(dict.fromkeys(match[1] for match in _PLACE.finditer(text)))
    for name in names:
        if name not in layer.expand:
            raise ConfigError(
                f"{key}.files: the template asks for {name!r}, of which there are no values",
                where=where,
                hint=f"expand = {{{name} = [...]}}",
            )
    for values in itertools.product(*(layer.expand[name] for name in names)):
        chosen = dict(zip(names, values, strict=True))

        def shown(match: re.Match[str], chosen: Mapping[str, int | str] = chosen) -> str:
            width = int(match[2]) if match[2] else (2 if match[1] == "month" else 0)
            return str(chosen[match[1]]).zfill(width)

        known = {
            name: str(value).zfill(2 if name == "month" else 0) for name, value in chosen.items()
        }
        yield _PLACE.sub(shown, text), known


def _local(path: str, folder: Path, key: str, where: str) -> list[Path]:
    whole = folder / path
    if whole.is_file():
        return [whole]
    if not _GLOB.search(path):
        beside = [one.name for one in whole.parent.iterdir()] if whole.parent.is_dir() else []
        raise ConfigError(
            f"{key}.files: there is no such file",
            where=f"{whole} ({where})",
            hint=nearest(whole.name, beside) or "correct the path",
        )
    root = Path(whole.anchor)
    matching = sorted(one for one in root.glob(str(whole.relative_to(root))) if one.is_file())
    if not matching:
        beside = [one.name for one in whole.parent.iterdir()] if whole.parent.is_dir() else []
        raise ConfigError(
            f"{key}.files: the pattern {path!r} matches no file",
            where=f"{whole} ({where})",
            hint="correct the pattern; paths are relative to the folder of the settings; "
            + (nearest(whole.name, beside) or f"{whole.parent} is empty or no folder"),
        )
    return matching


def _date_pattern(date: str, key: str, where: str) -> re.Pattern[str] | None:
    if not date:
        return None
    text = date if "(?P<" in date else _from_directives(date, key, where)
    try:
        pattern = re.compile(text)
    except re.error as problem:
        raise ConfigError(
            f"{key}: {date!r} is no regular expression: {problem}", where=where, hint="correct it"
        ) from problem
    for name in pattern.groupindex:
        if name not in GROUPS:
            raise ConfigError(
                f"{key}: unknown group {name!r}", where=where, hint=nearest(name, GROUPS)
            )
    return pattern


def _from_directives(date: str, key: str, where: str) -> str:
    pieces = re.split(r"%(.)", date)
    found = re.escape(pieces[0])
    for directive, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        if directive not in _DIRECTIVES:
            raise ConfigError(
                f"{key}: %{directive} is not known",
                where=where,
                hint="%Y, %m and %d, or a regular expression with named groups",
            )
        found += _DIRECTIVES[directive] + re.escape(literal)
    if len(pieces) == 1:
        raise ConfigError(
            f"{key}: {date!r} says nothing",
            where=where,
            hint='such as "%Y%m", or a regular expression such as "_E(?P<epoch>[0-9]{4})_"',
        )
    return found


def _said(
    pattern: re.Pattern[str] | None, date: str, path: str, key: str, where: str
) -> dict[str, str]:
    """Read a date off the name of a file, otherwise off its whole path."""
    if pattern is None:
        return {}
    match = pattern.search(path.rpartition("/")[2]) or pattern.search(path)
    if match is None:
        raise ConfigError(
            f"{key}.date: {date!r} matches nothing in {path.rpartition('/')[2]!r}",
            where=where,
            hint="correct the pattern, or narrow `files`",
        )
    return {name: value for name, value in match.groupdict().items() if value is not None}
