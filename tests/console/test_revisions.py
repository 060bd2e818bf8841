"""Mending public words in the console: shown as edited here and on the page, and mended after an Undo."""

from django.test import Client

from incidents.models import Event, Incident, Page
from incidents.publishing.publisher import publish_page
from tests.console.forms import fields, post
from tests.publishing.conftest import text_of


def published(page: Page, path: str) -> str:
    publish_page(page.pk, everything=True)
    return text_of(page, path)


def url(incident: Incident) -> str:
    return f"/console/updates/{incident.updates.latest('pk').code}/edit"


def test_the_page_says_that_words_were_edited_and_shows_what_they_were(
    staff: Client, incident: Incident
) -> None:
    before = incident.updates.get().body
    response = post(staff, url(incident), body="Calls to mobiles fail.")
    assert response.headers["Location"] == f"/console/incidents/{incident.code}"
    content = published(incident.page, f"/incidents/{incident.code}")
    assert "Calls to mobiles fail." in content
    assert "edited " in content
    assert before in content[content.index("What it said before") :]
    console = staff.get(f"/console/incidents/{incident.code}").content.decode()
    assert "Changed by dana" in console


def test_an_undo_leads_to_the_words_with_the_tick_set(staff: Client, page: Page) -> None:
    post(staff, f"/console/pages/{page.code}/incidents/new", title="Calls fail", body="We are loking.")
    event = Event.objects.get(notifies=True)
    response = staff.post(f"/console/events/{event.pk}/undo", follow=True)
    values = fields(response)
    assert values["body"] == "We are loking."
    assert "notify" in values
    staff.post(response.redirect_chain[-1][0], values | {"body": "We are looking."})
    assert Event.objects.filter(notifies=True, cancelled_at=None).count() == 1


def test_a_colleagues_change_is_shown_and_mine_is_kept(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    mine = fields(staff.get(url(incident)))
    post(colleague, url(incident), body="Theirs.")
    response = staff.post(url(incident), mine | {"body": "Mine."})
    assert response.status_code == 409
    assert b"Theirs." in response.content
    again = fields(response)
    assert again["body"] == "Mine."
    assert staff.post(url(incident), again).status_code == 302
    assert incident.updates.get().body == "Mine."


def test_hostile_words_are_shown_as_words(staff: Client, incident: Incident) -> None:
    post(staff, url(incident), body="<script>alert(1)</script>")
    post(staff, url(incident), body="Well.")
    assert b"<script>alert" not in staff.get(f"/console/incidents/{incident.code}").content
    assert "<script>alert" not in published(incident.page, f"/incidents/{incident.code}")
