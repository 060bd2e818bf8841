"""Clocks in the console: started, counted down, moved, ticked off, stopped; presets and rules of a page set up."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import Clock, ClockDuty, ClockPreset, Holiday, Incident, RfoPolicy, Signatory
from incidents.operations.clocks import start_clock
from tests.console.forms import fields
from tests.factories import BEGAN, DEMO, resolve


@pytest.fixture
def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}/clocks"


def test_a_clock_is_started_counted_down_and_stopped(staff: Client, url: str, incident: Incident) -> None:
    assert "Start rfo-standard" in staff.get(url).content.decode()
    staff.post(url, {"step": "start", "key": "rfo-standard"})
    resolve(incident)
    shown = staff.get(url).content.decode()
    assert "Good practice for outages and their RFO" in shown
    assert "certainty: practice" in shown
    assert "overdue" not in shown.split("First public notice")[1].split("</li>")[0]
    staff.post(url, {"step": "stop", "clock": "rfo-standard"})
    assert Clock.objects.get().stopped_at


def test_a_moment_is_set_and_a_report_is_ticked_off(staff: Client, url: str, incident: Incident) -> None:
    start_clock(incident, key="us-ivoip-general", by=DEMO, at=BEGAN)
    assert "which is not known yet" in staff.get(url).content.decode()
    staff.post(
        url, {"step": "move", "clock": "us-ivoip-general", "anchor": "reportable", "when": "2021-10-09T09:00"}
    )
    duty = ClockDuty.objects.get(key="notification")
    assert duty.due_at
    assert f"{duty.due_at.astimezone(incident.page.zone):%d %b %H:%M}" == "10 Oct 09:00"
    staff.post(
        url, {"step": "met", "clock": "us-ivoip-general", "duty": "notification", "reference": "NORS 17"}
    )
    duty.refresh_from_db()
    assert duty.met_by == "NORS 17"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"step": "start", "key": "gossip"},
        {"step": "stop", "clock": "gossip"},
        {"step": "met", "clock": "rfo-standard", "duty": "gossip"},
        {"step": "move", "clock": "rfo-standard", "anchor": "detected", "when": "soon"},
        {"step": "move", "clock": "rfo-standard", "anchor": "detected", "when": "2021-10-03T02:30"},
        {"step": "move", "clock": "rfo-standard", "anchor": "gossip"},
    ],
)
def test_what_cannot_be_changes_nothing(
    staff: Client, url: str, incident: Incident, sent: dict[str, str]
) -> None:
    start_clock(incident, key="rfo-standard", by=DEMO, at=BEGAN)
    before = list(Clock.objects.values()), list(ClockDuty.objects.values("due_at", "met_at"))
    assert staff.post(url, sent).status_code == 302
    assert (list(Clock.objects.values()), list(ClockDuty.objects.values("due_at", "met_at"))) == before


def test_a_page_keeps_a_preset_its_own_way(staff: Client, incident: Incident) -> None:
    url = f"/console/pages/{incident.page.code}/presets"
    assert "au-ecs-report" in staff.get(url).content.decode()
    sent = fields(staff.get(f"{url}/au-ecs-report"), "statement")
    staff.post(f"{url}/au-ecs-report", sent | {"obligations-0-workdays": "20", "title": "Our report"})
    row = ClockPreset.objects.get()
    assert row.title == "Our report"
    assert row.preset.obligations[0].workdays == 20
    assert row.preset.obligations[0].content == ("cause", "steps", "number of calls", "prevention")
    assert "Our report" in staff.get(url).content.decode()
    assert staff.get(f"{url}/gossip").status_code == 404
    assert staff.post(f"{url}/au-ecs-report", sent | {"checked_on": "never"}).status_code == 422


def test_the_rules_of_a_page_are_set_up(staff: Client, incident: Incident, erin: User) -> None:
    url = f"/console/pages/{incident.page.code}/rfo-rules"
    sent = fields(staff.get(url), "statement") | {
        "step": "rules",
        "approvals": "2",
        "letterhead": "SIPcity Pty Ltd\nABN 11 222 333 444",
        "terms": "SIPcity: SipCity",
        "internal_words": "proxy-syd-1",
        "clock": "rfo-standard",
        "holidays": "2021-10-04 Labour Day\n2021-12-25",
    }
    assert staff.post(url, sent).status_code == 302
    policy = RfoPolicy.objects.get()
    assert (policy.approvals, policy.secrets, policy.clock) == (2, ("proxy-syd-1",), "rfo-standard")
    assert list(Holiday.objects.values_list("day", "name")) == [
        (date(2021, 10, 4), "Labour Day"),
        (date(2021, 12, 25), ""),
    ]
    wrong = staff.post(url, sent | {"holidays": "Christmas"})
    assert wrong.status_code == 422
    assert b"Line 1 does not begin with a day" in wrong.content
    staff.post(url, {"step": "signatory", "user": str(erin.pk), "name": "E. Rin", "title": "CEO | SIPcity"})
    assert "E. Rin" in staff.get(url).content.decode()
    staff.post(url, {"step": "retire", "signatory": Signatory.objects.get().code})
    assert Signatory.objects.get().retired_at
    assert staff.post(url, {"step": "signatory", "user": "x", "name": ""}).status_code == 422
