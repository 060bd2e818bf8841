"""Our invented reports: other zones, other layouts, with and without labels and letters."""

from datetime import UTC, datetime

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import AffectedComponent, parse_report
from incidents.formatting.affected import affected_sentence
from tests.domain.saved_reports import SAVED, saved, warnings_of

INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED, POSTMORTEM, *_ = IncidentStatus


def test_labels_above_their_updates_name_the_statuses_and_update_keeps_the_one_before() -> None:
    report = parse_report(saved("nzdt_labels_above"))
    assert (report.title, report.page_name, report.zone) == (
        "Calls to Wellington numbers failing",
        "Kea Voice",
        "Pacific/Auckland",
    )
    assert [update.status for update in report.updates] == [
        *(INVESTIGATING, IDENTIFIED, MONITORING, MONITORING, RESOLVED, POSTMORTEM),
    ]
    assert all(update.label_given for update in report.updates)
    assert report.updates[0].at == datetime(2023, 10, 18, 19, 12, tzinfo=UTC)
    assert report.updates[0].body == "We are receiving reports of failed calls to Wellington numbers."
    assert report.warnings == ()


def test_several_groups_and_a_component_that_stands_alone_are_told_apart() -> None:
    report = parse_report(saved("nzdt_labels_above"))
    assert report.affected == (
        AffectedComponent("Interconnect", "Wellington"),
        AffectedComponent("Interconnect", "Number porting"),
        AffectedComponent("Customer portal", "Call history"),
        AffectedComponent(None, "Hosted PBX"),
    )


def test_a_labelled_postmortem_is_the_rfo_with_its_signature() -> None:
    report = parse_report(saved("nzdt_labels_above"))
    assert report.rfo is not None
    assert report.rfo.body.startswith("Kia ora,\n\nOn Thursday morning")
    assert report.rfo.body.endswith("Kind regards,")
    assert (report.rfo.signature_name, report.rfo.signature_title) == (
        "Aroha Example",
        "Head of Networks, Kea Voice",
    )
    assert report.updates[-1].body.endswith("Kind regards,\n\nAroha Example\nHead of Networks\nKea Voice")


def test_inline_labels_are_taken_off_and_a_report_may_have_no_letter() -> None:
    report = parse_report(saved("bst_inline"))
    assert report.zone == "Europe/London"
    assert [update.status for update in report.updates] == [
        *(INVESTIGATING, IDENTIFIED, IDENTIFIED, MONITORING, RESOLVED),
    ]
    assert (
        report.updates[-1].body == "Voicemail emails are being delivered at once again.\nThe queue is empty."
    )
    assert report.updates[-1].at == datetime(2022, 7, 14, 16, 5, tzinfo=UTC)
    assert report.rfo is None
    assert report.affected == (AffectedComponent(None, "Voicemail"),)
    assert report.warnings == ()


def test_a_report_that_lost_its_labels_is_understood_from_its_words() -> None:
    report = parse_report(saved("pdt_bare"))
    assert report.zone == "America/Los_Angeles"
    assert [(update.status, update.at.hour) for update in report.updates] == [
        *((INVESTIGATING, 20), (IDENTIFIED, 21), (MONITORING, 21), (RESOLVED, 23), (POSTMORTEM, 16)),
    ]
    assert not any(update.label_given for update in report.updates)
    assert "“one-way audio”" in report.updates[0].body
    assert report.rfo is not None
    assert (report.rfo.signature_name, report.rfo.signature_title) == (
        "Jordan Example",
        "VP Operations | Redwood SIP",
    )
    assert report.warnings == ()


def test_a_report_saved_as_markdown_keeps_the_markdown_of_its_letter() -> None:
    report = parse_report(saved("markdown_bold"))
    assert (report.title, report.zone) == ("Registrations rejected", "Australia/Sydney")
    assert [update.status for update in report.updates] == [INVESTIGATING, RESOLVED, POSTMORTEM]
    assert report.rfo is not None
    assert (
        "## What happened\n\nA certificate for `sip.banksia.example` expired at **02:00**." in report.rfo.body
    )
    assert report.warnings == ()


def test_a_copy_from_a_browser_keeps_a_wrapped_title_and_names_what_its_menus_left() -> None:
    report = parse_report(saved("browser_copy"))
    assert report.title == "Fax gateway slow to answer"
    assert [update.at for update in report.updates] == [
        datetime(2024, 3, 5, 9, 40, tzinfo=UTC),
        datetime(2024, 3, 5, 11, 15, tzinfo=UTC),
    ]
    assert warnings_of(report) == [
        'line 1: text above the title was left out (lines 1 to 2): "Kea Voice status Subscribe to updates"',
        "line 17: text that belongs to no update was left out (lines 17 to 18): "
        '"← Current status Powered by a status page"',
    ]


def test_a_maintenance_is_read_as_one_with_its_states_and_its_window() -> None:
    report = parse_report(saved("maintenance"))
    assert [update.status.value for update in report.updates] == ["scheduled", "in_progress", "completed"]
    assert report.window == (
        datetime(2024, 2, 11, 1, 0, tzinfo=UTC),
        datetime(2024, 2, 11, 3, 2, tzinfo=UTC),
    )
    assert report.warnings == ()


def test_the_hour_that_clocks_show_twice_is_told_apart_by_the_abbreviation() -> None:
    report = parse_report(saved("over_the_clock_change"))
    assert [update.at for update in report.updates] == [
        datetime(2022, 4, 2, 15, 30, tzinfo=UTC),
        datetime(2022, 4, 2, 16, 30, tzinfo=UTC),
        datetime(2022, 4, 2, 17, 10, tzinfo=UTC),
    ]
    assert report.zone == "Australia/Sydney"
    assert report.warnings == ()


@pytest.mark.parametrize("name", sorted(path.stem for path in SAVED.glob("*.txt")))
def test_every_saved_report_reads_alike_with_other_line_ends_and_spaces(name: str) -> None:
    text = saved(name)
    spoiled = "\ufeff" + text.replace("\n", " \u00a0\t\r\n").replace("calls ", "calls\u00a0")
    assert parse_report(spoiled) == parse_report(text)


@pytest.mark.parametrize("name", sorted(path.stem for path in SAVED.glob("*.txt")))
def test_the_footer_of_every_saved_report_prints_back(name: str) -> None:
    text = saved(name).replace("scheduled maintenance affected", "incident affected")
    assert affected_sentence(parse_report(text).affected) in text
