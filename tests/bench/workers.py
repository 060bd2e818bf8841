"""Which worker of a server answers a connection, by the kernel's own table of sockets (proc(5), /proc/net/tcp)."""

import http.client
import os
from collections.abc import Collection
from pathlib import Path

_LOCAL, _REMOTE, _INODE = 1, 2, 9
_MOST = 500
"""Connections to try until each worker has answered one."""


def one_of_each(port: int, workers: Collection[int]) -> dict[int, http.client.HTTPConnection]:
    """An open keep-alive connection to each of the worker processes that share a loopback port."""
    found: dict[int, http.client.HTTPConnection] = {}
    for _ in range(_MOST):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()  # once it has answered, some worker has accepted it
        worker = _owner(connection, port, workers)
        if worker in found:
            connection.close()
        else:
            found[worker] = connection
        if len(found) == len(workers):
            return found
    raise AssertionError(f"{_MOST} connections reached {len(found)} of {len(workers)} workers")


def _owner(connection: http.client.HTTPConnection, port: int, workers: Collection[int]) -> int:
    """The worker that holds the other end."""
    inode = _inode(port, connection.sock.getsockname()[1])
    for worker in workers:
        for handle in Path(f"/proc/{worker}/fd").iterdir():
            try:
                if handle.readlink() == Path(f"socket:[{inode}]"):
                    return worker
            except FileNotFoundError:  # closed while we looked
                continue
    raise AssertionError(f"no worker holds socket {inode}; this is process {os.getpid()}")


def _inode(local: int, remote: int) -> str:
    """The socket whose own port is `local` and whose peer's is `remote`."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if [int(fields[at].rpartition(":")[2], 16) for at in (_LOCAL, _REMOTE)] == [local, remote]:
            return fields[_INODE]
    raise AssertionError(f"the kernel knows no connection from port {remote} to port {local}")
