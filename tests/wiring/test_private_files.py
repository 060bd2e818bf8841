"""What an installation keeps is its own user's alone, whoever starts it; what is published stays readable."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import ROOT, Installation, eventually

STRANGER = 65534
"""The uid of `nobody`: an account of the same machine that is not ours."""
OTHERS = 0o077
WRITE_EVERYTHING = """
import json, os
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.db import connection
from incidents.publishing.bundles import bundle
from incidents.publishing.store import Hosts, Pointer, Store
from statuspage.celery import app

connection.cursor().execute("CREATE TABLE rows (secret text)")
send_mail("Choose a password", "token", None, ["dana@sipcity.test"])
default_storage.save("rfos/finding.txt", ContentFile(b"a customer's name"))
app.send_task("relay_due")
store = Store(settings.PUBLISH_DIR)
with store.lock():
    store.write_hosts(Hosts("abc"))
page = store.page("abc")
with page.lock():
    page.write(bundle("/", "text/html; charset=utf-8", b"<p>All clear</p>"))
    page.point(Pointer(1, "2026-01-01T00:00:00+00:00"))
found = [Path(folder, name) for folder, folders, names in os.walk(settings.DATA_DIR) for name in folders + names]
print(json.dumps({str(each.relative_to(settings.DATA_DIR)): each.stat().st_mode for each in found}))
"""


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """The umask that whoever starts us has; children inherit it."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account of the machine may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="dialtone-files-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def written(installation: Installation, **settings: str) -> Mapping[str, int]:
    """The modes of all that lies in DATA_DIR while a process has it open, by path."""
    installation.environment |= settings
    modes: Mapping[str, int] = json.loads(installation.shell(WRITE_EVERYTHING).splitlines()[-1])
    return modes


def stranger_reads(file: Path) -> bool:
    """Whether another account reads the file; only root can try it, for others the modes have to do."""
    if os.geteuid():
        folders = [each for each in file.resolve().parents if each.stat().st_mode & stat.S_IXOTH == 0]
        return not folders and bool(file.stat().st_mode & stat.S_IROTH)
    done = subprocess.run(
        ["cat", str(file)], user=STRANGER, group=STRANGER, extra_groups=[], capture_output=True, check=False
    )
    return done.returncode == 0


def test_what_is_kept_is_readable_by_its_user_alone(umask: int, place: Path) -> None:
    modes = written(Installation(place))
    assert {"dialtone.sqlite3", "dialtone.sqlite3-wal", "dialtone.sqlite3-shm"} <= set(modes)
    assert {"secret_key", "credentials_key", "audit_key", "media/rfos/finding.txt"} <= set(modes)
    assert {Path(name).parts[0] for name in modes} >= {"mail", "broker", "media", "published"}
    private = {name: mode for name, mode in modes.items() if Path(name).parts[0] != "published"}
    assert {name: oct(mode) for name, mode in private.items() if mode & OTHERS} == {}
    assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700
    assert [name for name in modes if stranger_reads(place / "data" / name)] == []


def test_a_folder_that_was_made_before_us_is_closed_when_we_start(umask: int, place: Path) -> None:
    (place / "data").mkdir()
    assert (place / "data").stat().st_mode & OTHERS
    written(Installation(place))
    assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700


def test_published_documents_stay_readable_where_others_may_enter(umask: int, place: Path) -> None:
    written(Installation(place), PUBLISH_DIR=str(place / "srv" / "published"))
    page = place / "srv" / "published" / "pages" / "abc"
    assert stranger_reads(page / "documents" / "%2F")
    assert stranger_reads(page / "pointer.json")
    assert stranger_reads(place / "srv" / "published" / "hosts.json")
    nobody_writes = [each for each in (place / "srv").rglob("*") if each.stat().st_mode & 0o022]
    assert nobody_writes == []


def test_the_exported_copy_is_readable_by_a_web_server_of_another_user(umask: int, place: Path) -> None:
    installation = Installation(place)
    written(installation)
    installation.manage("export", str(place / "srv" / "copy"))
    assert stranger_reads(place / "srv" / "copy" / "index.html")
    assert not stranger_reads(place / "data" / "dialtone.sqlite3")


def test_the_check_names_what_others_may_read_and_the_line_that_closes_it(place: Path) -> None:
    installation = Installation(place)
    written(installation)
    elsewhere = place / "spool"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (place / "data" / "dialtone.sqlite3").chmod(0o644)
    installation.environment |= {"EMAIL_URL": f"filemail://{elsewhere}"}
    for options in ((), ("--deploy",)):
        done = subprocess.run(
            [sys.executable, "manage.py", "check", *options],
            cwd=ROOT,
            env=installation.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"chmod go-rwx {place / 'data' / 'dialtone.sqlite3'}\n" in done.stderr
        assert f"chmod -R go-rwx {elsewhere}\n" in done.stderr
        assert "credentials_key" not in done.stderr
    (place / "data" / "dialtone.sqlite3").chmod(0o600)
    elsewhere.chmod(0o700)
    assert "chmod" not in installation.manage("check")


@pytest.mark.slow
def test_no_process_of_a_running_installation_leaves_a_file_open_to_others(umask: int, place: Path) -> None:
    installation = Installation(place)
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("demo")
    with ExitStack() as stack:
        stack.push(installation)
        installation.start("web", "worker", "probes", "beat")
        eventually((place / "data" / "published" / "heartbeat").exists, within=60)
        found = [*(place / "data").rglob("*"), place / "data"]
        open_ones = [
            each.relative_to(place)
            for each in found
            if each.exists() and each.stat().st_mode & OTHERS and "published" not in each.parts
        ]
        assert open_ones == []
        assert not stranger_reads(place / "data" / "dialtone.sqlite3")
