"""Twice as much costs about twice as long: each check is given the family that a quadratic one would choke on.

CPU time is measured, of this process or of the child, the least of several runs; and a family that fails is measured
again before it counts, so that a busy machine fails no test.
"""

import io
import resource
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from incidents.api.alert_bodies import _labels
from incidents.domain.comparison import compare
from incidents.domain.faults import COMMON_TERMS, Rules, Text, find_faults
from incidents.domain.recurrence import BadRule, next_times
from incidents.domain.reports import ReportError, parse_report
from incidents.domain.rfo_content import Content
from incidents.domain.texts import clean, shown
from incidents.domain.zones import UnknownZone, zone
from incidents.formatting.documents import checked_document
from incidents.formatting.html import text_html, v2_markdown, v2_text
from incidents.formatting.markdown import markdown_html
from incidents.operations.errors import Refused
from incidents.operations.rosters import _rows
from incidents.sip.errors import MalformedMessage
from incidents.sip.parser import parse_datagram
from tests.domain.saved_reports import text_of
from tests.formatting.hostile_pdfs import DEAD_STREAMS, pdf_with

FACTOR = 2.5
MEASURABLE = 0.1
"""Seconds below which a difference says nothing."""
Work = Callable[[int], object]


def docx_of(relationships: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<d/>")
        archive.writestr("word/_rels/document.xml.rels", relationships)
    return out.getvalue()


def rule(numbers: int) -> object:
    text = "FREQ=YEARLY;BYMONTHDAY=" + ",".join(str(each % 31 + 1) for each in range(numbers))
    return next_times(
        text, datetime(2027, 1, 1), ZoneInfo("UTC"), after=datetime(2027, 1, 1, tzinfo=UTC), most=9_999
    )


def sip(lines: str) -> bytes:
    return f"SIP/2.0 200 OK\r\n{lines}\r\n\r\n".encode()


RULES = Rules(
    zone=ZoneInfo("UTC"),
    windows=((datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)),),
    terms=COMMON_TERMS,
    internal_words=("kamailio",),
    hidden=("a b c d e f g h " * 50,),
)


BLOCK = "Calls fail.\nPosted Oct 09, 2021 - 08:22 AEDT"


def draft(body: str) -> object:
    return find_faults((Text("letter", body),), Content(), RULES)


