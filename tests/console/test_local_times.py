"""Local times that staff type: Sydney's clocks went forward on 2021-10-03 and back on 2022-04-03."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from incidents.models import Incident, Page
from tests.console.forms import fields, post, send

SHIFTED = "2021-10-02T16:30:00+00:00"
FIRST, SECOND = "2022-04-02T15:30:00+00:00", "2022-04-02T16:30:00+00:00"


def url(page: Page) -> str:
    return f"/console/pages/{page.code}/incidents/new"


def open_at(client: Client, page: Page, when: str, **more: str) -> object:
    return post(client, url(page), title="Calls fail", body="We are looking.", happened_at=when, **more)


def spoken() -> datetime:
    return Incident.objects.get().updates.get().at


def test_a_time_that_clocks_jumped_over_gets_the_shifted_one_offered(staff: Client, page: Page) -> None:
    response = open_at(staff, page, "2021-10-03T02:30")
    content = response.content.decode()
    assert response.status_code == 422
    assert "does not exist in Australia/Sydney" in content
    assert f'name="reading" value="{SHIFTED}"' in content
    assert "Oct 03, 2021 - 03:30 AEDT" in content
    assert not Incident.objects.exists()


def test_the_shifted_time_is_posted_once_it_is_chosen(staff: Client, page: Page) -> None:
    again = fields(open_at(staff, page, "2021-10-03T02:30"))
    assert send(staff, url(page), again, reading=SHIFTED).status_code == 302
    assert spoken() == datetime(2021, 10, 2, 16, 30, tzinfo=UTC)


def test_a_time_that_happened_twice_asks_which_one(staff: Client, page: Page) -> None:
    content = open_at(staff, page, "2022-04-03T02:30").content.decode()
    assert "happened twice in Australia/Sydney" in content
    assert f'value="{FIRST}"' in content
    assert "Apr 03, 2022 - 02:30 AEDT (UTC+11)" in content
    assert f'value="{SECOND}"' in content
    assert "Apr 03, 2022 - 02:30 AEST (UTC+10)" in content
    assert not Incident.objects.exists()


@pytest.mark.parametrize("reading", [FIRST, SECOND])
def test_the_chosen_one_of_two_is_posted(staff: Client, page: Page, reading: str) -> None:
    again = fields(open_at(staff, page, "2022-04-03T02:30"))
    send(staff, url(page), again, reading=reading)
    assert spoken() == datetime.fromisoformat(reading)


def test_an_answer_to_another_question_is_no_answer(staff: Client, page: Page) -> None:
    assert open_at(staff, page, "2022-04-03T02:30", reading=SHIFTED).status_code == 422
    assert not Incident.objects.exists()


def test_an_ordinary_time_ignores_a_left_over_answer(staff: Client, page: Page) -> None:
    open_at(staff, page, "2021-10-09T08:22", reading=SHIFTED)
    assert spoken() == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)


def test_a_time_in_the_future_is_refused_beside_its_field(staff: Client, page: Page) -> None:
    response = open_at(staff, page, "2099-01-01T00:00")
    assert "lies in the future" in response.content.decode().split('id="id_happened_at_error"')[1]
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "when",
    [
        "yesterday",
        "2021-13-01T00:00",
        "2021-10-09T08:22+11:00",
        "2021-10-09T08:22Z",
        "0001-01-01T00:00",
        "9" * 400,
    ],
    ids=range(6),
)
def test_what_is_no_time_is_refused_beside_its_field(staff: Client, page: Page, when: str) -> None:
    response = open_at(staff, page, when)
    assert response.status_code == 422
    assert "id_happened_at_error" in response.content.decode()
    assert not Incident.objects.exists()


def test_the_field_stands_open_once_something_is_wrong_with_it(staff: Client, page: Page) -> None:
    content = open_at(staff, page, "yesterday").content.decode()
    assert re.search(r'<details class="advanced"\s+open>', content)
