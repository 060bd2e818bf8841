"""What is asked of a web server, and what it said; apart from how, which needs a library."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

from incidents.sip.tls import TlsSettings


@dataclass(frozen=True, slots=True)
class Question:
    """A URL; the name to ask for where it is another than the URL's; TLS for https; whether the body matters."""

    url: SplitResult
    server_name: str
    tls: TlsSettings | None
    wants_body: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer; the body is its start, and empty where nobody wants it."""

    status: int
    reason: str | None
    headers: Mapping[str, str]
    body: bytes
