"""Requests as a probe sends them (RFC 3261 section 8.1.1)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.sip.headers import Headers
from incidents.sip.message import Request
from incidents.sip.resolution import Endpoint, bracketed
from incidents.sip.via import MAGIC_COOKIE

USER_AGENT = "Dialtone"


def via(transport: str, local: Endpoint) -> str:
    """A Via of a new transaction; rport asks for the address the peer sees (RFC 3581)."""
    return f"SIP/2.0/{transport} {local};rport;branch={MAGIC_COOKIE}{secrets.token_hex(10)}"


def call_id(local: Endpoint) -> str:
    """A Call-ID that nobody can guess."""
    return f"{secrets.token_hex(12)}@{bracketed(local.ip)}"


def options(uri: str, *, transport: str, local: Endpoint) -> Request:
    """An OPTIONS outside a dialog (RFC 3261 section 11.1) from `local`.

    It carries no Contact, since nothing is to be reached at the probe.
    """
    return Request(
        headers=Headers(
            [
                ("Via", via(transport, local)),
                ("Max-Forwards", "70"),
                ("From", f"<sip:probe@{bracketed(local.ip)}>;tag={secrets.token_hex(6)}"),
                ("To", f"<{uri}>"),
                ("Call-ID", call_id(local)),
                ("CSeq", "1 OPTIONS"),
                ("Accept", "application/sdp"),
                ("User-Agent", USER_AGENT),
            ]
        ),
        body=b"",
        method="OPTIONS",
        uri=uri,
    )


@dataclass(frozen=True, slots=True)
class Binding:
    """What REGISTERs of one Call-ID ask of the registrar: `contact` for the address of record, all of them URIs."""

    registrar: str
    record: str
    contact: str
    call: str
    tag: str


def register(
    binding: Binding,
    *,
    transport: str,
    local: Endpoint,
    sequence: int,
    expires: int,
    proof: Sequence[tuple[str, str]] = (),
) -> Request:
    """A REGISTER (RFC 3261 section 10.2) for `expires` seconds, 0 to remove the contact.

    `proof` is the header that answers a challenge.
    """
    return Request(
        headers=Headers(
            [
                ("Via", via(transport, local)),
                ("Max-Forwards", "70"),
                ("From", f"<{binding.record}>;tag={binding.tag}"),
                ("To", f"<{binding.record}>"),
                ("Call-ID", binding.call),
                ("CSeq", f"{sequence} REGISTER"),
                ("Contact", f"<{binding.contact}>"),
                ("Expires", str(expires)),
                *proof,
                ("User-Agent", USER_AGENT),
            ]
        ),
        body=b"",
        method="REGISTER",
        uri=binding.registrar,
    )
