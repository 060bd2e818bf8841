"""Many requests for one mailbox at once, through real databases: the cap holds, and other pages wait for nobody."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from incidents.operations.subscribers import MAILS_A_DAY
from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
TOGETHER = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from django.db import connection
from incidents.models import Event, Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
from incidents.operations.subscribers import request_subscription
now = datetime.now(UTC)
pages = [create_page(name=f"Page {n}", zone_name="UTC", by=DEMO, at=now) for n in range(3)]
together = Barrier(6)
def ask(number):
    try:
        together.wait(20)
        for turn in range(4):
            address = "same@example.com" if number % 2 else f"Same+{number}.{turn}@Example.com"
            request_subscription(pages[(number + turn) % 3], channel="email", address=address, at=now)
    finally:
        connection.close()
with ThreadPoolExecutor(6) as pool:
    list(pool.map(ask, range(6)))
print(Event.objects.filter(kind="subscriber.requested").count(), Event.objects.filter(notifies=True).count())
"""
BESIDE_A_BUSY_PAGE = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from django.db import connection, transaction
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.journal import lock
from incidents.operations.pages import create_page
from incidents.operations.subscribers import request_subscription
now = datetime.now(UTC)
busy, free = [create_page(name=f"Page {n}", zone_name="UTC", by=DEMO, at=now) for n in range(2)]
def ask():
    request_subscription(free, channel="email", address="ada@example.com", at=now)
    connection.close()
with ThreadPoolExecutor(1) as pool:
    with transaction.atomic():
        lock(busy)
        asked = pool.submit(ask)
        try:
            asked.result(10)
        except TimeoutError:
            print("waited")
    asked.result(10)
print(Subscriber.objects.count())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def test_requests_at_once_for_one_mailbox_are_at_most_three_mails(home: Installation) -> None:
    assert home.shell(TOGETHER).split() == [str(MAILS_A_DAY)] * 2


@pytest.mark.parametrize("home", ["postgresql"], indirect=True)
def test_a_request_for_one_page_does_not_wait_for_another(home: Installation) -> None:
    assert home.shell(BESIDE_A_BUSY_PAGE) == "1\n"
