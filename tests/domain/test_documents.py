"""What may be attached to an RFO is told by its bytes."""

import io
import zipfile

import pytest

from incidents.domain.documents import SIZE_LIMIT, RefusedDocument, inspect
from incidents.management.demo.document import pdf

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def docx(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *names):
            archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("report.pdf", pdf(), "application/pdf"),
        ("graph.PNG", PNG, "image/png"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
        ("letter.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
    ids=["pdf", "png", "jpeg", "docx"],
)
def test_the_four_kinds_are_taken(name: str, content: bytes, media_type: str) -> None:
    assert inspect(name, content).media_type == media_type


def test_an_svg_called_png_is_refused() -> None:
    with pytest.raises(RefusedDocument, match="neither PDF, DOCX, PNG, JPEG nor plain text"):
        inspect("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")


def test_a_name_that_disagrees_with_the_bytes_is_refused() -> None:
    with pytest.raises(RefusedDocument, match=r"must end in \.png"):
        inspect("report.pdf", PNG)


def test_a_word_document_with_macros_is_refused() -> None:
    with pytest.raises(RefusedDocument):
        inspect("letter.docx", docx("word/vbaProject.bin"))


def test_a_zip_bomb_is_refused_without_unpacking_it() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"\0" * (201 * 1024 * 1024))
    with pytest.raises(RefusedDocument):
        inspect("letter.docx", out.getvalue())


def test_an_empty_and_a_huge_document_are_refused() -> None:
    with pytest.raises(RefusedDocument, match="is empty"):
        inspect("a.pdf", b"")
    with pytest.raises(RefusedDocument, match="bytes; 20,971,520 are allowed"):
        inspect("a.pdf", b"%PDF-" + b"\0" * SIZE_LIMIT)


def test_a_name_cannot_leave_its_folder_or_break_a_header() -> None:
    assert inspect('..\\..\\etc/pa"ss\r\nwd.pdf', pdf()).name == "pa_ss__wd.pdf"
