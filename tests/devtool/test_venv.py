"""The environment: made from the lock, left alone while the stamp holds, rebuilt when it was half-made."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

import dev
from tests.devtool.house import House


def wheel(folder: Path) -> str:
    """Write a wheel of one module called `bell`; the line of a lock that installs it without any registry."""
    file = folder / "bell-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bell.py", "TONE = 425\n")
        archive.writestr("bell-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: bell\nVersion: 1.0\n")
        archive.writestr(
            "bell-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("bell-1.0.dist-info/RECORD", "")
    return f"bell @ {file.as_uri()} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


def tone(venv: Path) -> str:
    argv = [str(venv / "bin" / "python"), "-c", "import bell; print(bell.TONE)"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.slow
def test_a_half_made_venv_is_rebuilt_and_the_next_start_runs_no_pip(tmp_path: Path) -> None:
    venv, lock = tmp_path / ".venv", tmp_path / "base.txt"
    lock.write_text(wheel(tmp_path))
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text("killed in the middle of writing this")
    dev.ensure_venv(venv, lock)
    assert tone(venv) == "425"
    pip = next((venv / "lib").glob("python3*/site-packages/pip"))
    pip.rename(tmp_path / "pip-taken-away")
    dev.ensure_venv(venv, lock)


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused_and_the_venv_counts_as_half_made(tmp_path: Path) -> None:
    venv, lock = tmp_path / ".venv", tmp_path / "base.txt"
    good = wheel(tmp_path)
    lock.write_text(good.replace(good[-10:], "000000000\n"))
    with pytest.raises(SystemExit, match="failed with status 1"):
        dev.ensure_venv(venv, lock)
    assert not (venv / "dev-stamp").exists()
    lock.write_text(good)
    dev.ensure_venv(venv, lock)
    assert tone(venv) == "425"


@pytest.mark.slow
def test_a_changed_lock_is_installed_into_the_venv_that_is_there(tmp_path: Path) -> None:
    venv, lock = tmp_path / ".venv", tmp_path / "base.txt"
    lock.write_text("")
    dev.ensure_venv(venv, lock)
    made = (venv / "pyvenv.cfg").stat().st_ino
    lock.write_text(wheel(tmp_path))
    dev.ensure_venv(venv, lock)
    assert tone(venv) == "425"
    assert (venv / "pyvenv.cfg").stat().st_ino == made


def test_run_is_content_with_what_test_installed_but_not_the_other_way_round(house: House) -> None:
    venv, locks = house.root / ".venv", house.root / "requirements"
    house.stamp_venv("dev.txt")
    dev.ensure_venv(venv, locks / "base.txt", locks / "dev.txt")
    house.stamp_venv("base.txt")
    dev.ensure_venv(venv, locks / "base.txt", locks / "dev.txt")
    assert not house.calls()
    house.stand_in("pip", "")
    assert house.finish("test") == 0
    system, pip = house.calls()[:2]
    assert system == "apt.sh --run"
    assert pip.startswith("pip ")
    assert pip.endswith(f" install --quiet --require-hashes -r {locks}/dev.txt")


def test_a_venv_that_was_moved_or_lost_its_python_does_not_count(house: House) -> None:
    venv, lock = house.root / ".venv", house.root / "requirements" / "dev.txt"
    before = dev.venv_mark(venv, lock)
    venv.rename(house.root / "elsewhere")
    assert dev.venv_mark(house.root / "elsewhere", lock) != before
    (house.root / "elsewhere").rename(venv)
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/usr/bin/python2.7")
    assert dev.venv_mark(venv, lock) != before


def test_killed_in_the_middle_of_pip_the_stamp_is_gone(house: House) -> None:
    house.stamp_venv("base.txt")
    house.stand_in("pip", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert house.finish("test") == 1
    assert "failed with status -9" in house.output()
    assert not (house.root / ".venv" / "dev-stamp").exists()
