"""`/history.json?page=N`: three months a page, rendered when it is asked for, and never the wrong months."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from incidents.models import Page
from incidents.publishing.html_history import LONG_MONTHS
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _history() -> None:
    page = factories.make_page("SIPcity")
    incident = factories.make_incident(page, "An old one", at=datetime(2021, 10, 8, 21, 22, tzinfo=UTC))
    factories.resolve(incident)


def months(client: Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/history.json{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = json.loads(answer.content)["months"]
    return found


def test_pages_follow_each_other_without_a_gap(client: Client) -> None:
    listed = [month for number in (1, 2, 3) for month in months(client, f"?page={number}")]
    counted = [month["year"] * 12 + LONG_MONTHS.index(month["name"]) for month in listed]
    assert len(listed) == 9
    assert counted == list(range(counted[0], counted[0] - 9, -1))


def test_no_number_is_the_first_page(client: Client) -> None:
    assert months(client, "") == months(client, "?page=1") == months(client, "?page=")


def test_an_incident_of_years_ago_is_found(client: Client) -> None:
    found = [
        incident["name"]
        for number in range(1, 60)
        for month in months(client, f"?page={number}")
        for incident in month["incidents"]
    ]
    assert found == ["An old one"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "1000", "9" * 5000, "²", "1;2"])
def test_a_number_that_is_none_is_told_so(client: Client, number: str) -> None:
    answer = client.get("/history.json", {"page": number})
    assert answer.status_code == 400
    assert "each page holds three months" in answer.content.decode()


def test_before_all_calendars_there_is_nothing(client: Client) -> None:
    assert client.get("/history.json?page=999").status_code == 404


def test_a_short_link_leads_to_the_incident(client: Client) -> None:
    answer = client.get("/i/abcdefghijkl")
    assert (answer.status_code, answer["Location"]) == (302, "/incidents/abcdefghijkl")


LAST_NIGHT = datetime(2021, 10, 31, 20, 0, tzinfo=UTC)
"""Already November in Sydney, still October in UTC and everywhere west of it."""


@pytest.fixture
def night(client: Client) -> Page:
    page = factories.make_page("Nightline", zone="Australia/Sydney", hosts=("status.nightline.test",))
    factories.resolve(factories.make_incident(page, "Trunks down at night", at=LAST_NIGHT))
    client.defaults["HTTP_HOST"] = "status.nightline.test"
    return page


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", ""])
def test_a_month_is_the_pages_own_whatever_zone_it_is_read_in(
    client: Client, settings: Settings, zone: str
) -> None:
    settings.ALLOWED_HOSTS = [".test"]
    chosen = {"tz": zone} if zone else {}
    assert client.get("/history/2021/10", chosen).status_code == 404
    month = client.get("/history/2021/11", chosen)
    assert month.status_code == 200
    assert b"Trunks down at night" in month.content
    assert (b"20:00 UTC</time>" in month.content) == (zone == "UTC")


@pytest.mark.usefixtures("night")
def test_next_month_of_a_viewer_is_no_document_yet(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [".test"]
    with time_machine.travel(datetime(2021, 10, 31, 12, 30, tzinfo=UTC), tick=False):
        for month in ("/history/2021/11", "/history/2021/10"):
            assert client.get(month, {"tz": "Pacific/Apia"}).status_code == 404
        assert b"October 2021" in client.get("/history", {"tz": "Pacific/Apia"}).content
        assert b"November 2021" not in client.get("/history", {"tz": "Pacific/Apia"}).content
