"""What a sender of alerts does not say ends nothing, opens nothing and silences nothing; the answer says so."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, Page, Signal
from incidents.operations.actors import staff
from incidents.operations.components import set_status
from incidents.operations.incidents import resolve_incident
from tests.api.asking import Reply, Script
from tests.api.test_signals import NOW, Sender, alert
from tests.factories import make_component, make_group, make_page

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parent.parent / "data" / "alerts"
GROUP = "{}:{alertname=SipDown}"


@pytest.fixture
def voice(page: Page) -> Component:
    return make_component(page, "Voice")


def post(script: Script, *alerts: dict[str, Any], **more: Any) -> Reply:
    return script.post("/alerts/alertmanager", {"groupKey": GROUP, "alerts": list(alerts), **more})


def state() -> str:
    return Incident.objects.get().status


def bodies(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / name).read_text())
    return found


def test_alerts_that_are_not_shown_keep_the_incident_open_until_the_group_is_resolved(
    script: Script, voice: Component
) -> None:
    seen = []
    for body in bodies("pc05-alertmanager-truncated.json"):
        reply = script.post("/alerts/alertmanager", body)
        seen.append((reply.status, state(), "2 alerts of this group were not shown" in str(reply.body)))
    assert seen == [(200, "investigating", True), (200, "investigating", True), (200, "resolved", False)]
    voice.refresh_from_db()
    assert voice.status == ComponentStatus.OPERATIONAL


def test_a_group_that_mixes_resolved_and_firing_ends_with_the_last_of_both(
    script: Script, voice: Component
) -> None:
    seen = []
    for body in bodies("pass-alertmanager-mixed-group.json"):
        assert script.post("/alerts/alertmanager", body).status == 200
        seen.append(state())
    assert seen == ["investigating", "resolved"]


def test_a_group_shown_whole_again_ends_what_stood_for_those_not_shown(
    script: Script, voice: Component
) -> None:
    post(script, alert("a"), status="firing", truncatedAlerts=1)
    post(script, alert("a", "resolved"), alert("b"), status="firing", truncatedAlerts=0)
    assert state() == "investigating"
    post(script, alert("b", "resolved"), status="resolved", truncatedAlerts=0)
    assert state() == "resolved"


def test_without_a_status_of_the_group_alerts_not_shown_keep_it_and_open_nothing(
    script: Script, voice: Component
) -> None:
    post(script, alert("a", "resolved"), truncatedAlerts=2)
    assert not Incident.objects.exists()
    post(script, alert("a"), truncatedAlerts=2)
    post(script, alert("a", "resolved"), truncatedAlerts=2)
    assert state() == "investigating"


def test_a_resolved_group_ends_only_so_many_unseen_alerts_as_it_says_it_hides(
    script: Script, voice: Component
) -> None:
    post(script, alert("a"), alert("b"), alert("c"), status="firing")
    post(script, alert("a", "resolved"), status="resolved", truncatedAlerts=1)
    assert state() == "investigating", "b or c may be muted at the sender, and fire on"
    post(script, alert("a", "resolved"), status="resolved", truncatedAlerts=2)
    assert state() == "resolved"


def test_what_is_missing_from_a_later_body_still_fires(script: Script, voice: Component) -> None:
    post(script, alert("a"), alert("b"), status="firing")
    post(script, alert("a", "resolved"), status="resolved")
    post(script, status="resolved")
    assert state() == "investigating"


def test_hidden_alerts_without_a_group_are_refused_with_the_reason(script: Script) -> None:
    reply = script.post("/alerts/alertmanager", {"alerts": [alert("a")], "truncatedAlerts": 2})
    assert (reply.status, reply.errors) == (
        422,
        ["groupKey: needed where truncatedAlerts says that alerts are not shown."],
    )
    assert not Signal.objects.exists()


@pytest.mark.parametrize("word", ["ok", "Firing", "no_data"])
def test_an_unknown_word_for_the_groups_status_is_refused(script: Script, word: str) -> None:
    reply = post(script, alert("a"), status=word)
    assert (reply.status, Signal.objects.count()) == (422, 0)
    assert "status" in reply.errors[0]


def test_grafana_resolving_for_lack_of_data_ends_nothing_and_staff_see_why(
    script: Script, voice: Component
) -> None:
    post(script, alert("a", component="Voice"))
    gone = alert("a", "resolved", component="Voice")
    gone["annotations"]["grafana_state_reason"] = "MissingSeries"
    reply = post(script, gone, status="resolved")
    assert state() == "investigating"
    assert "resolved it without data (MissingSeries)" in reply.body["notes"][0]
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))
    assert (
        "(MissingSeries)" in client.get(f"/console/incidents/{Incident.objects.get().code}").content.decode()
    )
    post(script, alert("a", "resolved", component="Voice"))
    assert state() == "resolved"


@pytest.mark.parametrize("ends", ["0001-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon", None, 7])
def test_an_end_that_is_zero_to_come_or_no_instant_says_nothing(
    script: Script, voice: Component, ends: object
) -> None:
    assert post(script, alert("a") | {"endsAt": ends}).status == 200
    assert state() == "investigating"
    assert post(script, alert("a", "resolved") | {"endsAt": ends}).status == 200
    assert state() == "resolved"


def test_a_component_that_the_page_does_not_have_is_named_to_the_sender_and_to_staff(
    script: Script, voice: Component
) -> None:
    make_component(make_page("Another"), "Vocie")
    reply = post(script, alert("a", component="Vocie"))
    note = "It names the component “Vocie”, which this page does not have."
    assert reply.body["notes"] == [f"SipDown: {note}"]
    assert Signal.objects.get().note == note
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))
    assert note in client.get(f"/console/incidents/{reply.body['incidents'][0]}").content.decode()
    sender = Sender(script)
    event = {"key": "x", "status": "firing", "component": "Vocie"}
    assert note in sender.send("msg_1", event).json()["notes"][0]


def test_a_name_that_two_components_bear_is_said_to_be_ambiguous(script: Script, page: Page) -> None:
    for name in ("East", "West"):
        make_component(page, "Calls", group=make_group(page, name))
    assert (
        "More than one component is called “Calls”"
        in post(script, alert("a", component="Calls")).body["notes"][0]
    )
    assert post(script, alert("b", component="East (Calls)")).status == 200


def test_the_end_of_what_never_fired_and_an_unknown_status_of_a_component_are_answered(
    script: Script, voice: Component
) -> None:
    assert "never reported here as firing" in post(script, alert("a", "resolved")).body["notes"][0]
    reply = post(script, alert("b", component="Voice", status_component_status="broken"))
    assert "“broken” is not a component's status; partial_outage is used" in reply.body["notes"][0]


def test_an_alert_with_neither_fingerprint_nor_labels_is_refused(script: Script) -> None:
    reply = post(script, {"status": "firing"}, {"status": "resolved"})
    assert reply.errors == [
        "alerts: each needs a fingerprint or labels, or its end could not be told from others."
    ]


def test_of_two_words_on_one_alert_in_a_body_the_one_that_fires_is_believed(
    script: Script, voice: Component
) -> None:
    post(script, alert("a"))
    for order in (["firing", "resolved"], ["resolved", "firing"]):
        post(script, *(alert("a", word) for word in order))
        assert state() == "investigating"


def test_an_end_without_labels_does_not_wipe_what_staff_know_of_the_alert(
    script: Script, voice: Component
) -> None:
    post(script, alert("a", component="Voice"))
    post(script, {"status": "resolved", "fingerprint": "a"})
    row = Signal.objects.get()
    assert (row.labels["instance"], row.component) == ("sip-3.internal:5061", voice.code)


def test_a_late_end_of_an_earlier_time_does_not_end_the_present_one(script: Script, voice: Component) -> None:
    post(script, alert("a", minutes=30))
    earlier = alert("a", "resolved") | {"endsAt": (NOW.replace(year=NOW.year - 1)).isoformat()}
    assert "older than the present alert" in post(script, earlier).body["notes"][0]
    assert state() == "investigating"


def test_what_fires_again_is_not_silent_because_its_end_was_never_heard(
    script: Script, voice: Component
) -> None:
    post(script, alert("a", component="Voice"))
    by = staff(User.objects.create_user("dana"))
    resolve_incident(Incident.objects.get(), body="Over.", by=by, at=datetime.now(UTC))
    assert post(script, alert("a", component="Voice")).body["incidents"] == [Incident.objects.get().code]
    post(script, alert("a", minutes=30, component="Voice"))
    assert sorted(Incident.objects.values_list("status", flat=True)) == [
        IncidentStatus.INVESTIGATING,
        IncidentStatus.RESOLVED,
    ]


def test_during_maintenance_the_answer_says_that_an_alert_is_only_recorded(
    script: Script, voice: Component
) -> None:
    set_status(
        voice, status=ComponentStatus.UNDER_MAINTENANCE, by=staff(User.objects.create_user("dana")), at=NOW
    )
    assert "under maintenance" in post(script, alert("a", component="Voice")).body["notes"][0]
    set_status(voice, status=ComponentStatus.OPERATIONAL, by=staff(User.objects.get()), at=NOW)
    assert len(post(script, alert("a", component="Voice")).body["incidents"]) == 1, "it fires on"
