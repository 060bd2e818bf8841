"""`/history.json?page=N`: three months a page, rendered when it is asked for, and never the wrong months."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

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
