"""A whole private Dialtone: web, workers and beat as real processes over a DATA_DIR of their own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pytest

from tests.peers.migrated import migrated
from tests.peers.programs import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
T = TypeVar("T")


def eventually(question: Callable[[], T | None], *, within: float, every: float = 0.1, what: str = "") -> T:
    """The first truthy answer within so many seconds; else the test fails, saying what did not come."""
    deadline = time.monotonic() + within
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"did not come within {within:g} s: {what or question}")
        time.sleep(every)


class Installation:
    """One installation; a context manager that leaves no process behind."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.port = free_port()
        self.web_workers = "1"
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DIALTONE_"))
        }
        self.environment = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "statuspage.settings",
            "DATA_DIR": str(directory / "data"),
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "STAFF_MFA": "optional",
            **settings,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Installation":
        migrated(
            Path(self.environment["DATA_DIR"]),
            self.environment.get("DATABASE_URL", ""),
            lambda: self.manage("migrate", "--verbosity", "0"),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.processes):
            self.stop(name)

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed; the test fails when the command does."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"manage.py {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def shell(self, code: str) -> str:
        """The output of a few lines of Python inside the installation."""
        return self.manage("shell", "--verbosity", "0", "-c", code)

    def start(self, *names: str) -> None:
        """Start web, worker, probes or beat."""
        commands: Mapping[str, list[str]] = {
            "web": [
                *(sys.executable, "-m", "statuspage.serve", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--workers", self.web_workers),
            ],
            "worker": [*self._celery("worker"), "-Q", "celery", "-n", "worker@%h", "-c", "3"],
            "probes": [*self._celery("worker"), "-Q", "probes", "-n", "probes@%h", "-c", "1"],
            "beat": self._celery("beat"),
        }
        for name in names:
            with (self.directory / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    commands[name],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            eventually(self._answers, within=30, what=f"the web process; {self.log('web')}")

    def stop(self, name: str, *, how: int = signal.SIGTERM) -> None:
        """End one of them with all of its children."""
        process = self.processes.pop(name)
        os.killpg(process.pid, how)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> str:
        """The end of what a process has said."""
        file = self.directory / f"{name}.log"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a public path."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def _answers(self) -> bool:
        """As a proxy would ask, so that an installation of https does not send us there."""
        request = urllib.request.Request(
            f"{self.url}/accounts/login/", headers={"X-Forwarded-Proto": "https"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return bool(reply.status < 500)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def _celery(self, what: str) -> list[str]:
        return [str(BIN / "celery"), "-A", "statuspage", what, "--loglevel", "INFO"]
