"""Two taps that reach two processes at the same instant still post once."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

ROUNDS = 8
BEGIN = """
import json
from datetime import UTC, datetime
from django.contrib.auth.models import User
from django.test import Client
from tests.console.forms import fields
from tests.factories import make_incident, make_page

dana = User.objects.create_superuser("dana")
client = Client()
client.force_login(dana)
incident = make_incident(make_page(), at=datetime.now(UTC))
update = f"/console/incidents/{incident.code}"
new = f"/console/pages/{incident.page.code}/incidents/new"
words = {"body": "We are looking."}
forms = [[new, fields(client.get(new)) | words | {"title": f"Portal is down, {number}"}] for number in range(ROUNDS)]
print(json.dumps([*forms, [update, fields(client.get(update)) | words]]))
"""
TAP = """
import json, time
from django.contrib.auth.models import User
from django.test import Client

client = Client()
client.force_login(User.objects.get())
client.get("/console/incidents/new", follow=True)
answers = []
for number, (url, values) in enumerate(json.loads(FORMS)):
    gate = PLACE / str(number)
    gate.mkdir(exist_ok=True)
    (gate / NAME).touch()
    while len(list(gate.iterdir())) < 2:
        time.sleep(0.0005)
    answers.append(client.post(url, values).status_code)
print(answers)
"""
COUNT = """
from incidents.models import Event, Incident, IncidentUpdate
print(Incident.objects.count(), IncidentUpdate.objects.count(), Event.objects.filter(user__isnull=False).count())
"""


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_two_taps_in_two_processes_post_once(tmp_path: Path, store: str) -> None:
    with ExitStack() as peers:
        database = {"DATABASE_URL": peers.enter_context(Postgres()).url} if store == "postgres" else {}
        installation = peers.enter_context(Installation(tmp_path, ALLOWED_HOSTS="testserver", **database))
        forms = installation.shell(f"ROUNDS = {ROUNDS}\n{BEGIN}").strip().splitlines()[-1]
        assert len(json.loads(forms)) == ROUNDS + 1

        def tap(name: str) -> str:
            facts = f"from pathlib import Path\nPLACE, NAME, FORMS = Path({str(tmp_path)!r}), {name!r}, {forms!r}\n"
            return installation.shell(facts + TAP).strip().splitlines()[-1]

        with ThreadPoolExecutor(2) as taps:
            assert list(taps.map(tap, ["left", "right"])) == [str([302] * (ROUNDS + 1))] * 2
        incidents, updates, events = ROUNDS + 1, ROUNDS + 2, ROUNDS + 1
        assert installation.shell(COUNT).split()[-3:] == [
            str(count) for count in (incidents, updates, events)
        ]
