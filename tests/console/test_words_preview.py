"""Bold, links, lists and code in the console: a hint beside the field, a preview while one types, and the review."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from incidents.domain.texts import BodyFormat
from incidents.models import Component, Incident, IncidentTemplate, Page, Series
from tests.console.forms import fields, post
from tests.factories import make_incident, make_maintenance, make_page
from tests.formatting.marked import ATTACKS, MARKED, check_inert

URL = "/console/words"
HINT = "Bold, links, lists and code"


@pytest.fixture(autouse=True)
def counts() -> Iterator[None]:
    """The rate is counted in the cache, by a key that the next test's staff has too."""
    cache.clear()
    yield
    cache.clear()


def test_the_preview_shows_what_the_page_will(staff: Client, page: Page) -> None:
    response = staff.post(URL, {"body": MARKED.replace("\n", "\r\n")})
    assert response.status_code == 200
    content = response.content.decode()
    assert "<strong>SIP/TLS</strong>" in content
    assert '<li dir="auto">Registration</li>' in content
    assert staff.post(URL, {"body": "  "}).content.strip() == b""
    assert b"control character" in staff.post(URL, {"body": "a\x07"}).content
    assert b"are allowed" in staff.post(URL, {"body": "a" * 30_000}).content


def test_the_preview_takes_a_sign_in_a_right_and_patience(client: Client, staff: Client, page: Page) -> None:
    assert client.post(URL, {"body": "x"}).status_code == 302
    assert staff.get(URL).status_code == 405
    codes = [staff.post(URL, {"body": "x"}).status_code for _ in range(125)]
    assert (codes[0], codes[-1]) == (200, 429)


@pytest.mark.parametrize("text", [each for each in ATTACKS if "\x00" not in each])
def test_no_payload_acts_in_the_preview(staff: Client, page: Page, text: str) -> None:
    check_inert(staff.post(URL, {"body": text}).content.decode())


def test_every_form_for_customers_has_the_hint_and_names_it(
    staff: Client, page: Page, incident: Incident
) -> None:
    work = make_maintenance(page)
    for address in (
        f"/console/pages/{page.code}/incidents/new",
        f"/console/incidents/{incident.code}",
        f"/console/pages/{page.code}/maintenances/new",
        f"/console/maintenances/{work.code}",
        f"/console/pages/{page.code}/series/new",
        f"/console/updates/{incident.updates.get().code}/edit",
        "/console/templates/new",
    ):
        content = staff.get(address).content.decode()
        assert HINT in content, address
        assert f'hx-post="{URL}"' in content, address
        area = re.search(r"<textarea[^>]*name=\"body\"[^>]*>", content)
        assert area, address
        for named in re.findall(r'aria-describedby="([^"]*)"', area[0]):
            assert f'id="{named}"' in content, address


def test_review_shows_it_for_every_channel_without_scripts(staff: Client, incident: Incident) -> None:
    content = post(staff, f"/console/incidents/{incident.code}", body=MARKED, step="review").content.decode()
    card = content[content.index('<div class="words">') : content.index("The mail")]
    assert "<strong>SIP/TLS</strong>" in card
    shown = unescape(content)
    assert "Calls over SIP/TLS fail, see our guide (https://sipcity.test/" in shown, "the mail"
    assert "Calls over *SIP/TLS* fail, see <https://sipcity.test/" in shown, "Slack"
    assert "Calls over <strong>SIP/TLS</strong> fail, see <a href=" in shown, "webhook and feed"


def test_what_was_said_is_shown_with_its_format(staff: Client, incident: Incident) -> None:
    post(staff, f"/console/incidents/{incident.code}", body=MARKED)
    for address in (f"/console/incidents/{incident.code}", "/console/"):
        assert "<strong>SIP/TLS</strong>" in staff.get(address).content.decode(), address


def test_an_old_update_is_edited_as_the_plain_text_that_it_is(staff: Client, page: Page) -> None:
    old = make_incident(page, body="Old **plain**.", body_format=BodyFormat.PLAIN)
    address = f"/console/updates/{old.updates.get().code}/edit"
    response = staff.get(address)
    content = response.content.decode()
    assert HINT not in content
    assert "plain text" in content
    assert fields(response)["body"] == "Old **plain**."
    post(staff, address, body="New **plain**.")
    shown = staff.get(f"/console/incidents/{old.code}").content.decode()
    assert "New **plain**." in shown


def test_what_a_form_begins_with_says_the_same_in_markdown(
    staff: Client, page: Page, incident: Incident, network: Component
) -> None:
    """Names, old templates and old updates hold marks by chance."""
    Component.objects.filter(pk=network.pk).update(name="sip **beta** `1`")
    template = IncidentTemplate.objects.create(
        page=page,
        name="Old",
        body="- {{ components }}: **see** [x](https://x.test)",
        created_at=incident.created_at,
        updated_at=incident.created_at,
    )
    address = f"/console/pages/{page.code}/incidents/new"
    touched = {f"component-{network.code}": "partial_outage"}
    values = fields(post(staff, address, step="use", template=template.code, **touched))
    shown = staff.post(URL, {"body": values["body"]}).content.decode()
    assert "- sip **beta** `1`: **see** [x](" in shown
    saved = fields(staff.get(f"/console/templates/{template.code}"))
    assert saved["body"] == r"\- {{ components }}: \*\*see\*\* [x\](https://x.test)"
    post(staff, f"/console/templates/{template.code}")
    template.refresh_from_db()
    assert template.body_format == BodyFormat.MARKDOWN
    again = fields(post(staff, address, step="use", template=template.code, **touched))
    assert again["body"] == values["body"]


def test_another_page_begins_with_the_same_words(staff: Client, page: Page) -> None:
    other = make_page("2talk")
    old = make_incident(page, body="- **old**", body_format=BodyFormat.PLAIN)
    new = make_incident(page, body="- **new**")
    begun = [
        fields(staff.get(f"/console/incidents/{each.code}/on/{other.code}"))["body"] for each in (old, new)
    ]
    assert begun == [r"\- \*\*old\*\*", "- **new**"]


def test_a_recurring_maintenance_from_before_is_edited_as_markdown(staff: Client, page: Page) -> None:
    series = Series.objects.create(
        page=page,
        title="Patches",
        body="- **we** patch",
        begins="2027-09-05T02:00",
        rule="FREQ=WEEKLY;BYDAY=SU",
        minutes=60,
        created_at=page.updated_at,
    )
    address = reverse("console:series", args=[series.code])
    assert fields(staff.get(address))["body"] == r"\- \*\*we\*\* patch"
    assert post(staff, address).status_code == 302
    series.refresh_from_db()
    assert series.body_format == BodyFormat.MARKDOWN
