"""`dev.py run` with the product itself: the page, who supervises what, and what is left afterwards (slow)."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import dev
from tests.devtool.house import eventually, lives
from tests.peers.programs import free_port

OF_THE_TESTS = ("SITE_URL", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE")
pytestmark = [pytest.mark.slow, pytest.mark.alone]


class Installation:
    """The product started by dev.py on a free port, with a DATA_DIR of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.log = data, free_port(), data / "output.txt"
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; seconds to the first 200."""
        began, argv = time.monotonic(), [sys.executable, "dev.py", "run", "--port", str(self.port)]
        env = {name: words for name, words in os.environ.items() if name not in OF_THE_TESTS}
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                argv, cwd=dev.ROOT, env={**env, "DATA_DIR": str(self.data)}, stdout=output, stderr=output
            )
        assert eventually(self.answers, 120.0), self.log.read_text()
        return time.monotonic() - began

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/")
            reply = connection.getresponse()
            return reply.status == 200 and b"SIPcity" in reply.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def processes(self, words: str = "") -> list[int]:
        """Everything that carries this DATA_DIR in its environment, and `words` in its command line."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                mark = f"DATA_DIR={self.data}\0".encode() in (folder / "environ").read_bytes()
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mark and words in line and lives(int(folder.name)):
                found.append(int(folder.name))
        return sorted(found)

    def kill_and_see_it_back(self, words: str) -> None:
        """Kill the eldest of these processes; within five seconds none of the old ones is left and a new one works."""
        old = self.processes(words)
        os.kill(old[0], signal.SIGKILL)
        back = eventually(lambda: not any(map(lives, old)) and bool(self.processes(words)), 5.0)
        assert back, f"{words}: {self.log.read_text()}"
        assert eventually(self.answers, 5.0), words

    def stop(self, number: int) -> int:
        assert self.running is not None
        self.running.send_signal(number)
        return self.running.wait(20)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    if made.running and made.running.poll() is None:
        made.stop(signal.SIGTERM)
    for pid in made.processes():
        os.kill(pid, signal.SIGKILL)


KINDS = ("granian", " -n worker@", " -n probes@", " beat ", "incidents.sip.responder")


def test_the_product_runs_survives_kills_and_stops_clean(installation: Installation) -> None:
    installation.start()
    assert eventually(lambda: all(installation.processes(kind) for kind in KINDS), 20.0)
    for kind in KINDS:
        installation.kill_and_see_it_back(kind)
    login = installation.data / "demo-login.txt"
    assert login.stat().st_mode & 0o777 == 0o600
    assert "staff login: " + "  ".join(login.read_text().split()) in installation.log.read_text()
    assert installation.stop(signal.SIGINT) == 0
    assert not installation.processes()
    assert installation.start() < 6, "the second start prepares nothing (aim: 3 s on two idle cores)"
    assert installation.stop(signal.SIGTERM) == 0
    assert not installation.processes()
