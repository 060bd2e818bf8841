"""Readers who stop reading, cut off by the kernel: granian sends without a thread and without a deadline."""

import os
import socket
from contextlib import suppress

UNREAD_SECONDS = 30
"""How long sent bytes may lie unacknowledged, or a full window stay shut, before the connection is ended."""


def cut_off_silent_readers(seconds: int = UNREAD_SECONDS) -> int:
    """Set TCP_USER_TIMEOUT where this process listens, which connections inherit (tcp(7)). The number of such sockets.

    Linux alone lists its descriptors; elsewhere nothing is set.
    """
    found = 0
    with suppress(OSError):
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (names of numbers, not paths)
            with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as each:
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
                    found += 1
    return found
