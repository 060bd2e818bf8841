"""A running installation publishes, signs and mails by itself, and goes on after its worker was killed."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.slow
MAKE = """
from django.contrib.auth.models import User
from django.utils.timezone import now
from tests.factories import make_incident, make_page, make_rfo, resolve
incident = make_incident(make_page("SIPcity"))
resolve(incident)
make_rfo(incident)
User.objects.create_superuser("root", "root@example.com")
"""


def test_heads_leave_a_running_installation_and_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        installation.shell(MAKE)
        installation.start("web", "worker", "beat")
        installation.processes["worker"].kill()
        installation.processes["worker"].wait()
        installation.start("worker")

        def published() -> dict[str, object] | None:
            try:
                with urlopen(f"{installation.url}/.well-known/dialtone-integrity.json", timeout=5) as reply:
                    found: dict[str, object] = json.load(reply)
                    return found
            except OSError:
                return None

        found = eventually(published, within=120, what="the published heads")
        assert [each["version"] for each in found["rfos"]] == [1]  # type: ignore[attr-defined]
        with urlopen(f"{installation.url}/rfo/RFO-2021-0001/v1.json.sig", timeout=5) as reply:
            assert len(reply.read()) == 64
        mails = Path(installation.environment["DATA_DIR"]) / "mail"
        letter = eventually(
            lambda: (
                next((each for each in mails.rglob("*") if b"Audit heads" in each.read_bytes()), None)
                if mails.exists()
                else None
            ),
            within=120,
            what="the daily mail",
        )
        assert installation.manage("verify_audit", "--against", str(letter)).endswith("intact\n")
        assert installation.manage("verify_rfos", "--against", str(letter)) == "1 RFOs are intact\n"
