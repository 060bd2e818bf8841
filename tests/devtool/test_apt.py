"""requirements/apt.sh: what is missing is found, and who may not install is told the exact line."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import dev


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the script beside a list of its own, with programs in front that make us a plain user."""
    shutil.copy(dev.APT, tmp_path / "apt.sh")
    (tmp_path / "apt.txt").write_text(
        "coreutils /bin/ls\nno-such /usr/lib/*/no-such\nnor-such /usr/bin/nor-such\n"
    )
    (tmp_path / "bin").mkdir()
    stand_in(tmp_path, "id", "echo 1000")
    stand_in(tmp_path, "sudo", "exit 1")
    return tmp_path


def stand_in(folder: Path, name: str, code: str) -> None:
    file = folder / "bin" / name
    file.write_text(f"#!/bin/sh\n{code}\n")
    file.chmod(0o755)


def apt(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    return subprocess.run([folder / "apt.sh", *words], env=env, capture_output=True, text=True, check=False)


def test_who_may_not_install_is_told_the_exact_line(folder: Path) -> None:
    told = apt(folder, "python3-venv")
    assert told.returncode == 1
    assert told.stderr.endswith(
        "  apt-get update && apt-get install -y --no-install-recommends python3-venv\n"
    )


def test_only_what_is_missing_for_the_tests_is_asked_for(folder: Path) -> None:
    assert apt(folder, "--tests").stderr.endswith("--no-install-recommends no-such nor-such\n")


def test_nothing_missing_is_nothing_to_do(folder: Path) -> None:
    (folder / "apt.txt").write_text("coreutils /bin/ls\n")
    assert apt(folder, "--tests").returncode == 0


def test_a_program_elsewhere_on_the_path_counts(folder: Path) -> None:
    stand_in(folder, "nor-such", "true")
    assert apt(folder, "--tests").stderr.endswith("--no-install-recommends no-such\n")


def test_a_sudo_that_asks_nothing_is_used(folder: Path) -> None:
    stand_in(folder, "sudo", 'echo "sudo $*"')
    assert apt(folder, "python3-venv").stdout.splitlines()[-1] == "sudo -n ./apt.sh python3-venv"


def test_what_only_pdfs_need_stops_nothing(folder: Path) -> None:
    (folder / "apt-run.txt").write_text("coreutils /bin/ls\nno-such-font /usr/share/no-such\n")
    told = apt(folder, "--run")
    assert told.returncode == 0
    assert "--no-install-recommends no-such-font\n" in told.stderr
    assert told.stderr.endswith("RFOs have no PDF; everything else works.\n")


def test_what_is_needed_to_run_at_all_does_stop(folder: Path) -> None:
    (folder / "apt-run.txt").write_text("no-such-font /usr/share/no-such\n")
    told = apt(folder, "--run", "python3-venv")
    assert told.returncode == 1
    assert "--no-install-recommends python3-venv no-such-font\n" in told.stderr
    assert told.stderr.endswith("--no-install-recommends python3-venv\n")


def test_nothing_missing_to_run_asks_for_nothing(folder: Path) -> None:
    (folder / "apt-run.txt").write_text("coreutils /bin/ls\n")
    told = apt(folder, "--run")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_the_tests_need_both_lists(folder: Path) -> None:
    (folder / "apt-run.txt").write_text("no-such-font /usr/share/no-such\n")
    assert "no-such-font" in apt(folder, "--tests").stderr
