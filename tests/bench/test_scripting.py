"""What a script waits for at the management API: an update until it is published, and ten thousand statuses at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from tests.api.test_races import Server
from tests.bench.posting import poster
from tests.bench.table import Report, Row
from tests.peers.installation import Installation
from tests.peers.old_statuspage import old_statuspage

pytestmark = pytest.mark.bench
WARM_UP, POSTS = 3, 20
MOST = 5.0
COMPONENTS = 10_000
SCRIPTS, PATCHES = 4, 400
INCIDENTS, MINUTE = 2000, 60.0
MAKE_COMPONENTS = """
from datetime import UTC, datetime
from incidents.models import Component, Page, StatusChange
page, at = Page.objects.get(), datetime.now(UTC)
rows = Component.objects.bulk_create([
    Component(page=page, name=f"Trunk {{n}}", position=n + 1, showcase=False, created_at=at, updated_at=at)
    for n in range({number})
], batch_size=500)
StatusChange.objects.bulk_create([StatusChange(component=each, status="operational", at=at) for each in rows])
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running installation on SQLite."""
    with Installation(tmp_path_factory.mktemp("scripting")) as home:
        made = Server(home)
        home.start("web")
        yield made


def test_an_update_by_a_script_is_published_within_five_times_the_bare_operation(
    server: Server, report: Report
) -> None:
    _, made = server.ask("POST", "/incidents", {"incident": {"name": "Calls fail"}})
    path, bare, rows, asked = f"/incidents/{made['id']}", list[float](), list[float](), list[float]()
    with poster(server.home, made["id"]) as other:
        for number in range(WARM_UP + POSTS):
            post = other.post(f"Node {number} is checked.")
            began = time.monotonic()
            status, _ = server.ask("PATCH", path, {"incident": {"body": f"Trunk {number} is checked."}})
            asked.append(time.monotonic() - began)
            bare.append(post.took)
            rows.append(post.committed - post.began)
            assert status == 200
            assert f"Trunk {number} is checked." in server.home.get("/")[1], "published when the answer comes"
    ours, beside = median(asked[WARM_UP:]), median(bare[WARM_UP:])
    report.add(
        "posting",
        Row(
            "post an update through /v1, from the request to published bytes",
            f"{ours * 1000:.0f} ms",
            f"the bare operation: {beside * 1000:.0f} ms ({median(rows[WARM_UP:]) * 1000:.0f} of it to write the rows)",
            f"{ours / beside:.2f}",
            f"at most {MOST:g}",
            ours <= MOST * beside,
        ),
    )


def test_ten_thousand_statuses_at_once_and_many_scripts_meet_no_lock(server: Server, report: Report) -> None:
    server.home.shell(MAKE_COMPONENTS.format(number=100))
    _, listed = server.ask("GET", "/components")
    codes = [each["id"] for each in listed]

    def one(number: int) -> int:
        status = ("major_outage", "operational")[number // len(codes) % 2]
        path = f"/components/{codes[number % len(codes)]}"
        return server.ask("PATCH", path, {"component": {"status": status}})[0]

    began = time.monotonic()
    with ThreadPoolExecutor(SCRIPTS) as pool:
        answers = list(pool.map(one, range(PATCHES)))
    single = time.monotonic() - began
    server.home.shell(MAKE_COMPONENTS.format(number=COMPONENTS).replace("Trunk", "Line"))
    _, listed = server.ask("GET", "/components")
    began = time.monotonic()
    body = {"components": {each["id"]: "degraded_performance" for each in listed[-COMPONENTS:]}}
    status, told = server.ask("PATCH", "/components", body)
    bulk = time.monotonic() - began
    assert status == 200, told
    report.add(
        "posting",
        Row(
            f"{PATCHES} statuses one by one, {SCRIPTS} scripts at once, SQLite",
            f"{PATCHES / single:.0f} a second, {sum(each != 200 for each in answers)} refused",
            goal="0 refused",
            reached=all(each == 200 for each in answers),
        ),
        Row(
            f"{COMPONENTS:,} statuses in one request, SQLite, until published",
            f"{bulk:.1f} s, {len(told['changed']):,} changed",
            goal="all, no lock",
            reached=len(told["changed"]) == COMPONENTS,
        ),
    )


def test_two_thousand_incidents_move_in_within_a_minute(
    tmp_path_factory: pytest.TempPathFactory, report: Report
) -> None:
    with Installation(tmp_path_factory.mktemp("moving")) as home, old_statuspage(INCIDENTS) as base:
        began = time.monotonic()
        printed = home.manage("import_statuspage", base)
        took = time.monotonic() - began
    assert f"{INCIDENTS + 1} incidents" in printed
    report.add(
        "posting",
        Row(
            f"import {INCIDENTS:,} incidents of a Statuspage by its public documents, until published",
            f"{took:.0f} s",
            ratio=f"{took / MINUTE:.2f} of a minute",
            goal="at most a minute",
            reached=took <= MINUTE,
        ),
    )
