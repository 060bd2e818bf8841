"""PDFs written object by object, as an attacker would: any filter, any tree, any table."""

import base64
import binascii
from collections.abc import Mapping

PAGE: dict[int, bytes] = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
}


def DEAD_STREAMS(count: int) -> bytes:
    """So many beginnings of a stream, none of which ends."""
    return b"%PDF-1.4\n" + b"stream\n" * count


def pdf_of(
    objects: Mapping[int, bytes], *, inside: Mapping[int, tuple[int, int]] | None = None, trailer: bytes = b""
) -> bytes:
    """A file of these objects; `inside` are those in an object stream: its number and their place in it."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max([*objects, *(inside or {})]) + 2
    if not inside:
        out += b"xref\n0 %d\n" % (size - 1)
        for number in range(size - 1):
            out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n"
        out += b"trailer << /Size %d /Root 1 0 R %s>>\n" % (size - 1, trailer)
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
    offsets[size - 1] = start
    table = b"".join(_entry(number, offsets, inside) for number in range(size))
    out += (
        b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (size - 1, size, len(table), table)
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _entry(number: int, offsets: Mapping[int, int], inside: Mapping[int, tuple[int, int]]) -> bytes:
    if number in inside:
        stream, place = inside[number]
        return b"\2" + stream.to_bytes(4, "big") + place.to_bytes(2, "big")
    if number in offsets:
        return b"\1" + offsets[number].to_bytes(4, "big") + b"\0\0"
    return b"\0" * 5 + b"\xff\xff"


def pdf_with(extra: bytes) -> bytes:
    """One page with something more in its dictionary."""
    return pdf_of({**PAGE, 3: PAGE[3][:-2] + extra + b" >>"})


def ascii_hex(raw: bytes) -> bytes:
    """For /ASCIIHexDecode."""
    return binascii.hexlify(raw) + b">"


def ascii85(raw: bytes) -> bytes:
    """For /ASCII85Decode."""
    return base64.a85encode(raw, adobe=True)[2:]


def lzw(raw: bytes) -> bytes:
    """For /LZWDecode: each byte by itself, the table cleared before its codes grow longer."""
    bits = []
    for place, byte in enumerate(raw):
        if place % 200 == 0:
            bits.append(256)
        bits.append(byte)
    bits.append(257)
    joined = "".join(f"{code:09b}" for code in bits)
    joined += "0" * (-len(joined) % 8)
    return int(joined, 2).to_bytes(len(joined) // 8, "big")
