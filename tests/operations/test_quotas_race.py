"""Twenty requests for one mailbox at once, through real databases and every door: three mails."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
TOGETHER = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from django.contrib.auth.models import User
from django.db import connection
from incidents.models import AccountMail, Event, Page
from incidents.operations.account_mails import request_password_link
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
from incidents.operations.subscribers import request_subscription
now = datetime.now(UTC)
User.objects.create_user("dana", "dana@example.com")
page = create_page(name="Page", zone_name="UTC", by=DEMO, at=now)
together = Barrier(20)
def ask(number):
    try:
        together.wait(30)
        if number % 2:
            request_password_link("Dana@Example.com", at=now)
        else:
            request_subscription(page, channel="email", address=f"dana+{number}@example.com", at=now)
    finally:
        connection.close()
with ThreadPoolExecutor(20) as pool:
    list(pool.map(ask, range(20)))
print(AccountMail.objects.count() + Event.objects.filter(kind="subscriber.requested", notifies=True).count())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def test_twenty_requests_at_once_by_two_doors_are_three_mails(home: Installation) -> None:
    assert home.shell(TOGETHER).split()[-1] == "3"
