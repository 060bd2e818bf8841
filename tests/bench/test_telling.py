"""How fast people are told, and how little it weighs on the click that tells them.

One row alone: `python3 dev.py bench -k "telling and webhooks and one_core"`. The words are webhooks, mails; one_core,
two_cores, worker; folder, redis; refusing, silent; crowd.
"""

import pickle
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import pytest

from tests.bench import bare
from tests.bench.cores import LOAD_CORE, SERVER_CORE, started_on
from tests.bench.crowds import gather
from tests.bench.posting import poster
from tests.bench.table import Report, Row
from tests.bench.telling import ROUNDS, Told, one_relay, tell, worker
from tests.peers.fast_sinks import FastSink, Taken, fast_sink
from tests.peers.installation import Installation
from tests.peers.programs import free_port
from tests.peers.redis import Redis

pytestmark = pytest.mark.bench

MANY = 10_000
LEAST = 0.7
POSTS = 200
FIRST_MOST, CLICK_MOST, CROWD_MOST = 0.1, 0.3, 1.5
CROWD, FEW, CLICKS = 100_000, 10, 15


class Way(NamedTuple):
    """What is sent, by the names that the sink and the crowd have for it, and what it is held against."""

    what: str
    sink: str
    crowd: str
    beside: str


WAYS = {
    "webhooks": Way("webhooks", "hooks", "hooks", "aiohttp"),
    "mails": Way("e-mails", "mail", "mails", "pipelined SMTP"),
}


class Place(NamedTuple):
    """Who tells, and the cores of the sender and of the receiver; None is any."""

    what: str
    sender: int | None
    receiver: int | None
    is_worker: bool = False


