"""A mail as SMTP carries it, and the same in seven bits for servers that take no more (RFC 5321, RFC 6152)."""

import re
from email import message_from_bytes
from email.charset import BASE64, QP, Charset
from email.message import Message
from email.policy import compat32

_DOT = re.compile(rb"(?m)^\.")
_DOUBLED = re.compile(rb"(?m)^\.\.")
_LINE_END = re.compile(rb"\r\n|\r|\n")
LINE_LIMIT = 998
_MOSTLY = 6
"""A text of which more than one byte in so many is not ASCII is shorter as base64."""


def on_the_wire(content: bytes) -> bytes:
    """A mail with CRLF at each line's end and its leading dots doubled (RFC 5321 section 4.5.2)."""
    content = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", content))
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def seven_bit(content: bytes) -> bytes:
    """A mail on the wire with each text of 8 bits as quoted-printable or base64; the same words arrive."""
    message = message_from_bytes(_DOUBLED.sub(b".", content), policy=compat32)
    for part in message.walk():
        if not part.is_multipart():
            _encode(part)
        elif part["Content-Transfer-Encoding"]:
            del part["Content-Transfer-Encoding"]
    policy = compat32.clone(linesep="\r\n", max_line_length=LINE_LIMIT)
    return on_the_wire(message.as_bytes(policy=policy))


def _encode(part: "Message[str, str]") -> None:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or payload.isascii():
        return
    name = part.get_content_charset() or "utf-8"
    text = payload.decode(name, "replace")
    charset = Charset(name)
    others = len(payload) - len(payload.decode("ascii", "ignore"))
    charset.body_encoding = BASE64 if others * _MOSTLY > len(payload) else QP
    del part["Content-Transfer-Encoding"]
    part.set_payload(text.replace("\r\n", "\n"), charset)
