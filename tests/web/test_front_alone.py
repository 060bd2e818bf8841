"""The page survives: a web process alone on the published folder, with database, broker and workers gone."""

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.peers.installation import Installation

SET_UP = """
from datetime import UTC, datetime, timedelta
from incidents.domain.components import ComponentStatus
from tests import factories
page = factories.make_page("SIPcity")
network = factories.make_component(page, "Network", group=factories.make_group(page, "SIPcity Calling Platform"))
incident = factories.make_incident(page, "Trunks down", components={network: ComponentStatus.MAJOR_OUTAGE})
factories.resolve(incident)
rfo = factories.make_rfo(incident, files={"Report.pdf": b"%PDF-1.4 report"})
print(incident.code, rfo.attachments.get().code)
"""


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


@pytest.mark.slow
def test_every_document_answers_with_database_broker_and_workers_gone(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        code, attachment = installation.shell(SET_UP).split()[-2:]
        data = Path(installation.environment["DATA_DIR"])
        for file in data.glob("dialtone.sqlite3*"):
            file.unlink()
        shutil.rmtree(data / "broker", ignore_errors=True)
        shutil.rmtree(data / "media", ignore_errors=True)
        installation.environment["DATABASE_URL"] = f"sqlite:///{tmp_path / 'gone' / 'db.sqlite3'}"
        installation.environment["CELERY_BROKER_URL"] = "redis://127.0.0.1:1/0"
        installation.start("web")
        for path in (
            *("/", f"/incidents/{code}", f"/incidents/{code}/rfo", "/rfo/RFO-2021-0001/v1", "/history"),
            *(
                "/history/2021/10",
                "/history.rss",
                "/history.atom",
                "/api/v2/summary.json",
                "/api/v2/status.json",
            ),
            *("/robots.txt", f"/attachments/{attachment}/Report.pdf", "/static/page.css", "/static/page.js"),
        ):
            status, _, body = get(installation.url + path)
            assert (status, bool(body)) == (200, True), path
        status, _, body = get(f"{installation.url}/incidents/{code}")
        assert b"Posted Oct 09, 2021 - 08:22 AEDT" in body
        assert json.loads(get(f"{installation.url}/api/v2/summary.json")[2])["page"]["name"] == "SIPcity"
        status, _, body = get(f"{installation.url}/incidents/{code}?tz=Europe/London")
        assert (status, b"AEDT" in body) == (200, True)
        assert get(f"{installation.url}/?tz=Mars/Base")[0] == 400
        assert get(f"{installation.url}/nope")[0] == 404


@pytest.mark.slow
def test_a_real_server_keeps_to_http(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        installation.shell(SET_UP)
        installation.start("web")
        status, headers, _ = get(installation.url, Accept_Encoding="gzip, br")
        assert (status, headers["content-encoding"]) == (200, "br")
        status, headers, body = get(
            installation.url, Accept_Encoding="gzip, br", If_None_Match=headers["etag"]
        )
        assert (status, body) == (304, b"")
        request = urllib.request.Request(installation.url, method="HEAD")
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert int(reply.headers["Content-Length"]) > 1000
            assert reply.read() == b""
        assert get(installation.url, Host="evil.test")[0] == 400
        assert get(installation.url, Range="bytes=0-9")[0] == 200


@pytest.mark.slow
def test_a_commit_in_another_process_is_seen_at_once(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        installation.shell(SET_UP)
        installation.start("web")
        assert b"Seen from afar" not in get(installation.url)[2]
        installation.shell(
            "from incidents.models import Page\nfrom tests import factories\n"
            'factories.make_incident(Page.objects.get(), "Seen from afar")'
        )
        assert b"Seen from afar" in get(installation.url)[2]
