"""What chat programs and search engines are told of a document: pictures, dates and linked data."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from incidents.domain.components import ComponentStatus
from incidents.formatting.marks import MARKS
from incidents.models import Incident, Page
from incidents.publishing.publisher import publish_page
from incidents.publishing.sharing import GENERAL, SIZE
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of

STATIC = Path(settings.BASE_DIR) / "static"


def properties(document: str) -> dict[str, str]:
    found = re.findall(r'<meta[^>]*?property="([^"]+)"\s+content="([^"]*)"', document)
    return {name: html.unescape(value) for name, value in found}


def linked(document: str) -> dict[str, Any]:
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', document, re.DOTALL)
    assert block
    found: dict[str, Any] = json.loads(block[1])
    return found


def published(page: Page, path: str) -> str:
    publish_page(page.pk, everything=True)
    return text_of(page, path)


@pytest.mark.parametrize("name", [*MARKS, GENERAL])
def test_each_state_has_a_picture_of_the_size_that_chat_programs_want(name: str) -> None:
    file = STATIC / "cards" / f"{name}.png"
    assert Image.open(file).size == SIZE
    assert file.stat().st_size < 25_000


@pytest.mark.parametrize("state", [*MARKS, GENERAL])
@pytest.mark.parametrize("size", [32, 180])
def test_each_state_has_icons_for_browsers_that_read_no_svg(state: str, size: int) -> None:
    file = STATIC / "favicons" / f"{state}-{size}.png"
    assert Image.open(file).size == (size, size)
    assert file.stat().st_size < 2_000


def test_the_index_shows_its_state_in_picture_and_icons(page: Page) -> None:
    component = factories.make_component(page)
    factories.make_incident(page, components={component: ComponentStatus.MAJOR_OUTAGE})
    document = published(page, "/")
    found = properties(document)
    assert re.fullmatch(r"http://\S+/static/cards/major_outage\.png\?v=\w+", found["og:image"])
    assert found["og:description"] == "Major outage. Live status and incident history of SIPcity."
    assert found["og:type"] == "website"
    for kind in (".svg", "-32.png", "-180.png"):
        assert f'href="/static/favicons/major_outage{kind}?v=' in document


def test_an_open_incident_shows_how_bad_it_is_and_one_that_is_over_no_good_news(page: Page) -> None:
    component = factories.make_component(page)
    incident = factories.make_incident(page, components={component: ComponentStatus.MAJOR_OUTAGE})
    path = f"/incidents/{incident.code}"
    assert "cards/major_outage.png" not in published(page, "/history")
    assert "cards/" in properties(text_of(page, path))["og:image"]
    assert f"cards/{GENERAL}.png" not in text_of(page, path)
    factories.resolve(incident)
    assert f"cards/{GENERAL}.png" in published(page, path)


@pytest.mark.parametrize("path", ["/history", "/uptime"])
def test_a_document_that_does_not_say_how_things_are_has_the_picture_of_none(page: Page, path: str) -> None:
    assert f"cards/{GENERAL}.png" in properties(published(page, path))["og:image"]


def test_an_incident_is_an_article_with_its_dates(outage: Incident) -> None:
    document = published(outage.page, f"/incidents/{outage.code}")
    found = properties(document)
    assert found["og:type"] == "article"
    assert found["article:published_time"] == "2021-10-09T08:22:00+11:00"
    assert found["article:modified_time"] == found["og:updated_time"] == "2021-10-29T14:12:00+11:00"
    assert linked(document) == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": "Degraded network, causing calling outage",
        "author": {"@type": "Organization", "name": "SIPcity"},
        "url": found["og:url"],
        "inLanguage": "en",
        "datePublished": "2021-10-09T08:22:00+11:00",
        "dateModified": "2021-10-29T14:12:00+11:00",
        "publisher": {"@type": "Organization", "name": "SIPcity"},
    }


def test_an_rfo_is_a_report_with_its_number_and_version(outage: Incident) -> None:
    facts = linked(published(outage.page, f"/incidents/{outage.code}/rfo"))
    assert (facts["@type"], facts["reportNumber"], facts["version"]) == ("Report", "RFO-2021-0001", "1")
    assert facts["datePublished"] == "2021-10-29T14:12:00+11:00"
    assert facts["about"]["url"].endswith(f"/incidents/{outage.code}")


def test_the_index_is_a_web_page(outage: Incident) -> None:
    facts = linked(published(outage.page, "/"))
    assert (facts["@type"], facts["name"]) == ("WebPage", "All Systems Operational – SIPcity Status")


def test_planned_work_was_published_when_it_was_announced_not_when_it_begins(page: Page) -> None:
    work = factories.make_maintenance(page, begins=BEGAN + timedelta(days=2))
    assert (
        linked(published(page, f"/maintenance/{work.code}"))["datePublished"] == "2021-10-09T08:22:00+11:00"
    )


def test_no_words_end_the_block_of_data(page: Page) -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028 ]]>"
    incident = factories.make_incident(page)
    Incident.objects.filter(pk=incident.pk).update(title=evil)
    Page.objects.filter(pk=page.pk).update(name=evil)
    document = published(page, f"/incidents/{incident.code}")
    assert "<script>alert" not in document
    facts = linked(document)
    assert facts["headline"] == evil
    assert facts["publisher"]["name"] == evil
