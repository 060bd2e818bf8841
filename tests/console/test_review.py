"""Review: what would be published, everywhere, and who would be told; nothing of it happens until Publish."""

import json
import re
from html import unescape

from django.test import Client
from pytest_django import Settings

from incidents.models import Component, Event, Incident, IncidentUpdate, Page, StatusChange, Subscriber
from tests.console.forms import fields, post, send
from tests.factories import make_page
from tests.notifying.people import mail_reader

WORDS = "Calls to mobiles fail. <b>We</b> are looking."


def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


def everything() -> list[list[tuple[object, ...]]]:
    models = (Incident, IncidentUpdate, Event, StatusChange, Component)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_a_review_changes_nothing(staff: Client, incident: Incident, page: Page, pbx: Component) -> None:
    before = everything()
    touched = {f"component-{pbx.code}": "partial_outage"}
    assert post(staff, url(incident), body=WORDS, step="review", **touched).status_code == 200
    opening = f"/console/pages/{page.code}/incidents/new"
    assert post(staff, opening, title="Faxes", body=WORDS, step="review").status_code == 200
    assert everything() == before


def test_it_shows_page_mail_webhook_chat_and_feed(staff: Client, incident: Incident) -> None:
    mail_reader(incident.page)
    content = unescape(post(staff, url(incident), body=WORDS, step="review").content.decode())
    assert "1 will be notified" in content
    assert "1 by E-mail" in content
    assert content.count("Calls to mobiles fail.") >= 4
    payload = re.search(r'<pre class="trace"[^>]*>(\{.*?\n\})</pre>', content, re.DOTALL)
    assert payload
    assert json.loads(payload[1])["incident"]["incident_updates"][0]["body"].startswith("Calls to mobiles")
    assert "<entry>" in content
    assert "Calls fail [SIPcity]" in content


def test_markup_in_words_stays_words(staff: Client, incident: Incident) -> None:
    content = post(staff, url(incident), body="<script>alert(1)</script>", step="review").content
    assert b"<script>alert" not in content


def test_publish_does_what_was_shown_once(staff: Client, incident: Incident) -> None:
    shown = post(staff, url(incident), body=WORDS, step="review", status="identified", next_update="15")
    values = fields(shown)
    for _ in range(2):
        assert send(staff, url(incident), values).status_code == 302
    said = incident.updates.latest("pk")
    assert incident.updates.count() == 2
    assert (said.body, said.status) == (WORDS, "identified")
    assert said.next_update_by is not None


def test_going_on_writing_gives_everything_back(staff: Client, incident: Incident, pbx: Component) -> None:
    touched = {f"component-{pbx.code}": "partial_outage"}
    shown = post(staff, url(incident), body=WORDS, step="review", next_update="60", **touched)
    back = send(staff, url(incident), fields(shown), step="back")
    values = fields(back)
    assert (values["body"], values["next_update"]) == (WORDS, "60")
    assert values[f"component-{pbx.code}"] == "partial_outage"
    assert b"errorlist" not in back.content


def test_a_conflict_is_seen_at_the_review(staff: Client, colleague: Client, incident: Incident) -> None:
    mine = fields(staff.get(url(incident)))
    post(colleague, url(incident), body="Theirs.")
    response = send(staff, url(incident), mine, body="Mine.", step="review")
    assert response.status_code == 409
    assert b"Theirs." in response.content
    assert fields(response)["body"] == "Mine."


def test_a_conflict_after_the_review_is_seen_at_publishing(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    shown = post(staff, url(incident), body="Mine.", step="review")
    post(colleague, url(incident), body="Theirs.")
    response = send(staff, url(incident), fields(shown))
    assert response.status_code == 409
    assert fields(response)["body"] == "Mine."
    assert incident.updates.count() == 2


def test_what_is_wrong_is_said_before_anything_is_reviewed(staff: Client, incident: Incident) -> None:
    response = post(staff, url(incident), body="", step="review")
    assert response.status_code == 422
    assert "Say at least one sentence" in response.content.decode()


def test_only_the_page_is_said_where_nobody_is_told(staff: Client, incident: Incident) -> None:
    response = post(staff, url(incident), body=WORDS, step="review", notify=None)
    assert b"Nobody will be notified" in response.content
    assert b"The mail" not in response.content


def test_every_page_that_was_ticked_is_shown(staff: Client, incident: Incident) -> None:
    other = make_page("Another")
    post(staff, f"{url(incident)}/on/{other.code}", body="There too.")
    twin = Incident.objects.get(page=other)
    there = {f"twin-{twin.code}": "on", f"twin-{twin.code}-words": "Ours."}
    response = post(staff, url(incident), body=WORDS, step="review", **there)
    content = response.content.decode()
    assert "Another" in content
    assert "Ours." in content


def test_who_will_not_be_notified_is_listed_with_the_reason_before_publishing(
    staff: Client, incident: Incident, page: Page, pbx: Component
) -> None:
    incident.updates.get().affected.all().delete()
    mail_reader(page, "all")
    mail_reader(page, "chose").components.set([pbx])
    Subscriber.objects.filter(pk=mail_reader(page, "asked").pk).update(state="pending")
    content = post(staff, url(incident), body=WORDS, step="review").content.decode()
    assert "1 will be notified" in content
    assert "2 subscribers will not be notified" in content
    assert "1 chose components, and the incident names none" in content
    assert "1 did not confirm the subscription" in content
    assert "2 subscribers will not be notified" in staff.get(url(incident)).content.decode()
    opening = staff.get(f"/console/pages/{page.code}/incidents/new").content.decode()
    assert "1 of 2 subscribers chose components" in " ".join(opening.split())
    planning = staff.get(f"/console/pages/{page.code}/maintenances/new").content.decode()
    assert "1 of 2 subscribers chose components" in " ".join(planning.split())


def test_mails_that_no_server_takes_are_said_before_publishing(
    staff: Client, incident: Incident, settings: Settings
) -> None:
    mail_reader(incident.page)
    assert b"No mail leaves this server" not in post(staff, url(incident), body=WORDS, step="review").content
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert b"No mail leaves this server" in post(staff, url(incident), body=WORDS, step="review").content
