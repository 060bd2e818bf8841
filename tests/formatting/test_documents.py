"""What somebody attaches is parsed, refused where it acts by itself, and rewritten; in bounded time and memory."""

import io
import os
import resource
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from incidents.domain.documents import RefusedDocument
from incidents.formatting import bounded
from incidents.formatting.bounded import ChildBusy, Lane, Limits
from incidents.formatting.documents import checked_document
from incidents.formatting.docx import MAX_PARAGRAPHS, letter_markdown
from incidents.management.demo.document import pdf
from tests.formatting.hostile_pdfs import DEAD_STREAMS, PAGE, ascii85, ascii_hex, lzw, pdf_of, pdf_with
from tests.formatting.test_docx import docx as word
from tests.formatting.test_docx import paragraph

SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
LINK = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (%s) >> >>]"


def packed(raw: bytes, filters: bytes) -> bytes:
    """A PDF with a link that runs a script, the action hidden in an object stream of these filters."""
    return pdf_of(
        {
            **PAGE,
            3: PAGE[3][:-2] + b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 8 0 R >>] >>",
            9: b"<< /Type /ObjStm /N 1 /First %d /Filter %s /Length %d >>\nstream\n%s\nendstream"
            % (FIRST, filters, len(raw), raw),
        },
        inside={8: (9, 0)},
    )


FIRST = 70_000
PLAIN = (b"8 0" + b" " * FIRST)[:FIRST] + SCRIPT
"""An object stream that begins with so many blanks that a scan of its first 64 kB sees nothing."""

