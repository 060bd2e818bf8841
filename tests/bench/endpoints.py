"""Thousands of SIP endpoints in a process of their own: honest, registrars, or silent; each has a socket."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_CHALLENGE = b'WWW-Authenticate: Digest realm="bench", nonce="bench", algorithm=MD5, qop="auth"'
_KEPT = (b"via:", b"from", b"call", b"cseq")


@contextmanager
def endpoints(count: int, *, silent: int = 0) -> Iterator[Sequence[int]]:
    """The UDP ports of so many endpoints, of which the first `silent` say nothing."""
    command = [sys.executable, "-m", "tests.bench.endpoints", str(count), str(silent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield [int(port) for port in process.stdout.readline().split()]
    finally:
        process.kill()
        process.wait()


class _Endpoint(asyncio.DatagramProtocol):
    """Answers OPTIONS and REGISTER without reading more than it must: its cost is on the same machine."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        lines = data.split(b"\r\n")
        kept = [line for line in lines[1:] if line[:4].lower() in _KEPT]
        named = {line.partition(b":")[0]: line for line in lines[1:]}
        to = named[b"To"] + b";tag=bench"
        first, more = b"SIP/2.0 200 OK", []
        if data.startswith(b"REGISTER"):
            if b"\r\nAuthorization: " not in data:
                first, more = b"SIP/2.0 401 Unauthorized", [_CHALLENGE]
            elif b"\r\nExpires: 0\r\n" not in data:
                more = [named[b"Contact"]]
        reply = b"\r\n".join([first, *kept, to, *more, b"Content-Length: 0", b"", b""])
        self._transport.sendto(reply, addr)  # type: ignore[attr-defined]


async def _serve(count: int, silent: int) -> None:
    loop = asyncio.get_running_loop()
    ports = []
    for number in range(count):
        kind = asyncio.DatagramProtocol if number < silent else _Endpoint
        transport, _ = await loop.create_datagram_endpoint(kind, local_addr=("127.0.0.1", 0))
        ports.append(transport.get_extra_info("sockname")[1])
    print(*ports, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
