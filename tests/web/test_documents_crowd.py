"""Zones without number: rendering is bounded, and whoever comes too many gets what is published."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from incidents.domain.components import ComponentStatus
from incidents.models import Incident
from incidents.publishing.publisher import publish_page, the_store
from incidents.web.documents import RENDERING
from tests import factories
from tests.peers.stepped_clock import touch


@pytest.fixture
def incident(db: None, settings: Settings, tmp_path: Path) -> Incident:
    settings.PUBLISH_DIR = tmp_path / "published"
    incident = factories.make_incident(factories.make_page("SIPcity"), "Trunks down")
    publish_page(incident.page_id)
    return incident


@pytest.fixture
def crowd(incident: Incident) -> Iterator[ExitStack]:
    """Two renderings that are under way; closing it ends them."""
    with ExitStack() as stack:
        for _ in range(2):
            assert RENDERING.acquire(blocking=False)
            stack.callback(RENDERING.release)
        yield stack


def test_one_too_many_gets_the_published_bytes_at_once_with_the_same_headers(
    client: Client, incident: Incident, crowd: ExitStack
) -> None:
    path = f"/incidents/{incident.code}"
    crowded = client.get(path, {"tz": "Europe/London"})
    published = the_store().page(incident.page.code).read(path)
    assert published is not None
    assert crowded.content == published.fresh.bodies["identity"]
    assert b"AEDT" in crowded.content
    crowd.close()
    usual = client.get(path, {"tz": "Europe/London"})
    assert b"BST" in usual.content
    assert {**crowded.headers, "Content-Length": ""} == {**usual.headers, "Content-Length": ""}


def test_the_crowd_is_told_no_more_than_is_confirmed(client: Client, incident: Incident) -> None:
    factories.resolve(incident)
    component = factories.make_component(incident.page, "Network")
    factories.make_probe(component, last_at=datetime.now(UTC))
    publish_page(incident.page_id, everything=True)
    heartbeat = the_store().heartbeat
    touch(heartbeat)
    os.utime(heartbeat, (time.time() - 3600, time.time() - 3600))
    with RENDERING, RENDERING:
        reply = client.get("/", {"tz": "UTC"})
    assert b"Current Status Not Confirmed" in reply.content
    assert b"All Systems Operational" not in reply.content


def test_what_is_not_published_asks_the_crowd_to_come_again(client: Client, crowd: ExitStack) -> None:
    reply = client.get("/incidents/nothinghere0")
    assert (reply.status_code, reply["Retry-After"]) == (503, "5")


def test_every_rendering_gives_its_place_back_whatever_came_of_it(client: Client, incident: Incident) -> None:
    for number in range(5):
        assert client.get(f"/incidents/nothinghere{number}").status_code == 404
        assert client.get("/", {"tz": "Mars/Base"}).status_code == 400
    assert b"BST" in client.get(f"/incidents/{incident.code}", {"tz": "Europe/London"}).content


def test_a_document_about_one_incident_or_month_reads_no_more_than_that(
    client: Client, incident: Incident
) -> None:
    factories.make_component(incident.page, "Network")
    for path in (f"/incidents/{incident.code}", "/history/2021/10"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(path, {"tz": "Pacific/Fiji"}).status_code == 200
        assert not [each["sql"] for each in asked if "statuschange" in each["sql"]], path


def test_a_document_is_the_same_however_little_of_the_page_was_read(
    client: Client, incident: Incident
) -> None:
    component = factories.make_component(incident.page, "Network")
    factories.make_update(incident, components={component: ComponentStatus.MAJOR_OUTAGE})
    publish_page(incident.page_id)
    for path in (f"/incidents/{incident.code}", "/history/2021/10"):
        published = the_store().page(incident.page.code).read(path)
        assert published is not None
        assert client.get(path).content == published.fresh.bodies["identity"], path