REFUSED: dict[str, tuple[bytes, str]] = {
    "a script in an object stream of hexadecimal digits": (
        packed(ascii_hex(PLAIN), b"/ASCIIHexDecode"),
        "JavaScript",
    ),
    "a script behind 65,536 blanks": (packed(zlib.compress(PLAIN), b"/FlateDecode"), "JavaScript"),
    "a script in ASCII85": (packed(ascii85(PLAIN), b"/ASCII85Decode"), "JavaScript"),
    "a script in LZW": (packed(lzw(PLAIN), b"/LZWDecode"), "JavaScript"),
    "a script behind two filters": (
        packed(ascii_hex(zlib.compress(PLAIN)), b"[/ASCIIHexDecode /FlateDecode]"),
        "JavaScript",
    ),
    "a script in disguise": (pdf_with(b"/A << /S /Java#53cript /J#53 (1) >>"), "JavaScript"),
    "a script by name": (
        pdf_of({**PAGE, 1: b"<< /Type /Catalog /Pages 2 0 R /Names << /JavaScript << /Names [] >> >> >>"}),
        "JavaScript",
    ),
    "a link to a file": (pdf_with(LINK % b"file:///etc/passwd"), "links to something"),
    "a link to a share": (pdf_with(LINK % rb"\\\\\\\\evil.example\\\\share"), "links to something"),
    "a link by smb": (pdf_with(LINK % b"smb://evil.example/share"), "links to something"),
    "a link that is a script": (pdf_with(LINK % b"javascript:app.alert\\(1\\)"), "links to something"),
    "a base for links that is a file": (
        pdf_of({**PAGE, 1: b"<< /Type /Catalog /Pages 2 0 R /URI << /Base (file:///) >> >>"}),
        "links to something",
    ),
    "another file to go to": (
        pdf_with(rb"/Annots [<< /Subtype /Link /A << /S /GoToR /F (\\\\\\\\evil\\\\s) /D [0] >> >>]"),
        "opens another file",
    ),
    "a file inside to go to": (
        pdf_with(b"/Annots [<< /Subtype /Link /A << /S /GoToE >> >>]"),
        "that it carries",
    ),
    "data to import": (pdf_with(b"/Annots [<< /Subtype /Link /A << /S /ImportData >> >>]"), "reads a file"),
    "a program": (pdf_with(b"/AA << /O << /S /Launch /F (cmd.exe) >> >>"), "by itself"),
    "a program by a link": (pdf_with(b"/Annots [<< /A << /S /Launch >> >>]"), "starts a program"),
    "a form that sends itself": (pdf_with(b"/Annots [<< /A << /S /SubmitForm >> >>]"), "sends a form"),
    "an action after another": (
        pdf_with(b"/Annots [<< /A << /S /GoTo /D [3 0 R /Fit] /Next [<< /S /Launch >>] >> >>]"),
        "starts a program",
    ),
    "a file inside": (
        pdf_of({**PAGE, 1: b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [] >> >> >>"}),
        "carries another file",
    ),
    "an attached file": (pdf_with(b"/Annots [<< /Subtype /FileAttachment >>]"), "carries another file"),
    "a film": (pdf_with(b"/Annots [<< /Subtype /RichMedia >>]"), "a film"),
    "a form of scripts": (
        pdf_of({**PAGE, 1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /XFA [] >> >>"}),
        "form with scripts",
    ),
    "a stream from elsewhere": (
        pdf_of({**PAGE, 8: b"<< /F (http://evil.example/x) /Length 1 >>\nstream\nx\nendstream"}),
        "another file",
    ),
    "a signature": (
        pdf_with(b"/Annots [<< /Subtype /Widget /FT /Sig /V << /Type /Sig /ByteRange [0 1 2 3] >> >>]"),
        "digitally signed",
    ),
    "no page": (
        pdf_of({1: PAGE[1], 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        "no pages",
    ),
    "half of a download": (pdf()[:200], "damaged"),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_a_pdf_that_acts_by_itself_is_refused_by_its_name(what: str) -> None:
    content, words = REFUSED[what]
    with pytest.raises(RefusedDocument, match=words):
        checked_document("finding.pdf", content)


def test_an_encrypted_pdf_is_refused() -> None:
    for owner, user in (("owner", ""), ("owner", "user")):
        made = io.BytesIO()
        with pikepdf.open(io.BytesIO(pdf())) as plain:
            plain.save(made, encryption=pikepdf.Encryption(owner=owner, user=user))
        with pytest.raises(RefusedDocument, match="encrypted"):
            checked_document("finding.pdf", made.getvalue())


@pytest.mark.parametrize(
    "address",
    [b"https://status.example/a", b"http://x.example", b"mailto:noc@x.example", b"tel:+61", b"www.x.example"],
)
def test_links_to_the_web_stay(address: bytes) -> None:
    _, kept = checked_document("finding.pdf", pdf_with(LINK % address))
    with pikepdf.open(io.BytesIO(kept)) as found:
        assert bytes(found.pages[0].Annots[0].A.URI) == address


def test_what_is_kept_holds_only_what_was_parsed() -> None:
    given = pdf().replace(b"%PDF-1.4\n", b"%PDF-1.4\n% canary in a comment\n") + b"canary appended"
    document, kept = checked_document("finding.pdf", given)
    assert document.media_type == "application/pdf"
    assert b"canary" not in kept
    assert b"What was found" in kept
    assert checked_document("finding.pdf", given)[1] == kept
    assert checked_document("finding.pdf", kept)[1] == kept, "a document that is carried over stays as it is"


def test_what_nothing_refers_to_is_left_out_and_a_first_page_to_open_is_no_danger() -> None:
    objects = {**PAGE, 1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >>", 8: b"(canary)"}
    _, kept = checked_document("finding.pdf", pdf_of(objects))
    with pikepdf.open(io.BytesIO(kept)) as found:
        assert "/OpenAction" not in found.Root
    assert b"canary" not in zlib_all(kept)


def zlib_all(content: bytes) -> bytes:
    """The file with its Flate streams unpacked."""
    found = content
    for part in content.split(b"stream\n")[1:]:
        unpacker = zlib.decompressobj()
        try:
            found += unpacker.decompress(part)
        except zlib.error:
            continue
    return found


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


BOMBS: dict[str, bytes] = {
    "streams that never end": DEAD_STREAMS(60_000),
    "nested arrays": pdf_with(b"/X " + b"[" * 500_000 + b"]" * 500_000),
    "nested dictionaries": pdf_with(b"/X " + b"<</A " * 100_000 + b"1" + b">>" * 100_000),
    "pages that hold themselves": pdf_of({1: PAGE[1], 2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
    "pages of pages": pdf_of(
        {
            1: PAGE[1],
            **{n: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (n + 1) for n in range(2, 20_000)},
            20_000: PAGE[3],
        }
    ),
    "millions of dictionaries": pdf_with(b"/X [" + b"<<>> " * 3_500_000 + b"]"),
    "a thousand times its size in an object stream": packed(
        zlib.compress(zlib.compress(bytes(1 << 27))), b"[/FlateDecode /FlateDecode]"
    ),
}


@pytest.mark.parametrize("what", list(BOMBS))
def test_a_bomb_of_a_pdf_costs_the_child_alone_a_few_seconds(what: str) -> None:
    """The process that asks goes on: its own CPU time and that of its other threads is not touched."""
    mine, theirs = time.process_time(), children_seconds()
    try:
        checked_document("finding.pdf", BOMBS[what])
    except RefusedDocument as error:
        assert len(str(error)) > 20
    assert time.process_time() - mine < 2
    assert children_seconds() - theirs < 15


def test_references_back_to_an_earlier_table_end() -> None:
    content = pdf_of(PAGE, trailer=b"/Prev 20 ")
    assert checked_document("finding.pdf", content)[0].name == "finding.pdf"


def head(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("1", (width, height)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (9_999, 9_999), (10_001, 2)])
def test_a_whole_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    used = children_seconds()
    with pytest.raises(RefusedDocument, match="pixels"):
        checked_document("graph.png", head(width, height))
    assert children_seconds() - used < 5


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": b"<d/>",
            **parts,
        }.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_below_the_directory_s_limit_is_refused_by_what_it_unpacks_to() -> None:
    with pytest.raises(RefusedDocument, match="unpacks to far more"):
        checked_document("letter.docx", zipped({"word/media/x": bytes(150 * 1024 * 1024)}))


def test_a_document_that_defines_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">]><d>&a;</d>'
    with pytest.raises(RefusedDocument, match="entities"):
        checked_document("letter.docx", zipped({"word/document.xml": bomb}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_reference_is_found_in_any_encoding(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><r:Relationships xmlns:r="x"><r:Relationship Id="r" '
        'Type="http://x/attachedTemplate" Target="http://evil.example" TargetMode = "External" /></r:Relationships>'
    )
    with pytest.raises(RefusedDocument, match="from elsewhere"):
        checked_document("letter.docx", zipped({"word/_rels/document.xml.rels": text.encode(encoding)}))


def test_a_link_of_a_document_to_a_share_is_refused() -> None:
    rels = (
        '<Relationships><Relationship Id="r" Type="http://x/hyperlink" Target="file://evil/share" '
        'TargetMode="External"/></Relationships>'
    )
    with pytest.raises(RefusedDocument, match="links to a file"):
        checked_document("letter.docx", zipped({"word/_rels/document.xml.rels": rels.encode()}))


def test_a_letter_of_a_million_paragraphs_is_refused_at_once() -> None:
    content = word(*[paragraph("")] * (MAX_PARAGRAPHS + 1))
    used = children_seconds()
    with pytest.raises(RefusedDocument, match="paragraphs"):
        letter_markdown("letter.docx", content)
    assert children_seconds() - used < 8


def test_a_wide_name_is_short_enough_for_a_header() -> None:
    document, _ = checked_document("障" * 100 + ".txt", b"Words.")
    assert document.name == "障" * 50 + ".txt"


def test_few_children_run_at_once_and_the_rest_wait_or_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(1)
    limits = Limits(cpu_seconds=5, memory_bytes=1 << 29, deadline_seconds=60.0, lane=lane)
    module = "tests.formatting.slow_worker"
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    first = threading.Thread(target=bounded.bounded, args=(module, b"1.5", limits))
    first.start()
    while lane.acquire(0):
        lane.release()
        time.sleep(0.01)
    with pytest.raises(ChildBusy, match="busy"):
        bounded.bounded(module, b"0", Limits(5, 1 << 29, deadline_seconds=0.1, lane=lane))
    assert bounded.bounded(module, b"0", limits) == b"done"
    first.join()


def test_a_child_that_turns_in_circles_is_ended_by_its_cpu_time_and_leaves_nothing() -> None:
    limits = Limits(cpu_seconds=1, memory_bytes=1 << 29, deadline_seconds=120.0)
    with pytest.raises(bounded.LimitExceeded):
        bounded.bounded("tests.formatting.slow_worker", b"forever", limits)
    with pytest.raises(bounded.LimitExceeded):
        bounded.bounded("tests.formatting.slow_worker", b"memory", limits)


def test_a_child_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    limits = Limits(cpu_seconds=5, memory_bytes=1 << 29, deadline_seconds=120.0)
    assert b"canary" not in bounded.bounded("tests.formatting.slow_worker", b"environment", limits)


def test_the_web_process_loads_neither_qpdf_nor_a_decoder_of_pictures(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); import statuspage.urls, statuspage.wsgi, sys; import importlib;"
        "importlib.import_module('incidents.operations.attachments');"
        "print([name for name in ('pikepdf', 'PIL.Image', 'mammoth', 'weasyprint') if name in sys.modules])"
    )
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "statuspage.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
