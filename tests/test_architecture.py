"""The building's floors hold: imports go down only, and a folder without a floor fails (DESIGN 2)."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def copy_of_the_house(folder: Path) -> Path:
    for name in ("incidents", "statuspage"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_import_goes_down_a_floor() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_folder_without_a_floor_fails(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    (house / "incidents" / "attic").mkdir()
    (house / "incidents" / "attic" / "__init__.py").touch()
    done = lint(house)
    assert done.returncode != 0
    assert "attic" in done.stdout


def test_a_lazy_import_upwards_fails(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    with (house / "incidents" / "domain" / "codes.py").open("a") as codes:
        codes.write("\n\ndef lazy() -> None:\n    from incidents.models import Page\n    print(Page)\n")
    assert lint(house).returncode != 0


def test_a_typing_import_upwards_fails(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    with (house / "incidents" / "models" / "pages.py").open("a") as pages:
        pages.write(
            "\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import incidents.operations.pages\n"
        )
    assert lint(house).returncode != 0
