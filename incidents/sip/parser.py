"""From bytes to a message (RFC 3261 section 7); whatever is wrong, the only error is `MalformedMessage`."""

import re

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import TOKEN, number
from incidents.sip.headers import Headers
from incidents.sip.message import VERSION, Request, Response
from incidents.sip.uri import check_uri, parse_sip_uri

MAX_HEAD = 65_535
MAX_BODY = 65_535
MAX_FORWARDS = 255
END_OF_HEAD = b"\r\n\r\n"

_STATUS = re.compile(r"([1-6][0-9]{2})(?: (.*))?", re.DOTALL)
_REQUEST = re.compile(r"([^ ]+) ([^ ]+) ([^ ]+)", re.DOTALL)
_VERSION_LIKE = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)


class Head:
    """A start line and its headers, read before the body is there."""

    __slots__ = ("_start", "headers")

    def __init__(self, block: bytes) -> None:
        if len(block) > MAX_HEAD:
            raise MalformedMessage(f"headers longer than {MAX_HEAD} bytes")
        # Header text is UTF-8 (RFC 3261 section 7); what is not must not stop the reading of the rest.
        start, _, fields = block.decode("utf-8", "replace").partition("\r\n")
        self._start = _status_line(start) or _request_line(start)
        self.headers = Headers.parse(fields)

    @property
    def content_length(self) -> int | None:
        """The length of the body as the peer says it; None where it says nothing."""
        if not self.headers.all("Content-Length"):
            return None
        text = self.headers.only("Content-Length")
        return number(text, what="Content-Length", limit=MAX_BODY)

    def message(self, body: bytes) -> Request | Response:
        """The whole message, its mandatory headers checked."""
        first, second = self._start
        found: Request | Response
        if isinstance(first, int):
            found = Response(headers=self.headers, body=body, code=first, reason=second)
        else:
            found = Request(headers=self.headers, body=body, method=first, uri=second)
            if self.headers.all("Max-Forwards"):
                number(self.headers.only("Max-Forwards"), what="Max-Forwards", limit=MAX_FORWARDS)
        identifiers = found.identifiers
        if isinstance(found, Request) and identifiers.method != found.method:
            raise MalformedMessage("the method of the start line and of CSeq differ")
        return found


def _status_line(line: str) -> tuple[int, str] | None:
    version, blank, rest = line.partition(" ")
    if not blank or not _VERSION_LIKE.fullmatch(version):
        return None
    _check_version(version)
    match = _STATUS.fullmatch(rest)
    if match is None:
        raise MalformedMessage("the status code is no number from 100 to 699")
    code, reason = match.groups()
    if "\r" in rest or "\n" in rest:
        raise MalformedMessage("a bare carriage return or line feed in the start line")
    return int(code), reason or ""


def _request_line(line: str) -> tuple[str, str]:
    match = _REQUEST.fullmatch(line)
    if match is None:
        raise MalformedMessage("no SIP start line")
    method, uri, version = match.groups()
    _check_version(version)
    if not TOKEN.fullmatch(method):
        raise MalformedMessage("malformed method")
    check_uri(uri)
    if uri.lower().startswith(("sip:", "sips:")) and parse_sip_uri(uri).headers:
        raise MalformedMessage("headers inside the Request-URI")
    return method, uri


def _check_version(version: str) -> None:
    if version.upper() != VERSION:
        raise MalformedMessage("not SIP version 2.0")


def parse_datagram(data: bytes) -> Request | Response:
    """The message in one datagram; bytes after Content-Length are ignored (RFC 3261 section 18.3)."""
    block, end, body = data.lstrip(b"\r\n").partition(END_OF_HEAD)
    if not end:
        raise MalformedMessage("no blank line after the headers")
    head = Head(block)
    length = head.content_length
    if length is None:
        return head.message(body[:MAX_BODY])
    if length > len(body):
        raise MalformedMessage(f"Content-Length says {length}, only {len(body)} bytes came")
    return head.message(body[:length])
