"""`/updates.rss` and `/updates.atom`: one entry an update whose name never changes, so that chat applications alert."""

import re
from datetime import timedelta
from typing import Any

import feedparser
import pytest

from incidents.models import Incident, IncidentUpdate, Page
from incidents.publishing.feeds_updates import MOST
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of

FEEDS = ("/updates.rss", "/updates.atom")


def parsed(page: Page, path: str) -> Any:
    publish_page(page.pk)
    feed = feedparser.parse(text_of(page, path))
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


@pytest.mark.parametrize("path", FEEDS)
def test_each_update_is_an_entry_newest_first(outage: Incident, path: str) -> None:
    entries = parsed(outage.page, path).entries
    assert [entry.title for entry in entries] == [
        f"{label}: Degraded network, causing calling outage"
        for label in ("Reason for outage", "Resolved", "Monitoring", "Identified", "Identified", "Identified")
    ]
    assert entries[-1].published_parsed[:5] == (2021, 10, 8, 21, 22)
    code = outage.updates.earliest("at", "id").code
    assert entries[-1].link == f"http://status.sipcity.test/incidents/{outage.code}#u-{code}"
    assert "TCP stack" in entries[-1].summary


@pytest.mark.parametrize("path", FEEDS)
def test_a_new_update_is_a_new_entry_and_the_old_ones_keep_their_names(page: Page, path: str) -> None:
    incident = factories.make_incident(page, "Calls fail")
    before = [entry.id for entry in parsed(page, path).entries]
    factories.make_update(incident)
    after = [entry.id for entry in parsed(page, path).entries]
    assert after[1:] == before
    assert after[0] not in before


@pytest.mark.parametrize("path", FEEDS)
def test_an_entry_s_name_is_no_address_that_could_move(outage: Incident, path: str) -> None:
    assert all(
        entry.id.startswith(f"tag:{outage.page.code}.dialtone.invalid,2005:IncidentUpdate/")
        for entry in parsed(outage.page, path).entries
    )


@pytest.mark.parametrize("path", FEEDS)
def test_an_rfo_is_announced_and_not_repeated_whole(outage: Incident, path: str) -> None:
    newest = parsed(outage.page, path).entries[0]
    assert "/rfo/RFO-2021-0001/v1" in newest.summary
    assert "malformed certificate" not in newest.summary


@pytest.mark.parametrize("path", FEEDS)
def test_the_feed_has_a_bound(page: Page, path: str) -> None:
    incident = factories.make_incident(page)
    for number in range(MOST + 3):
        factories.make_update(incident, f"Step {number}", at=BEGAN + timedelta(minutes=number + 1))
    entries = parsed(page, path).entries
    assert len(entries) == MOST
    assert f"Step {MOST + 2}" in entries[0].summary


@pytest.mark.parametrize("path", FEEDS)
def test_characters_that_xml_cannot_carry_silence_no_feed(page: Page, path: str) -> None:
    incident = factories.make_incident(page, "]]> <script>alert(1)</script> & ☎️")
    IncidentUpdate.objects.filter(incident=incident).update(body="a\x00b\x0bc\ufffe\U0001f4de ]]> <b>d</b>")
    (entry,) = parsed(page, path).entries
    assert entry.title == "Investigating: ]]> <script>alert(1)</script> & ☎️" or "alert(1)" in entry.title
    assert "abc\U0001f4de" in entry.summary
    assert "<b>" not in entry.summary


def test_the_page_offers_one_rss_link_whose_entries_are_never_dated_ahead(page: Page) -> None:
    factories.make_maintenance(page, begins=BEGAN + timedelta(days=2))
    (entry,) = parsed(page, "/updates.rss").entries
    assert entry.published_parsed[:5] == (2021, 10, 8, 21, 22)
    document = text_of(page, "/")
    rss = re.findall(r'href="(?:http://status.sipcity.test)?(/[\w/]+\.rss)"', document)
    assert rss == ["/updates.rss"] * 2  # for programs, and at the foot for people
    assert 'href="/history.atom">' not in document
