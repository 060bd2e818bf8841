"""A TLS server in a thread that shows another certificate to each name."""

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

from tests.peers.certificates import Pair


@dataclass
class NameServer:
    """Where it listens, whom it was asked for, and how many handshakes there were at once."""

    port: int = 0
    asked: list[str | None] = field(default_factory=list)
    handshakes: int = 0
    peak: int = 0

    @contextmanager
    def shaking(self) -> Iterator[None]:
        """Count a handshake that is under way."""
        self.handshakes += 1
        self.peak = max(self.peak, self.handshakes)
        try:
            yield
        finally:
            self.handshakes -= 1


class _Visit(asyncio.Protocol):
    """Shakes hands, then waits for the client to leave."""

    def __init__(self, server: NameServer, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.pause_reading()  # type: ignore[attr-defined]  (what comes first is the handshake's)
        self._shaking = asyncio.ensure_future(self._shake(transport))

    async def _shake(self, transport: asyncio.BaseTransport) -> None:
        loop = asyncio.get_running_loop()
        with self._server.shaking(), suppress(OSError):
            await loop.start_tls(transport, self, self._context, server_side=True)  # type: ignore[arg-type]


@contextmanager
def name_server(pairs: Mapping[str, Pair], default: Pair, *, pause: float = 0) -> Iterator[NameServer]:
    """Show `pairs` by name, `default` to all others, after so many seconds."""
    server = NameServer()

    @cache
    def context(name: str | None) -> ssl.SSLContext:
        pair = pairs.get(name or "", default)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(pair.certificate, pair.key)
        return made

    def choose(layer: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        server.asked.append(name)
        time.sleep(pause)
        layer.context = context(name)

    first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    first.load_cert_chain(default.certificate, default.key)
    first.sni_callback = choose  # type: ignore[assignment]

    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = await loop.create_server(lambda: _Visit(server, first), "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await listening.serve_forever()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner, suppress(asyncio.CancelledError):
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join()
