"""In a viewer's own zone, too, nothing is called operational that nobody has confirmed."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from incidents.models import Page
from incidents.publishing.publisher import publish_page, the_store
from tests import factories
from tests.peers.stepped_clock import touch

GREEN, UNSURE = b"All Systems Operational", b"Current Status Not Confirmed"


@pytest.fixture
def page(db: None, settings: Settings, tmp_path: Path) -> Page:
    settings.PUBLISH_DIR = tmp_path / "published"
    page = factories.make_page("SIPcity")
    factories.make_probe(factories.make_component(page, "Network"), last_at=datetime.now(UTC))
    publish_page(page.pk)
    return page


def beat(*, ago: float) -> None:
    heartbeat = the_store().heartbeat
    touch(heartbeat)
    os.utime(heartbeat, (time.time() - ago, time.time() - ago))


def gone(*_: object) -> None:
    raise OperationalError("unable to open database file")


def test_with_the_database_and_monitoring_gone_another_zone_is_not_confirmed(
    client: Client, page: Page
) -> None:
    with connection.execute_wrapper(gone):
        beat(ago=0)
        assert GREEN in client.get("/", {"tz": "Europe/London"}).content
        beat(ago=3600)
        reply = client.get("/", {"tz": "Europe/London"})
    assert (GREEN in reply.content, UNSURE in reply.content) == (False, True)


def test_with_only_monitoring_gone_another_zone_is_not_confirmed(client: Client, page: Page) -> None:
    beat(ago=0)
    assert GREEN in client.get("/", {"tz": "Europe/London"}).content
    beat(ago=3600)
    reply = client.get("/", {"tz": "Europe/London"})
    assert (GREEN in reply.content, UNSURE in reply.content) == (False, True)
    beat(ago=0)
    assert GREEN in client.get("/", {"tz": "Europe/London"}).content


def test_a_monitored_page_without_any_heartbeat_is_not_confirmed_in_any_zone(
    client: Client, page: Page
) -> None:
    assert UNSURE in client.get("/", {"tz": "UTC"}).content


def test_silence_hides_no_document_that_shows_no_state(client: Client, page: Page) -> None:
    incident = factories.make_incident(page, "Trunks down")
    publish_page(page.pk)
    beat(ago=3600)
    for path in (f"/incidents/{incident.code}", "/history/2021/10"):
        assert b"Trunks down" in client.get(path, {"tz": "UTC"}).content, path
