"""Requests as a probe sends them (RFC 3261 section 8.1.1)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.sip.addresses import NameAddress
from incidents.sip.headers import Headers
from incidents.sip.message import Identifiers, Request
from incidents.sip.resolution import Endpoint, bracketed
from incidents.sip.via import MAGIC_COOKIE, Via

USER_AGENT = "Dialtone"


@dataclass(frozen=True, slots=True)
class Dialling:
    """Who asks whom within one call: From and To with their tags, Call-ID and the number of the request."""

    sender: str
    tag: str
    recipient: str
    call: str
    sequence: int
    peer_tag: str = ""


def call_id(local: Endpoint) -> str:
    """A Call-ID that nobody can guess."""
    return f"{secrets.token_hex(12)}@{bracketed(local.ip)}"


def request(
    method: str,
    uri: str,
    dialling: Dialling,
    *,
    transport: str,
    local: Endpoint,
    extra: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> Request:
    """A request of a new transaction from `local`; rport asks for the address that the peer sees (RFC 3581)."""
    branch = f"{MAGIC_COOKIE}{secrets.token_hex(10)}"
    made = Request(
        headers=Headers(
            [
                ("Via", f"SIP/2.0/{transport} {local};rport;branch={branch}"),
                ("Max-Forwards", "70"),
                ("From", f"<{dialling.sender}>;tag={dialling.tag}"),
                (
                    "To",
                    f"<{dialling.recipient}>" + (f";tag={dialling.peer_tag}" if dialling.peer_tag else ""),
                ),
                ("Call-ID", dialling.call),
                ("CSeq", f"{dialling.sequence} {method}"),
                *extra,
                ("User-Agent", USER_AGENT),
            ]
        ),
        body=body,
        method=method,
        uri=uri,
    )
    # Known already: to read them out of the text again would be a fifth of what a probe costs.
    made.__dict__["identifiers"] = Identifiers(
        vias=(Via(transport, local.ip, local.port, {"rport": None, "branch": branch}),),
        call_id=dialling.call,
        sequence=dialling.sequence,
        method=method,
        sender=NameAddress("", dialling.sender, {"tag": dialling.tag}),
        recipient=NameAddress(
            "", dialling.recipient, {"tag": dialling.peer_tag} if dialling.peer_tag else {}
        ),
    )
    return made


def options(uri: str, *, transport: str, local: Endpoint) -> Request:
    """An OPTIONS outside a dialog (RFC 3261 section 11.1) from `local`.

    It carries no Contact, since nothing is to be reached at the probe.
    """
    sender = f"sip:probe@{bracketed(local.ip)}"
    dialling = Dialling(sender, secrets.token_hex(6), uri, call_id(local), 1)
    accept = [("Accept", "application/sdp")]
    return request("OPTIONS", uri, dialling, transport=transport, local=local, extra=accept)


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
    dialling = Dialling(binding.record, binding.tag, binding.record, binding.call, sequence)
    extra = [("Contact", f"<{binding.contact}>"), ("Expires", str(expires)), *proof]
    return request("REGISTER", binding.registrar, dialling, transport=transport, local=local, extra=extra)
