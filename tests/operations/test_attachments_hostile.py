"""Forty files that somebody might attach to harm a reader: each is refused with a reason, or made harmless."""

import io
import struct
import zipfile
import zlib
from datetime import timedelta

import pytest
from PIL import Image, PngImagePlugin

from incidents.domain.documents import SIZE_LIMIT
from incidents.models import Attachment, RfoVersion
from incidents.operations.attachments import attach_document
from incidents.operations.errors import Refused
from incidents.operations.rfos import draft_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, resolve

pytestmark = pytest.mark.django_db
RELS = (
    '<Relationships xmlns="x"><Relationship Id="r" Type="http://x/{kind}" Target="{target}" TargetMode="External"/>'
    "</Relationships>"
)


def docx(parts: dict[str, bytes | str] | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": "<w:document/>",
            **(parts or {}),
        }.items():
            archive.writestr(name, content)
    return out.getvalue()


def rels(kind: str, target: str) -> bytes:
    return docx({"word/_rels/document.xml.rels": RELS.format(kind=kind, target=target)})


def lying_docx() -> bytes:
    """Its directory tells of ten bytes where there are many."""
    content = bytearray(docx({"word/_rels/document.xml.rels": b"<a/>" * 1_000_000}))
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"PK\x05\x06"))
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(content)


