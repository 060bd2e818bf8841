"""Labels in their places, and statuses that only words and order tell."""

import pytest

from incidents.domain.incidents import IncidentStatus
from tests.domain.saved_reports import read, warnings_of

INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED, POSTMORTEM, *_ = IncidentStatus
LETTER = "\n\n".join(
    [f"Paragraph {number} of the account, which goes on for a while. " * 4 for number in range(3)]
)


def told(*oldest_first: str) -> list[IncidentStatus]:
    """The statuses of updates with these words, an hour apart."""
    blocks = [
        f"{words}\nPosted Oct 09, 2021 - {8 + hour:02}:00 AEDT" for hour, words in enumerate(oldest_first)
    ]
    return [update.status for update in read(*reversed(blocks)).updates]


@pytest.mark.parametrize(
    "label",
    [
        "Resolved",
        "resolved",
        "RESOLVED",
        "Resolved:",
        "**Resolved**",
        "**Resolved:**",
        "## Resolved",
        "__Resolved__",
    ],
)
def test_a_label_on_its_own_line_is_taken_however_it_is_marked(label: str) -> None:
    report = read(f"{label}\n\nAll calls work.\nPosted Oct 09, 2021 - 08:22 AEDT")
    (update,) = report.updates
    assert (update.status, update.label_given, update.body) == (RESOLVED, True, "All calls work.")


@pytest.mark.parametrize(
    "words",
    [
        "Resolved - All calls work.",
        "Resolved \u2013 All calls work.",
        "Resolved \u2014 All calls work.",
        "**Resolved** - All calls work.",
        "**Resolved**: All calls work.",
        "**Resolved:** All calls work.",
    ],
)
def test_an_inline_label_is_taken_off_the_words(words: str) -> None:
    report = read(f"{words}\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert (report.updates[0].status, report.updates[0].body) == (RESOLVED, "All calls work.")
    assert report.updates[0].label_given


@pytest.mark.parametrize(
    "words",
    ["Resolved-ish, all calls work.", "Update: all calls work.", "Monitoring shows that all calls work."],
)
def test_a_sentence_that_starts_like_a_label_keeps_all_its_words(words: str) -> None:
    report = read(f"{words}\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert (report.updates[0].body, report.updates[0].label_given) == (words, False)


def test_a_label_is_believed_over_the_words() -> None:
    assert told("Investigating\nThis incident has been resolved.") == [INVESTIGATING]


def test_update_keeps_the_status_before_it_whatever_it_says() -> None:
    assert told("Identified\nA.", "Update\nThis has been resolved.", "Resolved\nB.", "Update\nC.") == [
        *(IDENTIFIED, IDENTIFIED, RESOLVED, RESOLVED),
    ]


def test_a_first_update_labelled_update_is_told_by_its_words() -> None:
    assert told("Update\nWe have identified the cause.") == [IDENTIFIED]
    assert told("Update\nCalls fail.") == [INVESTIGATING]


@pytest.mark.parametrize(
    "label", ["Postmortem", "Post-mortem", "Reason for outage", "Reason for Outage (RFO)", "RFO"]
)
def test_every_name_of_the_postmortem_makes_the_rfo(label: str) -> None:
    report = read(
        f"{label}\nA short account.\nPosted Oct 12, 2021 - 08:22 AEDT",
        "Resolved\nDone.\nPosted Oct 09, 2021 - 08:22 AEDT",
    )
    assert report.updates[-1].status == POSTMORTEM
    assert report.rfo is not None
    assert report.rfo.body == "A short account."


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("We are currently investigating this issue.", INVESTIGATING),
        ("We are aware of failed calls.", INVESTIGATING),
        ("Calls to mobiles fail.", INVESTIGATING),
        ("We are investigating and working to resolve this.", INVESTIGATING),
        ("The cause has not been identified.", INVESTIGATING),
        ("The issue has been identified and a fix is being implemented.", IDENTIFIED),
        ("We are continuing to work on a fix for this issue.", IDENTIFIED),
        ("We are continuing to implement a solution.", IDENTIFIED),
        ("The cause was traced to a switch.", IDENTIFIED),
        ("A fix has been implemented and we are monitoring the results.", MONITORING),
        ("We have deployed a fix.", MONITORING),
        ("We are continuing to monitor for any further issues.", MONITORING),
        ("This incident has been resolved.", RESOLVED),
        ("The issue with inbound calls has now been fully resolved.", RESOLVED),
        ("We have identified and resolved the problem.", RESOLVED),
        ("Service is back to normal.", RESOLVED),
        ("The issue has been resolved and we will keep monitoring.", RESOLVED),
        ("We will post again once the issue is resolved.", INVESTIGATING),
        ("This has not been resolved.", INVESTIGATING),
        ("We have not yet resolved this.", INVESTIGATING),
    ],
)
def test_the_words_of_a_single_update_tell_its_status(words: str, status: IncidentStatus) -> None:
    assert told(words) == [status]


