"""The OpenAPI description is true: thousands of requests that schemathesis makes of it, to a real process (slow)."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.peers.installation import Installation

pytestmark = pytest.mark.slow
MAKE = """
from datetime import UTC, datetime
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.keys import make_key
from incidents.operations.pages import create_page
at = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=SHELL, at=at)
print(page.code, make_key(name="fuzz", page=None, scopes=list(Scope), by=SHELL, at=at)[1])
"""
EXAMPLES = 34
LEAST_CASES = 5000
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429"]
"""
"""A field that is right by itself may be wrong here and now (422), or hold a NUL, which no schema can forbid (400); and
we are lenient on purpose: a number where a text is asked for, as forms send it, is taken."""


class Asking:
    """Makes things for the paths to name."""

    def __init__(self, url: str, page: str, key: str) -> None:
        self.place, self.headers = f"{url}/v1/pages/{page}", {"Authorization": f"OAuth {key}"}

    def make(self, path: str, body: dict[str, Any]) -> Any:
        """What was answered."""
        request = urllib.request.Request(f"{self.place}{path}", json.dumps(body).encode(), self.headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            pytest.fail(f"{path}: {error.read().decode()}")


def things(asking: Asking) -> dict[str, str]:
    """A code for each name in a path."""
    component = asking.make("/components", {"component": {"name": "Calls"}})["id"]
    incident = asking.make("/incidents", {"incident": {"name": "Calls fail"}})
    over = asking.make("/incidents", {"incident": {"name": "Over", "status": "resolved"}})["id"]
    vouched = {"email": "kim@example.com", "skip_confirmation_notification": True}
    probe = {"component_id": component, "name": "TCP", "kind": "tcp_connect", "target": "192.0.2.1:5060"}
    series = {
        "name": "Patching",
        "body": "We patch.",
        "begins": "2027-01-03T02:00",
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "minutes": 5,
    }
    return {
        "component_id": component,
        "group_id": asking.make(
            "/component-groups",
            {"component_group": {"name": "SIP", "components": [component]}},
        )["id"],
        "incident_id": incident["id"],
        "update_id": incident["incident_updates"][0]["id"],
        "subscriber_id": asking.make("/subscribers", {"subscriber": vouched})["id"],
        "metric_id": asking.make("/metrics", {"metric": {"name": "Calls"}})["id"],
        "rfo_id": asking.make("/rfos", {"rfo": {"incident_id": over, "body": "Why."}})["id"],
        "probe_id": asking.make("/probes", {"probe": probe})["id"],
        "series_id": asking.make("/maintenance_series", {"series": series})["id"],
        "source_id": asking.make("/event_sources", {"event_source": {"name": "Nagios"}})["id"],
    }


def test_thousands_of_requests_meet_no_server_error_and_nothing_that_is_not_described(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        page, key = home.shell(MAKE).split()
        home.start("web")
        known = {"page_id": page} | things(Asking(home.url, page, key))
        lines = [f'[dictionaries.{name}]\nvalues = ["{code}"]' for name, code in known.items()]
        lines += [CONFIG, "[parameters]"]
        lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.8 }}' for name in known]
        (tmp_path / "fuzz.toml").write_text("\n".join(lines))
        command = [
            *(
                str(Path(sys.executable).with_name("schemathesis")),
                "--config-file",
                str(tmp_path / "fuzz.toml"),
            ),
            *("run", f"{home.url}/v1/schema", "-H", f"Authorization: OAuth {key}", "--checks", "all"),
            *("--max-examples", str(EXAMPLES), "--rate-limit", "58/s", "--no-color", "--max-failures", "50"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        summary = done.stdout[done.stdout.find("= SUMMARY =") :]
        print(summary)
        assert done.returncode == 0, done.stdout[-20_000:] + home.log("web")
    counted = re.search(r"([\d,]+) generated", done.stdout)
    assert counted
    assert int(counted.group(1).replace(",", "")) >= LEAST_CASES
