"""Addresses that commands and documents print: a live server answers 200 there, or the output says why not."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.peers.installation import ROOT, Installation

CASES = ROOT / "tests" / "data" / "cases"
HOST = "calls.localhost"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    hosts = "127.0.0.1,localhost,.localhost"
    with Installation(tmp_path_factory.mktemp("printed"), ALLOWED_HOSTS=hosts) as made:
        made.start("web")
        yield made


def manage(site: Installation, *arguments: object) -> str:
    """What a command prints, as a person sees it."""
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(site: Installation, address: str) -> int:
    """The answer to a printed address, whatever a resolver knows of its host."""
    parts = urlsplit(address)
    assert parts.port == site.port, address
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", f"{parts.path or '/'}", headers={"Host": parts.netloc})
    return connection.getresponse().status


def shell(site: Installation, code: str) -> str:
    return manage(site, "shell", "-c", code)


def test_every_address_that_is_printed_answers_or_says_why_not(site: Installation) -> None:
    first = manage(site, "import_incident", CASES / "pc01-ongoing-affects.txt").splitlines()
    assert "does not answer" not in first[-2]
    assert status(site, first[-1]) == 200

    second = manage(site, "import_incident", CASES / "pass-nested-brackets.txt").splitlines()
    assert second[-2].startswith("The address below does not answer yet. This page has no host yet")
    assert status(site, second[-1]) == 404

    given = "from incidents.models import Page, PageHost; page = Page.objects.get(name='Delta SIP')"
    shell(site, f"{given}; PageHost.objects.create(page=page, host='{HOST}')")
    manage(site, "publish", "--all")
    third = manage(site, "import_incident", CASES / "pass-nested-brackets.txt").splitlines()
    assert third[-1] == f"http://{HOST}:{site.port}{urlsplit(second[-1]).path}"
    assert "does not answer" not in third[-2]
    assert status(site, third[-1]) == 200

    moved = manage(site, "import_statuspage", CASES / "pc06-archive-html").splitlines()
    assert moved[-2].startswith("The address below does not answer yet.")

    planned = manage(site, "import_incident", CASES / "pc02-maintenance-report.txt", "--page", "Delta SIP")
    assert "/maintenance/" in planned.splitlines()[-1]
    assert status(site, planned.splitlines()[-1]) == 200


def test_links_of_a_page_with_a_domain_and_no_url_lead_to_that_domain(site: Installation) -> None:
    made = (
        "from datetime import UTC, datetime; from incidents.operations.actors import SHELL\n"
        "from incidents.operations.pages import create_page\n"
        "create_page(name='Linked', zone_name='UTC', hosts=('linked.localhost',), by=SHELL, at=datetime.now(UTC))"
    )
    shell(site, made)
    report = site.directory / "linked.txt"
    text = (CASES / "pass-update-after-resolved.txt").read_text(encoding="utf-8")
    report.write_text(text.replace("Fenland Telecom", "Linked"), encoding="utf-8")
    address = manage(site, "import_incident", report).splitlines()[-1]
    manage(site, "publish", "--all")
    base = f"http://linked.localhost:{site.port}"
    assert address.startswith(f"{base}/incidents/")
    for path in ("/history.rss", "/history.atom", "/updates.atom", "/api/v2/summary.json", "/sitemap.xml"):
        parts = _get(site, "linked.localhost", path)
        found = set(re.findall(r"https?://[^\s\"'<>&#)]+", parts))
        links = {
            each for each in found if not re.match(r"https?://(?:www\.w3|purl|www\.sitemaps)\.org", each)
        }
        assert links, path
        assert {each for each in links if not each.startswith(base)} == set(), path
    assert json.loads(_get(site, "linked.localhost", "/api/v2/status.json"))["page"]["url"] == base


def _get(site: Installation, host: str, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", path, headers={"Host": f"{host}:{site.port}"})
    reply = connection.getresponse()
    body = reply.read().decode()
    assert reply.status == 200, (path, body[:200])
    return body


def test_a_host_that_this_server_does_not_answer_is_no_address_of_a_page(site: Installation) -> None:
    made = (
        "from datetime import UTC, datetime; from incidents.operations.actors import SHELL\n"
        "from incidents.operations.pages import create_page\n"
        "create_page(name='Kowhai Voice', zone_name='Pacific/Auckland', hosts=('status.kowhai.example',), "
        "by=SHELL, at=datetime.now(UTC))"
    )
    shell(site, made)
    printed = manage(site, "import_incident", CASES / "pc02-maintenance-report.txt").splitlines()
    assert "does not answer as status.kowhai.example yet: ALLOWED_HOSTS" in printed[-2]
    assert Path(urlsplit(printed[-1]).path).parent.name == "maintenance"
