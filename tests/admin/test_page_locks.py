"""Which pages the admin locks, and in what order: two writers that lock in one order never wait for each other."""

import json
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

SAVES = """
import json, re
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.admin.test_pages import form
from tests.factories import make_page

client = Client()
client.force_login(User.objects.create_superuser("dana"))
pages = [make_page(name) for name in ("Arena", "2talk", "SIPcity")]

def locked(page, *hosts, **fields):
    words = form(*hosts, name=page.name, zone_name=page.zone_name, **fields)
    with CaptureQueriesContext(connection) as said:
        assert client.post(f"/admin/incidents/page/{page.pk}/change/", words).status_code == 302
    found = [re.search(r'"id" = (\\d+) .*FOR UPDATE', each["sql"]) for each in said]
    return list(dict.fromkeys(pages.index(next(p for p in pages if p.pk == int(each[1]))) for each in found if each))

print(json.dumps([
    locked(pages[1], "status.2talk.test"),
    locked(pages[2], url="https://status.sipcity.test", make_default="on"),
    locked(pages[0], make_default="on"),
]))
"""


@pytest.mark.slow
def test_hosts_lock_their_page_and_a_new_default_locks_all_pages_smallest_key_first(tmp_path: Path) -> None:
    with (
        Postgres() as database,
        Installation(tmp_path, ALLOWED_HOSTS="testserver", DATABASE_URL=database.url) as installation,
    ):
        assert json.loads(installation.shell(SAVES).strip().splitlines()[-1]) == [[1], [0, 1, 2], [0, 1, 2]]
