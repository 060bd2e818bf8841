"""Prints the SBOM of what runs in production, `requirements/base.txt`, as CycloneDX 1.6 JSON: `python3 dev.py sbom`.

The lock is the only source. What it pins for other systems alone (a line with an environment marker) is in the list
with that marker as a property. Debian packages are not in it: apt-run.txt names them.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

HERE = Path(__file__).resolve().parent
LOCK, PROJECT = HERE / "base.txt", HERE.parent / "pyproject.toml"
PINNED = re.compile(
    r"^(?P<name>[\w.-]+)(\[[^\]]+\])?==(?P<version>\S+)( ; (?P<marker>[^\\\n]+))? \\\n"
    r"(?P<hashes>( {4}--hash=.*\n)+)",
    re.MULTILINE,
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
MARKER = "dialtone:environment-marker"


def components(lock: str) -> Iterator[Component]:
    """One for each line of a lock. Raises ValueError for a line that is not a pinned and hashed package."""
    lines = [line for line in lock.splitlines() if line.strip() and not line.startswith((" ", "#"))]
    found = list(PINNED.finditer(lock))
    if len(lines) != len(found):
        raise ValueError(f"{len(lines) - len(found)} lines of the lock are not a pinned package with hashes.")
    for each in found:
        name, version, marker = each["name"], each["version"], each["marker"]
        purl = PackageURL("pypi", name=name.lower(), version=version)
        yield Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=version,
            purl=purl,
            bom_ref=purl.to_string(),
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in HASH.findall(each["hashes"])
            ],
            properties=[Property(name=MARKER, value=marker)] if marker else [],
        )


def sbom(lock: str) -> str:
    """The whole list; the same lock gives the same serial number."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    ours = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
    )
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, lock), components=components(lock))
    bom.metadata.component = ours
    bom.register_dependency(ours, bom.components)
    for each in bom.components:
        bom.register_dependency(each)
    return JsonV1Dot6(bom).output_as_string(indent=2)


if __name__ == "__main__":
    sys.stdout.write(f"{sbom(LOCK.read_text(encoding='utf-8'))}\n")
