"""A one-page PDF of plain lines: the demo's attached document, small enough to write by hand (ISO 32000-1, 7.5)."""

from collections.abc import Sequence

TITLE = "Certificate finding, October 2021"
LINES = (
    "What was found",
    "One of the customer certificates loaded by the SIP proxies has a subjectAltName",
    "that is signed properly and encoded wrongly. OpenSSL refuses it on load; the",
    "proxy gave up TCP and TLS for everybody and went on answering UDP.",
    "",
    "How it shows from outside",
    "UDP  OPTIONS   200 OK in under 1 ms",
    "TCP  OPTIONS   connection refused",
    "TLS  OPTIONS   connection refused",
    "",
    "What finds it beforehand",
    "Parsing every stored certificate with two independent parsers, extensions",
    "included, before it is loaded: each passes some that the other refuses.",
)


def pdf(title: str = TITLE, lines: Sequence[str] = LINES) -> bytes:
    """An A4 page with a heading and lines of text in a built-in font."""
    text = [f"BT /F1 18 Tf 56 770 Td ({_escaped(title)}) Tj ET", "BT /F1 11 Tf 16 TL 56 730 Td"]
    text += [f"({_escaped(line)}) Tj T*" for line in lines]
    stream = "\n".join([*text, "ET"]).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
