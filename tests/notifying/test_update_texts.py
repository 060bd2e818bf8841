"""An update in small Markdown as people are told of it: mail in both its parts, chats, webhooks, reminders."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from incidents.channels import slack, teams
from incidents.channels.messages import Notice
from incidents.domain.texts import BodyFormat
from incidents.models import Event, Page
from incidents.notifying.composer import compose
from incidents.operations.reminders import remind_due
from tests.factories import BEGAN, make_incident, make_maintenance, make_rfo, make_update, resolve
from tests.formatting.marked import ATTACKS, MARKED, check_inert

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LINKS = {"leave_url": "…", "manage_url": "…", "action_url": "…"}


def newest() -> Notice:
    return compose(Event.objects.filter(notifies=True, component=None).latest("pk"), at=BEGAN + 24 * HOUR)


def mail(notice: Notice, kind: str) -> str:
    return render_to_string(f"mail/notice.{kind}", {"notice": notice, **LINKS})


def test_a_mail_shows_it_and_says_it_in_plain_text(page: Page) -> None:
    """Before: both parts had `**SIP/TLS**` and `[our guide](…)`, and the HTML part linked nothing."""
    incident = make_incident(page, body=MARKED)
    for earlier in (False, True):
        if earlier:
            make_update(incident, "Nothing new.")
        html, text = mail(newest(), "html"), mail(newest(), "txt")
        assert "<strong>SIP/TLS</strong>" in html
        assert (
            '<a href="https://sipcity.test/tls_(old)?a=1&amp;b=2" rel="nofollow noopener noreferrer">our guide</a>'
            in html
        )
        assert '<li dir="auto">Registration</li>' in html
        assert "Calls over SIP/TLS fail, see our guide (https://sipcity.test/tls_(old)?a=1&b=2):" in text
        assert "**" not in html + text


def test_the_addresses_in_plain_words_are_links_in_the_mail(page: Page) -> None:
    make_incident(page, body="See https://sipcity.test/map.", body_format=BodyFormat.PLAIN)
    assert '<a href="https://sipcity.test/map"' in mail(newest(), "html")
    incident = make_incident(page)
    resolve(incident)
    make_rfo(incident)
    assert re.search(r'<a href="http://status\.sipcity\.test/rfo/[^"]*\.pdf"', mail(newest(), "html"))


def test_chats_get_their_own_marks(page: Page) -> None:
    make_incident(page, body=MARKED)
    blocks = str(slack.message(newest())["blocks"])
    assert "Calls over *SIP/TLS* fail, see <https://sipcity.test/tls_(old)?a=1&amp;b=2|our guide>:" in blocks
    card = str(teams.message(newest()))
    assert "Calls over **SIP/TLS** fail, see [our guide](https://sipcity.test/tls_%28old%29?a=1&b=2):" in card


def test_what_has_to_be_cut_for_a_chat_is_cut_as_plain_text(page: Page) -> None:
    make_incident(page, body="[**guide** & more](https://sipcity.test/) " * 160)
    notice = newest()
    words = slack.section(notice)
    assert len(words) <= slack.SECTION_LIMIT
    assert "<http" not in words
    assert "guide &amp; more (https://sipcity.test/)" in words
    (block,) = [
        each for each in teams.message(notice)["attachments"][0]["content"]["body"] if "guide" in each["text"]
    ]  # type: ignore[index]
    assert "](" not in block["text"]


@pytest.mark.parametrize("text", [each for each in ATTACKS if "\x00" not in each])
def test_no_payload_becomes_markup_in_a_mail_or_a_chat(page: Page, text: str) -> None:
    make_incident(page, body=text)
    notice = newest()
    check_inert(mail(notice, "html"))
    for link in re.findall(r"<([^>|]*)", slack.section(notice)):
        assert link.startswith(("https://", "mailto:"))
    for link in re.findall(r"(?<!\\)\]\(([^)]*)", str(teams.message(notice))):
        assert link.startswith(("https://", "mailto:"))


def test_a_reminder_repeats_it_as_it_was_announced(page: Page) -> None:
    begins = BEGAN + timedelta(days=2)
    make_maintenance(page, body=MARKED, begins=begins, remind_hours=24)
    assert remind_due(at=begins - 24 * HOUR) == 1
    notice = newest()
    assert notice.heading == "Reminder"
    assert "<strong>SIP/TLS</strong>" in mail(notice, "html")
    assert "**" not in notice.body


def test_a_webhook_carries_what_v2_does(page: Page) -> None:
    make_incident(page, body=MARKED)
    body = newest().payload["incident"]["incident_updates"][0]["body"]
    assert body.startswith('Calls over <strong>SIP/TLS</strong> fail, see <a href="https://sipcity.test/')
