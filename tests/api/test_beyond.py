"""What Statuspage lacks: probes, deliveries, recurring maintenance, the journal; and templates and pages."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Delivery, Event, Page, Probe, Subscriber
from tests.api.asking import Script
from tests.factories import make_component

pytestmark = pytest.mark.django_db


def test_a_probe_is_made_run_changed_and_shows_no_secret(script: Script, page: Page) -> None:
    component = make_component(page, "Calls")
    sent = {
        "component_id": component.code,
        "name": "Registration",
        "kind": "sip_register",
        "target": "sip:voice.example.net",
        "config": {"username": "probe", "password": "hush-hush"},
    }
    reply = script.post("/probes", {"probe": sent})
    assert reply.status == 201, reply
    probe = reply.body
    assert probe["config"] == {"username": "probe"}
    assert "hush" not in str(script.get("/probes"))
    path = f"/probes/{probe['id']}"
    assert script.patch(path, {"probe": {"threshold": 5, "enabled": False}}).body["threshold"] == 5
    Probe.objects.update(next_due=datetime.now(UTC) + timedelta(hours=1))
    ran = script.post(f"{path}/run")
    assert (ran.status, Probe.objects.get().next_due <= datetime.now(UTC)) == (202, True)
    assert script.get(f"{path}/results") == []
    for wrong, says in (
        ({"kind": "tcp_connect"}, "kind: a probe keeps its kind"),
        ({"target": "sip:", "config": {"username": "probe", "password": "hush-hush"}}, "target: "),
        ({"threshold": 21}, "threshold: "),
        ({"config": {"username": 7, "colour": "red"}}, "config: "),
    ):
        refused = script.patch(path, {"probe": wrong})
        assert refused.status == 422, refused
        assert refused.errors[0].startswith(says)


def test_a_delivery_is_listed_and_sent_again(script: Script, page: Page) -> None:
    made = script.post(
        "/subscribers", {"subscriber": {"email": "kim@example.com", "skip_confirmation_notification": True}}
    ).body
    script.post("/incidents", {"incident": {"name": "Calls fail"}})
    event = Event.objects.get(kind="incident.opened")
    row = Delivery.objects.create(
        event=event,
        subscriber=Subscriber.objects.get(),
        channel="email",
        state="dead",
        due_at=event.at,
        created_at=event.at,
        finished_at=event.at,
    )
    (listed,) = script.get("/deliveries?state=dead")
    assert (listed["subscriber_id"], listed["event"]) == (made["id"], "incident.opened")
    assert script.get(f"/deliveries?incident_id={listed['incident_id']}&state=sent") == []
    reply = script.post(f"/deliveries/{row.pk}/replay")
    assert (reply.status, reply.body["state"]) == (202, "due")
    assert script.post("/deliveries/999999/replay").status == 404
    assert script.ask("GET", "/deliveries?state=lost").status == 422


def test_recurring_maintenance_is_made_changed_and_ended(script: Script, page: Page) -> None:
    component = make_component(page, "Calls")
    sent = {
        "name": "Patching",
        "body": "We patch.",
        "begins": f"{datetime.now(UTC).year + 1}-04-04T02:00",
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "minutes": 60,
        "component_ids": [component.code],
    }
    reply = script.post("/maintenance_series", {"series": sent})
    assert reply.status == 201, reply
    path = f"/maintenance_series/{reply.body['id']}"
    changed = script.patch(path, {"series": {"minutes": 90}})
    assert (changed.body["minutes"], changed.body["component_ids"]) == (90, [component.code])
    assert script.ask("DELETE", path).body["ended_at"]
    assert [each["id"] for each in script.get("/maintenance_series")] == [reply.body["id"]]
    wrong = script.post("/maintenance_series", {"series": sent | {"rule": "FREQ=NEVER"}})
    assert wrong.errors[0].startswith("rule: ")


def test_the_journal_is_read_backwards_to_its_beginning(script: Script) -> None:
    for number in range(4):
        script.post("/incidents", {"incident": {"name": f"Number {number}"}})
    seen, after = [], ""
    while True:
        part = script.get(f"/journal?per_page=2{after}")
        if not part:
            break
        seen += [each["id"] for each in part]
        after = f"&after={seen[-1]}"
    assert seen == sorted(seen, key=int, reverse=True)
    assert len(seen) == Event.objects.count() >= 5


def test_templates_are_made_and_listed(script: Script, page: Page) -> None:
    component = make_component(page, "Calls")
    sent = {
        "name": "Calls",
        "title": "Calls fail",
        "body": "We are looking.",
        "update_status": "identified",
        "component_ids": [component.code],
    }
    reply = script.post("/incident_templates", {"template": sent})
    assert reply.status == 201, reply
    (listed,) = script.get("/incident_templates")
    assert (listed["update_status"], listed["components"], listed["should_send_notifications"]) == (
        "identified",
        [component.code],
        True,
    )
    assert script.post("/incident_templates", {"template": {"name": "A", "body": "{{ x }}"}}).status == 422


def test_a_page_is_changed_and_its_wrong_zone_named(script: Script) -> None:
    reply = script.patch("", {"page": {"name": "SIPcity AU", "time_zone": "Australia/Perth"}})
    assert (reply.body["name"], reply.body["time_zone"]) == ("SIPcity AU", "Australia/Perth")
    assert script.patch("", {"page": {"time_zone": "AEDT"}}).errors[0].startswith("time_zone: ")
    assert script.get()["time_zone"] == "Australia/Perth"
