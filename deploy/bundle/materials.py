"""The software bill of materials of the agent's tree, as CycloneDX JSON: what is really in it, and where it is from."""

import json
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

_ROOT = Path(__file__).parent.parent.parent
_FREEZER = "pyinstaller"


def bill_of_materials(sources: Iterable[str], release: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bill of materials.

    Args:
        sources: every file of this machine that went into the tree.
        release: its version and moment.
    """
    bom = Bom()
    bom.metadata.timestamp = datetime.fromtimestamp(release["built_at"], UTC)
    bom.metadata.component = Component(
        name="licence-agent", version=release["version"], type=ComponentType.APPLICATION, bom_ref="licence-agent"
    )
    for component in _components([Path(source) for source in sources if Path(source).is_absolute()]):
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, bom.components)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, repr(sorted(str(each.bom_ref) for each in bom.components)))
    written: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    return written


def _components(sources: Iterable[Path]) -> Iterable[Component]:
    """Return Python's packages, the bootloader, Python itself, and the system's libraries that came along."""
    owners = {
        Path(str(each.locate_file(file))).resolve(): each for each in distributions() for file in each.files or ()
    }
    standard = Path(sysconfig.get_path("stdlib")).resolve()
    packages = {_FREEZER: Distribution.from_name(_FREEZER)}
    libraries = []
    for source in {source.resolve() for source in sources}:
        if source in owners:
            packages[owners[source].name] = owners[source]
        elif not {standard, _ROOT} & set(source.parents) and not source.name.startswith("libpython"):
            libraries.append(source)
    yield from (_package(each) for each in packages.values())
    yield from _python(sys.version.partition(" ")[0])
    yield from {component.bom_ref.value: component for component in map(_library, libraries)}.values()


def _package(distribution: Distribution) -> Component:
    """Describe a package of PyPI."""
    name, version, said = distribution.name, distribution.version, distribution.metadata
    classed = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if each.startswith("License ::")]
    licence = said.get("License-Expression") or said.get("License") or " AND ".join(classed)
    purl = PackageURL("pypi", name=name.lower().replace("_", "-"), version=version)
    component = Component(name=name, version=version, purl=purl, bom_ref=str(purl), type=ComponentType.LIBRARY)
    if licence and "\n" not in licence:
        component.licenses.add(LicenseFactory().make_from_string(licence))
    return component


def _python(version: str) -> Iterable[Component]:
    purl = PackageURL("generic", name="python", version=version)
    yield Component(name="python", version=version, purl=purl, bom_ref=str(purl), type=ComponentType.PLATFORM)


def _library(path: Path) -> Component:
    """Describe a shared library by the Debian package that it is from; elsewhere than on Debian, by its name alone."""
    package = _answer("dpkg-query", "--search", f"*/{path.name}").partition(":")[0]
    if not package:
        purl = PackageURL("generic", name=path.name)
        return Component(name=path.name, purl=purl, bom_ref=str(purl), type=ComponentType.LIBRARY)
    version = _answer("dpkg-query", "--show", "--showformat=${Version}", package)
    purl = PackageURL("deb", namespace="debian", name=package, version=version)
    return Component(name=package, version=version, purl=purl, bom_ref=str(purl), type=ComponentType.LIBRARY)


def _answer(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""
