"""What kind of report a text is: open, planned, quoted, a whole page; and what each warning of the reader means."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.domain import reports
from incidents.domain.reports import Report, ReportError, parse_report
from incidents.domain.reports.furniture import is_furniture
from incidents.domain.reports.report import WarningKind
from tests.domain.saved_reports import saved, text_of, warnings_of

SCHEDULED = "Scheduled\nCalls may drop.\nPosted Sep 17, 2021 - 10:00 NZST"
BEGUN = "In progress\nThe work goes on.\nPosted Sep 26, 2021 - 01:30 NZST"
DONE = "Completed\nThe work is done.\nPosted Sep 26, 2021 - 04:00 NZDT"
BEGINS, ENDS = datetime(2021, 9, 25, 13, 30, tzinfo=UTC), datetime(2021, 9, 25, 15, 0, tzinfo=UTC)

DECISIONS = {
    "reading": {
        "{quoted(component.name)} is named twice",
        "the line names no component",
        "the brackets of {quoted(text)} do not match",
        "read as {how_many}, {names}; correct it if it is not so",
        "{quoted(item)} was read as {quoted(alone)}",
        "the time has no year; read as {complete[position]}",
        "the date has no time; read as {stamp}",
        "the time says no zone; read in {zone.key}",
        "{error} It was read so",
        "{error} The first was taken",
        '"{name}" is no known zone; read as {called} in {zone.key}',
        '"{name}" is wrong for this date; {zone.key} was on {called} and the time was read so',
        "{stamp} is not in the report's zone {zone.key}; it was converted",
        "the line does not say for which page; it is unknown",
        "no title stands above this line; it was called {quoted(layout.title)}",
        'no line says "Incident Report for …"; the page is unknown and {quoted(layout.title)} is the title',
        'no line says "This incident affected: …"',
        "updates stand below this line; they were read too",
        'the report is quoted in a mail; the ">" before its lines were taken off',
        "control characters were removed ({codes})",
        "a character could not be read; is the file in UTF-8?",
        "{name} is a state of maintenance, and this report is of an incident; read as its counterpart",
        "a maintenance has no RFO; its words were read as an update",
        "the update has no words; the label was taken as its words",
        "this postmortem follows an incident that no update calls resolved",
        "the RFO is the later letter of line {letter.line}; this one was read as an update only",
        "the report is oldest first; it was read so",
        "this update is later ({_shown(below)}) than the one above it ({_shown(above)}); sorted by time",
        "the update of line {last.line} again; left out",
        "the same time as the update of line {last.line}; both were kept",
        "more than a year after the update of line {last.line}; is the date right?",
        '"{named[0].zone}" {others}; read as {best}. Import it with the zone if it is another',
    },
    "loss": {
        "{quoted(line.text)} is no time that can be read (write Posted Oct 09, 2021 - 08:22 AEDT)",
        "the update has no words; it was left out",
        "{len(more)} more times cannot be read, from here on; the updates above them were left out",
        "an update's earlier words were left out ({span(gone)}): {words}",
    },
    "furniture": {
        "what our page prints around the updates was left out ({span(marks)}): {words}",
        "our page's note was left out: {quoted(found['tags'])}",
        "our page's note was left out: {quoted(_BEFORE)}",
    },
    "make": {"{where} was left out ({span(left)}): {words}"},
}
"""Every warning of the reader and what was decided of it; `make` is furniture or a loss, line by line."""


def plan(*blocks: str, **window: datetime) -> Report:
    """A maintenance report of these blocks, newest first."""
    text = text_of(*blocks, footer="This scheduled maintenance affected: SIP trunks.")
    return parse_report(text.replace("Incident Report", "Scheduled Maintenance Report"), **window)


def _message(call: ast.Call, function: ast.FunctionDef | None) -> str:
    """The words of a warning as they stand in the source; of a name, what was last assigned to it."""
    words = call.args[1]
    if isinstance(words, ast.Name):
        given = [
            each.value
            for each in ast.walk(function or call)
            if isinstance(each, ast.Assign)
            and ast.unparse(each.targets[0]) == words.id
            and each.lineno < call.lineno
        ]
        words = given[-1]
    if isinstance(words, ast.Constant):
        return str(words.value)
    assert isinstance(words, ast.JoinedStr), ast.unparse(words)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"  # type: ignore[attr-defined]
        for part in words.values
    )


def test_every_warning_of_the_reader_has_a_decision() -> None:
    found: dict[str, set[str]] = {each: set() for each in DECISIONS}
    for file in sorted(Path(reports.__file__).parent.glob("*.py")):
        if file.name == "report.py":
            continue
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
                assert name != "ReportWarning", f"{file.name}: say what kind of warning it is"
                if isinstance(call, ast.Call) and name in found:
                    found[name].add(_message(call, function))
    assert {kind: sorted(words) for kind, words in found.items()} == {
        kind: sorted(words) for kind, words in DECISIONS.items()
    }


@pytest.mark.parametrize(
    ("footer", "planned"),
    [
        ("This incident affects: SIP trunks.", False),
        ("This incident is affecting: SIP trunks.", False),
        ("**This incident affects:** SIP trunks.", False),
        ("This scheduled maintenance affects: SIP trunks.", True),
        ("This maintenance will affect: SIP trunks.", True),
    ],
)
def test_the_footer_speaks_of_now_or_of_what_is_to_come(footer: str, planned: bool) -> None:
    blocks = [DONE, BEGUN] if planned else ["Resolved\nDone.\nPosted Oct 09, 2021 - 08:22 AEDT"]
    found = parse_report(text_of(*blocks, footer=footer))
    assert [each.name for each in found.affected] == ["SIP trunks"]
    assert (found.window is not None) is planned
    assert warnings_of(found) == []


def test_a_maintenance_that_is_only_scheduled_needs_its_window_from_a_person() -> None:
    with pytest.raises(ReportError, match=r"Line 3: No update says that the work is in progress.*--begins"):
        plan(SCHEDULED)
    assert plan(SCHEDULED, begins=BEGINS, ends=ENDS).window == (BEGINS, ENDS)


def test_a_maintenance_that_goes_on_needs_its_end_from_a_person() -> None:
    with pytest.raises(ReportError, match=r"No update says that the work is completed.*--ends"):
        plan(BEGUN, SCHEDULED)
    assert plan(BEGUN, SCHEDULED, ends=ENDS).window == (BEGINS, ENDS)


def test_a_maintenance_that_was_called_off_never_began_by_itself() -> None:
    with pytest.raises(ReportError, match="its beginning is not known"):
        plan(DONE, SCHEDULED)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ReportError, match="would end before it begins"):
        plan(BEGUN, begins=ENDS, ends=BEGINS)


def test_words_after_the_end_do_not_move_the_end() -> None:
    found = plan("Update\nA note.\nPosted Sep 28, 2021 - 09:00 NZDT", DONE, BEGUN)
    assert [each.status.value for each in found.updates] == ["in_progress", "completed", "completed"]
    assert found.window == (BEGINS, ENDS)


def test_a_maintenance_that_lost_its_labels_is_read_by_its_words() -> None:
    found = plan(
        "The scheduled maintenance has been completed.\nPosted Sep 26, 2021 - 04:00 NZDT",
        "Verification is currently underway.\nPosted Sep 26, 2021 - 03:30 NZDT",
        "Scheduled maintenance is currently in progress.\nPosted Sep 26, 2021 - 01:30 NZST",
        "We will replace a switch.\nPosted Sep 17, 2021 - 10:00 NZST",
    )
    told = [each.status.value for each in found.updates]
    assert told == ["scheduled", "in_progress", "verifying", "completed"]


def test_a_maintenance_with_a_state_of_an_incident_is_refused_by_its_line() -> None:
    with pytest.raises(ReportError, match=r'Line 3: "Resolved" is no state of maintenance'):
        plan("Resolved\nDone.\nPosted Sep 26, 2021 - 04:00 NZDT", BEGUN)


def test_a_postmortem_of_a_maintenance_is_an_update_of_it() -> None:
    found = plan("Postmortem\nAn account.\nPosted Sep 30, 2021 - 09:00 NZDT", DONE, BEGUN)
    assert (found.rfo, found.updates[-1].status.value, found.updates[-1].body) == (
        None,
        "completed",
        "An account.",
    )
    assert "has no RFO" in warnings_of(found)[0]


def test_an_incident_with_one_state_of_maintenance_stays_an_incident_and_says_so() -> None:
    assert parse_report(text_of(DONE, BEGUN)).window is not None, "none but states of maintenance"
    found = parse_report(
        text_of(
            "In progress\nWe work.\nPosted Oct 09, 2021 - 09:22 AEDT",
            "Investigating\nCalls fail.\nPosted Oct 09, 2021 - 08:22 AEDT",
        )
    )
    assert (found.window, [each.status.value for each in found.updates]) == (
        None,
        ["investigating", "identified"],
    )
    assert "state of maintenance" in warnings_of(found)[0]


def test_a_report_of_nothing_but_an_rfo_is_refused_with_the_way_on() -> None:
    with pytest.raises(ReportError, match=r"import_rfo FILE --incident CODE"):
        parse_report(text_of("Postmortem\nAn account.\nPosted Oct 12, 2021 - 08:22 AEDT"))


def test_a_report_quoted_in_a_mail_reads_as_it_was() -> None:
    text = saved("bst_inline")
    found = parse_report("".join(f"> {line}\n" for line in text.splitlines()))
    assert (found.title, found.updates, found.affected) == (
        parse_report(text).title,
        parse_report(text).updates,
        parse_report(text).affected,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<?xml version="1.0"?><rss/>', "This is a feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom">', "This is a feed"),
        ('{"incidents": []}', "import_statuspage"),
        ("<html><body>Posted Oct 09, 2021 - 08:22 AEDT</body></html>", "This is a web page"),
    ],
)
def test_another_form_of_the_same_report_is_refused_with_what_to_do(text: str, says: str) -> None:
    with pytest.raises(ReportError, match=says):
        parse_report(text)


def test_a_whole_page_copied_without_blank_lines_names_what_may_belong_to_its_title() -> None:
    text = text_of("Resolved\nDone.\nPosted Oct 09, 2021 - 08:22 AEDT")
    found = parse_report(f"Subscribe To Updates\nFor all customers in Leeds\n{text}")
    assert found.title == "Calls failing"
    assert [(each.line, each.kind) for each in found.warnings] == [
        (1, WarningKind.FURNITURE),
        (2, WarningKind.LOSS),
    ]
    assert [each.line for each in found.losses] == [2]


def test_only_what_is_known_is_furniture() -> None:
    known = [
        "×",
        "-",
        "Kea Voice",
        "Kea Voice Status",
        "← Current Status",
        "Resend OTP in: seconds",
        "Log in",
    ]
    assert [each for each in known if not is_furniture(each, "Kea Voice")] == []
    words = [
        "Calls fail in Leeds.",
        "Kea Voice credits all customers",
        "Support will call every customer",
        "99 %",
    ]
    assert [each for each in words if is_furniture(each, "Kea Voice")] == []
