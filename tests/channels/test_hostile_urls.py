"""No URL, however spelled, reaches our own network: the corpus, on an island where each of them could."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from incidents.channels.addresses import checked_url
from incidents.channels.guard import PORTS, networks
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from incidents.channels.webhook import WEBHOOK
from tests.channels.dialled import dial_all, unguarded
from tests.channels.hostile_hosts import LISTENED, PUBLIC
from tests.channels.hostile_urls import NAMES, REBINDING, hostile_urls
from tests.channels.posted import post_all
from tests.peers.island import Arrival, Stay, on_island

Readers = Callable[..., Recipient]
Visit = Callable[..., Stay[Any]]
PORT = 8080
CONTROLS = (f"http://{PUBLIC[0]}:8080/", f"http://[{PUBLIC[1]}]:8443/", "http://public.hostile.test/")


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Do some work on the island of the corpus."""
    return partial(on_island, folder=tmp_path, ports=LISTENED, names=NAMES)


def trespasses(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Connections to anything but a public address at a port for the web."""
    return [each for each in arrivals if each.address not in PUBLIC or each.port not in PORTS]


def post_rounds(notice: Notice, rounds: Sequence[Sequence[Recipient]]) -> list[list[Answer]]:
    """One batch after another, each by a sender of its own."""
    return [post_all(notice, readers, allowed=()) for readers in rounds]


def test_each_is_refused_in_plain_words_or_kept_as_a_name_to_be_judged_when_dialled(
    settings: Settings,
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []
    kept = []
    for url in hostile_urls(PORT):
        try:
            kept.append(WEBHOOK.normalise(url))
        except ValueError as error:
            assert re.fullmatch(r"[A-Z][^\r\n]{10,150}\.", str(error)), url
            with pytest.raises(ValueError, match=re.escape(str(error))):
                checked_url(url, allowed=())
    assert kept
    for url in kept:
        assert WEBHOOK.normalise(url) == checked_url(url, allowed=()) == url
        assert urlsplit(url).port in {None, *PORTS}
        with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
            ip_address(urlsplit(url).hostname or "")


def test_no_hostile_url_reaches_the_listener(notice: Notice, reader: Readers, visit: Visit) -> None:
    urls = hostile_urls(PORT)
    readers = [reader(number, url) for number, url in enumerate([*CONTROLS, *urls])]
    stay = visit(partial(post_all, notice, readers, allowed=()))
    hits = trespasses(stay.arrivals)
    refused = sum(answer.verdict == Verdict.REFUSED for answer in stay.result)
    print(f"{len(set(urls))} distinct hostile URLs, {refused} refused unseen, {len(hits)} hits")
    assert len(set(urls)) >= 200
    assert hits == []
    assert [answer.verdict for answer in stay.result[: len(CONTROLS)]] == [Verdict.SENT] * len(CONTROLS)
    for url, answer in zip(urls, stay.result[len(CONTROLS) :], strict=True):
        assert answer.verdict != Verdict.SENT, url


def test_the_guard_alone_holds_where_no_url_was_looked_at(visit: Visit) -> None:
    urls = hostile_urls(PORT)
    stay = visit(partial(dial_all, [*CONTROLS, *urls]))
    assert trespasses(stay.arrivals) == []
    assert stay.result[: len(CONTROLS)] == ["204"] * len(CONTROLS)
    assert not [each for each in stay.arrivals if b"\nx-smuggled" in each.head.lower()]


def test_without_the_guard_hundreds_of_them_reach_the_listener(visit: Visit) -> None:
    urls = hostile_urls(PORT)
    stay = visit(partial(dial_all, urls, make=unguarded))
    hits = trespasses(stay.arrivals)
    print(f"without the guard: {len(hits)} hits at {len({each.address for each in hits})} addresses")
    assert len(hits) >= 200
    assert {"127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "fd00:ec2::254"} <= {
        each.address for each in hits
    }


def test_a_name_is_judged_by_the_address_that_is_dialled_however_often_it_changes(
    notice: Notice, reader: Readers, visit: Visit
) -> None:
    urls = [f"http://{name}:{PORT}/" for name in REBINDING]
    rounds = [[reader(number, url) for number, url in enumerate(urls)] for _ in range(4)]
    stay = visit(partial(post_rounds, notice, rounds))
    assert trespasses(stay.arrivals) == []
    sent = {
        name.removesuffix(".hostile.test"): [
            answers[number].verdict == Verdict.SENT for answers in stay.result
        ]
        for number, name in enumerate(REBINDING)
    }
    assert sent["second-look"] == [True, False, False, False]
    assert sent["first-look"] == [False, True, True, True]
    assert sent["to-and-fro"] == [True, False, True, False]
    assert sent["many"] == [False] * 4
    assert all(all(each) for name, each in sent.items() if name.startswith("mixed"))
    assert {looks for name, looks in stay.looks.items() if name.endswith(" A")} == {4}


@pytest.mark.parametrize(
    "allowed",
    [
        ("127.0.0.2",),
        ("10.0.0.0/24", "fd00:ec2::254"),
        ("::1",),
        ("64:ff9b::/96",),
    ],
)
def test_a_network_that_is_allowed_may_be_reached_and_nothing_beside_it(
    notice: Notice, reader: Readers, visit: Visit, allowed: tuple[str, ...]
) -> None:
    urls = hostile_urls(PORT)
    readers = [reader(number, url) for number, url in enumerate(urls)]
    stay = visit(partial(post_all, notice, readers, allowed=networks(allowed)))
    hits = trespasses(stay.arrivals)
    assert hits
    for hit in hits:
        assert any(ip_address(hit.address) in network for network in networks(allowed)), hit


def test_a_public_address_of_this_very_machine_is_not_a_way_past_its_firewall(
    notice: Notice, reader: Readers, visit: Visit
) -> None:
    urls = [
        f"http://{PUBLIC[0]}:{PORT}/",
        f"http://[{PUBLIC[1]}]:{PORT}/",
        f"http://public.hostile.test:{PORT}/",
    ]
    readers = [reader(number, url) for number, url in enumerate(urls)]
    work = partial(post_all, notice, readers, allowed=())
    ours, theirs = visit(work, own=(f"{PUBLIC[0]}/32", f"{PUBLIC[1]}/128")), visit(work)
    assert len(theirs.arrivals) == len(urls)
    assert ours.arrivals == []
    assert all("is this server itself" in answer.detail for answer in ours.result)
