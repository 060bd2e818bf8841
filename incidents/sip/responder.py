"""A small honest SIP server: `python -m incidents.sip.responder` answers OPTIONS and REGISTER over UDP, TCP and TLS.

The demo and first trials probe it. It keeps no state: each OPTIONS gets a 200, a REGISTER what its registrar says, any
other method a 405, an ACK or a message that is none gets nothing (RFC 3261 sections 8.2 and 11.2).
"""

import argparse
import asyncio
import logging
import secrets
import signal
import ssl
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from incidents.sip import self_signed
from incidents.sip.errors import MalformedMessage
from incidents.sip.framing import StreamFramer
from incidents.sip.message import Request, Response
from incidents.sip.parser import parse_datagram
from incidents.sip.registrar import Registrar, ensure_password
from incidents.sip.resolution import Endpoint

SERVER = "Dialtone responder"
ALLOW = "OPTIONS, REGISTER"
IDLE_SECONDS = 120
CHUNK = 65536
DEFAULT_PORT = 5060

_log = logging.getLogger("incidents.sip.responder")
# One tag for the whole run: a retransmitted request then gets the same answer (RFC 3261 section 8.2.7).
_TAG = secrets.token_hex(6)


Answer = Callable[[Request | Response, Endpoint], Response | None]


def answer(registrar: Registrar, data: Request | Response, source: Endpoint) -> Response | None:
    """What to say to `data` from `source`; nothing to a response or an ACK."""
    if not isinstance(data, Request) or data.method == "ACK":
        return None
    facts = [("Allow", ALLOW), ("Server", SERVER)]
    if data.method == "REGISTER":
        return registrar.answer(data, source, tag=_TAG, extra=facts)
    if data.method == "OPTIONS":
        facts.insert(0, ("Accept", "application/sdp"))
        return data.answer(200, "OK", source=source, tag=_TAG, extra=facts)
    return data.answer(405, "Method Not Allowed", source=source, tag=_TAG, extra=facts)


class Datagrams(asyncio.DatagramProtocol):
    """UDP. A reply goes to where the request came from, at the port its Via asks for (RFC 3581 section 4)."""

    _transport: asyncio.DatagramTransport

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio's."""
        try:
            request = parse_datagram(data)
            reply = self._answer(request, Endpoint(*addr[:2]))
        except MalformedMessage as error:
            _log.debug("ignored %d bytes from %s: %s", len(data), addr[0], error)
            return
        if reply is not None:
            via = request.identifiers.vias[0]
            port = addr[1] if "rport" in via.parameters else via.port or DEFAULT_PORT
            self._transport.sendto(reply.encode(), (addr[0], port, *addr[2:]))


async def converse(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One TCP or TLS connection, until it ends, stays silent or talks something else than SIP."""
    source = Endpoint(*writer.get_extra_info("peername")[:2])
    framer = StreamFramer()
    pings = 0
    try:
        while data := await asyncio.wait_for(reader.read(CHUNK), IDLE_SECONDS):
            replies = [answer(message, source) for message in framer.feed(data)]
            writer.write(b"".join(reply.encode() for reply in replies if reply is not None))
            writer.write(b"\r\n" * (framer.pings - pings))
            pings = framer.pings
            await writer.drain()
    except (MalformedMessage, OSError, TimeoutError) as error:
        _log.debug("dropped the connection of %s: %s", source, error)
    finally:
        writer.close()


async def serve(host: str, port: int, tls_port: int, state: Path) -> None:
    """Answer until SIGTERM or SIGINT.

    Raises:
        OSError: a port is taken, or the state directory cannot be written.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    says = partial(answer, Registrar(ensure_password(state)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed.ensure(state, at=datetime.now(UTC)))
    talking: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = loop.create_task(converse(says, reader, writer))
        talking[task] = writer
        task.add_done_callback(talking.pop)

    datagrams, _ = await loop.create_datagram_endpoint(lambda: Datagrams(says), local_addr=(host, port))
    tcp = await asyncio.start_server(greet, host, port)
    tls = await asyncio.start_server(greet, host, tls_port, ssl=context)
    _log.info("answering OPTIONS and REGISTER at %s, udp and tcp port %d, tls port %d", host, port, tls_port)
    try:
        await stop.wait()
    finally:
        datagrams.close()
        tcp.close()
        tls.close()
        for writer in talking.values():
            writer.transport.abort()  # its conversation reads the end, so that no task is cut off
        if talking:
            await asyncio.wait(talking)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and serve; 1 if a port or the directory cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m incidents.sip.responder", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=15060, help="UDP and TCP port (default: %(default)s)")
    parser.add_argument("--tls-port", type=int, default=15061, help="TLS port (default: %(default)s)")
    parser.add_argument(
        "--state-dir",
        type=Path,
        required=True,
        help="directory for the certificate, sip-ca.pem, its key, and the password of the account 'probe'",
    )
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        asyncio.run(serve(given.host, given.port, given.tls_port, given.state_dir))
    except (OSError, OverflowError) as error:
        _log.error("cannot serve: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