def png(width: int, height: int) -> bytes:
    """A head that tells of so many pixels, and next to nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def pdf(inside: bytes, *, packed: bool = False) -> bytes:
    if packed:
        inside = (
            b"<< /Type /ObjStm /Length 1 >>\nstream\n" + zlib.compress(b"/Type /X " + inside) + b"\nendstream"
        )
    return b"%PDF-1.7\n1 0 obj\n" + inside + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


PICTURE = io.BytesIO()
Image.new("RGB", (40, 20), "#0b57d0").save(PICTURE, "JPEG")
JPEG = PICTURE.getvalue()
REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": ("a.pdf", b""),
    "huge": ("a.pdf", b"%PDF-" + b"0" * SIZE_LIMIT),
    "svg": ("logo.svg", b"<svg onload='alert(1)'/>"),
    "svg called png": ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "html called pdf": ("a.pdf", b"<html><script>alert(1)</script>"),
    "html called txt with a null": ("a.txt", b"<html>\x00"),
    "program": ("a.exe", b"MZ\x90\0"),
    "program called pdf": ("a.pdf", b"MZ\x90\0"),
    "script": ("a.js", b"alert(1)"),
    "shell script": ("a.sh", b"#!/bin/sh\nrm -rf /"),
    "pdf called html": ("a.html", b"%PDF-1.7"),
    "pdf called txt": ("a.txt", b"%PDF-1.7"),
    "png called pdf": ("a.pdf", png(2, 2)),
    "old word": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "gif": ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
    "zip": ("a.zip", docx()),
    "zip that is no document": ("a.docx", b"PK\x03\x04 torn"),
    "zip of other things": ("a.docx", docx()[:60]),
    "bomb": ("a.docx", docx({"word/media/x": b"\0" * (201 * 1024 * 1024)})),
    "bomb that lies about its size": ("a.docx", lying_docx()),
    "thousands of parts": ("a.docx", docx({f"word/{number}": "" for number in range(2_100)})),
    "macro": ("a.docx", docx({"word/vbaProject.bin": "x"})),
    "macro in another case": ("a.docx", docx({"word/VBAPROJECT.BIN": "x"})),
    "macro by its content type": (
        "a.docx",
        docx({"[Content_Types].xml": '<Types><Override ContentType="x.macroEnabled.main+xml"/></Types>'}),
    ),
    "active control": ("a.docx", docx({"word/activeX/activeX1.bin": "x"})),
    "embedded program": ("a.docx", docx({"word/embeddings/oleObject1.bin": "x"})),
    "remote template": ("a.docx", rels("attachedTemplate", "http://evil.example/t.dotm")),
    "remote picture": ("a.docx", rels("image", "http://evil.example/x.png")),
    "remote frame": ("a.docx", rels("frame", "file://evil.example/share")),
    "encrypted pdf": ("a.pdf", pdf(b"<< /Encrypt 5 0 R >>")),
    "pdf with a script": ("a.pdf", pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>")),
    "pdf with a script in disguise": ("a.pdf", pdf(b"<< /S /Java#53cript /J#53 (1) >>")),
    "pdf with a script in a packed object": ("a.pdf", pdf(b"<< /S /JavaScript >>", packed=True)),
    "pdf that acts when opened": ("a.pdf", pdf(b"<< /OpenAction 3 0 R >>")),
    "pdf that starts a program": ("a.pdf", pdf(b"<< /S /Launch /F (cmd.exe) >>")),
    "pdf with a file inside": ("a.pdf", pdf(b"<< /Type /EmbeddedFile >>")),
    "pdf with a form of scripts": ("a.pdf", pdf(b"<< /XFA 9 0 R >>")),
    "png of 50,000 pixels": ("a.png", png(50_000, 50_000)),
    "png one pixel high": ("a.png", png(2**31 - 1, 1)),
    "torn png": ("a.png", png(20, 20)[:40]),
    "torn jpeg": ("a.jpg", JPEG[:200]),
    "direction override in text": ("a.txt", "harmless \u202etxt.exe".encode()),
    "text that is no utf-8": ("a.txt", b"\xff\xfe\x00\x01"),
}


@pytest.fixture
def draft() -> RfoVersion:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    return draft_rfo(incident, body="Words.", by=DEMO, at=BEGAN + timedelta(days=1))


def attach(draft: RfoVersion, name: str, content: bytes) -> Attachment:
    return attach_document(draft, name=name, content=content, by=DEMO, at=BEGAN + timedelta(days=1))


def test_there_are_forty() -> None:
    assert len(REFUSED) >= 40


@pytest.mark.parametrize("what", list(REFUSED))
def test_a_hostile_file_is_refused_with_a_reason_and_leaves_nothing(draft: RfoVersion, what: str) -> None:
    name, content = REFUSED[what]
    with pytest.raises(Refused) as refused:
        attach(draft, name, content)
    assert refused.value.field == "attachment"
    assert len(str(refused.value)) > 15
    assert not Attachment.objects.exists()


def test_of_a_picture_only_its_pixels_stay(draft: RfoVersion) -> None:
    plain, notes = io.BytesIO(), PngImagePlugin.PngInfo()
    notes.add_text("Comment", "canary: taken at home")
    Image.new("RGBA", (40, 20), "#0b57d0").save(plain, "PNG", pnginfo=notes)
    kept = attach(draft, "a.png", plain.getvalue() + b"<script>canary</script>")
    with kept.file.open("rb") as file:
        content = file.read()
    assert b"canary" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size, image.getpixel((3, 3))) == ("PNG", (40, 20), (11, 87, 208, 255))
    assert kept.size == len(content)


def test_a_jpeg_that_is_a_program_as_well_is_only_a_picture_after(draft: RfoVersion) -> None:
    kept = attach(draft, "a.jpeg", JPEG + b"PK\x03\x04canary")
    with kept.file.open("rb") as file:
        assert b"canary" not in file.read()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("finding\u202efdp.txt", "finding_fdp.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\finding.txt", "finding.txt"),
        ("a\r\nSet-Cookie: x.txt", "a__Set-Cookie_ x.txt"),
        ("تقرير.txt", "تقرير.txt"),
        ("x" * 300 + ".txt", "x" * 100 + ".txt"),
        ('a"b<c>.txt', "a_b_c_.txt"),
    ],
)
def test_a_name_is_made_safe_for_a_header_and_a_path(draft: RfoVersion, given: str, kept: str) -> None:
    assert attach(draft, given, b"Words.").name == kept


def test_a_link_in_a_document_is_only_a_link(draft: RfoVersion) -> None:
    assert attach(draft, "a.docx", rels("hyperlink", "https://example.com/")).media_type.endswith("document")
