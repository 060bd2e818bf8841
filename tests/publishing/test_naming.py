"""Names that outlive a move: a feed entry that was read, an event in a calendar, a thread of mails, a list's filter."""

import re
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from pytest_django import Settings

from incidents.channels.letters import Letter
from incidents.channels.messages import Recipient
from incidents.domain.journal import EventKind
from incidents.models import Event, Incident, Page
from incidents.notifying.composer import compose
from incidents.operations.actors import DEMO
from incidents.operations.pages import set_address
from tests import factories
from tests.factories import BEGAN
from tests.publishing.pages import rendered

NOW = datetime(2021, 10, 9, 6, 0, tzinfo=UTC)
FEEDS = ("/history.rss", "/history.atom", "/updates.rss", "/updates.atom")
MIGRATION = import_module("incidents.migrations.0019_lasting_names")


def feed_names(page: Page) -> dict[str, list[str]]:
    """What readers of the feeds and of the calendar go by."""
    found = {path: rendered(page, path, at=NOW) for path in FEEDS}
    names = {path: re.findall(r"<(?:id|guid)[^>]*>([^<]*)<", text) for path, text in found.items()}
    names["/maintenance.ics"] = re.findall(r"UID:(\S+)", rendered(page, "/maintenance.ics", at=NOW))
    return names


def mail_names(page: Page) -> dict[str, str]:
    """What a mailbox threads and filters by."""
    event = Event.objects.filter(page=page, kind=EventKind.INCIDENT_OPENED).get()
    letter = Letter(compose(event, at=NOW))
    headers: Any = letter.to(Recipient("1-key", "noc@example.test", (), "https://x.test/l", "")).extra_headers
    return {name: headers[name] for name in ("Message-ID", "References", "In-Reply-To", "List-Id")}


@pytest.fixture
def told(page: Page) -> Incident:
    component = factories.make_component(page, "Network")
    incident = factories.make_incident(page, "Calls fail")
    factories.make_update(incident)
    factories.make_maintenance(page, "Core switch", components=[component])
    return incident


def move(page: Page, settings: Settings) -> Page:
    settings.SITE_URL = "https://elsewhere.example"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "calls.example"]
    set_address(page, url="https://calls.example/", hosts=("calls.example",), by=DEMO, at=BEGAN)
    return Page.objects.get(pk=page.pk)


def test_no_name_changes_when_a_page_moves_to_another_address(
    page: Page, told: Incident, settings: Settings
) -> None:
    feeds, mails = feed_names(page), mail_names(page)
    moved = move(page, settings)
    assert "https://calls.example/incidents/" in rendered(moved, "/history.atom", at=NOW)
    assert feed_names(moved) == feeds
    assert mail_names(moved) == mails


def test_names_are_made_from_codes_and_from_no_address_or_number(page: Page, told: Incident) -> None:
    feeds, mails = feed_names(page), mail_names(page)
    base = f"{page.code}.dialtone.invalid"
    assert f"tag:{base},2005:Incident/{told.code}" in feeds["/history.rss"]
    assert f"tag:{base},2005:Incident/{told.code}" in feeds["/history.atom"]
    assert mails["References"] == f"<incident-{told.code}@{base}>"
    assert mails["List-Id"] == f"<updates.{base}>"
    assert "sipcity.test" not in str(feeds) + str(mails)


def test_a_page_that_was_there_before_keeps_the_names_that_its_readers_know(
    page: Page, told: Incident, settings: Settings
) -> None:
    MIGRATION.keep_known_names(apps, None)
    page = Page.objects.get(pk=page.pk)
    feeds, mails = feed_names(page), mail_names(page)
    host = "status.sipcity.test"
    assert f"http://{host}/incidents/{told.code}" in feeds["/history.rss"]
    assert f"tag:{host},2005:Incident/{told.pk}" in feeds["/history.atom"]
    assert feeds["/history.atom"][0] == f"tag:{host},2005:/history"
    assert mails["References"] == f"<incident-{told.code}@{host}>"
    assert mails["List-Id"] == f"<updates.{host}>"
    moved = move(page, settings)
    assert feed_names(moved) == feeds
    assert mail_names(moved) == mails
    newer = factories.make_incident(moved, "Faxes fail")
    assert f"tag:{host},2005:Incident/{newer.code}" in feed_names(moved)["/history.rss"]


def test_an_address_that_no_mail_header_takes_is_no_name(page: Page, told: Incident) -> None:
    Page.objects.filter(pk=page.pk).update(named_after="http://[::1]:8000")
    assert mail_names(Page.objects.get(pk=page.pk))["List-Id"] == "<updates.localhost>"
