"""Commands and servers have one configuration; what is wrong with it is one line, and nothing is written before it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from incidents.management.publishing_command import PublishingCommand
from tests.peers.installation import ROOT, Installation

STRANGER = 65534
"""The uid of `nobody`."""
CELERY = ("-m", "celery", "-A", "statuspage", "worker")
STARTS = {"command": ("manage.py", "check"), "server": ("-m", "statuspage.serve"), "worker": CELERY}
MANY_WRONG = {
    "WEBHOOK_ALLOW_PRIVATE": "1",
    "DATABASE_URL": "postgres://dialtone:hunter2@db/rows?sslmod=require",
    "CELERY_BROKER_URL": "amqp://dialtone:hunter2@queue",
    "LOG_FORMAT": "xml",
}
PUBLISH_NOTHING = {
    *("break_glass", "check_rfo", "confirm_clock", "create_api_key", "export", "probe"),
    *("rotate_audit_key", "rotate_credentials_key", "verify_audit", "verify_rfos"),
}
MAKE_PAGE = """
from datetime import UTC, datetime
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=datetime.now(UTC))
"""


def run(*words: str, user: int | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


@pytest.mark.parametrize("start", STARTS)
def test_wrong_settings_are_a_line_each_whatever_is_started(tmp_path: Path, start: str) -> None:
    done = run(*STARTS[start], DATA_DIR=str(tmp_path / "data"), **MANY_WRONG)
    assert done.returncode == 78
    lines = done.stderr.splitlines()
    assert sorted(line.split()[1] for line in lines) == sorted(f"{name}:" for name in MANY_WRONG)
    assert {line.split()[0] for line in lines} == {"dialtone:"}
    assert "hunter2" not in done.stderr + done.stdout


def test_a_secret_file_that_cannot_be_read_makes_no_other_key(tmp_path: Path) -> None:
    done = run("manage.py", "check", DATA_DIR=str(tmp_path / "data"), CREDENTIALS_KEY_FILE="/does/not/exist")
    assert (done.returncode, done.stderr.count("\n")) == (78, 1), done.stderr
    assert not (tmp_path / "data" / "credentials_key").exists()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="dialtone-owner-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_the_wrong_user_is_told_so_in_one_line_and_leaves_nothing_behind(place: Path) -> None:
    if os.geteuid():
        data = place / "closed" / "data"
        data.parent.mkdir(mode=0o500)
        words = "cannot make it"
    else:
        data = place / "data"
        data.mkdir(mode=0o700)
        shutil.chown(data, STRANGER, STRANGER)
        words = "belongs to nobody, and this runs as root"
    done = run("manage.py", "check", DATA_DIR=str(data))
    assert (done.returncode, done.stderr.count("\n")) == (78, 1), done.stderr
    assert words in done.stderr
    assert str(data) in done.stderr
    assert not data.exists() or not list(data.iterdir())


def test_python_without_the_packages_is_told_which_command_to_use() -> None:
    bare = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [bare, "-I", "-S", "manage.py", "createsuperuser"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "this Python has no " in done.stderr
    assert done.stderr.rstrip().endswith("python manage.py createsuperuser")


@pytest.mark.slow
def test_a_command_publishes_as_its_server_does_and_under_no_other_address_without_yes(
    tmp_path: Path,
) -> None:
    home = Installation(tmp_path)
    data = Path(home.environment["DATA_DIR"])
    with home:
        home.shell(MAKE_PAGE)
        file = data / "dialtone.env"
        file.write_text(f"SITE_URL={home.url}\nALLOWED_HOSTS=127.0.0.1\nSTAFF_MFA=optional\n")
        file.chmod(0o600)
        assert run("manage.py", "publish", "--all", DATA_DIR=str(data)).returncode == 0
        assert home.url in published(data)
        before = published(data)
        file.unlink()
        for command in (["publish", "--all"], ["import_incident", "no-such-file"]):
            done = run("manage.py", *command, DATA_DIR=str(data))
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), (command, done.stderr)
            assert home.url in done.stderr
            assert "--yes" in done.stderr
        another = MAKE_PAGE.replace("SIPcity", "Two")
        done = run("manage.py", "shell", "--verbosity", "0", "-c", another, DATA_DIR=str(data))
        assert done.returncode == 0, done.stderr
        assert "not published" in done.stderr
        assert published(data) == before
        assert "dialtone.W002" in run("manage.py", "check", DATA_DIR=str(data)).stderr
        assert run("manage.py", "publish", "--all", "--yes", DATA_DIR=str(data)).returncode == 0
        assert "http://127.0.0.1:8000" in published(data)
        assert home.url not in published(data)


def test_every_command_either_asks_for_the_address_or_publishes_nothing() -> None:
    """A new command belongs to one of the two."""
    names = [name for name, app in get_commands().items() if app == "incidents"]
    asking = {name for name in names if isinstance(load_command_class("incidents", name), PublishingCommand)}
    assert set(names) - asking == PUBLISH_NOTHING


def published(data: Path) -> str:
    return "".join(
        file.read_bytes().decode(errors="replace")
        for file in sorted((data / "published" / "pages").glob("*/documents/*"))
        if "sitemap" in file.name or "atom" in file.name
    )
