"""The SBOM that `dev.py sbom` prints: valid CycloneDX, and every line of the lock is in it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tests.devtool.house import House

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "requirements" / "sbom.py"
LOCK = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def printed() -> str:
    return subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def bom(printed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed)
    return found


def test_it_is_valid_cyclonedx_1_6(printed: str, bom: dict[str, Any]) -> None:
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(printed) is None
    assert bom["metadata"]["component"]["name"] == "dialtone"


def test_every_line_of_the_lock_is_in_it_with_its_hashes(bom: dict[str, Any]) -> None:
    """Read line by line here, unlike in the script."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for line in LOCK.splitlines():
        if pinned := re.match(r"([\w.-]+)(?:\[.*\])?==(\S+)", line):
            hashes = wanted.setdefault((pinned[1], pinned[2]), set())
        elif found := re.search(r"--hash=sha256:(\w+)", line):
            hashes.add(found[1])
    listed = {
        (each["name"], each["version"]): {one["content"] for one in each["hashes"]}
        for each in bom["components"]
    }
    assert listed == wanted
    assert len(listed) > 60


def test_each_component_has_a_package_url_that_names_it(bom: dict[str, Any]) -> None:
    for each in bom["components"]:
        purl = PackageURL.from_string(each["purl"])
        assert (purl.type, purl.version) == ("pypi", each["version"])
        assert purl.name == each["name"].lower().replace("_", "-")
    depended = {each["ref"]: each.get("dependsOn", []) for each in bom["dependencies"]}
    assert len(depended["dialtone"]) == len(bom["components"])


def test_a_package_for_other_systems_alone_says_so(bom: dict[str, Any]) -> None:
    (colorama,) = (each for each in bom["components"] if each["name"] == "colorama")
    assert colorama["properties"][0]["value"] == "sys_platform == 'win32'"


def test_the_same_lock_gives_the_same_serial_number(bom: dict[str, Any]) -> None:
    again = json.loads(
        subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=True).stdout
    )
    assert (again["serialNumber"], again["components"]) == (bom["serialNumber"], bom["components"])


@pytest.mark.parametrize(
    "line",
    [
        "flask\n",
        "flask>=3\n",
        "-e git+https://example.com/x\n",
        "flask==3.0\n",
        "flask @ https://example.com/x.whl\n",
    ],
)
def test_a_line_that_is_not_pinned_and_hashed_stops_it(tmp_path: Path, line: str) -> None:
    """Rather than to leave out what runs in production."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "sbom.py").write_text(SCRIPT.read_text())
    (tmp_path / "requirements" / "base.txt").write_text(LOCK + line)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    done = subprocess.run(
        [sys.executable, tmp_path / "requirements" / "sbom.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "1 lines of the lock are not a pinned package" in done.stderr


def test_dev_py_prints_it_from_its_venv(house: House) -> None:
    house.stand_in("requirements.sbom", "print('an SBOM')")
    assert house.finish("sbom") == 0
    assert "an SBOM" in house.output()
