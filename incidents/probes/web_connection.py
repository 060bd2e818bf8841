"""One connection to a web server, dialled and secured by us: each step has its own time and its own class."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from incidents.probes.dialling import dial
from incidents.probes.evidence import Evidence
from incidents.sip.certificate import UnreadableCertificate, read_certificate
from incidents.sip.errors import (
    CertificateRejected,
    HandshakeFailed,
    LocalFault,
    Refused,
    SipFailure,
    Stalled,
)
from incidents.sip.resolution import Endpoint
from incidents.sip.tls import TlsSettings, look, verify_words
from incidents.sip.transport import tls_words


class WebConnection(aiohttp.BaseConnector):
    """Hands aiohttp the one connection that is open; it dials nothing, so that no retry leads elsewhere."""

    def __init__(self, opened: ResponseHandler) -> None:
        super().__init__(force_close=True, limit=1)
        self._opened: ResponseHandler | None = opened

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> ResponseHandler:
        del req, traces, timeout
        opened, self._opened = self._opened, None
        if opened is None:  # aiohttp tries once more what was closed without a reply
            raise Refused("connection closed without a reply")
        return opened


async def open_connection(
    endpoints: Sequence[Endpoint], tls: TlsSettings | None, *, evidence: Evidence, deadline: float
) -> ResponseHandler:
    """A connection to the first address that accepts, secured by the web's rules where `tls` is given.

    Raises:
        SipFailure: there is none.
    """
    context = None if tls is None else _context(tls)
    connected, endpoint = await dial(endpoints, evidence=evidence, deadline=deadline)
    if tls is None or context is None:
        return await _take_over(connected)
    try:
        with evidence.timed("tls"):
            async with asyncio.timeout_at(deadline):
                opened = await _take_over(connected, context, tls.server_name)
    except TimeoutError:
        raise Stalled("accepted the connection, TLS handshake never answered") from None
    except ssl.SSLError as error:
        await _explain(endpoint, tls.server_name, evidence, deadline)
        raise _refusal(error) from error
    except OSError as error:
        raise HandshakeFailed("connection closed during the TLS handshake") from error
    layer: ssl.SSLObject = opened.transport.get_extra_info("ssl_object")  # type: ignore[union-attr]
    proof = f"verified for {tls.server_name}" if tls.verify else "not verified"
    evidence.note(f"{layer.version()} {(layer.cipher() or ('',))[0]}, {proof}")
    _note_certificate(layer.getpeercert(binary_form=True) or b"", evidence)
    return opened


async def _take_over(
    connected: socket.socket, context: ssl.SSLContext | None = None, server_name: str | None = None
) -> ResponseHandler:
    loop = asyncio.get_running_loop()
    _, opened = await loop.create_connection(
        lambda: ResponseHandler(loop=loop), sock=connected, ssl=context, server_hostname=server_name
    )
    return opened


def _refusal(error: ssl.SSLError) -> SipFailure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRejected(verify_words(error), error.verify_code)
    return HandshakeFailed(f"TLS handshake failed: {tls_words(error)}")


async def _explain(endpoint: Endpoint, server_name: str, evidence: Evidence, deadline: float) -> None:
    """A second handshake that verifies nothing, to show what the first one would not take."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            try:
                secured = await look(endpoint, server_name)
            except SipFailure as error:
                evidence.note(f"second look: {error}")
            else:
                evidence.note(f"second look: {secured.version} {secured.cipher}, not verified")
                _note_certificate(secured.certificate, evidence)


def _note_certificate(der: bytes, evidence: Evidence) -> None:
    try:
        lines = read_certificate(der).evidence
    except UnreadableCertificate as error:
        lines = (str(error),)
    for line in lines:
        evidence.note(line)


def _context(tls: TlsSettings) -> ssl.SSLContext:
    try:
        changed = Path(tls.ca_file).stat().st_mtime_ns if tls.ca_file else 0
        return _contexts(tls.ca_file, tls.verify, changed)
    except (OSError, ValueError) as error:
        raise LocalFault(f"trust file cannot be used: {tls.ca_file}") from error


@lru_cache(maxsize=64)
def _contexts(ca_file: str, verify: bool, changed: int) -> ssl.SSLContext:  # noqa: ARG001  (a changed file is another)
    context = ssl.create_default_context()
    context.hostname_checks_common_name = False  # as browsers do not, either (RFC 9110 section 4.3.4)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
