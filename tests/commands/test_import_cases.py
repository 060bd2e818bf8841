"""Small inputs from real situations (tests/data/cases), each with the right answer, through the commands."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.domain.components import ComponentStatus as S
from incidents.models import Component, Event, Incident, IncidentUpdate, Page, RfoVersion, StatusChange
from incidents.operations.components import status_at
from tests.factories import make_incident
from tests.publishing.pages import rendered

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parents[1] / "data" / "cases"
NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


def run(command: str, *arguments: object) -> tuple[str, str]:
    """What a command printed, and what it warned of."""
    out, err = StringIO(), StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def report(name: str, *more: object) -> tuple[Incident, str]:
    """The incident of a report of tests/data/cases, and what was warned of."""
    _, warned = run("import_incident", CASES / f"{name}.txt", *more)
    return Incident.objects.get(), warned


def names() -> dict[str, str]:
    return {each.full_name: each.status for each in Component.objects.select_related("group")}


def instants(incident: Incident) -> list[str]:
    return [f"{each.at:%Y-%m-%d %H:%M}Z" for each in incident.updates.all()]


def test_the_footer_of_an_incident_that_goes_on_names_its_components_and_they_are_hit_now() -> None:
    incident, warned = report("pc01-ongoing-affects")
    assert incident.status == "identified"
    assert names() == dict.fromkeys(
        ["Voice - Inbound Calls", "Voice - Toll-Free", "Portal"], S.PARTIAL_OUTAGE.value
    )
    assert "affects" not in warned
    assert "belongs to no update" not in warned


def test_a_maintenance_report_becomes_a_maintenance_with_its_window_and_takes_no_uptime() -> None:
    incident, warned = report("pc02-maintenance-report")
    assert (incident.status, incident.impact) == ("completed", "maintenance")
    assert [each.status for each in incident.updates.all()] == [
        *("scheduled", "scheduled", "in_progress", "verifying", "completed")
    ]
    plan = incident.maintenance
    assert (plan.scheduled_for, plan.scheduled_until) == (
        datetime(2021, 9, 25, 13, 30, tzinfo=UTC),
        datetime(2021, 9, 25, 15, 0, tzinfo=UTC),
    )
    trunks = Component.objects.get(name="SIP Trunks")
    assert trunks.status == S.OPERATIONAL
    seen = {status_at(trunks, at=datetime(2021, 9, day, 12, tzinfo=UTC)) for day in range(20, 31)}
    assert seen == {S.OPERATIONAL}
    assert status_at(trunks, at=plan.scheduled_for) == S.UNDER_MAINTENANCE
    assert set(StatusChange.objects.values_list("status", flat=True)) == {
        S.OPERATIONAL.value,
        S.UNDER_MAINTENANCE.value,
    }
    assert warned == ""


def test_the_v2_documents_list_an_imported_maintenance_as_one() -> None:
    incident, _ = report("pc02-maintenance-report")
    at = datetime(2021, 10, 1, tzinfo=UTC)
    (listed,) = json.loads(rendered(incident.page, "/api/v2/scheduled-maintenances.json", at=at))[
        "scheduled_maintenances"
    ]
    assert (listed["status"], listed["impact"]) == ("completed", "maintenance")
    assert json.loads(rendered(incident.page, "/api/v2/incidents.json", at=at))["incidents"] == []


def test_a_whole_copied_page_keeps_its_title_and_names_its_furniture() -> None:
    incident, warned = report("pc04-whole-page")
    assert incident.title == "One-way audio in the eastern region"
    assert instants(incident) == ["2022-10-14 11:20Z", "2022-10-14 12:19Z", "2022-10-14 14:25Z"]
    assert list(names()) == ["UCaaS - Core Services"]
    assert "Powered by Atlassian Statuspage" in warned
    assert "Skip to main content" in warned


def test_a_rich_text_body_keeps_its_lines_and_its_addresses_and_no_style() -> None:
    run("import_statuspage", CASES / "pc06-archive-html")
    looking, identified, resolved = (each.body for each in IncidentUpdate.objects.order_by("at"))
    told = [line for line in resolved.splitlines() if line]
    assert told == ["Calls are normal.", "Affected were:", "- SIP trunks", "- Fax", "Thank you."]
    assert identified == "Register against sip:edge2.delta.example or write to noc@delta.example."
    assert looking == "We are looking."


def test_ids_of_another_form_come_along_under_new_codes_and_what_was_read_otherwise_is_named() -> None:
    printed, warned = run("import_statuspage", CASES / "pc07-archive-long-ids")
    assert names() == {"Voice": S.DEGRADED_PERFORMANCE.value, "Messaging": S.MAJOR_OUTAGE.value}
    incident = Incident.objects.get()
    assert (incident.title, incident.status, incident.resolved_at) == ("Voice is slow", "monitoring", None)
    assert len(incident.code) == 12
    assert incident.updates.get().body == "Monitoring"
    assert [each.component.name for each in incident.updates.get().affected.all()] == ["Voice"]
    for what in ("full_outage", "display_at", "no words"):
        assert what in warned
    assert "ids of another form" in warned
    again, _ = run("import_statuspage", CASES / "pc07-archive-long-ids")
    assert "are new: nothing" in again
    assert "1 incidents" in printed


def test_a_postmortem_that_came_late_stays_apart_from_the_updates() -> None:
    incident, _ = report("pass-late-postmortem")
    assert incident.updates.count() == 4
    assert RfoVersion.objects.get().published_at == datetime(2020, 10, 26, 12, 6, tzinfo=UTC)


def test_a_postmortem_with_headings_stays_one() -> None:
    incident, _ = report("pass-postmortem-headings")
    assert incident.updates.count() == 5
    assert "Action Items" in RfoVersion.objects.get().body
    assert len(names()) == 4


def test_brackets_within_brackets_stay_one_name() -> None:
    report("pass-nested-brackets")
    assert len(names()) == 4
    assert "Elastic SIP Trunking - AP South (Mumbai, Pune)" in names()


def test_a_file_of_windows_reads_as_any_other() -> None:
    incident, _ = report("pass-nbsp-crlf-bom")
    assert instants(incident) == ["2019-07-15 08:10Z", "2019-07-15 11:33Z"]
    assert list(names()) == ["Fax (T.38)"] or list(names()) == ["Fax - T.38"]


def test_an_update_after_the_end_stays_resolved() -> None:
    incident, _ = report("pass-update-after-resolved")
    assert [each.status for each in incident.updates.all()] == ["identified", "resolved", "resolved"]


def test_one_update_alone_keeps_the_zone_of_its_page() -> None:
    incident, _ = report("pass-only-resolved-two-zones")
    assert instants(incident) == ["2026-01-12 05:00Z"]
    assert incident.page.zone_name in {"UTC", "Etc/UTC"}


def test_a_late_evening_belongs_to_its_month() -> None:
    incident, _ = report("pass-late-evening-month")
    assert incident.resolved_at
    assert (incident.resolved_at - incident.started_at).total_seconds() == 54 * 60
    ends = [each.astimezone(incident.page.zone) for each in (incident.started_at, incident.resolved_at)]
    assert [f"{each:%Y-%m-%d}" for each in ends] == ["2025-11-30", "2025-11-30"]


def test_what_began_before_the_window_counts_within_it() -> None:
    report("pass-began-before-window")
    fax = Component.objects.get(name="Fax")
    assert status_at(fax, at=NOW) == S.PARTIAL_OUTAGE


def test_an_import_notifies_nobody_whichever_case_it_is() -> None:
    for each in sorted(CASES.glob("*.txt")):
        run("import_incident", each)
    assert not Event.objects.filter(notifies=True).exists()
    assert Page.objects.count() > 3


def test_importing_a_case_twice_changes_nothing() -> None:
    for each in sorted(CASES.glob("*.txt")):
        run("import_incident", each)
        rows = [model.objects.count() for model in (Incident, IncidentUpdate, StatusChange, Event)]
        assert "nothing new" in run("import_incident", each)[0]
        assert [model.objects.count() for model in (Incident, IncidentUpdate, StatusChange, Event)] == rows


def test_text_that_is_no_furniture_is_refused_by_its_line_unless_its_loss_is_accepted(
    tmp_path: Path,
) -> None:
    text = (CASES / "pc04-whole-page.txt").read_text(encoding="utf-8")
    file = tmp_path / "report.txt"
    file.write_text(text + "\nCredit of 5 % for all customers of Leeds.\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"(?s)line 32.*Credit of 5 %.*--accept-loss"):
        run("import_incident", file)
    assert not Page.objects.exists()
    run("import_incident", file, "--accept-loss")
    assert Incident.objects.get().title == "One-way audio in the eastern region"


def test_a_text_of_windows_is_read_by_its_mark_or_in_the_encoding_that_is_named(tmp_path: Path) -> None:
    text = (
        (CASES / "pass-nbsp-crlf-bom.txt")
        .read_text(encoding="utf-8-sig")
        .replace("Faxes fail.", "Café fails.")
    )
    file = tmp_path / "report.txt"
    file.write_bytes(text.encode("utf-16"))
    run("import_incident", file)
    assert IncidentUpdate.objects.filter(body="Café fails.").exists()
    file.write_bytes(text.encode("cp1252"))
    with pytest.raises(CommandError, match=r"cannot be read as UTF-8 text.*--encoding cp1252"):
        run("import_incident", file)
    assert "nothing new" in run("import_incident", file, "--encoding", "cp1252")[0]


def test_a_maintenance_that_goes_on_puts_its_component_under_maintenance_until_a_later_save_ends_it(
    tmp_path: Path,
) -> None:
    text = (CASES / "pc02-maintenance-report.txt").read_text(encoding="utf-8")
    file = tmp_path / "report.txt"
    head, begun = text.index("Completed\n"), text.index("In progress\n")
    file.write_text(text[:head] + text[begun:], encoding="utf-8")
    with pytest.raises(CommandError, match=r"its end is not known.*--ends"):
        run("import_incident", file)
    with pytest.raises(CommandError, match="has no zone"):
        run("import_incident", file, "--ends", "2021-09-26T05:00")
    run("import_incident", file, "--ends", "2021-09-26T05:00+13:00")
    incident = Incident.objects.get()
    assert (incident.status, Component.objects.get().status) == ("in_progress", "under_maintenance")
    assert not incident.maintenance.ends_itself, "its end has passed: nobody knows what became of it"
    run("import_incident", CASES / "pc02-maintenance-report.txt")
    incident = Incident.objects.get()
    assert (incident.status, Component.objects.get().status) == ("completed", "operational")
    assert incident.maintenance.scheduled_until == datetime(2021, 9, 25, 15, 0, tzinfo=UTC)


def test_what_an_incident_says_today_is_no_part_of_a_maintenance_long_ago() -> None:
    report("pc02-maintenance-report")
    incident = Incident.objects.get()
    trunks = Component.objects.get()
    make_incident(incident.page, components={trunks: S.MAJOR_OUTAGE}, at=NOW)
    Incident.objects.filter(pk=incident.pk).update(import_key=None, title="Before")
    run("import_incident", CASES / "pc02-maintenance-report.txt")
    assert status_at(trunks, at=datetime(2021, 9, 25, 14, 0, tzinfo=UTC)) == S.UNDER_MAINTENANCE
    assert Component.objects.get().status == S.MAJOR_OUTAGE


def test_an_attachment_without_an_rfo_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "finding.pdf"
    document.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="no RFO that a document could belong to"):
        run("import_incident", CASES / "pc01-ongoing-affects.txt", "--attach", document)
    assert not Page.objects.exists()
