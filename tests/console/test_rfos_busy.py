"""A busy machine and a text that is too complex: nothing unformatted is saved, and nothing typed is lost."""

import pytest
from django.test import Client

from incidents.formatting import markdown
from incidents.models import Incident, RfoPolicy, RfoVersion
from tests.console.forms import fields
from tests.console.test_rfos import publish, save
from tests.factories import resolve
from tests.peers.children import ENDED, next_child

MODULE = markdown.__name__
BODY = "## Summary\n\n**One carrier** refused calls.\n\n| When | What |\n|---|---|\n| 08:22 | TLS refuses |"
SHOWN = "<td>TLS refuses</td>"


@pytest.fixture
def url(incident: Incident) -> str:
    """The RFO's screen, on a page where whoever writes it may publish it."""
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    resolve(incident)
    return f"/console/incidents/{incident.code}/rfo"


def test_a_busy_machine_saves_nothing_and_says_so_beside_the_words_that_were_typed(
    staff: Client, url: str
) -> None:
    with next_child(MODULE, *ENDED) as seen:
        response = save(staff, url, body=BODY)
    assert seen
    assert response.status_code == 503
    assert "Nothing was changed; try again in a minute." in response.content.decode()
    assert fields(response, "rfo-form")["body"] == BODY
    assert not RfoVersion.objects.exists()
    assert save(staff, url, body=BODY).status_code == 302
    assert SHOWN in RfoVersion.objects.get().body_html


def test_a_text_that_is_too_complex_is_refused_beside_the_words_that_were_typed(
    staff: Client, url: str
) -> None:
    body = "[" * 60_000
    response = save(staff, url, body=body)
    assert response.status_code == 422
    assert "too complex to format, so nothing was saved" in response.content.decode()
    assert fields(response, "rfo-form")["body"] == body
    assert not RfoVersion.objects.exists()


def unformatted(url: str, staff: Client) -> RfoVersion:
    """A draft that an earlier release saved while the machine was busy."""
    save(staff, url, body=BODY)
    draft = RfoVersion.objects.get()
    RfoVersion.objects.filter(pk=draft.pk).update(body_html=markdown.plain_html(BODY))
    return draft


def test_a_draft_that_was_saved_unformatted_is_formatted_before_it_is_published(
    staff: Client, url: str
) -> None:
    draft = unformatted(url, staff)
    publish(staff, url, notify=None)
    draft.refresh_from_db()
    assert (draft.state, SHOWN in draft.body_html) == ("published", True)


def test_a_busy_machine_publishes_nothing_that_is_unformatted(staff: Client, url: str) -> None:
    draft = unformatted(url, staff)
    with next_child(MODULE, *ENDED) as seen:
        publish(staff, url, notify=None)
    assert seen
    draft.refresh_from_db()
    assert (draft.state, draft.sha256) == ("draft", "")
    assert "Nothing was changed; try again in a minute." in staff.get(url).content.decode()
