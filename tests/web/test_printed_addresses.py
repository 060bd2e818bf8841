"""Addresses that commands and documents print: a live server answers 200 there, or the output says why not."""

import http.client
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.peers.installation import ROOT, Installation

CASES = ROOT / "tests" / "data" / "cases"
HOST = "calls.localhost"
SCRIPT = """
import json
from datetime import UTC, datetime
from io import StringIO
from django.core.management import call_command
from incidents.models import Page, PageHost
from incidents.operations.actors import SHELL
from incidents.operations.pages import create_page
printed = []
for name, *arguments in json.loads(r'''%s'''):
    out = StringIO()
    if name == "page":
        page = Page.objects.filter(name=arguments[0]).first()
        page = page or create_page(name=arguments[0], zone_name="UTC", by=SHELL, at=datetime.now(UTC))
        PageHost.objects.create(page=page, host=arguments[1])
    else:
        call_command(name, *arguments, stdout=out, stderr=StringIO())
    printed.append(out.getvalue().splitlines())
print(json.dumps(printed))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    hosts = "127.0.0.1,localhost,.localhost"
    with Installation(tmp_path_factory.mktemp("printed"), ALLOWED_HOSTS=hosts) as made:
        made.start("web")
        yield made


def manage(site: Installation, *commands: list[object]) -> list[list[str]]:
    """The lines that each command prints; `page` makes a page of a name with a host. One process runs all of them."""
    return list(json.loads(site.shell(SCRIPT % json.dumps(commands, default=str))))


def get(site: Installation, address: str) -> tuple[int, str]:
    """The answer to a printed address, whatever a resolver knows of its host."""
    parts = urlsplit(address)
    assert parts.port == site.port, address
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def test_every_address_that_is_printed_answers_or_says_why_not(site: Installation) -> None:
    nested: list[object] = ["import_incident", CASES / "pass-nested-brackets.txt"]
    first, second = manage(site, ["import_incident", CASES / "pc01-ongoing-affects.txt"], nested)
    assert "does not answer" not in first[-2]
    assert get(site, first[-1])[0] == 200
    assert second[-2].startswith("The address below does not answer yet. This page has no host yet")
    assert get(site, second[-1])[0] == 404

    _, _, third, moved, planned, _, foreign = manage(
        site,
        ["page", "Delta SIP", HOST],
        ["publish", "--all"],
        nested,
        ["import_statuspage", CASES / "pc06-archive-html"],
        ["import_incident", CASES / "pc02-maintenance-report.txt", "--page", "Delta SIP"],
        ["page", "Kowhai Voice", "status.kowhai.example"],
        ["import_incident", CASES / "pc02-maintenance-report.txt"],
    )
    assert third[-1] == f"http://{HOST}:{site.port}{urlsplit(second[-1]).path}"
    assert "does not answer" not in third[-2]
    assert get(site, third[-1])[0] == 200
    assert moved[-2].startswith("The address below does not answer yet.")
    assert "/maintenance/" in planned[-1]
    assert get(site, planned[-1])[0] == 200
    assert "does not answer as status.kowhai.example yet: ALLOWED_HOSTS" in foreign[-2]


def test_links_of_a_page_with_a_domain_and_no_url_lead_to_that_domain(site: Installation) -> None:
    report = site.directory / "linked.txt"
    text = (CASES / "pass-update-after-resolved.txt").read_text(encoding="utf-8")
    report.write_text(text.replace("Fenland Telecom", "Linked"), encoding="utf-8")
    base = f"http://linked.localhost:{site.port}"
    _, imported, _ = manage(
        site, ["page", "Linked", "linked.localhost"], ["import_incident", report], ["publish", "--all"]
    )
    assert imported[-1].startswith(f"{base}/incidents/")
    for path in ("/history.rss", "/history.atom", "/updates.atom", "/api/v2/summary.json", "/sitemap.xml"):
        answer, text = get(site, f"{base}{path}")
        assert answer == 200, path
        links = set(re.findall(r"https?://[^\s\"'<>&#)]+", text))
        own = {each for each in links if not re.match(r"https?://(?:www\.w3|purl|www\.sitemaps)\.org", each)}
        assert own, path
        assert {each for each in own if not each.startswith(base)} == set(), path
