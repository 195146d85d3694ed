"""A library of building templates and the rule that picks one for a design."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from shoeroot.building.template import Template
from shoeroot.design import CLIMATE_ZONES, PROGRAMS
from shoeroot.errors import TemplateError, nearest

__all__ = ["TemplateLibrary", "shipped_library_path", "shipped_library_paths"]

_RESIDENTIAL = "us_residential.umi.json"
_NONRESIDENTIAL = "us_nonresidential.umi.json"


def shipped_library_path() -> Path:
    """Path of the residential template library that comes with shoeroot.

    Returns
    -------
    pathlib.Path
        US residential templates: the first four of `PROGRAMS` by four vintages by
        `CLIMATE_ZONES`.
    """
    return shipped_library_paths()[0]


def shipped_library_paths() -> tuple[Path, ...]:
    """Paths of all template libraries that come with shoeroot.

    Returns
    -------
    tuple of pathlib.Path
        The residential library, and that of the other `PROGRAMS`, by five vintages by
        groups of `CLIMATE_ZONES` that the sources do not tell apart.
    """
    folder = resources.files("shoeroot.building") / "data"
    return tuple(Path(str(folder / name)) for name in (_RESIDENTIAL, _NONRESIDENTIAL))


@dataclass(frozen=True, slots=True, eq=False)
class TemplateLibrary:
    """The templates of one UMI template library.

    Parameters
    ----------
    path : pathlib.Path
        The file they were read from.
    sha256 : str
        Hexadecimal digest of that file; of the digests where files were joined.
    templates : tuple of Template
        In the order of the file.
    """

    path: Path
    sha256: str
    templates: tuple[Template, ...]

    def __len__(self) -> int:
        return len(self.templates)

    def of_program(self, program: int | str) -> tuple[Template, ...]:
        """Return the templates of a program, by name or index into `PROGRAMS`.

        Raises
        ------
        TemplateError
            If there is none; the error names what the library has.
        """
        name = self._program_name(program)
        return tuple(template for template in self.templates if template.program == name)

    def joined(self, other: TemplateLibrary) -> TemplateLibrary:
        """Return this library with the templates of another behind its own."""
        digest = hashlib.sha256(f"{self.sha256} {other.sha256}".encode()).hexdigest()
        return TemplateLibrary(self.path, digest, (*self.templates, *other.templates))

    @property
    def knows_programs(self) -> bool:
        """Whether at least one template carries a program of the schema as its category."""
        return any(template.program in PROGRAMS for template in self.templates)

    def select(self, program: int | str, vintage: float, climate_zone: int | str = "") -> Template:
        """Pick the template of a design.

        A library that knows the schema's programs is searched by program, then climate
        zone (templates without climate zones fit all, but those that name the zone come
        first), then year of construction. Any other UMI library is a plain list: the
        program is the index of the template in it, or its name, and vintage and climate
        zone are ignored.

        Parameters
        ----------
        program : int or str
            Index into `PROGRAMS`, or one of them. In a library without the schema's
            programs: index of the template, or its name.
        vintage : float
            Year of construction; only its whole part counts.
        climate_zone : int or str
            Index into `CLIMATE_ZONES`, or one of them.

        Returns
        -------
        Template

        Raises
        ------
        TemplateError
            If no template fits; the error names what the library has.
        """
        if not self.knows_programs:
            return self._by_position(program)
        name = self._program_name(program)
        zone = self._zone_name(climate_zone)
        year = int(vintage)
        of_program = [template for template in self.templates if template.program == name]
        in_zone = [template for template in of_program if zone in template.climate_zones]
        in_zone += [template for template in of_program if not template.climate_zones]
        for template in in_zone:
            if _covers(template, year):
                return template
        raise TemplateError(
            f"no template for program {name!r}, vintage {year}, climate zone {zone}",
            where=str(self.path),
            hint=_alternatives(self.templates, of_program, in_zone),
        )

    def _by_position(self, program: int | str) -> Template:
        names = [template.name for template in self.templates]
        if isinstance(program, str):
            if program in names:
                return self.templates[names.index(program)]
            raise TemplateError(
                f"no template is called {program!r}",
                where=str(self.path),
                hint=nearest(program, names),
            )
        if 0 <= program < len(names):
            return self.templates[int(program)]
        listed = ", ".join(f"{index} {name}" for index, name in enumerate(names[:20]))
        raise TemplateError(
            f"program {program} is not the index of a template: the library has {len(names)}",
            where=str(self.path),
            hint=f"its templates carry no program of the schema, so the program counts them: "
            f"{listed}",
        )

    def _program_name(self, program: int | str) -> str:
        if isinstance(program, str):
            if any(template.program == program for template in self.templates):
                return program
            raise TemplateError(
                f"no template has the program {program!r}",
                where=str(self.path),
                hint=nearest(program, {template.program for template in self.templates}),
            )
        if 0 <= program < len(PROGRAMS):
            return PROGRAMS[int(program)]
        known = ", ".join(f"{index} {name}" for index, name in enumerate(PROGRAMS))
        raise TemplateError(
            f"no template for program type {program}",
            where=str(self.path),
            hint=f"program types with templates: {known}",
        )

    def _zone_name(self, climate_zone: int | str) -> str:
        if isinstance(climate_zone, str):
            if climate_zone in CLIMATE_ZONES:
                return climate_zone
            raise TemplateError(
                f"{climate_zone!r} is not a climate zone",
                where=str(self.path),
                hint="climate zones: " + " ".join(CLIMATE_ZONES),
            )
        if 0 <= climate_zone < len(CLIMATE_ZONES):
            return CLIMATE_ZONES[int(climate_zone)]
        raise TemplateError(
            f"climate zone index {climate_zone} is outside 0 to {len(CLIMATE_ZONES) - 1}",
            where=str(self.path),
            hint="climate zones in order: " + " ".join(CLIMATE_ZONES),
        )


def _covers(template: Template, year: int) -> bool:
    after = template.year_from is None or template.year_from <= year
    before = template.year_to is None or year <= template.year_to
    return after and before


def _alternatives(
    every: tuple[Template, ...], of_program: list[Template], in_zone: list[Template]
) -> str:
    if in_zone:
        spans = sorted(
            {(template.year_from or 0, template.year_to or 9999) for template in in_zone}
        )
        listed = ", ".join(
            f"{first or '...'} to {last if last < 9999 else '...'}" for first, last in spans
        )
        return f"years of construction that the library has there: {listed}"
    if of_program:
        zones = {zone for template in of_program for zone in template.climate_zones}
        known = [zone for zone in CLIMATE_ZONES if zone in zones]
        return "climate zones that the library has for this program: " + " ".join(known)
    return "programs that the library has: " + ", ".join(
        sorted({template.program for template in every})
    )
