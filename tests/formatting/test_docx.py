"""A Word document becomes a letter in Markdown: its headings and tables, no script, in bounded time."""

import io
import zipfile

import pytest

from incidents.formatting.bounded import ChildBusy
from incidents.formatting.docx import docx_markdown
from incidents.formatting.markdown import render

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
STYLES = (
    f'<w:styles {W}><w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def paragraph(words: str, style: str = "", run: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r>{run}<w:t xml:space='preserve'>{words}</w:t></w:r></w:p>"


def docx(*blocks: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELS)
        archive.writestr(
            "word/_rels/document.xml.rels",
            RELS.replace("word/document.xml", "styles.xml").replace('officeDocument"', 'styles"'),
        )
        archive.writestr("word/styles.xml", STYLES)
        archive.writestr(
            "word/document.xml", f"<w:document {W}><w:body>{''.join(blocks)}</w:body></w:document>"
        )
    return out.getvalue()


def cell(words: str) -> str:
    return f"<w:tc>{paragraph(words)}</w:tc>"


def test_headings_words_and_tables_come_along() -> None:
    table = f"<w:tbl><w:tr>{cell('When')}{cell('What')}</w:tr><w:tr>{cell('08:22')}{cell('TLS refuses')}</w:tr></w:tbl>"
    found = docx_markdown(
        docx(
            paragraph("Reason for outage", "Title"),
            paragraph("Cause", "H1"),
            paragraph("One bad certificate.", run="<w:rPr><w:b/></w:rPr>"),
            table,
        )
    )
    assert "# Reason for outage" in found
    assert "**One bad certificate.**" in found
    assert "| 08:22 | TLS refuses |" in found
    assert "<td>TLS refuses</td>" in render(found)


def test_markup_in_its_words_stays_words() -> None:
    found = render(
        docx_markdown(docx(paragraph("&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))")))
    )
    assert "<script" not in found
    assert 'href="javascript' not in found


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 torn", docx(paragraph("x"))[:-40], docx("<w:p>" * 3_000)],
    ids=["nothing", "torn", "cut", "broken xml"],
)
def test_what_cannot_be_read_is_said_in_words(content: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        docx_markdown(content)


def test_a_machine_that_gives_no_time_says_nothing_about_the_document() -> None:
    with pytest.raises(ChildBusy, match="Nothing was changed"):
        docx_markdown(docx(*(paragraph(f"Line {number}") for number in range(20_000))), deadline=0.2)


def test_entities_that_unfold_end_in_words() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{("&" + chr(97 + n) + ";") * 9}">'
        for n in range(9)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELS)
        archive.writestr(
            "word/document.xml", f"{bomb}]><w:document {W}><w:body>{paragraph('&j;')}</w:body></w:document>"
        )
    with pytest.raises(ValueError, match=r"cannot be read|too long"):
        docx_markdown(out.getvalue())
