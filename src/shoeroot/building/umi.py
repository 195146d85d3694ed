"""Reading a UMI template library: opened through archetypal, returned as plain dataclasses."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shoeroot.building.library import TemplateLibrary, shipped_library_paths
from shoeroot.building.template import Template
from shoeroot.building.template_cache import cached_templates, keep_templates
from shoeroot.building.umi_convert import Converter
from shoeroot.building.umi_file import readable_groups
from shoeroot.errors import TemplateError

__all__ = ["read_library", "read_shipped_library"]


def read_shipped_library() -> TemplateLibrary:
    """Read all templates that come with shoeroot: residential ones, then the others.

    Raises
    ------
    TemplateError
        As `read_library`.
    """
    first, *more = (read_library(path) for path in shipped_library_paths())
    for library in more:
        first = first.joined(library)
    return first


def read_library(path: Path) -> TemplateLibrary:
    """Read all building templates of a UMI template library.

    The first time a library is read imports archetypal, which takes some seconds; its templates
    are then kept for the next time (`shoeroot.building.template_cache`). Call it in the parent
    process, and hand the plain templates to workers. Components that several templates share
    stay shared in the result.

    Parameters
    ----------
    path : pathlib.Path
        A UMI template library (.json), as UMI or archetypal save it.

    Returns
    -------
    TemplateLibrary
        The templates in the order of the file.

    Raises
    ------
    TemplateError
        If the file is missing, is no JSON, is no UMI template library, or archetypal
        cannot read it; the cause is chained.
    """
    path = Path(path)
    content = _read_bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    templates = cached_templates(digest)
    if templates is None:
        templates = _converted(content, path)
        keep_templates(digest, templates)
    return TemplateLibrary(path, digest, templates)


def _converted(content: bytes, path: Path) -> tuple[Template, ...]:
    text = json.dumps(readable_groups(content, path))
    with _silence():
        opened = _open(text, path)
        try:
            converter = Converter()
            return tuple(converter.template(each) for each in opened.BuildingTemplates)
        except TemplateError as error:
            raise TemplateError(error.problem, where=str(path), hint=error.hint) from error
        except Exception as error:
            raise TemplateError(
                f"a building template cannot be understood: {_describe(error)}",
                where=str(path),
                hint="open the library in UMI or archetypal and complete the template",
            ) from error


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TemplateError(
            f"the template library cannot be read: {error.strerror or error}",
            where=str(path),
            hint="give the path of a UMI template library (.json)",
        ) from error


def _open(text: str, path: Path) -> Any:
    try:
        from archetypal.umi_template import UmiTemplateLibrary

        return UmiTemplateLibrary.loads(text, str(path))
    except Exception as error:
        raise TemplateError(
            f"archetypal cannot read the template library: {_describe(error)}",
            where=str(path),
            hint="check that every $ref of the file points to an $id of the right group and "
            "that no figure is missing",
        ) from error


def _describe(error: BaseException) -> str:
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep archetypal's warnings, prints and log records to itself."""
    logger = logging.getLogger("archetypal")
    was_disabled = logger.disabled
    logger.disabled = True
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = was_disabled
