"""Rows: each malformed or odd certificate, on disk and as a server shows it, where OpenSSL will load it at all."""

import asyncio
import ssl
from pathlib import Path

from tests.faults.carrier import carrier, sip
from tests.faults.table import Ask, Rows, see
from tests.peers.bad_certificates import BAD, DOMAIN
from tests.peers.certificates import DAY, Authority, Pair
from tests.peers.faults import server_context, stream_peer
from tests.peers.hostile import STREAM

NOT_SERVED = "cannot be served"


async def certificates(folder: Path) -> Rows:
    """A good one first, then each bad one."""
    rows = {}
    for number, name in enumerate(("sound", *BAD)):
        store = Authority(folder / f"{number}")
        trust = store.ca_file.rename(folder / f"{number}-ca.pem")
        store.ca_file = trust
        pair = (
            BAD[name][0](store, DOMAIN) if name in BAD else store.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
        )
        options = {"ca_file": str(trust), "warn_days": 7}
        on_disk = await see([Ask("certificate_store", str(folder / f"{number}"), options)])
        rows[name] = {**await _shown(pair, trust), **on_disk}
    return rows


async def _shown(pair: Pair, trust: Path) -> dict[str, str]:
    try:
        context = server_context(pair.certificate, pair.key)
    except (ssl.SSLError, OSError, ValueError):
        return dict.fromkeys(("sip_options", "sip_register", "tls_certificate", "http_get"), NOT_SERVED)
    given: dict[str, object] = {"ca_file": str(trust), "server_name": DOMAIN}
    async with (
        stream_peer(STREAM["line ends first"].lead(carrier()), tls=context) as server,
        stream_peer(_page, tls=context) as web,
    ):
        asks = [
            *sip(server.port, "tls", seconds=3, **given),
            Ask("tls_certificate", f"127.0.0.1:{server.port}", {**given, "warn_days": 7}),
            Ask("http_get", f"https://127.0.0.1:{web.port}/", given),
        ]
        return await see(asks)


async def _page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await reader.read()
