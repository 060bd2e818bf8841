"""Several processes that publish one page at once, on a database in a file as in production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from incidents.publishing.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
SET_UP = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import factories
page = factories.make_page("SIPcity")
incident = factories.make_incident(page)
print(page.code, incident.pk, incident.code)
"""
POST = """
import sys; import django; django.setup()
from datetime import timedelta
from incidents.models import Incident
from tests import factories
incident = Incident.objects.get(pk=int(sys.argv[1]))
for number in range(5):
    at = factories.BEGAN + timedelta(minutes=1 + number)
    factories.make_update(incident, f"Worker {sys.argv[2]}, post {number}", at=at)
"""


def python(script: str, *words: str, folder: Path) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "statuspage.settings",
        "DATA_DIR": str(folder),
        "SITE_URL": "http://status.sipcity.test",
    }
    return subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_publishers_at_the_same_time_never_go_backwards_and_lose_nothing(tmp_path: Path) -> None:
    said, _ = python(SET_UP, folder=tmp_path).communicate(timeout=60)
    page, pk, code = said.split()
    folder = Store(tmp_path / "published").page(page)
    workers = [python(POST, pk, str(number), folder=tmp_path) for number in range(4)]
    seen: list[int] = []
    while any(each.poll() is None for each in workers):
        pointer = folder.pointer()
        seen.append(pointer.revision if pointer else 0)
    assert [each.wait() for each in workers] == [0, 0, 0, 0]
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    document = folder.read(f"/incidents/{code}")
    assert document is not None
    text = document.fresh.bodies["identity"].decode()
    assert all(f"Worker {worker}, post {number}" in text for worker in range(4) for number in range(5))
