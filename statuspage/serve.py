"""`python -m statuspage.serve`: the web process. How it is protected is part of the code, not of a command line.

It becomes granian, which hands requests over before their bodies (RSGI). HTTP/1.1 alone is spoken: proxies speak
nothing else to us, and HTTP/2 would need limits of its own.
"""

import argparse
import os
import resource
import sys
from collections.abc import Sequence

from statuspage.boot import read_settings

MAX_CONNECTIONS = 4096
"""Open connections of one worker, idle ones among them; further ones wait in the kernel's queue."""
SPARE_FILES = 512
"""What a worker opens beside connections: documents, database, sockets of its own."""
HEADER_SECONDS = 5
"""From the first byte of a connection, or the last of an answer, to the end of a request's head."""
HEAD_BYTES = 64 * 1024
FILE_THREADS = 16
"""That read files for downloads, a piece at a time."""
SHUTDOWN_SECONDS = 30
"""How long requests that are under way, and readers of answers, have once the process is asked to end."""


def allowed_connections() -> int:
    """How many a worker may hold, once the process may open as many files as its hard limit lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, wanted - SPARE_FILES)


def command(arguments: Sequence[str]) -> list[str]:
    """The command line of granian. Exits with a message where the arguments make no sense."""
    parser = argparse.ArgumentParser(prog="python -m statuspage.serve", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen at (8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (1); with more, set CACHE_URL")
    options = parser.parse_args(arguments)
    connections = str(allowed_connections())
    return [
        *(sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws"),
        *("--host", options.host, "--port", str(options.port), "--workers", str(options.workers)),
        *("--blocking-threads", "1", "--runtime-blocking-threads", str(FILE_THREADS)),
        *("--backlog", connections, "--backpressure", connections),
        *("--http1-header-read-timeout", str(HEADER_SECONDS * 1000), "--http1-buffer-size", str(HEAD_BYTES)),
        *("--workers-kill-timeout", str(SHUTDOWN_SECONDS), "statuspage.rsgi:application"),
    ]


def main() -> None:
    """Serve the public pages, the console and the API."""
    found = command(sys.argv[1:])
    read_settings()
    os.execv(found[0], found)  # noqa: S606  (our own command, and no shell)


if __name__ == "__main__":
    main()
