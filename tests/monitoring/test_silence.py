"""Never falsely green: whichever engine is killed or stuck, the page, its badge and /readyz say so, and recover."""

import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from incidents.notifying.turn import PLACES
from tests.peers.installation import ROOT, Installation, eventually
from tests.peers.programs import free_port

pytestmark = pytest.mark.slow
INTERVAL = 1
ALLOWED = 3 * INTERVAL + 15
LATE = 4
"""Seconds for whoever looks, on a machine that is busy."""
SET_UP = """
from datetime import UTC, datetime
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
network = create_component(page, name="Network", by=DEMO, at=now)
create_probe(network, name="UDP", kind="sip_options", target="sip:127.0.0.1:{port}", config={{}},
    interval_seconds={interval}, by=DEMO, at=now)
print(page.code)
"""


SOMETHING_TO_PUBLISH = "from incidents.models import Page; Page.objects.update(published_on=None)"


@pytest.fixture
def responder(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    words = ["--port", str(port), "--tls-port", str(free_port()), "--state-dir", str(tmp_path / "sip")]
    command = [sys.executable, "-m", "incidents.sip.responder", *words]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    yield port
    process.kill()
    process.wait()


def says(home: Installation) -> tuple[bool, bool, int]:
    """Whether the page and the badge vouch for the service, and the status of /readyz."""
    page, badge = home.get("/")[1], home.get("/badge.svg")[1]
    return "All Systems Operational" in page, "Operational" in badge, home.get("/readyz")[0]


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Somebody else has the lock, and never lets go: the engine is alive but stuck."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_whichever_engine_falls_silent_the_page_says_so_and_comes_back(
    tmp_path: Path, responder: int
) -> None:
    with Installation(tmp_path / "home") as home:
        code = home.shell(SET_UP.format(port=responder, interval=INTERVAL)).strip()
        home.start("web", "worker", "probes", "beat")
        eventually(lambda: says(home) == (True, True, 200), within=60, what=f"a healthy page; {says(home)}")
        for name in ("beat", "probes", "worker"):
            home.stop(name, how=signal.SIGKILL)
            _is_noticed(home, f"{name} killed")
            home.start(name)
            _comes_back(home, name)
        published = Path(home.environment["DATA_DIR"]) / "published"
        places = [Path(home.environment["DATA_DIR"]) / f"relay-{number}.lock" for number in range(PLACES)]
        for role, files in (("relay", places), ("publisher", [_lock(published, code)])):
            with ExitStack() as stack:
                for file in files:
                    stack.enter_context(held(file))
                home.shell(SOMETHING_TO_PUBLISH)
                _is_noticed(home, f"{role} stuck", role)
            _comes_back(home, role)


def _lock(published: Path, code: str) -> Path:
    return next(published.glob(f"**/{code}/lock"), published / "lock")


def _is_noticed(home: Installation, what: str, role: str = "") -> None:
    began = time.monotonic()
    page_noticed = badge_noticed = door_noticed = 0.0
    while time.monotonic() - began < ALLOWED + LATE and not (page_noticed and badge_noticed and door_noticed):
        page, badge, status = says(home)
        passed = time.monotonic() - began
        page_noticed = page_noticed or (0.0 if page else passed)
        badge_noticed = badge_noticed or (0.0 if badge else passed)
        door_noticed = door_noticed or (0.0 if status == 200 else passed)
        time.sleep(0.2)
    print(f"{what}: page {page_noticed:.1f} s, badge {badge_noticed:.1f} s, /readyz {door_noticed:.1f} s")
    assert page_noticed, what
    assert badge_noticed, what
    assert door_noticed, what
    if role:
        assert json.loads(home.get("/readyz")[1])["checks"][role].startswith("silent since")


def _comes_back(home: Installation, what: str) -> None:
    eventually(lambda: says(home) == (True, True, 200), within=60, what=f"{what} back; {says(home)}")
