"""Keys are made once, and never beside a database that was used with others."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.installation import ROOT, Installation
from tests.peers.postgres import Postgres

KEYS = ("secret_key", "credentials_key", "audit_key")
A_PAGE = """
from datetime import UTC, datetime
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=datetime.now(UTC))
"""


def check(home: Installation, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**home.environment, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def data_dir(home: Installation) -> Path:
    return Path(home.environment["DATA_DIR"])


def test_a_lost_key_is_named_and_none_is_made_in_its_place(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        home.shell(A_PAGE)
        for key in KEYS:
            file = data_dir(home) / key
            old = file.read_text()
            file.unlink()
            done = check(home)
            assert done.returncode != 0
            assert f"{key.upper()}: {file} does not exist, but the database is in use" in done.stderr
            assert not file.exists()
            assert old not in done.stderr
            file.write_text(old)
        assert check(home).returncode == 0


def test_a_key_that_is_replaced_on_purpose_is_made(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        home.shell(A_PAGE)
        file = data_dir(home) / "secret_key"
        before = file.rename(file.with_name("secret_key_before"))
        assert check(home, SECRET_KEY_FALLBACKS_FILE=str(before)).returncode == 0
        assert file.read_text() != before.read_text()


def test_a_new_folder_beside_a_database_in_use_is_refused(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        home.shell(A_PAGE)
        url = f"sqlite:///{data_dir(home) / 'dialtone.sqlite3'}"
        other = tmp_path / "other"
        assert "the database is in use" in check(home, DATA_DIR=str(other), DATABASE_URL=url).stderr
        assert not [key for key in KEYS if (other / key).exists()]


def test_a_database_without_rows_gets_its_keys(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        for key in KEYS:
            (data_dir(home) / key).unlink(missing_ok=True)
        assert check(home).returncode == 0
        assert all((data_dir(home) / key).exists() for key in KEYS)


def test_a_torn_database_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "dialtone.sqlite3").write_bytes(b"no database at all" * 100)
    home = Installation(tmp_path, DATA_DIR=str(tmp_path))
    done = check(home)
    assert "cannot be found out" in done.stderr
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.slow
def test_the_same_holds_for_postgresql(tmp_path: Path) -> None:
    with Postgres() as postgres, Installation(tmp_path, DATABASE_URL=postgres.url) as home:
        home.shell(A_PAGE)
        done = check(home, DATA_DIR=str(tmp_path / "other"))
        assert "the database is in use" in done.stderr
    gone = Installation(tmp_path / "gone", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert "cannot be found out" in check(gone).stderr
    assert list((tmp_path / "other").iterdir()) == []