PLACES = {
    "one_core": Place("one relay, on one core with the receiver", SERVER_CORE, SERVER_CORE),
    "two_cores": Place("one relay, the receiver on another core", SERVER_CORE, LOAD_CORE),
    "worker": Place("a worker's two relays, any core", None, None, is_worker=True),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_ten_thousand_are_told_nearly_as_fast_as_bytes_can_be_sent(
    tmp_path: Path, report: Report, way: Way, place: Place
) -> None:
    ours: list[Told] = []
    bares: list[bare.Took] = []
    with ExitStack() as stack:
        with started_on(place.receiver):
            sink = stack.enter_context(fast_sink(way.sink))
        home = stack.enter_context(Installation(tmp_path, **_ways(sink)))
        code = gather(home, port=sink.port, **{way.crowd: MANY})
        with started_on(place.sender):
            teller = worker(home) if place.is_worker else stack.enter_context(one_relay(home))
        each = stack.enter_context(poster(home, code))
        tell(home, each, teller, sink, "To warm up.", count=MANY)
        for number in range(ROUNDS):
            ours.append(tell(home, each, teller, sink, f"Update {number}.", count=MANY))
            with started_on(place.sender):
                bares.append(_again(way, sink, ours[-1].taken, tmp_path))
    report.add("telling", _speed(f"10,000 {way.what}, {place.what}", way.beside, ours, bares))


def _again(way: Way, sink: FastSink, messages: Sequence[Taken], folder: Path) -> bare.Took:
    """Have the bare sender send what came, and see that the same has come."""
    (file := folder / "messages").write_bytes(pickle.dumps(messages))
    sink.forget()
    took = bare.took(way.sink, sink.port, file)
    sent, came = (
        {(each.to, each.id, each.body) for each in found} for found in (messages, sink.taken(folder))
    )
    assert sent == came
    return took


def _speed(what: str, beside: str, ours: Sequence[Told], bares: Sequence[bare.Took]) -> Row:
    """The ratio is of a round's two, and counts from where the relay begins; the median of the rounds."""
    ratio = median(alone.seconds / told.working for alone, told in zip(bares, ours, strict=True))
    working, arriving, cpu = (
        median(times) for times in zip(*((t.working, t.arriving, t.cpu) for t in ours), strict=True)
    )
    alone, its_cpu = (median(times) for times in zip(*bares, strict=True))
    return Row(
        what,
        f"{MANY / working:,.0f}/s ({MANY / arriving:,.0f}/s once the first is there), {cpu / MANY * 1e6:.0f} µs of CPU",
        f"{beside} alone: {MANY / alone:,.0f}/s, {its_cpu / MANY * 1e6:.0f} µs",
        f"{ratio:.2f}",
        f"at least {LEAST}",
        ratio >= LEAST,
    )


@pytest.mark.parametrize("broker", ["folder", "redis"])
def test_the_first_is_told_a_tenth_of_a_second_after_the_commit(
    tmp_path: Path, report: Report, broker: str
) -> None:
    with ExitStack() as stack:
        sink = stack.enter_context(fast_sink("hooks"))
        settings = _ways(sink)
        if broker == "redis":
            settings["CELERY_BROKER_URL"] = stack.enter_context(Redis(tmp_path)).url
        home = stack.enter_context(Installation(tmp_path, **settings))
        code = gather(home, hooks=1, port=sink.port)
        teller = worker(home)
        each = stack.enter_context(poster(home, code))
        tell(home, each, teller, sink, "To warm up.", count=1)
        waits = []
        for number in range(POSTS):
            waits.append(tell(home, each, teller, sink, f"Update {number}.", count=1).waiting)
    report.add(
        "telling",
        Row(
            f"from commit to the first receiver, broker: {broker}",
            _spread(waits),
            goal=f"95 % within {FIRST_MOST * 1000:.0f} ms",
            reached=_p95(waits) <= FIRST_MOST,
        ),
    )


@pytest.mark.parametrize("how", ["refusing", "silent"])
def test_a_post_is_quick_with_the_broker_and_the_mail_server_down(
    tmp_path: Path, report: Report, how: str
) -> None:
    with ExitStack() as stack:
        broker, mail = (free_port() if how == "refusing" else _silent(stack) for _ in range(2))
        settings = {
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{broker}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        }
        home = stack.enter_context(Installation(tmp_path, **settings))
        each = stack.enter_context(poster(home, gather(home, mails=FEW)))
        took = [each.post(f"Update {number}.").took for number in range(POSTS)]
    report.add(
        "telling",
        Row(
            f"post an update, broker and mail server {how}",
            f"{_spread(took)}, the slowest {max(took) * 1000:.0f} ms",
            goal=f"95 % within {CLICK_MOST * 1000:.0f} ms",
            reached=_p95(took) <= CLICK_MOST,
        ),
    )


def _silent(stack: ExitStack) -> int:
    """A port where connections are taken and nothing is ever said."""
    return int(stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])


def test_a_post_costs_the_same_however_big_the_crowd(tmp_path: Path, report: Report) -> None:
    with ExitStack() as stack:
        posters = []
        for count in (FEW, CROWD):
            (folder := tmp_path / str(count)).mkdir()
            home = stack.enter_context(Installation(folder))
            posters.append(stack.enter_context(poster(home, gather(home, mails=count))))
        took: list[list[float]] = [[], []]
        for number in range(CLICKS):
            for each, mine in zip(posters, took, strict=True):
                mine.append(each.post(f"Update {number}.").took)
    few, crowd = (median(each[2:]) for each in took)
    report.add(
        "telling",
        Row(
            f"post an update that {CROWD:,} are told of",
            f"{crowd * 1000:.0f} ms",
            f"with {FEW}: {few * 1000:.0f} ms",
            f"{crowd / few:.2f}",
            f"at most {CROWD_MOST}",
            crowd / few <= CROWD_MOST,
        ),
    )


def _ways(sink: FastSink) -> dict[str, str]:
    return {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.1", "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def _spread(values: Sequence[float]) -> str:
    return f"half within {median(values) * 1000:.0f} ms, 95 % within {_p95(values) * 1000:.0f} ms"