IN_THIS_PROCESS: dict[str, tuple[Work, int, int]] = {
    "CSV: columns": (lambda n: _rows("address" + ",a" * n + "\n" + "x\n" * n), 1_000, 50_000),
    "CSV: rows": (lambda n: _rows("address\n" + "x@example.com\n" * n), 5_000, 49_000),
    "CSV: quotes": (lambda n: _rows('address\n"' + '""' * n), 10_000, 5_000_000),
    "labels": (lambda n: _labels({"a": "\u202e " * n}), 10_000, 4_000_000),
    "words with hidden characters": (lambda n: shown("\u202ex" * n, limit=n), 10_000, 500_000),
    "words with blanks": (lambda n: clean("x" + " \r\n" * n, limit=9 * n), 10_000, 2_000_000),
    "zone names": (lambda n: zone("A" * n), 8, 500_000),
    "zone names of slashes": (lambda n: zone("A/" * n), 8, 500_000),
    "rules": (rule, 20, 160),
    "report: lines": (lambda n: parse_report(text_of(*[BLOCK] * n)), 100, 4_000),
    "report: one long line": (lambda n: parse_report(text_of("Posted " * n + BLOCK)), 1_000, 120_000),
    "report: no end": (lambda n: parse_report(text_of(*["Posted Oct"] * n)), 1_000, 60_000),
    "SIP: headers": (lambda n: parse_datagram(sip("\r\n".join(f"X-{i}: y" for i in range(n)))), 100, 6_000),
    "SIP: folded lines": (lambda n: parse_datagram(sip("Subject: x" + "\r\n y" * n)), 100, 15_000),
    "SIP: commas": (lambda n: parse_datagram(sip("Via: " + "," * n)), 100, 60_000),
    "an update: addresses": (lambda n: text_html("https://x.example/" * n), 100, 1_400),
    "an update: ampersands": (lambda n: v2_text("&a" * n), 1_000, 12_000),
    "an update: brackets": (lambda n: v2_markdown("[" * n), 1_000, 25_000),
    "a draft: misspelt words": (lambda n: draft("kamalio asteriks " * n), 10, 3_800),
    "a draft: lines": (lambda n: draft("kamalio\n" * n), 10, 8_000),
    "a draft: dates": (lambda n: draft("On Monday, 4 January 2027 at 10:00 AEDT " * n), 10, 1_600),
    "a draft: numbers": (lambda n: draft("1" * n), 100, 64_000),
    "a draft: what is hidden": (lambda n: draft("a b c d e f g " * n), 10, 4_600),
    "versions: words": (lambda n: compare("a b " * n, "b a " * n), 100, 16_000),
    "versions: lines": (lambda n: compare("a\n" * n, "b\n" * n), 100, 30_000),
}
IN_THE_CHILD: dict[str, tuple[Work, int, int]] = {
    "PDF: streams that never end": (lambda n: checked_document("a.pdf", DEAD_STREAMS(n)), 100_000, 1_400_000),
    "PDF: objects that never end": (
        lambda n: checked_document("a.pdf", b"%PDF-1.4\n" + b"1 0 obj\n" * n),
        100_000,
        1_200_000,
    ),
    "PDF: dictionaries": (
        lambda n: checked_document("a.pdf", pdf_with(b"/X [" + b"<<>> " * n + b"]")),
        50_000,
        400_000,
    ),
    "PDF: names": (
        lambda n: checked_document("a.pdf", pdf_with(b"".join(b"/N%d 1 " % each for each in range(n)))),
        50_000,
        400_000,
    ),
    "PDF: nested arrays": (
        lambda n: checked_document("a.pdf", pdf_with(b"/X " + b"[" * n + b"]" * n)),
        100_000,
        1_000_000,
    ),
    "DOCX: relationships that never end": (
        lambda n: checked_document("a.docx", docx_of(b"<r>" + b"<relationship " * n)),
        50_000,
        1_200_000,
    ),
    "DOCX: relationships": (
        lambda n: checked_document("a.docx", docx_of(b"<r>" + b"<relationship a='b'/>" * n + b"</r>")),
        50_000,
        800_000,
    ),
    "Markdown: brackets": (lambda n: markdown_html("[" * n), 30_000, 64_000),
    "Markdown: lists": (lambda n: markdown_html("- x\n" * n), 1_000, 16_000),
    "Markdown: paragraphs": (lambda n: markdown_html("x\n\n" * n), 1_000, 20_000),
    "Markdown: emphasis": (lambda n: markdown_html("*a " * n), 2_000, 20_000),
}


def own_seconds() -> float:
    return time.process_time()


def child_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(work: Work, n: int, clock: Callable[[], float], *, runs: int) -> float:
    """The least CPU time of several runs; a refusal is an answer as well."""
    least = float("inf")
    for _ in range(runs):
        before = clock()
        with suppress(ValueError, Refused, ReportError, UnknownZone, BadRule, MalformedMessage):
            work(n)
        least = min(least, clock() - before)
    return least


def growth(work: Work, first: int, most: int, clock: Callable[[], float], *, base: float, runs: int) -> float:
    """By how much twice the size costs more, at the smallest size that can be measured, or at the largest allowed."""
    n = first
    while 2 * n < most and seconds(work, n, clock, runs=1) - base < MEASURABLE:
        n *= 2
    n = min(n, most // 2)
    small, large = (seconds(work, size, clock, runs=runs) - base for size in (n, 2 * n))
    return 1.0 if large < MEASURABLE else large / max(small, MEASURABLE / 4)


def least_growth(
    work: Work, first: int, most: int, clock: Callable[[], float], *, base: float, runs: int
) -> float:
    """The same, measured again where it looks bad."""
    found = float("inf")
    for _ in range(4):
        found = min(found, growth(work, first, most, clock, base=base, runs=runs))
        if found <= FACTOR:
            break
    return found


@pytest.mark.parametrize("what", list(IN_THIS_PROCESS))
def test_twice_as_much_takes_twice_as_long(what: str) -> None:
    work, first, most = IN_THIS_PROCESS[what]
    assert least_growth(work, first, most, own_seconds, base=0.0, runs=3) <= FACTOR


@pytest.mark.parametrize("what", list(IN_THE_CHILD))
def test_twice_as_much_takes_the_child_twice_as_long(what: str) -> None:
    work, first, most = IN_THE_CHILD[what]
    base = seconds(work, 1, child_seconds, runs=2)
    assert least_growth(work, first, most, child_seconds, base=base, runs=2) <= FACTOR
