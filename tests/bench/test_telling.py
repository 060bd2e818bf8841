"""How fast people are told, and how little it weighs on the click that tells them."""

import pickle
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.bench import bare
from tests.bench.crowds import gather
from tests.bench.posting import Poster, poster
from tests.bench.table import Report, Row
from tests.peers.fast_sinks import FastSink, Taken, fast_sink
from tests.peers.installation import Installation, eventually
from tests.peers.programs import free_port
from tests.peers.redis import Redis

pytestmark = pytest.mark.bench

MANY, ROUNDS = 10_000, 3
LEAST = 0.7
POSTS = 200
FIRST_MOST, CLICK_MOST, CROWD_MOST = 0.1, 0.3, 1.5
CROWD, FEW, CLICKS = 100_000, 10, 15


def told(sink: FastSink, each: Poster, folder: Path, words: str, count: int) -> tuple[float, list[Taken]]:
    """Post, and wait until so many have arrived; when it was committed, and what came."""
    sink.forget()
    committed = each.post(words).committed
    eventually(lambda: sink.count() >= count, within=60, every=0.05, what=f"{count} messages")
    return committed, sink.taken(folder)


def test_ten_thousand_are_told_nearly_as_fast_as_bytes_can_be_sent(tmp_path: Path, report: Report) -> None:
    rows = []
    for kind, what in (("hooks", "webhooks"), ("mail", "e-mails")):
        (folder := tmp_path / kind).mkdir()
        with fast_sink(kind) as sink, Installation(folder, **_ways(sink)) as home:
            crowd = {"hooks": MANY} if kind == "hooks" else {"mails": MANY}
            code = gather(home, port=sink.port, **crowd)
            home.start("worker")
            with poster(home, code) as each:
                told(sink, each, folder, "To warm up.", MANY)
                ours, whole, theirs = [], [], []
                for number in range(ROUNDS):
                    committed, taken = told(sink, each, folder, f"Update {number}.", MANY)
                    ours.append(MANY / (taken[-1].at - taken[0].at))
                    whole.append(taken[-1].at - committed)
                    assert len({each.id for each in taken}) == len(taken) == MANY
                    (file := folder / "messages").write_bytes(pickle.dumps(taken))
                    theirs.append(MANY / bare.seconds(kind, sink.port, file))
        ratio = median(ours) / median(theirs)
        rows.append(
            Row(
                f"10,000 {what} to a receiver that takes all",
                f"{median(ours):,.0f}/s; {median(whole):.2f} s from commit to the last",
                f"{'aiohttp' if kind == 'hooks' else 'pipelined SMTP'} alone: {median(theirs):,.0f}/s",
                f"{ratio:.2f}",
                f"at least {LEAST}",
                ratio >= LEAST,
            )
        )
    report.add("telling", *rows)


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
        home.start("worker")
        each = stack.enter_context(poster(home, code))
        told(sink, each, tmp_path, "To warm up.", 1)
        waits = []
        for number in range(POSTS):
            committed, taken = told(sink, each, tmp_path, f"Update {number}.", 1)
            waits.append(taken[0].at - committed)
    report.add(
        "telling",
        Row(
            f"from commit to the first receiver, broker: {broker}",
            _spread(waits),
            goal=f"95 % within {FIRST_MOST * 1000:.0f} ms",
            reached=_p95(waits) <= FIRST_MOST,
        ),
    )


def test_a_post_is_quick_with_the_broker_and_the_mail_server_down(tmp_path: Path, report: Report) -> None:
    settings = {
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
    }
    with Installation(tmp_path, **settings) as home, poster(home, gather(home, mails=FEW)) as each:
        took = [each.post(f"Update {number}.").took for number in range(POSTS)]
    report.add(
        "telling",
        Row(
            "post an update with broker and mail server down",
            f"{_spread(took)}, the slowest {max(took) * 1000:.0f} ms",
            goal=f"95 % within {CLICK_MOST * 1000:.0f} ms",
            reached=_p95(took) <= CLICK_MOST,
        ),
    )


def test_a_post_costs_the_same_however_many_are_told(tmp_path: Path, report: Report) -> None:
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
