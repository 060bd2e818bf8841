"""A form that comes in after its session has ended: nothing typed is lost, and nothing is sent unseen."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from incidents.models import Incident
from tests.console.forms import fields

WORDS = "We have found the cause, and calls come back."


def send(client: Client, url: str, values: Mapping[str, object]) -> HttpResponse:
    """As a browser sends a form without files."""
    return client.post(url, urlencode(values), content_type="application/x-www-form-urlencoded")


def interrupted(dana: User, incident: Incident) -> tuple[Client, str, dict[str, object]]:
    cache.clear()
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    url = f"/console/incidents/{incident.code}"
    values = fields(client.get(url)) | {"body": WORDS}
    client.cookies.pop("sessionid")
    return client, url, values


def test_it_is_shown_after_the_sign_in_and_sent_by_a_tap(dana: User, incident: Incident) -> None:
    client, url, values = interrupted(dana, incident)
    login = send(client, url, values)
    assert login.headers["Location"].startswith("/accounts/login/?next=")
    assert incident.updates.count() == 1
    form = client.get(login.headers["Location"])
    assert b"What you typed is kept" in form.content
    words = fields(form, "login") | {"login": "dana", "password": "a long password", "next": url}
    assert client.post("/accounts/login/", words).headers["Location"] == url
    shown = client.get(url)
    assert WORDS in shown.content.decode()
    assert incident.updates.count() == 1
    assert client.post(url, fields(shown)).status_code == 302
    assert incident.updates.latest("pk").body == WORDS
    assert b"This was not sent yet" not in client.get(url).content


def test_no_other_site_can_leave_words_for_somebody(dana: User, incident: Incident) -> None:
    client, url, _ = interrupted(dana, incident)
    for forged in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        send(client, url, {"body": WORDS} | forged)
        assert "unsent" not in client.session


def test_more_than_a_form_holds_is_not_kept(dana: User, incident: Incident) -> None:
    client, url, values = interrupted(dana, incident)
    send(client, url, values | {"body": "x" * 300_000})
    assert "unsent" not in client.session


def test_it_is_kept_for_its_own_address_alone(dana: User, incident: Incident) -> None:
    client, url, values = interrupted(dana, incident)
    send(client, url, values)
    session = client.session
    client.force_login(dana)
    assert b"This was not sent yet" not in client.get("/console/").content
    assert session.session_key


def test_what_another_tab_asks_for_by_itself_takes_no_forms_place(dana: User, incident: Incident) -> None:
    client, url, values = interrupted(dana, incident)
    send(client, url, values)
    body = urlencode({"version": "1", "csrfmiddlewaretoken": values["csrfmiddlewaretoken"]})
    kind = "application/x-www-form-urlencoded"
    answer = client.post(f"{url}/presence", body, content_type=kind, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    client.force_login(dana)
    assert b"This was not sent yet" in client.get(url).content


def test_what_is_kept_lies_sealed_in_the_session(dana: User, incident: Incident, settings: Any) -> None:
    client, url, values = interrupted(dana, incident)
    send(client, url, values)
    assert WORDS not in str(dict(client.session))
    settings.CREDENTIALS_KEY = "another key"
    client.force_login(dana)
    assert b"This was not sent yet" not in client.get(url).content
