"""A worker module for the tests of the bounded child: it sleeps, turns in circles, or takes memory."""

import os
import time


def work(content: bytes) -> bytes:
    """As the content asks."""
    if content == b"forever":
        while True:
            pass
    if content == b"memory":
        return bytes(1 << 31)
    if content == b"environment":
        return repr(dict(os.environ)).encode()
    time.sleep(float(content))
    return b"done"
