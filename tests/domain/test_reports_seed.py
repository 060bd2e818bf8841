"""The user's own report, read whole (DESIGN 7). It lies beside the repository and is never copied into it."""

import re
from datetime import UTC, datetime

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import Report, parse_report
from incidents.domain.zones import zone
from incidents.formatting.affected import affected_sentence
from incidents.formatting.markdown import render
from incidents.formatting.times import posted
from tests.domain.saved_reports import seed


@pytest.fixture
def text() -> str:
    return seed()


@pytest.fixture
def report(text: str) -> Report:
    return parse_report(text)


def test_its_six_instants_are_exact_in_utc(report: Report) -> None:
    assert [update.at for update in report.updates] == [
        datetime(2021, 10, 8, 21, 22, tzinfo=UTC),
        datetime(2021, 10, 8, 22, 26, tzinfo=UTC),
        datetime(2021, 10, 9, 0, 11, tzinfo=UTC),
        datetime(2021, 10, 9, 1, 58, tzinfo=UTC),
        datetime(2021, 10, 10, 1, 49, tzinfo=UTC),
        datetime(2021, 10, 29, 3, 12, tzinfo=UTC),
    ]


def test_its_statuses_are_told_by_words_and_order(report: Report) -> None:
    assert [update.status for update in report.updates] == [
        IncidentStatus.IDENTIFIED,
        IncidentStatus.IDENTIFIED,
        IncidentStatus.IDENTIFIED,
        IncidentStatus.MONITORING,
        IncidentStatus.RESOLVED,
        IncidentStatus.POSTMORTEM,
    ]
    assert not any(update.label_given for update in report.updates)


def test_its_head_and_footer_are_read(report: Report, text: str) -> None:
    lines = text.splitlines()
    assert report.title == lines[0]
    assert report.page_name == "SIPcity"
    assert report.zone == "Australia/Sydney"
    assert report.affected == (("SIPcity Calling Platform", "Network"), (None, "SIPcity Cloud PBX"))
    assert affected_sentence(report.affected) == lines[-1]


def test_its_times_print_back_word_for_word(report: Report, text: str) -> None:
    printed = [f"Posted {posted(update.at, zone(report.zone))}" for update in reversed(report.updates)]
    assert printed == re.findall(r"^Posted .*$", text, re.MULTILINE)


def test_every_word_of_it_is_kept_and_two_line_updates_keep_their_break(report: Report, text: str) -> None:
    body = text[text.index("\n", text.index("Incident Report for")) : text.index("This incident affected:")]
    blocks = [block.replace("\u00a0", " ") for block in re.split(r"^Posted .*$", body, flags=re.MULTILINE)]
    told = [update.body for update in reversed(report.updates)]
    assert [each.split() for each in told] == [block.split() for block in blocks[:-1]]
    assert [each.count("\n") for each in told[1:]] == [block.strip().count("\n") for block in blocks[1:-1]]


def test_the_letter_and_its_signature_print_back_completely(report: Report, text: str) -> None:
    letter = text[text.index("SIPcity\n") + len("SIPcity\n") : text.index("\nPosted ")]
    *paragraphs, signature = [each for each in letter.replace("\u00a0", " ").split("\n\n") if each.strip()]
    assert report.rfo is not None
    assert report.rfo.at == report.updates[-1].at
    assert [report.rfo.signature_name, report.rfo.signature_title] == signature.strip().split("\n")
    printed = re.findall(r"<p>(.*?)</p>", render(report.rfo.body), re.DOTALL)
    assert [each.split() for each in printed] == [each.split() for each in paragraphs]


def test_nothing_in_it_needed_a_warning(report: Report) -> None:
    assert report.warnings == ()


def test_it_reads_the_same_from_windows_with_a_byte_order_mark(report: Report, text: str) -> None:
    assert parse_report("\ufeff" + text.replace("\n", "\r\n")) == report


def test_a_zone_that_is_given_wins_and_the_instants_stay(report: Report, text: str) -> None:
    elsewhere = parse_report(text, zone="Australia/Melbourne")
    assert elsewhere.zone == "Australia/Melbourne"
    assert elsewhere.updates == report.updates
    assert elsewhere.warnings == ()
