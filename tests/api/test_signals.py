"""Alert intake: Alertmanager's webhook and signed events become one incident, which ends with the last of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from standardwebhooks.webhooks import Webhook

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.roles import Role
from incidents.models import Component, Incident, IncidentUpdate, Membership, Page, Signal
from incidents.operations.actors import IMPORT, SHELL, staff
from incidents.operations.components import set_status
from incidents.operations.holds import open_automatic, recover, settle
from incidents.operations.incidents import update_incident
from tests.api.asking import Script
from tests.factories import make_component, make_incident, make_member

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)


def alert(fingerprint: str, status: str = "firing", *, minutes: int = 0, **labels: str) -> dict[str, Any]:
    """As Alertmanager sends it."""
    return {
        "status": status,
        "labels": {"alertname": "SipDown", "instance": "sip-3.internal:5061", **labels},
        "annotations": {"summary": "sip-3.internal does not answer"},
        "startsAt": (NOW + timedelta(minutes=minutes) - timedelta(hours=1)).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.internal/graph",
        "fingerprint": fingerprint,
    }


def send(script: Script, *alerts: dict[str, Any], group: str = "{}:{alertname=SipDown}") -> list[str]:
    body = {
        "version": "4",
        "groupKey": group,
        "status": "firing",
        "receiver": "dialtone",
        "alerts": list(alerts),
    }
    reply = script.post("/alerts/alertmanager", body)
    assert reply.status == 200, reply
    found: list[str] = reply.body["incidents"]
    return found


def test_what_fires_opens_one_incident_in_our_words_and_its_end_resolves_it(
    script: Script, calls: Component
) -> None:
    (code,) = send(script, alert("a", component="calls", severity="critical"))
    told = script.get(f"/incidents/{code}")
    assert (told["name"], told["status"], told["impact"]) == (
        "Problem with Calls",
        "investigating",
        "critical",
    )
    assert told["components"][0]["status"] == "major_outage"
    assert "internal" not in json.dumps(told)
    assert send(script, alert("a", "resolved", component="calls")) == [code]
    assert script.get(f"/incidents/{code}")["status"] == "resolved"
    calls.refresh_from_db()
    assert calls.status == ComponentStatus.OPERATIONAL


def test_repetitions_say_nothing_and_a_group_shares_an_incident(
    script: Script, page: Page, calls: Component
) -> None:
    make_component(page, "Portal")
    (code,) = send(script, alert("a", component="Calls"))
    for _ in range(3):
        assert send(script, alert("a", component="Calls"), alert("b", component="Portal")) == [code]
    told = script.get(f"/incidents/{code}")
    assert [each["body"] for each in told["incident_updates"]] == [
        "Our monitoring now also reports a problem with Portal.",
        "Our monitoring reports a problem with Calls. Detected automatically.",
    ]
    send(script, alert("a", "resolved"))
    assert script.get(f"/incidents/{code}")["status"] == "investigating"
    send(script, alert("b", "resolved"))
    assert script.get(f"/incidents/{code}")["status"] == "resolved"


def test_other_groups_of_one_component_share_it_only_by_group(script: Script, calls: Component) -> None:
    one = send(script, alert("a", component="Calls"), group="one")
    two = send(script, alert("b"), group="two")
    assert len({*one, *two}) == 2


def test_it_may_fire_again_and_a_late_repetition_does_not(script: Script, calls: Component) -> None:
    (first,) = send(script, alert("a", component="Calls"))
    send(script, alert("a", "resolved", component="Calls"))
    send(script, alert("a", component="Calls"))
    assert Incident.objects.count() == 1, "the first firing, repeated late"
    (second,) = send(script, alert("a", minutes=30, component="Calls"))
    assert first != second
    assert Signal.objects.count() == 1


def test_once_a_person_has_spoken_signals_are_only_noted(script: Script, calls: Component) -> None:
    (code,) = send(script, alert("a", component="Calls"))
    incident = Incident.objects.get(code=code)
    by = staff(User.objects.create_user("dana"))
    update_incident(
        incident, status=IncidentStatus.IDENTIFIED, body="A certificate.", by=by, at=datetime.now(UTC)
    )
    send(script, alert("b", severity="critical", component="Calls"))
    send(script, alert("a", "resolved"), alert("b", "resolved"))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.IDENTIFIED
    assert IncidentUpdate.objects.count() == 2
    assert not Signal.objects.filter(ended_at=None).exists()


def test_what_was_imported_open_was_said_by_people_and_no_alert_ends_it(
    script: Script, calls: Component
) -> None:
    moved = make_incident(
        calls.page, components={calls: ComponentStatus.PARTIAL_OUTAGE}, by=IMPORT, at=NOW - timedelta(days=1)
    )
    assert send(script, alert("a", component="Calls")) == [moved.code]
    send(script, alert("a", "resolved", component="Calls"))
    moved.refresh_from_db()
    assert (moved.status, moved.updates.count()) == ("investigating", 1)


def test_during_maintenance_nothing_is_opened(script: Script, calls: Component) -> None:
    set_status(calls, status=ComponentStatus.UNDER_MAINTENANCE, by=SHELL, at=NOW)
    assert send(script, alert("a", component="Calls")) == []
    assert not Incident.objects.exists()
    assert Signal.objects.filter(ended_at=None).count() == 1


def test_public_words_come_from_annotations_that_are_meant_for_it(script: Script, calls: Component) -> None:
    sent = alert("a", component=calls.code)
    sent["annotations"] |= {"status_title": "Calls over TLS fail", "status_body": "We know, and look."}
    (code,) = send(script, sent)
    told = script.get(f"/incidents/{code}")
    assert (told["name"], told["incident_updates"][0]["body"]) == (
        "Calls over TLS fail",
        "We know, and look.",
    )


def test_the_end_of_what_nobody_told_us_of_is_nothing(script: Script) -> None:
    assert send(script, alert("a", "resolved")) == []
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"alerts": {}},
        {"alerts": [{"status": "on"}]},
        {"alerts": [{"status": "firing", "startsAt": "then"}]},
    ],
)
def test_what_is_no_alert_is_refused_whole(script: Script, body: dict[str, object]) -> None:
    assert script.post("/alerts/alertmanager", body).status == 422
    assert not Signal.objects.exists()


def test_a_thousand_alerts_are_one_incident_and_one_more_is_refused(script: Script, calls: Component) -> None:
    alerts = [alert(f"f{number}", component="Calls") for number in range(1000)]
    assert len(send(script, *alerts)) == 1
    assert Incident.objects.count() == IncidentUpdate.objects.count() == 1
    reply = script.post("/alerts/alertmanager", {"alerts": [*alerts, alert("more")]})
    assert reply.errors == ["alerts: Send 1,000 alerts at a time, no more."]


class Sender:
    """Signs events as Standard Webhooks has it."""

    def __init__(self, script: Script) -> None:
        made = script.post("/event_sources", {"event_source": {"name": "Nagios"}})
        assert made.status == 201, made
        self.code, self.secret, self.url = made.body["id"], made.body["secret"], made.body["url"]

    def send(self, message: str, event: dict[str, Any], *, at: datetime | None = None, **other: str) -> Any:
        """Post one."""
        at, body = at or datetime.now(UTC), json.dumps(event)
        headers = {
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message, at, body),
            **{name.replace("_", "-"): value for name, value in other.items()},
        }
        return Client().post(self.url, body, content_type="application/json", headers=headers)


EVENT = {"key": "trunk-7", "status": "firing", "component": "Calls", "component_status": "partial_outage"}


def test_a_signed_event_opens_and_ends_an_incident_and_the_same_again_does_nothing(
    script: Script, calls: Component
) -> None:
    sender = Sender(script)
    for _ in range(2):
        answer = sender.send("msg_1", EVENT)
        assert answer.status_code == 200, answer.content
    assert Incident.objects.count() == 1
    sender.send("msg_2", EVENT | {"status": "resolved"})
    assert Incident.objects.get().status == IncidentStatus.RESOLVED


def test_what_is_not_signed_is_late_or_of_an_ended_source_is_not_believed(
    script: Script, calls: Component
) -> None:
    sender = Sender(script)
    late = sender.send("msg_1", EVENT, at=datetime.now(UTC) - timedelta(minutes=6))
    forged = sender.send("msg_2", EVENT, webhook_signature="v1,AAAA")
    other = sender.send("msg_3", EVENT, webhook_id="msg_4")
    assert [each.status_code for each in (late, forged, other)] == [401, 401, 401]
    assert "The signature does not fit" in forged.json()["error"]
    assert script.ask("DELETE", f"/event_sources/{sender.code}").body["ended_at"]
    assert sender.send("msg_5", EVENT).status_code == 404
    assert not Incident.objects.exists()
    assert sender.secret not in json.dumps(script.get("/event_sources"))


def test_staff_see_in_the_console_what_fires_and_its_labels(script: Script, calls: Component) -> None:
    (code,) = send(
        script, alert("a", component="Calls"), alert("b", component="Calls", instance="sip-4.internal")
    )
    send(script, alert("b", "resolved", component="Calls", instance="sip-4.internal"))
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))
    shown = client.get(f"/console/incidents/{code}").content.decode()
    assert "Alerts of other monitoring" in shown
    assert shown.index("sip-3.internal:5061") < shown.index("sip-4.internal")
    assert (shown.count(">firing<"), shown.count(">over<")) == (1, 1)


def test_an_incident_that_tells_of_the_component_already_is_not_told_twice(
    script: Script, calls: Component
) -> None:
    made = script.post(
        "/incidents", {"incident": {"name": "Ours", "components": {calls.code: "major_outage"}}}
    ).body
    assert send(script, alert("a", component="Calls")) == [made["id"]]
    assert len(script.get(f"/incidents/{made['id']}")["incident_updates"]) == 1
    send(script, alert("a", "resolved", component="Calls"))
    assert script.get(f"/incidents/{made['id']}")["status"] == "investigating", (
        "a person says when it is over"
    )


def test_what_probes_opened_ends_when_both_are_content(script: Script, page: Page, calls: Component) -> None:
    opened = open_automatic(
        page, title="Calls fail", body="None.", components={calls: ComponentStatus.MAJOR_OUTAGE}, at=NOW
    )
    assert opened
    hold = opened.holds.get()
    code, later = hold.incident.code, NOW + timedelta(hours=1)
    assert send(script, alert("a", component="Calls")) == [code]
    recover(hold, body="It answers.", at=NOW + timedelta(minutes=1))
    assert not settle(hold.incident, body="Over.", watched_for=timedelta(minutes=5), at=later)
    calls.refresh_from_db()
    assert calls.status == ComponentStatus.MAJOR_OUTAGE, "the alert still says so"
    send(script, alert("a", "resolved", component="Calls"))
    assert script.get(f"/incidents/{code}")["status"] != "resolved", "the probes have not said so"
    assert settle(hold.incident, body="Over.", watched_for=timedelta(minutes=5), at=later)
    assert script.get(f"/incidents/{code}")["status"] == "resolved"
    calls.refresh_from_db()
    assert calls.status == ComponentStatus.OPERATIONAL


def test_an_event_source_is_worth_what_its_creator_is_worth_now(page: Page, calls: Component) -> None:
    grace = make_member(User.objects.create_user("grace"), Role.ADMIN, page)
    sender = Sender(Script(page, user=grace))
    Membership.objects.filter(user=grace).update(role=Role.RESPONDER.value)
    assert sender.send("msg_1", EVENT).status_code == 200
    Membership.objects.filter(user=grace).update(role=Role.VIEWER.value)
    refused = sender.send("msg_2", EVENT | {"key": "trunk-8"})
    assert (refused.status_code, "This event source is inactive" in refused.json()["error"]) == (401, True)
    assert "signature" in sender.send("msg_3", EVENT, webhook_signature="v1,AAAA").json()["error"]
    assert Incident.objects.count() == Signal.objects.count() == 1
