"""Debian's SIPp as a number that answers calls and echoes their audio; it ends by itself after so many whole calls."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.programs import free_port, require


@dataclass
class Sipp:
    """A running SIPp."""

    port: int
    process: subprocess.Popen[bytes]

    def served_all(self, *, within: float) -> bool:
        """Whether every call that it waited for came, was acknowledged and ended by a BYE."""
        return self.process.wait(timeout=within) == 0


@contextmanager
def sipp(folder: Path, *, calls: int, echoes: bool = True) -> Iterator[Sipp]:
    """Its own scenario of a called party (INVITE, 180, 200, ACK, BYE, 200); without echo it takes audio in silence."""
    port = free_port()
    command = [
        *(require("sipp", "sip-tester"), "-sn", "uas", "-i", "127.0.0.1", "-p", str(port)),
        *("-mi", "127.0.0.1", "-mp", str(free_port()), "-m", str(calls), "-nostdin"),
        *(("-rtp_echo",) if echoes else ()),
    ]
    with (folder / "sipp.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield Sipp(port, process)
    finally:
        process.kill()
        process.wait()
