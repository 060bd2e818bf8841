"""A private Redis on a free loopback port, without persistence; never the system's."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.peers.programs import free_port, require


class Redis:
    """One server; a context manager."""

    def __init__(self, directory: Path) -> None:
        self.program = require("redis-server", "redis-server")
        self.directory = directory
        self.port = free_port()
        self.more_options: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For CELERY_BROKER_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "Redis":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [
            self.program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = subprocess.Popen(
            [*command, "--dir", str(self.directory), *self.more_options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("redis-server does not answer")

    def kill(self) -> None:
        """Kill -9 by pid."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Answer nothing from now on, and close nothing, as behind a firewall that drops packets."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again, late, what was asked meanwhile."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)
