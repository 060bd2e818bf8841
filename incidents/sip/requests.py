"""Requests as a probe sends them (RFC 3261 section 8.1.1)."""

import secrets

from incidents.sip.headers import Headers
from incidents.sip.message import Request
from incidents.sip.resolution import Endpoint, bracketed
from incidents.sip.via import MAGIC_COOKIE

USER_AGENT = "Dialtone"


def options(uri: str, *, transport: str, local: Endpoint) -> Request:
    """An OPTIONS outside a dialog (RFC 3261 section 11.1) from `local`.

    It carries no Contact, since nothing is to be reached at the probe; rport asks for the address the peer
    sees (RFC 3581).
    """
    host = bracketed(local.ip)
    return Request(
        headers=Headers(
            [
                ("Via", f"SIP/2.0/{transport} {local};rport;branch={MAGIC_COOKIE}{secrets.token_hex(10)}"),
                ("Max-Forwards", "70"),
                ("From", f"<sip:probe@{host}>;tag={secrets.token_hex(6)}"),
                ("To", f"<{uri}>"),
                ("Call-ID", f"{secrets.token_hex(12)}@{host}"),
                ("CSeq", "1 OPTIONS"),
                ("Accept", "application/sdp"),
                ("User-Agent", USER_AGENT),
            ]
        ),
        body=b"",
        method="OPTIONS",
        uri=uri,
    )
