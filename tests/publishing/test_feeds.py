"""RSS and Atom as Statuspage writes them, and as any reader can parse them."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, IncidentUpdate, Page
from incidents.publishing.feeds import MOST
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of

FEEDS = ("/history.rss", "/history.atom")


def parsed(page: Page, path: str) -> Any:
    publish_page(page.pk)
    feed = feedparser.parse(text_of(page, path))
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_rss_has_statuspages_elements(outage: Incident) -> None:
    publish_page(outage.page_id)
    channel = ET.fromstring(text_of(outage.page, "/history.rss")).find("channel")
    assert channel is not None
    assert [each.tag for each in channel] == ["title", "link", "description", "pubDate", "item"]
    assert [channel.findtext(each) for each in ("title", "link", "description", "pubDate")] == [
        "SIPcity Status - Incident History",
        "http://status.sipcity.test",
        "Statuspage",
        "Fri, 29 Oct 2021 14:12:00 +1100",
    ]
    item = channel.find("item")
    assert item is not None
    assert [each.tag for each in item] == ["title", "description", "pubDate", "link", "guid"]
    assert item.findtext("pubDate") == "Fri, 29 Oct 2021 14:12:00 +1100"
    assert item.findtext("link") == f"http://status.sipcity.test/incidents/{outage.code}"
    assert item.findtext("guid") == f"tag:{outage.page.code}.dialtone.invalid,2005:Incident/{outage.code}"
    assert item.find("guid").attrib == {"isPermaLink": "false"}  # type: ignore[union-attr]
    assert (item.findtext("description") or "").startswith("\n<p><small>")


def test_atom_has_statuspages_ids_and_times(outage: Incident) -> None:
    feed = parsed(outage.page, "/history.atom")
    assert feed.feed.id == f"tag:{outage.page.code}.dialtone.invalid,2005:/history"
    assert feed.feed.title == "SIPcity Status - Incident History"
    assert feed.feed.language == "en-US"
    (entry,) = feed.entries
    assert entry.id == f"tag:{outage.page.code}.dialtone.invalid,2005:Incident/{outage.code}"
    assert entry.published == entry.updated == "2021-10-29T14:12:00+11:00"
    assert entry.link == f"http://status.sipcity.test/incidents/{outage.code}"
    assert entry.content[0].type == "text/html"


def test_each_update_is_a_block_with_its_label_and_vars(outage: Incident) -> None:
    publish_page(outage.page_id)
    item = ET.fromstring(text_of(outage.page, "/history.rss")).find("channel/item")
    assert item is not None
    story = item.findtext("description") or ""
    assert (
        "<p><small>Oct <var data-var='date'> 9</var>, <var data-var='time'>08:22</var> AEDT</small><br>"
        "<strong>Identified</strong> - As part of this mornings migration, "
        "we identified an issue within the TCP stack.</p>"
    ) in story
    assert "<strong>Resolved</strong> - This incident has been resolved.</p>" in story
    assert (
        "<strong>Update</strong> - We are continuing to implement a solution.<br /><br />Arena is disabled.</p>"
        in story
    )
    assert story.count("<strong>Update</strong>") == 2
    assert "<strong>Postmortem</strong></p><p>One malformed certificate.</p>" in story


def test_apostrophes_are_escaped_as_statuspage_does(outage: Incident) -> None:
    publish_page(outage.page_id)
    assert "data-var=&apos;date&apos;" in text_of(outage.page, "/history.rss")


@pytest.mark.parametrize("path", FEEDS)
def test_an_entry_is_rewritten_in_place_and_newest_come_first(page: Page, path: str) -> None:
    first = factories.make_incident(page, "First", at=BEGAN)
    factories.make_incident(page, "Second", at=BEGAN + timedelta(hours=1))
    before = parsed(page, path).entries
    factories.make_update(first, status=IncidentStatus.MONITORING, at=BEGAN + timedelta(hours=2))
    after = parsed(page, path).entries
    assert [each.title for each in before] == [each.title for each in after] == ["Second", "First"]
    assert [each.id for each in before] == [each.id for each in after]
    assert after[1].published != before[1].published


@pytest.mark.parametrize("path", FEEDS)
def test_the_newest_twenty_five_are_listed(page: Page, path: str) -> None:
    for number in range(MOST + 2):
        factories.make_incident(page, at=BEGAN + timedelta(hours=number))
    assert len(parsed(page, path).entries) == MOST


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize(
    "hostile",
    [
        "bell \x07 and escape \x1b",
        "null-free but \x0b vertical",
        "noncharacters \ufffe \uffff",
        "]]> <![CDATA[ & < > \" '",
        "emoji 📞🧑🏽‍🚒 and \u202eoverride",
        "שלום עולם. مرحبا",
        "<script>alert(1)</script>",
    ],
)
def test_a_feed_is_valid_whatever_the_rows_hold(page: Page, path: str, hostile: str) -> None:
    incident = factories.make_incident(page)
    Incident.objects.filter(pk=incident.pk).update(title=hostile)
    IncidentUpdate.objects.filter(incident=incident).update(body=hostile)
    Page.objects.filter(pk=page.pk).update(name=f"Voice {hostile}")
    (entry,) = parsed(page, path).entries
    ET.fromstring(text_of(page, path))
    assert "<script>alert(1)" not in entry.summary


@pytest.mark.parametrize("path", FEEDS)
def test_a_page_without_incidents_has_an_empty_feed(page: Page, path: str) -> None:
    assert parsed(page, path).entries == []
