"""Guessing links, codes and keys: answered, at hardly any cost, and one line a minute in the log."""

import http.client
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.domain.hysteresis import Verdict
from incidents.models import Page, Probe
from incidents.web.limits import MISSES_AN_HOUR
from tests.factories import make_component, make_page, make_probe
from tests.peers.installation import Installation

GUESSES = 300
"""At each door; with the seven doors some two thousand."""
MINUTE = 60.0
DOORS = {
    "/subscriptions/manage/{}": (404, 429),
    "/subscriptions/confirm/1790000000.abc.def.{}": (404, 429),
    "/subscriptions/unsubscribe/{}": (404, 429),
    "/customers/{}": (404, 429),
    "/attachments/{}/finding.pdf": (404, 429),
    "/beats/{:0>12}": (404, 429),
    "/accounts/password/reset/key/1-abc-{}/": (200, 429),
}
KEYS = "/v1/pages/abc/incidents"


class NoHasher(PBKDF2PasswordHasher):
    """A hasher that must not run."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        raise AssertionError("a guess was hashed at great cost")


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = [f"{__name__}.NoHasher"]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")


def lines(caplog: pytest.LogCaptureFixture) -> int:
    return len([each for each in caplog.records if each.name in {"django.request", "django.security.csrf"}])


@pytest.mark.parametrize("door", DOORS)
def test_guesses_are_answered_at_hardly_any_cost_and_logged_once(
    page: Page, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(REMOTE_ADDR="203.0.113.77")
    began, statuses, most = time.monotonic(), Counter[int](), 0
    for number in range(GUESSES):
        with CaptureQueriesContext(connection) as queries:
            statuses[client.get(door.format(number)).status_code] += 1
        most = max(most, len(queries))
    wrong, shut = DOORS[door]
    assert set(statuses) == {wrong, shut}
    assert statuses[wrong] in range(
        MISSES_AN_HOUR, 2 * MISSES_AN_HOUR + 1
    )  # twice where an hour ends meanwhile
    assert most <= 4
    windows = (time.monotonic() - began) // MINUTE + 2
    assert lines(caplog) <= 2 * windows


def test_guesses_of_a_key_cost_one_look_each_and_are_logged_once(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    client, began = Client(REMOTE_ADDR="203.0.113.78"), time.monotonic()
    for number in range(GUESSES):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(KEYS, headers={"Authorization": f"OAuth dt_{number}"}).status_code == 401
        assert len(queries) <= 1
    assert lines(caplog) <= (time.monotonic() - began) // MINUTE + 2


def test_whoever_guesses_closes_no_door_for_a_neighbour_who_knows_the_way(page: Page) -> None:
    probe = make_probe(make_component(page, "Backup"), verdict=Verdict.UP)
    Probe.objects.filter(pk=probe.pk).update(kind="heartbeat")
    client = Client(REMOTE_ADDR="203.0.113.79")
    codes = [client.get(f"/beats/{number:0>12}").status_code for number in range(MISSES_AN_HOUR + 5)]
    assert codes[-1] == 429
    assert client.get(f"/beats/{probe.code}").status_code == 200


@pytest.mark.slow
def test_a_real_process_answers_thousands_of_guesses_and_goes_on_serving(tmp_path: Path) -> None:
    with Installation(tmp_path, LOG_FORMAT="json") as home:
        home.shell("from tests.factories import make_page; make_page('SIPcity', zone='UTC')")
        home.start("web")
        numbers = itertools.count()
        began = time.monotonic()

        def guess(_: int) -> Counter[int]:
            line, found = http.client.HTTPConnection("127.0.0.1", home.port, timeout=20), Counter[int]()
            for _ in range(750):
                number = next(numbers)
                line.request("GET", list(DOORS)[number % len(DOORS)].format(number))
                reply = line.getresponse()
                reply.read()
                found[reply.status] += 1
            return found

        with ThreadPoolExecutor(4) as pool:
            found = sum(pool.map(guess, range(4)), Counter())
        windows = int((time.monotonic() - began) // MINUTE) + 2
        assert sum(found.values()) == 3000
        assert set(found) <= {200, 404, 429, 503}, found
        assert found[429] > 1000
        logged = (tmp_path / "web.log").read_text(encoding="utf-8")
        assert logged.count("django.request") <= (2 * len(DOORS) + 1) * windows
        assert home.get("/accounts/login/")[0] == 200
