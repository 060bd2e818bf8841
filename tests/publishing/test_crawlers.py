"""`/robots.txt` and `/sitemap.xml`: where a search engine begins, and what it need not ask for."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from incidents.models import Incident, Page
from incidents.publishing.publisher import publish_page
from incidents.publishing.snapshot import RECENT
from tests import factories
from tests.publishing.conftest import folder_of, text_of

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(page: Page) -> list[str]:
    publish_page(page.pk)
    root = ET.fromstring(text_of(page, "/sitemap.xml"))
    return [each.text or "" for each in root.iter(f"{NAMESPACE}loc")]


def test_the_sitemap_names_the_page_its_history_its_incidents_and_rfos(outage: Incident) -> None:
    work = factories.make_maintenance(outage.page)
    found = addresses(outage.page)
    base = "http://status.sipcity.test"
    wanted = (
        "/",
        "/history",
        "/history/2021/10",
        f"/incidents/{outage.code}",
        f"/incidents/{outage.code}/rfo",
    )
    assert {f"{base}{path}" for path in (*wanted, f"/maintenance/{work.code}")} <= set(found)
    assert len(found) == len(set(found))


def test_every_address_in_the_sitemap_is_a_document(outage: Incident) -> None:
    factories.make_maintenance(outage.page)
    folder = folder_of(outage.page)
    assert not [
        each
        for each in addresses(outage.page)
        if folder.read(each.removeprefix("http://status.sipcity.test")) is None
    ]


def test_the_sitemap_does_not_grow_with_the_history(page: Page) -> None:
    began = datetime(2020, 1, 1, tzinfo=UTC)
    for day in range(RECENT + 10):
        factories.resolve(
            factories.make_incident(page, at=began + timedelta(hours=day)), at=began + timedelta(days=9)
        )
    assert len([each for each in addresses(page) if "/incidents/" in each]) == RECENT


def test_robots_keeps_crawlers_from_the_doors_and_names_the_sitemap(page: Page) -> None:
    publish_page(page.pk)
    lines = text_of(page, "/robots.txt").splitlines()
    assert "Disallow: /console/" in lines
    assert "Sitemap: http://status.sipcity.test/sitemap.xml" in lines
