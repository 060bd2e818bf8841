"""Many writers at once on two pages: every chain stays whole, on SQLite and on PostgreSQL, whose triggers hold."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
WRITES = """
from concurrent.futures import ThreadPoolExecutor
from django.db import DatabaseError, connection, transaction
from incidents.models import AuditLine, Event
from incidents.monitoring.audits import verify_audit
from tests.factories import DEMO, BEGAN, make_component, make_page

pages = [make_page(name) for name in ("SIPcity", "2talk")]

def write(hand):
    try:
        for number in range(10):
            make_component(pages[(hand + number) % 2], f"Line {hand} {number}")
    finally:
        connection.close()

connection.close()  # the pool has eight, one for each hand
with ThreadPoolExecutor(8) as hands:
    list(hands.map(write, range(8)))
assert AuditLine.objects.filter(event__isnull=False).count() == Event.objects.count() == 82
assert [each.faults for each in verify_audit({})] == [[], []], verify_audit({})
for act in (
    lambda: AuditLine.objects.filter(number=1).update(actor="nobody"),
    lambda: AuditLine.objects.filter(number=41).delete(),
    lambda: AuditLine.objects.all().delete(),
):
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        assert "append-only" in str(error)
    else:
        raise AssertionError("a line was changed")
print("whole")
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_eight_writers_leave_whole_chains_that_the_database_guards(tmp_path: Path, database: str) -> None:
    with ExitStack() as stack:
        more = {}
        if database == "postgresql":
            more["DATABASE_URL"] = stack.enter_context(Postgres()).url
        installation = stack.enter_context(Installation(tmp_path, ALLOWED_HOSTS="testserver", **more))
        assert installation.shell(WRITES).strip().splitlines()[-1] == "whole"
