"""A private PostgreSQL on a free loopback port, in a directory of its own; never the system's."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import pytest

from tests.peers.programs import free_port, require


def programs() -> Path:
    """Debian keeps initdb and pg_ctl beside the server, off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else Path(require("initdb", "postgresql")).parent


class Postgres:
    """One cluster; a context manager. As root it runs as the user `postgres`, since the server refuses root.

    Its directory is its own and not pytest's, which every other pytest closes to all users but its own.
    """

    def __init__(self) -> None:
        self.programs = programs()
        self.directory = Path()
        self.port = free_port()
        self.more_options = ""

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://dialtone@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> "Postgres":
        self.directory = Path(tempfile.mkdtemp(prefix="dialtone-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
        data = str(self.directory / "data")
        self._run(
            "initdb", "-D", data, "-U", "dialtone", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"
        )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.directory)

    def start(self) -> None:
        """Start and wait until it answers, at the same port and with the same rows as before."""
        data, log = str(self.directory / "data"), str(self.directory / "log")
        options = f"-h 127.0.0.1 -p {self.port} -k {self.directory} -c fsync=off -c max_connections=60"
        options += self.more_options
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")

    def take_tls_alone(self, certificate: Path, key: Path) -> None:
        """Refuse whoever comes over TCP without TLS, from the next start on."""
        data = self.directory / "data"
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            shutil.copy(source, data / name)
            (data / name).chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(data / name, "postgres")
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
        self.more_options = " -c ssl=on"

    def kill(self) -> None:
        """Stop without a word to anybody, as a crash would; harmless where it has stopped."""
        if (self.directory / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.directory / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self.directory / "log"
            pytest.fail(f"{program} failed: {log.read_text() if log.exists() else done.returncode}")
