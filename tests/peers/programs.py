"""Where real peers come from: programs of the system, and ports nobody uses."""

import os
import secrets
import shutil
import socket

import pytest

_ADMIN_PATH = "/usr/sbin:/sbin:/usr/local/sbin"


def require(program: str, package: str) -> str:
    """The path of `program`.

    Where it is missing the test is skipped, naming the Debian package to install; with DIALTONE_TEST_ALL=1, as
    in CI, it fails instead.
    """
    path = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{_ADMIN_PATH}")
    if path:
        return path
    reason = f"{program} is not installed: apt-get install {package}"
    if os.environ.get("DIALTONE_TEST_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A loopback port that is free for TCP and for UDP.

    It is below those that Linux gives to clients, so that none of them gets it before it is used, or while it is to
    stay closed.
    """
    for _ in range(100):
        port = 15_000 + secrets.randbelow(17_000)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.fail("no loopback port is free for both TCP and UDP")
