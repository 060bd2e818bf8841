"""Messages for the tests of the parser, with one detail at a time changed."""

MANDATORY = {
    "Via": "SIP/2.0/UDP pbx.example.test:5060;branch=z9hG4bK776asdhds",
    "Max-Forwards": "70",
    "From": '"Alice" <sip:alice@example.test>;tag=1928301774',
    "To": "<sip:bob@example.test>",
    "Call-ID": "a84b4c76e66710@pbx.example.test",
    "CSeq": "314159 OPTIONS",
}


def message(
    start: str, headers: dict[str, str | None] | None = None, body: bytes = b"", raw: str = ""
) -> bytes:
    """A message: the mandatory headers, overridden (None leaves one out), then `raw` header lines."""
    fields = {**MANDATORY, **(headers or {})}
    lines = [start, *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return ("\r\n".join(lines) + "\r\n" + raw + "\r\n").encode("utf-8", "surrogateescape") + body


def request(headers: dict[str, str | None] | None = None, body: bytes = b"", raw: str = "") -> bytes:
    """An OPTIONS."""
    return message("OPTIONS sip:bob@example.test SIP/2.0", headers, body, raw)


def response(headers: dict[str, str | None] | None = None, body: bytes = b"", raw: str = "") -> bytes:
    """A 200 to it."""
    return message("SIP/2.0 200 OK", headers, body, raw)
