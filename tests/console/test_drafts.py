"""Drafts: kept while one types, there again on another device, gone once sent; each person's own."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.models import Component, Draft, Incident, Page
from incidents.operations.drafts import forget_drafts
from tests.console.conftest import signed_in
from tests.console.forms import fields, post, send

WORDS = "We have found the cause."


def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


def keep(client: Client, incident: Incident, **changes: str) -> dict[str, str]:
    values = fields(client.get(url(incident))) | changes
    assert client.post(f"{url(incident)}/draft", values).status_code == 200
    return values


def test_what_was_typed_is_there_again_on_another_device(
    dana: User, staff: Client, incident: Incident, pbx: Component
) -> None:
    chosen = {"status": "identified", "next_update": "60", f"component-{pbx.code}": "partial_outage"}
    keep(staff, incident, body=WORDS, **chosen)
    response = signed_in(dana).get(url(incident))
    values = fields(response)
    assert (values["body"], values["status"], values["next_update"]) == (WORDS, "identified", "60")
    assert values[f"component-{pbx.code}"] == "partial_outage"
    assert b"This is your draft of" in response.content
    assert send(staff, url(incident), values).status_code == 302
    assert incident.updates.latest("pk").affected.get(component=pbx).new_status == "partial_outage"


def test_nobody_else_sees_it(staff: Client, colleague: Client, incident: Incident) -> None:
    keep(staff, incident, body=WORDS)
    assert WORDS.encode() not in colleague.get(url(incident)).content


def test_it_is_gone_once_it_is_sent(staff: Client, incident: Incident) -> None:
    keep(staff, incident, body=WORDS)
    post(staff, url(incident), body=WORDS)
    assert not Draft.objects.exists()
    assert b"This is your draft" not in staff.get(url(incident)).content


def test_it_can_be_thrown_away(staff: Client, incident: Incident) -> None:
    keep(staff, incident, body=WORDS)
    response = post(staff, url(incident), step="discard")
    assert response.status_code == 302
    assert not Draft.objects.exists()
    assert fields(staff.get(url(incident)))["body"] == ""


def test_an_emptied_form_leaves_no_draft(staff: Client, incident: Incident) -> None:
    keep(staff, incident, body=WORDS)
    keep(staff, incident, body="  ")
    assert not Draft.objects.exists()


def test_a_draft_over_a_newer_incident_follows_it_and_keeps_the_words(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    keep(staff, incident, body=WORDS)
    post(colleague, url(incident), body="Theirs.", status="identified")
    values = fields(staff.get(url(incident)))
    assert (values["body"], values["status"]) == (WORDS, "identified")
    assert send(staff, url(incident), values).status_code == 302


def test_an_incident_that_is_not_open_yet_has_one_too(staff: Client, page: Page) -> None:
    opening = f"/console/pages/{page.code}/incidents/new"
    values = fields(staff.get(opening)) | {"title": "Faxes", "body": ""}
    staff.post(f"/console/pages/{page.code}/draft", values)
    response = staff.get(opening)
    assert fields(response)["title"] == "Faxes"
    assert b"errorlist" not in response.content
    post(staff, opening, body="Faxes fail.")
    assert not Draft.objects.exists()


def test_more_than_a_form_holds_is_not_kept(staff: Client, incident: Incident) -> None:
    values = fields(staff.get(url(incident))) | {"body": "x" * 300_000}
    assert staff.post(f"{url(incident)}/draft", values).status_code == 413
    assert not Draft.objects.exists()


def test_old_drafts_are_forgotten(staff: Client, incident: Incident) -> None:
    keep(staff, incident, body=WORDS)
    assert forget_drafts(at=now() + timedelta(days=13)) == 0
    assert forget_drafts(at=now() + timedelta(days=15)) == 1


def test_a_draft_that_arrives_after_its_words_were_sent_is_none(staff: Client, incident: Incident) -> None:
    values = fields(staff.get(url(incident))) | {"body": WORDS}
    assert send(staff, url(incident), values).status_code == 302
    staff.post(f"{url(incident)}/draft", values)
    assert not Draft.objects.exists()
