"""Documents through Django: another zone, nothing published yet, no database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from incidents.models import Incident
from incidents.publishing.publisher import publish_page
from incidents.publishing.site import DOCUMENTS
from tests import factories


@pytest.fixture(autouse=True)
def publish_dir(settings: Settings, tmp_path: Path) -> None:
    settings.PUBLISH_DIR = tmp_path / "published"


@pytest.fixture
def incident(db: None) -> Incident:
    return factories.make_incident(factories.make_page("SIPcity"), "Trunks down")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.pattern)
def test_every_row_of_the_site_table_is_a_path(document: object) -> None:
    pattern: str = document.pattern  # type: ignore[attr-defined]
    names = {"code": "abcdefghijkl", "number": "RFO-2021-0001", "version": "1", "year": "2021", "month": "10"}
    names["key"] = "0123456789abcdef"
    match = resolve(pattern.format(**names))
    assert match.kwargs["document"] is document


def test_a_document_that_is_not_published_yet_is_rendered(client: Client, incident: Incident) -> None:
    for path in ("/", f"/incidents/{incident.code}", "/history/2021/10", "/history.rss"):
        reply = client.get(path)
        assert (reply.status_code, b"Trunks down" in reply.content) == (200, True), path
    assert client.get("/api/v2/summary.json")["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("zone", "printed"),
    [
        ("UTC", "Posted Oct 08, 2021 - 21:22 UTC"),
        ("Europe/London", "Posted Oct 08, 2021 - 22:22 BST"),
        ("Asia/Kathmandu", "Posted Oct 09, 2021 - 03:07 UTC+05:45"),
        ("", "Posted Oct 09, 2021 - 08:22 AEDT"),
    ],
)
def test_the_viewer_s_zone_is_printed(client: Client, incident: Incident, zone: str, printed: str) -> None:
    assert printed in client.get(f"/incidents/{incident.code}", {"tz": zone}).content.decode()


def test_a_chosen_zone_stays_chosen_and_leads_back(client: Client, incident: Incident) -> None:
    document = client.get("/", {"tz": "Europe/London"}).content.decode()
    assert f'href="/incidents/{incident.code}?tz=Europe%2FLondon"' in document
    assert '<a href="/">Back to Australia/Sydney</a>' in document
    assert 'value="Europe/London"' in document


def test_days_begin_at_the_viewer_s_midnight(client: Client, incident: Incident) -> None:
    factories.resolve(incident, at=datetime.now(UTC))
    Incident.objects.update(started_at=datetime.now(UTC))
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        page = client.get("/", {"tz": zone}).content.decode()
        assert "Trunks down" in page


@pytest.mark.parametrize(
    "zone",
    ["Mars/Base", "AEDT", "../../etc/passwd", "\x00", "<script>", "x" * 9000, "localtime"],
    ids=lambda zone: repr(zone)[:12],
)
def test_an_unknown_zone_is_a_clear_400(client: Client, incident: Incident, zone: str) -> None:
    reply = client.get("/", {"tz": zone})
    assert reply.status_code == 400
    assert b"Unknown time zone" in reply.content
    assert b"<script>" not in reply.content


@pytest.mark.parametrize(
    "path",
    [
        "/incidents/nothinghere0",
        "/incidents/nothinghere0/rfo",
        "/rfo/RFO-2021-0001/v1",
        "/history/2021/09",
        "/history/2021/13",
        "/history/2021/00",
        "/history/2021/1_0",
        "/history/0001/01",
        "/history/9999/12",
        "/history/99999999999999999999/01",
        "/history/x/y",
        "/nope",
    ],
)
def test_what_there_is_not_is_a_404_with_a_way_back(client: Client, incident: Incident, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert b'<a href="/">Current status</a>' in reply.content


def test_an_incident_without_an_rfo_has_no_rfo_page(client: Client, incident: Incident) -> None:
    assert client.get(f"/incidents/{incident.code}/rfo").status_code == 404


def test_an_incident_of_another_page_is_not_there(client: Client, incident: Incident) -> None:
    factories.make_page("2talk", hosts=("localhost",))
    assert client.get(f"/incidents/{incident.code}", headers={"host": "localhost"}).status_code == 404


def test_a_post_shows_at_once_in_every_zone(client: Client, incident: Incident) -> None:
    publish_page(incident.page_id)
    path = f"/incidents/{incident.code}"
    assert "The cause" not in client.get(path, {"tz": "UTC"}).content.decode()
    factories.make_update(incident, "The cause is a certificate.")
    publish_page(incident.page_id)
    assert "The cause" in client.get(path, {"tz": "UTC"}).content.decode()


def test_nothing_may_be_posted(client: Client, incident: Incident) -> None:
    assert client.post("/").status_code == 405


def test_an_installation_without_any_page_says_so(client: Client, db: None) -> None:
    assert client.get("/").status_code == 404


def test_with_the_database_gone_the_published_bytes_answer(client: Client, incident: Incident) -> None:
    publish_page(incident.page_id)

    def gone(*_: object) -> None:
        raise OperationalError("unable to open database file")

    with connection.execute_wrapper(gone):
        reply = client.get("/", {"tz": "Europe/London"})
        missing = client.get("/history/1999/01", {"tz": "Europe/London"})
        unknown = client.get("/", {"tz": "Mars/Base"})
        static = client.get("/incidents/nothinghere0")
    assert (reply.status_code, b"Trunks down" in reply.content) == (200, True)
    assert b"AEDT" in reply.content
    assert (missing.status_code, unknown.status_code, static.status_code) == (503, 400, 503)


def test_the_answers_of_two_zones_do_not_mix(client: Client, incident: Incident) -> None:
    path = f"/incidents/{incident.code}"
    for _ in range(2):
        assert "UTC</time>" in client.get(path, {"tz": "UTC"}).content.decode()
        assert "AEDT</time>" in client.get(path).content.decode()
        assert "BST</time>" in client.get(path, {"tz": "Europe/London"}).content.decode()
