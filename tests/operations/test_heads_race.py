"""Many workers at once publish and mail the heads of a day once, on SQLite and on PostgreSQL."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
PUBLISHES = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.contrib.auth.models import User
from django.db import connection
from incidents.domain.published import Published
from incidents.models import AuditLine, HeadMail, HeadPublication
from incidents.operations.head_mails import claim_head_mails
from incidents.operations.heads import publish_heads
from tests.factories import BEGAN, make_page

make_page("SIPcity")
User.objects.create_superuser("root", "root@example.com")
ready = Barrier(6)

def publish(_):
    try:
        ready.wait()
        made = publish_heads(Published(), at=BEGAN)
        ready.wait()
        return made is not None, len(claim_head_mails(at=BEGAN))
    finally:
        connection.close()

connection.close()
with ThreadPoolExecutor(6) as hands:
    done = list(hands.map(publish, range(6)))
assert sorted(made for made, _ in done) == [False] * 5 + [True], done
assert sum(claimed for _, claimed in done) == 1, done
assert HeadPublication.objects.count() == HeadMail.objects.count() == 1
assert AuditLine.objects.filter(kind="heads.published").count() == 1
print("once")
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_six_workers_publish_and_claim_the_heads_of_a_day_once(tmp_path: Path, database: str) -> None:
    with ExitStack() as stack:
        more = {}
        if database == "postgresql":
            more["DATABASE_URL"] = stack.enter_context(Postgres()).url
        installation = stack.enter_context(Installation(tmp_path, ALLOWED_HOSTS="testserver", **more))
        assert installation.shell(PUBLISHES).strip().splitlines()[-1] == "once"
