"""Incidents by the management API: as Statuspage's clients make, change and end them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.components import ComponentStatus
from incidents.models import Clock, Component, Delivery, Event, Incident, Page, RfoVersion
from incidents.operations.actors import SHELL
from incidents.operations.clocks import start_clock
from incidents.publishing.publisher import publish_page, the_store
from tests.api.asking import Script
from tests.factories import make_component, make_incident, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db


def soon(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_incident_is_created_with_its_components_and_printed_as_statuspage_does(
    script: Script, calls: Component
) -> None:
    reply = script.post(
        "/incidents",
        {
            "incident": {
                "name": "Calls fail",
                "status": "investigating",
                "body": "We are looking.",
                "components": {calls.code: "major_outage"},
                "component_ids": [calls.code],
                "metadata": {"ticket": {"id": 7}},
            }
        },
    )
    assert reply.status == 201
    made = reply.body
    assert made["name"] == "Calls fail"
    assert made["impact"] == "critical"
    assert made["created_at"].endswith("Z")
    assert "." not in made["created_at"]
    assert "." in made["incident_updates"][0]["created_at"]
    assert made["components"][0]["status"] == "major_outage"
    assert made["metadata"] == {"ticket": {"id": 7}}
    assert made["incident_updates"][0]["affected_components"] == [
        {"code": calls.code, "name": "Calls", "old_status": "operational", "new_status": "major_outage"}
    ]
    assert script.get(f"/incidents/{made['id']}") == made


def test_an_update_is_added_by_changing_the_incident_and_resolving_restores_what_it_held(
    script: Script, calls: Component
) -> None:
    made = script.post(
        "/incidents", {"incident": {"name": "Calls fail", "components": {calls.code: "partial_outage"}}}
    ).body
    assert made["incident_updates"][0]["body"] == "We are currently investigating this issue."
    reply = script.patch(
        f"/incidents/{made['id']}", {"incident": {"status": "identified", "body": "A certificate."}}
    )
    assert reply.status == 200
    assert [each["status"] for each in reply.body["incident_updates"]] == ["identified", "investigating"]
    reply = script.patch(f"/incidents/{made['id']}", {"incident": {"status": "resolved"}})
    assert reply.body["incident_updates"][0]["body"] == "This incident has been resolved."
    assert reply.body["resolved_at"]
    calls.refresh_from_db()
    assert calls.status == ComponentStatus.OPERATIONAL


def test_shell_scripts_send_forms_with_brackets_and_old_ones_say_message(
    script: Script, calls: Component
) -> None:
    reply = script.post(
        "/incidents.json",
        form=f"incident[name]=Calls+fail&incident[message]=Hello&incident[components][{calls.code}]=major_outage"
        f"&incident[component_ids][]={calls.code}&incident[deliver_notifications]=false",
    )
    assert reply.status == 201, reply
    assert reply.body["incident_updates"][0]["body"] == "Hello"
    assert reply.body["incident_updates"][0]["deliver_notifications"] is False


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "text/plain"])
def test_json_is_taken_whatever_it_says_that_it_is_and_without_a_frame(script: Script, kind: str) -> None:
    answer = script.client.generic(
        "POST",
        f"/v1/pages/{script.page.code}/incidents",
        b'{"name": "Calls fail"}',
        content_type=kind,
        headers={"Authorization": f"Bearer {script.secret}"},
    )
    assert answer.status_code == 201, answer.content


def test_a_maintenance_is_an_incident_with_a_window(script: Script, calls: Component) -> None:
    reply = script.post(
        "/incidents",
        {
            "incident": {
                "name": "New core",
                "scheduled_for": soon(hours=2),
                "scheduled_until": soon(hours=4),
                "component_ids": [calls.code],
                "scheduled_remind_prior": True,
                "scheduled_auto_completed": False,
            }
        },
    )
    assert reply.status == 201, reply
    made = reply.body
    assert (made["status"], made["impact"]) == ("scheduled", "maintenance")
    assert made["scheduled_remind_prior"] is True
    assert made["scheduled_auto_completed"] is False
    assert [each["id"] for each in script.get("/incidents/upcoming")] == [made["id"]]
    moved = script.patch(f"/incidents/{made['id']}", {"incident": {"scheduled_until": soon(hours=5)}})
    assert moved.body["incident_updates"][0]["body"] == "The time of this maintenance has been changed."
    begun = script.patch(f"/incidents/{made['id']}", {"incident": {"status": "in_progress"}})
    assert begun.body["components"][0]["status"] == "under_maintenance"
    assert [each["id"] for each in script.get("/incidents/active_maintenance")] == [made["id"]]
    assert script.get("/incidents/upcoming") == []
    assert [each["id"] for each in script.get("/incidents/scheduled")] == [made["id"]]


def test_what_is_backfilled_is_over_and_wakes_nobody(script: Script) -> None:
    reply = script.post(
        "/incidents",
        {
            "incident": {
                "name": "An old one",
                "body": "It was short.",
                "backfilled": True,
                "backfill_date": "2021-10-09",
            }
        },
    )
    assert reply.status == 201, reply
    assert reply.body["status"] == "resolved"
    assert reply.body["backfilled"] is True
    assert reply.body["resolved_at"].startswith("2021-10-09T01:00:00")  # noon in Sydney
    assert not Event.objects.filter(notifies=True).exists()
    assert not Delivery.objects.exists()


def test_lists_come_in_parts_by_number_and_by_cursor(script: Script) -> None:
    codes = [script.post("/incidents", {"incident": {"name": f"Number {n}"}}).body["id"] for n in range(5)][
        ::-1
    ]
    assert [each["id"] for each in script.get("/incidents?limit=2")] == codes[:2]
    assert [each["id"] for each in script.get("/incidents?limit=2&page=3")] == codes[4:]
    seen, path = [], "/incidents?per_page=2"
    while path:
        reply = script.ask("GET", path)
        seen += [each["id"] for each in reply.body]
        link = reply.headers.get("Link", "")
        path = link.partition(script.page.code)[2].partition(">")[0]
    assert seen == codes
    assert [each["name"] for each in script.get("/incidents?q=number+3")] == ["Number 3"]
    assert script.get("/incidents?q=resolved") == []


def test_a_list_of_a_hundred_costs_as_many_queries_as_one_of_two(script: Script, calls: Component) -> None:
    counts = []
    for number in (2, 98):
        for each in range(number):
            body = {"incident": {"name": f"Number {each}", "components": {calls.code: "partial_outage"}}}
            assert script.post("/incidents", body).status == 201
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(script.get("/incidents?limit=100")) in {2, 100}
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_if_match_keeps_a_script_from_writing_over_what_it_has_not_read(script: Script) -> None:
    made = script.post("/incidents", {"incident": {"name": "Calls fail"}})
    path, seen = f"/incidents/{made.body['id']}", made.headers["ETag"]
    assert script.patch(path, {"incident": {"body": "One."}}, If_Match=seen).status == 200
    stale = script.patch(path, {"incident": {"body": "Two."}}, If_Match=seen)
    assert stale.status == 412
    assert "Read theirs first" in stale.errors[0]
    assert len(script.get(path)["incident_updates"]) == 2


def test_title_impact_and_metadata_are_corrected_without_a_word_to_anybody(script: Script) -> None:
    made = script.post("/incidents", {"incident": {"name": "Calls fail"}}).body
    reply = script.patch(
        f"/incidents/{made['id']}",
        {"incident": {"name": "Some calls fail", "impact_override": "major", "metadata": {"a": {"b": 1}}}},
    )
    assert (reply.body["name"], reply.body["impact"], reply.body["impact_override"]) == (
        "Some calls fail",
        "major",
        "major",
    )
    assert len(reply.body["incident_updates"]) == 1
    back = script.patch(f"/incidents/{made['id']}", {"incident": {"impact_override": None}})
    assert (back.body["impact"], back.body["impact_override"]) == ("none", None)


def test_a_deleted_incident_is_gone_everywhere_and_lets_go_of_its_components(
    script: Script, calls: Component
) -> None:
    made = script.post(
        "/incidents", {"incident": {"name": "A mistake", "components": {calls.code: "major_outage"}}}
    ).body
    reply = script.ask("DELETE", f"/incidents/{made['id']}")
    assert (reply.status, reply.body["id"]) == (200, made["id"])
    assert script.ask("GET", f"/incidents/{made['id']}").status == 404
    assert script.get("/incidents") == []
    calls.refresh_from_db()
    assert calls.status == ComponentStatus.OPERATIONAL
    assert not Incident.objects.exists()
    assert not Event.objects.filter(notifies=True, cancelled_at=None, incident__isnull=False).exists()


def test_the_documents_of_a_deleted_incident_are_no_longer_served(script: Script, page: Page) -> None:
    kept, gone = (
        script.post("/incidents", {"incident": {"name": name}}).body["id"] for name in ("Kept", "Gone")
    )
    folder = the_store().page(page.code)
    publish_page(page.pk)
    assert folder.read(f"/incidents/{gone}")
    script.ask("DELETE", f"/incidents/{gone}")
    publish_page(page.pk)
    assert [folder.read(f"/incidents/{gone}{form}") for form in ("", ".json")] == [None, None]
    assert folder.read(f"/incidents/{kept}")
    assert b"Gone" not in b"".join(each.fresh.bodies["identity"] for each in folder.documents())


def test_components_of_another_page_are_unknown(script: Script) -> None:
    theirs = make_component(make_page("Other"))
    for sent in ({"component_ids": [theirs.code]}, {"components": {theirs.code: "major_outage"}}):
        reply = script.post("/incidents", {"incident": {"name": "Calls fail", **sent}})
        assert reply.errors == [f"components: there is no component {theirs.code} on this page."]


def test_a_deleted_incident_takes_its_draft_and_its_clocks_with_it_and_a_published_rfo_keeps_it(
    script: Script, page: Page
) -> None:
    made = script.post("/incidents", {"incident": {"name": "A mistake", "status": "resolved"}}).body["id"]
    script.ask("PUT", f"/incidents/{made}/postmortem", {"postmortem": {"body_draft": "Why."}})
    incident = Incident.objects.get(code=made)
    start_clock(incident, key="rfo-standard", by=SHELL, at=datetime.now(UTC))
    assert script.ask("DELETE", f"/incidents/{made}").status == 200
    assert not RfoVersion.objects.exists()
    assert not Clock.objects.filter(stopped_at=None).exists()
    kept = make_incident(page)
    resolve(kept)
    make_rfo(kept)
    refused = script.ask("DELETE", f"/incidents/{kept.code}")
    assert refused.errors == [
        "incident: Its RFO was published. Withdraw that with a reason; the incident stays."
    ]


def test_the_words_of_an_update_are_corrected_in_the_open(script: Script) -> None:
    made = script.post("/incidents", {"incident": {"name": "Calls fail", "body": "We arre looking."}}).body
    update = made["incident_updates"][0]["id"]
    path = f"/incidents/{made['id']}/incident_updates/{update}"
    reply = script.patch(path, {"incident_update": {"body": "We are looking."}})
    assert (reply.status, reply.body["body"]) == (200, "We are looking.")
    refused = script.patch(path, {"incident_update": {"display_at": "2021-01-01T00:00:00Z"}})
    assert refused.status == 422
    assert refused.errors[0].startswith("display_at: ")
