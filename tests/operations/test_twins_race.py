"""Two people who speak on several pages at once, through real databases: nobody is stuck, no page tells twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
BEGIN = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from django.db import connection
from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, IncidentUpdate
from incidents.operations.actors import DEMO
from incidents.operations.errors import Refused
from incidents.operations.twins import Telling, tell_elsewhere, update_twins
from tests.factories import make_incident, make_page

now = datetime.now(UTC)
pages = [make_page(name) for name in ("SIPcity", "2talk", "Vaitel")]
first = make_incident(pages[0], at=now)
WORDS = {"title": "Calls fail", "body": "We are looking.", "by": DEMO, "at": now}

def together(work, count):
    gate = Barrier(count)
    def one(number):
        try:
            gate.wait(20)
            return work(number)
        finally:
            connection.close()
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
"""
SPEAK = """
family = [first, *(tell_elsewhere(first, page, **WORDS) for page in pages[1:])]
def speak(number):
    order = family if number % 2 else family[::-1]
    for turn in range(5):
        update_twins(
            [Telling(each, IncidentStatus.IDENTIFIED, f"{number}.{turn}") for each in order], by=DEMO, at=now
        )
together(speak, 4)
print(*(IncidentUpdate.objects.filter(incident=each).count() for each in family))
"""
TELL = """
def tell(number):
    try:
        return tell_elsewhere(first, pages[1 + number % 2], **WORDS).pk
    except Refused as refused:
        return refused.field
told = together(tell, 6)
print(told.count("page"), Incident.objects.count())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def test_whoever_names_the_pages_in_another_order_waits_for_nobody_for_ever(home: Installation) -> None:
    assert home.shell(BEGIN + SPEAK).split() == ["21"] * 3


def test_of_several_who_tell_it_on_one_page_at_once_one_does(home: Installation) -> None:
    assert home.shell(BEGIN + TELL).split() == ["4", "3"]
