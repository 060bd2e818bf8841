"""Every v2 document carries how fresh it is, however it is served, and follows monitoring without being written."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from incidents.models import Page
from incidents.publishing.api_v2 import ENDPOINTS
from incidents.publishing.publisher import publish_page, the_store
from incidents.web.front import LOOK_SECONDS
from tests import factories
from tests.web.fronts import HOST, Visitor


@pytest.fixture
def page(db: None, settings: Settings, tmp_path: Path) -> Page:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.ALLOWED_HOSTS = [HOST, "testserver", "status.2talk.test"]
    page = factories.make_page("SIPcity")
    factories.make_probe(factories.make_component(page, "Network"), last_at=datetime.now(UTC))
    publish_page(page.pk)
    heartbeat(ago=0)
    return page


def heartbeat(*, ago: float) -> None:
    file = the_store().heartbeat
    file.touch()
    os.utime(file, (time.time() - ago, time.time() - ago))
    time.sleep(LOOK_SECONDS * 1.2)


@pytest.mark.parametrize("path", [each.path for each in ENDPOINTS])
def test_every_v2_document_says_whether_it_is_confirmed(page: Page, client: Client, path: str) -> None:
    visitor = Visitor(the_store().folder)
    for headers in (visitor.ask(path).headers, {k.lower(): v for k, v in client.get(path).headers.items()}):
        assert headers["dialtone-confirmed"] == "true"
        assert datetime.fromisoformat(headers["dialtone-checked-at"]) <= datetime.now(UTC)
        assert headers["access-control-expose-headers"] == "Dialtone-Confirmed, Dialtone-Checked-At"


def test_the_headers_follow_monitoring_though_the_document_stays_the_same(page: Page, client: Client) -> None:
    visitor = Visitor(the_store().folder)
    before = visitor.ask("/api/v2/status.json")
    heartbeat(ago=3600)
    after = visitor.ask("/api/v2/status.json", if_none_match=before.headers["etag"])
    assert after.status == 304
    assert after.headers["dialtone-confirmed"] == "false"
    assert after.headers["dialtone-checked-at"] == before.headers["dialtone-checked-at"]
    assert client.get("/api/v2/status.json")["Dialtone-Confirmed"] == "false"
    heartbeat(ago=0)
    assert visitor.ask("/api/v2/status.json").headers["dialtone-confirmed"] == "true"


def test_a_page_that_nothing_watches_is_unknown_even_while_monitoring_is_silent(page: Page) -> None:
    other = factories.make_page("2talk", hosts=("status.2talk.test",))
    factories.make_component(other, "Voice")
    publish_page(other.pk)
    heartbeat(ago=3600)
    headers = Visitor(the_store().folder).ask("/api/v2/status.json", host="status.2talk.test").headers
    assert headers["dialtone-confirmed"] == "unknown"
    assert "dialtone-checked-at" not in headers


def test_documents_for_people_carry_no_such_header(page: Page) -> None:
    visitor = Visitor(the_store().folder)
    assert "dialtone-confirmed" not in visitor.ask("/").headers
    assert "dialtone-confirmed" not in visitor.ask("/api/freshness.json").headers
