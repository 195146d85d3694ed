"""Write what a conda package of the engine contains as a CycloneDX bill of materials."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from rattler_build import Package

from engines import EngineSource

__all__ = ["engine_materials", "write_materials"]

_LICENCES = ("LICENSE.txt", "PythonLicense.txt")


def engine_materials(package: Path, engine: EngineSource, wheel: Path) -> Bom:
    """Describe a package, the wheel that it is made from, and each file of the wheel in it.

    Parameters
    ----------
    package : Path
        The conda package.
    engine : EngineSource
        Its row of variants.yaml.
    wheel : Path
        The wheel, as fetched.

    Returns
    -------
    Bom
        The package with the files of the wheel, their SHA-256, and what it needs to run.
    """
    about = Package.from_file(package)
    source = Component(
        name=engine.distribution,
        version=engine.distribution_version,
        type=ComponentType.LIBRARY,
        bom_ref="wheel",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=engine.distribution_sha256)],
        purl=PackageURL("pypi", name=engine.distribution, version=engine.distribution_version),
        components=_files(wheel, {Path(file).name for file in about.files}),
    )
    main = Component(
        name="energyplus",
        version=engine.engine,
        type=ComponentType.APPLICATION,
        bom_ref="package",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_sha256(package.read_bytes()))],
        purl=PackageURL("conda", name="energyplus", version=engine.engine),
        properties=[
            Property(name="shoeroot:engine-build", value=engine.engine_build),
            *(Property(name="conda:depends", value=need) for need in sorted(about.depends)),
        ],
    )
    bom = Bom(components=[source])
    bom.metadata.component = main
    bom.register_dependency(main, [source])
    bom.register_dependency(source)
    return bom


def _files(wheel: Path, names: set[str]) -> list[Component]:
    """Return the files of a wheel that are in the package, and the licences."""
    with zipfile.ZipFile(wheel) as archive:
        return [
            Component(
                name=info.filename,
                type=ComponentType.FILE,
                bom_ref=f"wheel/{info.filename}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_sha256(archive.read(info)))],
            )
            for info in archive.infolist()
            if Path(info.filename).name in names | set(_LICENCES)
        ]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_materials(bom: Bom, path: Path) -> None:
    """Write a bill of materials as JSON, the same bytes each time; it is validated before.

    Raises
    ------
    ValueError
        It does not conform to CycloneDX 1.6.
    """
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    # When it was written and a random number: two runs shall give the same file.
    document.pop("serialNumber", None)
    document["metadata"].pop("timestamp", None)
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"{path.name}: not a valid bill of materials: {wrong}")
    path.write_text(text)
