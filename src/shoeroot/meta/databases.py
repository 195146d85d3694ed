"""The databases that a model names: found in its folder or in the user's, read, and reported."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from shoeroot.errors import MetaError
from shoeroot.meta.constructions import Construction, ConstructionSet, Optics, example_constructions
from shoeroot.meta.database_files import (
    Materials,
    read_constructions_text,
    read_materials_text,
    read_optics_text,
)
from shoeroot.meta.database_text import read_database_text
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel

__all__ = ["find_in_model_folder", "read_databases", "read_databases_of"]

_TAGS = {"mat": "materials", "prm": "materials", "mlc": "constructions", "opt": "optics"}


def read_databases(
    constructions: str | Path, materials: str | Path, optics: str | Path | None = None
) -> ConstructionSet:
    """Read ESP-r's databases of constructions, materials and optics.

    Raises
    ------
    MetaError
        A file cannot be read or does not fit: names file and line.
    """
    known = _materials(Path(materials))
    path = Path(constructions)
    found = read_constructions_text(read_database_text(path), known, str(path))
    return ConstructionSet(found, {} if optics is None else _optics(Path(optics)))


def read_databases_of(
    model: MetaModel, folder: str | Path | None = None
) -> tuple[ConstructionSet, list[Loss]]:
    """Read the databases that a model names with ``*mlc``, ``*mat`` and ``*opt``.

    Parameters
    ----------
    model : MetaModel
    folder : path, optional
        Where the user keeps databases: standard ones (``*stdmlc`` and so on), and those that the
        model's folder does not have. Without it, nothing outside of the model's folder is read.

    Returns
    -------
    ConstructionSet
        What was found, and the shipped example for the rest.
    list of Loss
        Databases that were not found.

    Raises
    ------
    MetaError
        A database is there but wrong: names file and line.
    """
    paths: dict[str, Path] = {}
    losses: list[Loss] = []
    for tag, said in model.databases:
        kind = _TAGS.get(tag.removeprefix("std"))
        if kind is None:
            continue
        path = _find(model, tag, said, folder)
        if path is None:
            where = "the model's folder" if folder is None else f"the model's folder and {folder}"
            instead = "the shipped example stands instead"
            losses.append(Loss(f"*{tag} {said}", f"the {kind} are not in {where}; {instead}"))
        else:
            paths[kind] = path
    example = example_constructions()
    optics = _optics(paths["optics"]) if "optics" in paths else {}
    constructions: dict[str, Construction] = {}
    if "constructions" in paths and "materials" in paths:
        known = _materials(paths["materials"])
        text = read_database_text(paths["constructions"])
        constructions = read_constructions_text(text, known, str(paths["constructions"]))
    elif "constructions" in paths:
        problem = "the materials of its layers are not there; the shipped example stands instead"
        losses.append(Loss(f"*mlc {paths['constructions'].name}", problem))
    return example.joined(ConstructionSet(constructions, optics)), losses


def find_in_model_folder(model: MetaModel, said: str) -> Path | None:
    """Find a file by a path that a model gives, in the folder of the model's own file only.

    Paths count from the folder of the configuration file, which is beside the META file or in
    ``cfg`` below it. None where there is no such file, or it would be outside.
    """
    if model.source is None:
        return None
    home = Path(model.source.name).resolve().parent
    plain = said.replace("\\", "/")
    if "\0" in plain or PurePosixPath(plain).is_absolute() or ":" in plain:
        return None
    for base in (home / "cfg", home):
        candidate = (base / plain).resolve()
        if candidate.is_relative_to(home) and candidate.is_file():
            return candidate
    return None


def _find(model: MetaModel, tag: str, said: str, folder: str | Path | None) -> Path | None:
    own = None if tag.startswith("std") else find_in_model_folder(model, said)
    if own is not None or folder is None:
        return own
    name = PurePosixPath(said.replace("\\", "/")).name
    home = Path(folder).resolve()
    if not home.is_dir():
        raise MetaError("the folder of databases is not there", where=str(folder))
    candidate = (home / name).resolve() if name and "\0" not in name else home
    return candidate if candidate.is_relative_to(home) and candidate.is_file() else None


def _materials(path: Path) -> Materials:
    return read_materials_text(read_database_text(path), str(path))


def _optics(path: Path) -> dict[str, Optics]:
    return read_optics_text(read_database_text(path), str(path))
