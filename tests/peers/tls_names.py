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
    """Where it listens and whom it was asked for."""

    port: int = 0
    asked: list[str | None] = field(default_factory=list)


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

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read()
        writer.transport.abort()

    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=first)
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
