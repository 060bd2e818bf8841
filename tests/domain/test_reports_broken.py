"""Files that are no report, or a spoiled one: an error or a warning that names the line; nothing vanishes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.reports import ReportError, parse_report
from incidents.domain.texts import clean
from tests.domain.saved_reports import SAVED, read, saved, text_of, warnings_of

BLOCK = "Calls fail.\nPosted Oct 09, 2021 - 08:22 AEDT"


@pytest.mark.parametrize("text", ["", "\n\n \t\n", "\ufeff", "\u00a0\u200b"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match=r"^The file is empty"):
        parse_report(text)


def test_a_file_without_any_posted_line_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(ReportError) as caught:
        read("Calls fail.")
    assert str(caught.value) == (
        'Line 4: No "Posted" line was found down to here. '
        'Each update ends in a line such as "Posted Oct 09, 2021 - 08:22 AEDT".'
    )
    assert caught.value.line == 4


def test_a_binary_file_is_refused_at_its_first_nul() -> None:
    with pytest.raises(
        ReportError, match=r"^Line 3: This is not a text file\. Save the report as plain text"
    ):
        parse_report(text_of("Calls\x00fail.\nPosted Oct 09, 2021 - 08:22 AEDT"))


def test_a_file_full_of_control_characters_is_refused_as_binary() -> None:
    with pytest.raises(ReportError, match="not a text file"):
        parse_report("\x01\x02\x03\x04\x05" * 100 + text_of(BLOCK))


def test_a_pdf_or_word_file_is_refused() -> None:
    for content in (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", b"PK\x03\x04\x14\x00\x06\x00"):
        with pytest.raises(ReportError):
            parse_report(content.decode("latin-1"))


def test_a_web_page_is_refused_with_what_to_save_instead() -> None:
    with pytest.raises(
        ReportError, match=r"^Line 1: This is a web page\. Save or copy the page as plain text"
    ):
        parse_report("\n<!DOCTYPE html>\n<html><body>Posted Oct 09, 2021 - 08:22 AEDT</body></html>")


def test_a_file_over_one_megabyte_is_refused_by_bytes_not_characters() -> None:
    for text in ("x" * 1_000_001, "\u00e9" * 500_001):
        with pytest.raises(ReportError, match="larger than 1 MB"):
            parse_report(text)


def test_a_file_of_a_megabyte_of_updates_is_refused_before_it_takes_long() -> None:
    with pytest.raises(ReportError, match="updates; 500 are the most"):
        read(*[BLOCK] * 501)


def test_stray_control_characters_are_removed_and_their_lines_named() -> None:
    report = read("Calls\x08 fail.\x1b[0m\nNo one\u202e knows.\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert report.updates[0].body == "Calls fail.[0m\nNo one knows."
    assert warnings_of(report) == [
        "line 3: control characters were removed (U+0008, U+001B)",
        "line 4: control characters were removed (U+202E)",
    ]


def test_characters_that_were_lost_in_decoding_are_named() -> None:
    report = read("Caf\ufffd calls fail.\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert warnings_of(report) == ["line 3: a character could not be read; is the file in UTF-8?"]


def test_a_report_without_its_head_line_takes_the_first_line_as_title_and_leaves_the_page_open() -> None:
    report = parse_report(f"\nCalls failing\n{BLOCK}\nThis incident affected: SIP.")
    assert (report.title, report.page_name) == ("Calls failing", None)
    assert report.updates[0].body == "Calls fail."
    assert [warning.line for warning in report.warnings] == [2]
    assert 'no line says "Incident Report for …"' in report.warnings[0].message


def test_a_report_that_starts_with_a_time_has_no_title_and_is_refused() -> None:
    with pytest.raises(ReportError, match=r"^Line 1: The report has no title"):
        parse_report("Posted Oct 09, 2021 - 08:22 AEDT\n" + BLOCK)


def test_a_head_line_without_title_or_page_is_warned_of() -> None:
    report = parse_report(f"Incident Report for\n{BLOCK}\nThis incident affected: SIP.")
    assert (report.title, report.page_name) == ("Incident", None)
    assert warnings_of(report) == [
        'line 1: no title stands above this line; it was called "Incident"',
        "line 1: the line does not say for which page; it is unknown",
    ]


def test_two_reports_in_one_file_are_refused_at_the_second() -> None:
    with pytest.raises(ReportError, match=r"^Line 7: A second report starts here"):
        parse_report(text_of(BLOCK) + "\n" + text_of(BLOCK))


def test_a_missing_footer_is_warned_of() -> None:
    report = read(BLOCK, footer=None)
    assert report.affected == ()
    assert warnings_of(report) == ['line 4: no line says "This incident affected: …"']


def test_words_below_the_last_time_belong_to_no_update_and_are_named() -> None:
    report = read(BLOCK, "Who wrote\nthis?")
    assert len(report.updates) == 1
    assert warnings_of(report) == [
        'line 5: text that belongs to no update was left out (lines 5 to 6): "Who wrote this?"'
    ]


def test_words_below_the_footer_are_named() -> None:
    report = parse_report(text_of(BLOCK) + "\n\nPowered by a status page")
    assert report.affected == ((None, "SIP trunks"),)
    assert warnings_of(report) == [
        'line 7: text that belongs to no update was left out (line 7): "Powered by a status page"'
    ]


def test_a_footer_above_updates_is_taken_and_the_updates_too() -> None:
    report = read(BLOCK, "This incident affected: Fax.", BLOCK.replace("08:22", "08:00"), footer=None)
    assert len(report.updates) == 2
    assert report.affected == ((None, "Fax"),)
    assert warnings_of(report) == ["line 5: updates stand below this line; they were read too"]


def test_a_wrapped_footer_is_put_together() -> None:
    report = read(BLOCK, footer="This incident affected: Media (Oakland,\nSan Jose), Fax,\nand Trunks.")
    assert report.affected == (("Media", "Oakland"), ("Media", "San Jose"), (None, "Fax"), (None, "Trunks"))
    assert report.warnings == ()


def test_a_sentence_about_what_was_affected_stays_in_its_update() -> None:
    words = "Calls fail.\nThis incident affected: customers in Perth."
    report = read(f"{words}\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert report.updates[0].body == words
    assert report.affected == ((None, "SIP trunks"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (text_of(BLOCK).replace("Calls failing", "x" * 256), "The title is longer than 255 characters"),
        (
            text_of(BLOCK.replace("Calls fail.", "x" * 25_001)),
            r"Line 3: The text .* is 25,001 long; 25,000 are allowed",
        ),
        (
            text_of(BLOCK, footer=f"This incident affected: {'x' * 256}."),
            "Line 5: .* is longer than 255 characters",
        ),
        (text_of("Postmortem\n" + "é\n" * 32_000 + "Posted Oct 09, 2021 - 08:22 AEDT"), "65,536 are allowed"),
    ],
    ids=["title", "update", "component", "letter"],
)
def test_what_is_longer_than_the_page_takes_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        parse_report(text)


def test_a_report_of_empty_updates_only_is_refused() -> None:
    with pytest.raises(ReportError, match="No update has any words"):
        read("Posted Oct 09, 2021 - 08:22 AEDT")


def test_the_same_text_reads_the_same_twice() -> None:
    text = saved("pdt_bare")
    assert parse_report(text) == parse_report(text)


LINES = [
    line for path in sorted(SAVED.glob("*.txt")) for line in path.read_text(encoding="utf-8").split("\n")
]


@given(st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=40))).map("\n".join)))
def test_any_text_is_a_report_that_can_be_stored_or_a_refusal_in_words(text: str) -> None:
    try:
        report = parse_report(text)
    except ReportError as error:
        assert len(str(error)) < 400
        return
    assert list(report.updates) == sorted(report.updates, key=lambda update: update.at)
    for words in (
        report.title,
        *(update.body for update in report.updates),
        *(name for _, name in report.affected),
    ):
        assert clean(words, limit=65_536)


KINDS = st.sampled_from(
    [
        *["words"] * 4,
        *["Posted Oct 09, 2021 - 08:22 AEDT"] * 3,
        "Posted Oct 09, 2021",
        "Posted yesterday",
        "Incident Report for Kea Voice",
        "This incident affected: Fax.",
        "Resolved",
        "",
    ]
)


@given(st.lists(KINDS, max_size=30))
def test_no_line_vanishes_without_a_warning_that_names_it(kinds: list[str]) -> None:
    lines = [f"w{number}w goes" if kind == "words" else kind for number, kind in enumerate(kinds, 1)]
    try:
        report = parse_report("\n".join(lines))
    except ReportError:
        return
    kept = " ".join([report.title, *(update.body for update in report.updates)])
    left = {
        number
        for warning in report.warnings
        for first, last in re.findall(r"\(lines? (\d+)(?: to (\d+))?\)", warning.message)
        for number in range(int(first), int(last or first) + 1)
    }
    gone = {number for number, kind in enumerate(kinds, 1) if kind == "words" and f"w{number}w" not in kept}
    assert gone <= left
