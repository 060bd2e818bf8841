"""Two taps that reach two processes at the same instant still post once."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.peers.installation import Installation

BEGIN = """
import json
from datetime import UTC, datetime
from django.contrib.auth.models import User
from django.test import Client
from tests.console.forms import fields
from tests.factories import make_incident, make_page

dana = User.objects.create_user("dana", is_staff=True)
client = Client()
client.force_login(dana)
incident = make_incident(make_page(), at=datetime.now(UTC))
url = f"/console/incidents/{incident.code}"
new = f"/console/pages/{incident.page.code}/incidents/new"
print(json.dumps([
    [url, fields(client.get(url)) | {"body": "We have found the cause."}],
    [new, fields(client.get(new)) | {"title": "Portal is down", "body": "We are looking."}],
]))
"""
TAP = """
import json, sys, time
from django.contrib.auth.models import User
from django.test import Client

client = Client()
client.force_login(User.objects.get())
ready = PLACE / str(NUMBER)
ready.touch()
while len(list(PLACE.iterdir())) < 2:
    time.sleep(0.001)
print([client.post(url, values).status_code for url, values in json.loads(FORMS)])
"""
COUNT = """
from incidents.models import Event, Incident, IncidentUpdate
print(Incident.objects.count(), IncidentUpdate.objects.count(), Event.objects.filter(user__isnull=False).count())
"""


@pytest.mark.slow
def test_two_taps_in_two_processes_post_once(tmp_path: Path) -> None:
    with Installation(tmp_path, ALLOWED_HOSTS="testserver") as installation:
        forms = installation.shell(BEGIN).strip().splitlines()[-1]
        assert len(json.loads(forms)) == 2
        gate = tmp_path / "gate"
        gate.mkdir()

        def tap(number: int) -> str:
            facts = (
                f"from pathlib import Path\nPLACE, NUMBER, FORMS = Path({str(gate)!r}), {number}, {forms!r}\n"
            )
            return installation.shell(facts + TAP).strip().splitlines()[-1]

        with ThreadPoolExecutor(2) as taps:
            assert list(taps.map(tap, range(2))) == ["[302, 302]"] * 2
        assert installation.shell(COUNT).split()[-3:] == ["2", "3", "2"]
