"""The repository itself: nothing of the building machine in it, files that stay readable, a short root."""

import ast
import fnmatch
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = re.compile(r"://[^/ \"]*(py[p]i|pythonhoste[d]|npmj[s]|debia[n])\.")
BUILDING_MACHINE = re.compile(r"/(roo[t]|wor[k]|far[m])/|/(hom[e]|User[s])/\w+/")
LEFT_OPEN = re.compile(r"TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r]|pytest\.mark\.(ski[p]|xfai[l])")
CARD = {
    *("manage.py", "pyproject.toml", "README.md", "statuspage", "incidents", "templates", "static", "tests"),
    *("dev.py", "Makefile", "CHANGELOG.md", "LICENSE", "SECURITY.md", "requirements", "deploy"),
}
ALLOWED_DOTS = {".ci", ".editorconfig", ".gitignore", ".gitattributes"}
LONGEST = 350


def ignored(name: str) -> bool:
    """Whether .gitignore (its plain patterns, the only ones it has) or git itself leaves `name` out."""
    patterns = (ROOT / ".gitignore").read_text().split()
    return name == ".git" or any(fnmatch.fnmatch(name, pattern.strip("/")) for pattern in patterns)


def files() -> Iterator[Path]:
    """Every file that is, or would be, committed; found without git, so that an unpacked archive can be tested."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not ignored(name)]
        yield from (Path(folder, name) for name in names if not ignored(name))


def hits(pattern: re.Pattern[str], *, among: str = "*") -> list[str]:
    found = []
    for file in files():
        words = file.read_bytes()
        if b"\0" not in words and file.match(among):
            lines = words.decode(errors="replace").splitlines()
            found += [
                f"{file.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)
            ]
    return found


def test_no_file_names_the_address_of_a_package_registry() -> None:
    assert not hits(REGISTRY)


def test_no_file_names_a_path_of_the_machine_it_was_built_on() -> None:
    assert not hits(BUILDING_MACHINE)


def test_no_python_file_is_left_open() -> None:
    assert not hits(LEFT_OPEN, among="*.py")


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRY, "index-url = https://py{}pi.org/simple"),
        (REGISTRY, "resolved http://deb.debia{}n.org/debian"),
        (BUILDING_MACHINE, "cd /wor{}k/main"),
        (BUILDING_MACHINE, "/hom{}e/kim/dialtone"),
        (LEFT_OPEN, "# TOD{}O: later"),
    ],
)
def test_the_patterns_see_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line.format(""))
    assert not pattern.search(line)


def test_no_python_file_outgrows_a_room() -> None:
    lengths = {
        str(file.relative_to(ROOT)): file.read_bytes().count(b"\n")
        for file in files()
        if file.suffix == ".py" and "migrations" not in file.parts
    }
    assert not {name: length for name, length in lengths.items() if length > LONGEST}


def test_the_root_holds_what_the_card_names_and_nothing_else() -> None:
    root = {file.relative_to(ROOT).parts[0] for file in files()}
    assert root - ALLOWED_DOTS <= CARD


@pytest.mark.parametrize(
    ("file", "ours"), [("dev.py", {"requirements.supervision"}), ("requirements/supervision.py", set())]
)
def test_dev_py_imports_the_standard_library_alone(file: str, ours: set[str]) -> None:
    """And its own part of supervising, for which the same holds."""
    tree = ast.parse((ROOT / file).read_text())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {each for each in modules if each.partition(".")[0] not in sys.stdlib_module_names}
    assert others - {"__future__"} == ours


@pytest.mark.parametrize("name", [".ci/run", "dev.py", "requirements/apt.sh"])
def test_a_script_can_be_started_as_it_lies(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
