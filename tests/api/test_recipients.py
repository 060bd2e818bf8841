"""The answer to a post says who is notified and who is not and why; a dry run says so and does nothing."""

import pytest
from pytest_django import Settings

from incidents.models import Component, Event, Incident, Page, Subscriber
from tests.api.asking import Script
from tests.factories import BEGAN, make_component
from tests.operations.queue import HOUR, reader

pytestmark = pytest.mark.django_db
FAILS = {"incident": {"name": "Calls fail", "body": "We look."}}


@pytest.fixture
def readers(page: Page, calls: Component) -> None:
    reader(page, "all", since=BEGAN - HOUR)
    reader(page, "chose").components.set([calls])
    reader(page, "other").components.set([make_component(page, "Fax")])
    Subscriber.objects.filter(pk=reader(page, "asked").pk).update(state="pending")


def test_an_incident_without_components_says_who_is_not_notified(script: Script, readers: None) -> None:
    reply = script.post("/incidents", FAILS)
    assert reply.headers["Dialtone-Notified"] == "1"
    assert sorted(reply.headers["Dialtone-Not-Notified"].split("; ")) == ["no_component=2", "unconfirmed=1"]
    code = reply.body["id"]
    reply = script.patch(
        f"/incidents/{code}", {"incident": {"body": "More.", "deliver_notifications": False}}
    )
    assert (reply.headers["Dialtone-Notified"], "silent=1" in reply.headers["Dialtone-Not-Notified"]) == (
        "0",
        True,
    )
    reply = script.patch(f"/incidents/{code}", {"incident": {"name": "Only a name"}})
    assert "Dialtone-Notified" not in reply.headers, "nothing was posted"


def test_a_dry_run_is_answered_as_if_it_were_done_and_leaves_nothing(
    script: Script, calls: Component, readers: None
) -> None:
    body = {"incident": {**FAILS["incident"], "components": {calls.code: "partial_outage"}}}
    before = Event.objects.count()
    reply = script.post("/incidents?dry_run=true", body)
    assert (reply.status, reply.headers["Dialtone-Notified"]) == (200, "2")
    assert reply.headers["Dialtone-Not-Notified"].count("other_component=1") == 1
    assert (Incident.objects.count(), Event.objects.count()) == (0, before)
    calls.refresh_from_db()
    assert calls.status == "operational"
    code = script.post("/incidents", body).body["id"]
    reply = script.patch(f"/incidents/{code}?dry_run=true", {"incident": {"status": "resolved"}})
    assert (reply.status, reply.body["status"], reply.headers["Dialtone-Notified"]) == (200, "resolved", "2")
    assert script.get(f"/incidents/{code}")["status"] == "investigating"


def test_a_dry_run_that_cannot_be_one_is_refused_before_anything_is_done(script: Script) -> None:
    code = script.post("/incidents", FAILS).body["id"]
    for reply in (
        script.post("/incidents?dry_run=maybe", FAILS),
        script.post("/incidents?dry_run=true", FAILS, Idempotency_Key="k"),
        script.ask("DELETE", f"/incidents/{code}?dry_run=true"),
    ):
        assert (reply.status, reply.errors[0].startswith("dry_run: ")) == (422, True)
    assert Incident.objects.get().code == code


def test_mail_that_no_server_takes_is_said(script: Script, readers: None, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert "EMAIL_URL" in script.post("/incidents", FAILS).headers["Dialtone-Mail"]