def test_an_update_without_telling_words_keeps_the_status_before_it() -> None:
    assert told("We have identified the cause.", "Queues still fail; this will be resolved shortly.") == [
        *(IDENTIFIED, IDENTIFIED),
    ]


def test_restored_or_resolved_in_part_is_not_the_end_while_more_follows() -> None:
    words = [
        "Calls have been restored.",
        "The issue is resolved but queues still fail.",
        "This has been resolved.",
    ]
    assert told("We are investigating.", *words) == [INVESTIGATING, INVESTIGATING, INVESTIGATING, RESOLVED]


def test_an_update_never_goes_back_from_identified_to_investigating() -> None:
    assert told("We have identified the cause.", "We are continuing to investigate.") == [
        IDENTIFIED,
        IDENTIFIED,
    ]


def test_a_fix_that_failed_takes_the_incident_back_from_monitoring() -> None:
    assert told("Calls fail.", "A fix has been implemented.", "We have identified a second cause.") == [
        *(INVESTIGATING, MONITORING, IDENTIFIED),
    ]


def test_after_the_end_only_words_of_a_return_reopen_the_incident() -> None:
    end = "This incident has been resolved."
    assert told("Calls fail.", end, "We are monitoring the results.") == [INVESTIGATING, RESOLVED, RESOLVED]
    assert told("Calls fail.", end, "Calls fail again and we are investigating.") == [
        *(INVESTIGATING, RESOLVED, INVESTIGATING),
    ]


def test_a_long_text_is_the_letter_after_the_end_and_an_update_before_it() -> None:
    assert told("Calls fail.", "This has been resolved.", LETTER) == [INVESTIGATING, RESOLVED, POSTMORTEM]
    assert told("Calls fail.", LETTER, "This has been resolved.") == [INVESTIGATING, INVESTIGATING, RESOLVED]
    assert told("Calls fail.", LETTER) == [INVESTIGATING, INVESTIGATING]


def test_a_restored_service_is_the_end_if_only_the_letter_follows() -> None:
    assert told("Calls fail.", "Calls have been restored.", LETTER)[1:] == [RESOLVED, POSTMORTEM]


def test_a_note_after_the_letter_is_not_another_letter() -> None:
    assert told("Calls fail.", "This has been resolved.", LETTER, "Credits were paid.") == [
        *(INVESTIGATING, RESOLVED, POSTMORTEM, RESOLVED),
    ]


def test_of_two_letters_the_later_is_the_rfo_and_the_other_is_named() -> None:
    report = read(
        "Postmortem\nThe second account.\nPosted Oct 20, 2021 - 08:22 AEDT",
        "Postmortem\nThe first account.\nPosted Oct 12, 2021 - 08:22 AEDT",
        "Resolved\nDone.\nPosted Oct 09, 2021 - 08:22 AEDT",
    )
    assert [update.status for update in report.updates] == [RESOLVED, RESOLVED, POSTMORTEM]
    assert report.rfo is not None
    assert report.rfo.body == "The second account."
    assert warnings_of(report) == [
        "line 6: the RFO is the later letter of line 3; this one was read as an update only"
    ]


def test_a_postmortem_of_an_incident_that_never_ended_is_warned_of() -> None:
    report = read(
        "Postmortem\nAn account.\nPosted Oct 12, 2021 - 08:22 AEDT",
        "Monitoring\nWe watch it.\nPosted Oct 09, 2021 - 08:22 AEDT",
    )
    assert warnings_of(report) == [
        "line 3: this postmortem follows an incident that no update calls resolved"
    ]


def test_a_label_without_words_is_its_own_words_and_words_without_anything_are_left_out() -> None:
    report = read(
        "Resolved\nPosted Oct 09, 2021 - 10:00 AEDT",
        "Posted Oct 09, 2021 - 09:00 AEDT",
        "Calls fail.\nPosted Oct 09, 2021 - 08:00 AEDT",
    )
    assert [(update.status, update.body) for update in report.updates] == [
        (INVESTIGATING, "Calls fail."),
        (RESOLVED, "Resolved"),
    ]
    assert warnings_of(report) == [
        "line 3: the update has no words; the label was taken as its words",
        "line 5: the update has no words; it was left out",
    ]
