"""A private PgBouncer in transaction mode before a private PostgreSQL: fewer server connections than clients."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.peers.postgres import Postgres
from tests.peers.programs import free_port, require

SERVER_CONNECTIONS = 3


class PgBouncer:
    """One pooler; a context manager. As root it runs as the user `postgres`, since it refuses root."""

    def __init__(self, postgres: Postgres) -> None:
        self._program = require("pgbouncer", "pgbouncer")
        self._postgres = postgres
        self.port = free_port()

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://dialtone@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> "PgBouncer":
        self._directory = Path(tempfile.mkdtemp(prefix="dialtone-pgbouncer-"))
        file, self.log = self._directory / "pgbouncer.ini", self._directory / "log"
        file.write_text(
            f"[databases]\n* = host=127.0.0.1 port={self._postgres.port} user=dialtone\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\n"
            f"query_wait_timeout = 30\nserver_login_retry = 1\nlogfile = {self.log}\n"
        )
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if user:
            shutil.chown(self._directory, "postgres")
            shutil.chown(file, "postgres")
        self._process = subprocess.Popen(
            [self._program, "-q", str(file)],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise TimeoutError("pgbouncer does not answer")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory)
