"""What a reader costs: the index, the summary and a 304, beside nginx with the same bytes as files."""

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import Message

import pytest

from tests.bench.load import Cost, Target, costs
from tests.bench.servers import granian, nginx
from tests.bench.table import Report, Row
from tests.peers.installation import Installation

pytestmark = pytest.mark.bench

INDEX, SUMMARY = "/", "/api/v2/summary.json"
FILES = {"index.html": INDEX, SUMMARY[1:]: SUMMARY}
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
OURS, NGINX, TUNED = "ours", "nginx", "nginx, files kept open"
LEAST = 0.5


@pytest.fixture(scope="module")
def servers(site: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Target]]:
    """Ours, nginx with the very bytes that ours serves, and the same nginx with its files kept open."""
    with granian(site) as pid:
        ours = Target(site.url, pid)
        files = {
            name: tuple(ask(ours, path, how)[1] for how in (PLAIN, GZIP)) for name, path in FILES.items()
        }
        with nginx(tmp_path_factory.mktemp("nginx"), files) as theirs:
            yield {OURS: ours, NGINX: theirs[0], TUNED: theirs[1]}


def ask(server: Target, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, Message]:
    """Status, bytes as they came and headers."""
    request = urllib.request.Request(server.url + path, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read(), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def again(server: Target, path: str) -> Target:
    """The request of a reader who has the document's gzip already."""
    headers = {**GZIP, "If-None-Match": ask(server, path, GZIP)[2]["ETag"]}
    assert ask(server, path, headers)[:2] == (304, b"")
    return Target(server.url + path, server.process, headers)


def row(what: str, ours: Cost, name: str, theirs: Cost) -> Row:
    ratio = ours.per_core_second / theirs.per_core_second
    has_goal = name == NGINX
    return Row(
        what,
        f"{ours.per_core_second:,.0f} a core second ({ours.microseconds:.1f} µs)",
        f"{name}: {theirs.per_core_second:,.0f} ({theirs.microseconds:.1f} µs)",
        f"{ratio:.2f}",
        f"at least {LEAST}" if has_goal else "",
        ratio >= LEAST if has_goal else None,
    )


def test_a_document_costs_little_more_than_a_file(servers: dict[str, Target], report: Report) -> None:
    asked: dict[tuple[str, str], Target] = {}
    for what, path, how, names in (
        ("the index, gzip", INDEX, GZIP, servers),
        ("the index, raw", INDEX, PLAIN, (OURS, NGINX)),
        ("`summary.json`, gzip", SUMMARY, GZIP, (OURS, NGINX)),
    ):
        assert len({ask(server, path, how)[:2] for server in servers.values()}) == 1
        asked |= {
            (what, name): Target(servers[name].url + path, servers[name].process, how) for name in names
        }
    asked |= {("the index, 304", name): again(servers[name], INDEX) for name in (OURS, NGINX)}
    found = dict(zip(asked, costs(list(asked.values())), strict=True))
    report.add(
        "reading",
        *(row(what, found[what, OURS], name, cost) for (what, name), cost in found.items() if name != OURS),
    )
