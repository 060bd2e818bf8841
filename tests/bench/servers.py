"""The two servers that stand side by side on one core: ours, and nginx with the same bytes as files."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.cores import SERVER_CORE, on
from tests.bench.load import Target
from tests.peers.installation import ROOT, Installation, eventually
from tests.peers.nginx import Nginx
from tests.peers.programs import free_port

FILES = """
  gzip_static on;
  types {{ text/html html; application/json json; }}
  server {{ listen 127.0.0.1:{plain}; root {site}; }}
  server {{ listen 127.0.0.1:{tuned}; root {site}; open_file_cache max=100; open_file_cache_valid 1s; }}
"""


@contextmanager
def granian(installation: Installation, *, workers: int = 1, core: int | None = SERVER_CORE) -> Iterator[int]:
    """The web process of an installation as `dev.py run` starts it; gives the process that started all of it."""
    command = [
        *(sys.executable, "-m", "statuspage.serve", "--host", "127.0.0.1"),
        *("--port", str(installation.port), "--workers", str(workers)),
    ]
    with (installation.directory / "web.log").open("ab") as words:
        process = subprocess.Popen(
            command if core is None else on(core, *command),
            cwd=ROOT,
            env=installation.environment,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        eventually(lambda: _listens(installation.port), within=30, what=f"granian; {installation.log('web')}")
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def nginx(folder: Path, files: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[Target, Target]]:
    """One worker that serves `files`, given raw and as gzip, at two addresses; at the second it keeps them open."""
    for name, (raw, zipped) in files.items():
        file = folder / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
        file.with_name(f"{file.name}.gz").write_bytes(zipped)
    plain, tuned = free_port(), free_port()
    servers = FILES.format(site=folder / "site", plain=plain, tuned=tuned)
    with Nginx(folder, servers, ports=[plain, tuned], before=on(SERVER_CORE)) as server:
        yield Target(f"http://127.0.0.1:{plain}", server.pid), Target(f"http://127.0.0.1:{tuned}", server.pid)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
