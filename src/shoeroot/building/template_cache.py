"""Templates that were read before, kept as plain JSON in the user's cache folder.

Reading a library imports archetypal and converts each template, which takes some seconds; reading
them back takes a tenth of one. A file is named by the hash of the library's content, and of the
code that read it, so that it never has to be judged stale; one that is damaged is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from shoeroot.building.template import Template
from shoeroot.building.template_json import templates_from_parts, templates_to_parts
from shoeroot.errors import TemplateError

__all__ = ["CACHE_VARIABLE", "cached_templates", "keep_templates"]

#: Names another folder; "off" for none.
CACHE_VARIABLE = "SHOEROOT_TEMPLATE_CACHE"
#: Libraries that are kept, the last ones that were written.
KEPT = 30
#: Modules of this folder that make templates of a library.
_READERS = (
    *("template.py", "template_cache.py", "template_json.py"),
    *("umi.py", "umi_convert.py", "umi_file.py"),
)


def cached_templates(library: str) -> tuple[Template, ...] | None:
    """Return the templates of a library that was read before; None where it was not.

    Parameters
    ----------
    library : str
        SHA-256 of the library's content, hexadecimal.
    """
    path = _path(library)
    if path is None:
        return None
    try:
        stored = json.loads(path.read_bytes())
        hashes = [str(one) for one in stored["templates"]]
        if not hashes or stored["checksum"] != _checksum(library, hashes):
            return None
        return templates_from_parts(stored["parts"], hashes)
    except (OSError, ValueError, TypeError, KeyError, TemplateError):
        # Not there, or damaged: it is made anew.
        return None


def keep_templates(library: str, templates: Iterable[Template]) -> None:
    """Keep the templates of a library for the next time; nothing happens where that fails.

    Parameters
    ----------
    library : str
        SHA-256 of the library's content, hexadecimal.
    templates : iterable of Template
        In their order.
    """
    path = _path(library)
    if path is None:
        return
    parts, hashes = templates_to_parts(templates)
    stored = {"checksum": _checksum(library, hashes), "templates": hashes, "parts": parts}
    # A full or read-only disk is no reason to fail: the templates are there.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(stored, separators=(",", ":")))
        _forget_oldest(path.parent)


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(suffix=".part", prefix=path.stem, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _forget_oldest(folder: Path) -> None:
    """Remove what was written before the last `KEPT` files."""
    files = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime_ns)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def _path(library: str) -> Path | None:
    folder = _folder()
    if folder is None:
        return None
    name = hashlib.sha256(f"{library} {_code()}".encode()).hexdigest()
    return folder / f"{name[:40]}.json"


def _folder() -> Path | None:
    """Return where templates are kept; None where that is switched off or there is no home."""
    given = os.environ.get(CACHE_VARIABLE, "")
    if given:
        return None if given == "off" else Path(given)
    try:
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "shoeroot" / "templates"
        shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = shared if shared.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "shoeroot" / "templates"


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a hash of the code that reads libraries, and the version of archetypal."""
    try:
        reader = metadata.version("archetypal")
    except metadata.PackageNotFoundError:
        reader = "none"
    digest = hashlib.sha256(reader.encode())
    for name in _READERS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def _checksum(library: str, hashes: Iterable[str]) -> str:
    return hashlib.sha256(" ".join([library, *hashes]).encode()).hexdigest()
