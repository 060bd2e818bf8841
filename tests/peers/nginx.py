"""A private nginx on free loopback ports, in a directory of its own; never the system's."""

import grp
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from tests.peers.installation import ROOT, eventually
from tests.peers.programs import require

EXAMPLES = ROOT / "deploy" / "nginx"
MAIN = """
daemon off;
worker_processes 1;
user {user} {group};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{servers}
}}
"""
"""Debian's defaults as far as they matter here; its limit of 1,000 requests a connection would only cost it."""


def example(name: str, changes: Mapping[str, str]) -> str:
    """A file of `deploy/nginx` with places and ports of a test in it; each that is to be changed must be there."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{name} does not say {old!r}"
        text = text.replace(old, new)
    return text


class Nginx:
    """One server of the given configuration for the http level, listening on `ports`; a context manager.

    `before` is put before the command, such as taskset with its core.
    """

    def __init__(
        self, folder: Path, servers: str, *, ports: Sequence[int], before: Sequence[str] = ()
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ports = tuple(ports)
        self.errors = folder / "error.log"
        config = folder / "nginx.conf"
        user = pwd.getpwuid(os.getuid())
        group = grp.getgrgid(user.pw_gid).gr_name
        config.write_text(MAIN.format(folder=folder, user=user.pw_name, group=group, servers=servers))
        program = require("nginx", "nginx-light")
        self.command = [*before, program, "-c", str(config), "-e", str(self.errors)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that started all of it."""
        assert self._process is not None
        return self._process.pid

    def complaints(self) -> str:
        """What `nginx -t` says against the configuration: nothing, if all is well."""
        done = subprocess.run([*self.command, "-t", "-q"], capture_output=True, text=True, check=False)
        return done.stderr + done.stdout

    def __enter__(self) -> "Nginx":
        with (self.folder / "output.log").open("ab") as words:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True
            )
        eventually(self._listens, within=15, what=f"nginx; {self.complaints()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self.pid, signal.SIGTERM)
        try:
            self._process.wait(timeout=10)  # type: ignore[union-attr]
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()  # type: ignore[union-attr]

    def _listens(self) -> bool:
        if self._process and self._process.poll() is not None:
            pytest.fail(f"nginx ended: {self.errors.read_text(errors='replace')}")
        for port in self.ports:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)):
                    return False
        return True
