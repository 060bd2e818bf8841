"""A body is counted as it comes, whatever length it claims, and everything that it holds is given back."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator

import pytest

from incidents.domain.body_limits import (
    GRACE_SECONDS,
    LEAST_BYTES_A_SECOND,
    UPLOAD_MOST_SECONDS,
    WORDS_BYTES,
    BodyLimit,
)
from incidents.web.bodies import (
    MAX_BODIES_PER_NETWORK,
    MAX_MEMORY_PER_NETWORK,
    MAX_UPLOADS,
    MAX_UPLOADS_OF_SCRIPTS,
    MAX_UPLOADS_PER_NETWORK,
    Body,
    BodyRefused,
    Ledger,
)

SMALL, FILES = BodyLimit(10), BodyLimit(8 * WORDS_BYTES, is_upload=True)


class Sent:
    """Chunks as granian gives them: a whole body ends with one empty one, a torn one with two."""

    def __init__(self, *chunks: bytes, is_torn: bool = False) -> None:
        self._chunks = iter([*chunks, b"", *([b""] if is_torn else [])])

    def __aiter__(self) -> "Sent":
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration


async def received(
    sent: Sent, declared: int | None, limit: BodyLimit = SMALL, ledger: Ledger | None = None
) -> bytes:
    with (ledger or Ledger()).body("a", limit, is_staff=False) as body:
        await body.receive(sent, declared, is_held_back=False)
        return body.file().read()


async def refused(sent: Sent, declared: int | None, limit: BodyLimit = SMALL) -> tuple[int, bool]:
    ledger = Ledger()
    with pytest.raises(BodyRefused) as error:
        await received(sent, declared, limit, ledger)
    assert not ledger.memory and not ledger.bodies and not ledger.uploads
    return int(error.value.refusal.status), error.value.closes


async def test_a_whole_body_is_there_to_the_last_byte() -> None:
    assert await received(Sent(b"abc", b"def"), 6) == b"abcdef"
    assert await received(Sent(b"abc", b"def"), None) == b"abcdef"
    assert await received(Sent(), 0) == b""
    assert await received(Sent(b"a" * 10), None) == b"a" * 10


async def test_one_byte_too_many_is_refused_whatever_was_declared() -> None:
    assert await refused(Sent(b"a" * 11), 11) == (413, False)
    assert await refused(Sent(b"a" * 6, b"b" * 5), None) == (413, False)
    assert await refused(Sent(b"a" * 6, b"b" * 5), 5) == (413, False)
    assert await refused(Sent(*[b"a" * 65536] * 100), 6_553_600) == (413, True), (
        "the rest is not read to its end"
    )


async def test_a_body_that_broke_off_is_never_taken_for_a_whole_one() -> None:
    assert await refused(Sent(b"abc"), 6) == (400, True)
    assert await refused(Sent(b"abc", is_torn=True), None) == (400, True)


async def test_nobody_who_waits_to_be_told_is_told_to_send_too_much() -> None:
    sent = Sent(b"a" * 11)
    with Ledger().body("a", SMALL, is_staff=False) as body, pytest.raises(BodyRefused):
        await body.receive(sent, 11, is_held_back=True)
    assert await anext(sent) == b"a" * 11, "not a byte was read"


async def test_files_go_to_an_unnamed_file_and_leave_memory() -> None:
    ledger, content = Ledger(), [bytes([number]) * WORDS_BYTES for number in range(5)]
    with ledger.body("a", FILES, is_staff=True) as body:
        await body.receive(Sent(*content), None, is_held_back=False)
        assert not ledger.memory
        with body.file() as file:
            assert file.read() == b"".join(content)


async def test_memory_is_bounded_by_network_and_given_back() -> None:
    ledger, limit = Ledger(), BodyLimit(WORDS_BYTES)

    async def hold(body: Body) -> None:
        await body.receive(Sent(b"a" * WORDS_BYTES), WORDS_BYTES, is_held_back=False)

    with contextlib.ExitStack() as stack:
        for _ in range(MAX_MEMORY_PER_NETWORK // WORDS_BYTES):
            await hold(stack.enter_context(ledger.body("a", limit, is_staff=False)))
        with pytest.raises(BodyRefused, match="busy"):
            await hold(stack.enter_context(ledger.body("a", limit, is_staff=False)))
        await hold(stack.enter_context(ledger.body("b", limit, is_staff=False)))
    assert not ledger.memory
    assert not ledger.bodies


def taken(
    ledger: Ledger, networks: Iterable[str], limit: BodyLimit, *, is_staff: bool = False
) -> Iterator[bool]:
    with contextlib.ExitStack() as stack:
        for network in networks:
            try:
                stack.enter_context(ledger.body(network, limit, is_staff=is_staff))
                yield True
            except BodyRefused:
                yield False


def test_one_network_and_all_together_have_so_many_bodies_on_their_way() -> None:
    of_one = list(taken(Ledger(), ["a"] * (MAX_BODIES_PER_NETWORK + 5), SMALL))
    assert of_one == [True] * MAX_BODIES_PER_NETWORK + [False] * 5
    files = list(taken(Ledger(), map(str, range(MAX_UPLOADS + 2)), FILES, is_staff=True))
    assert files == [True] * MAX_UPLOADS + [False] * 2
    of_one = list(taken(Ledger(), ["a"] * MAX_UPLOADS, FILES, is_staff=True))
    assert of_one == [True] * MAX_UPLOADS_PER_NETWORK + [False] * (MAX_UPLOADS - MAX_UPLOADS_PER_NETWORK)


def test_scripts_never_hold_the_uploads_that_are_kept_for_staff() -> None:
    ledger, kept = Ledger(), MAX_UPLOADS - MAX_UPLOADS_OF_SCRIPTS
    with contextlib.ExitStack() as stack:
        for number in range(MAX_UPLOADS_OF_SCRIPTS):
            stack.enter_context(ledger.body(f"script {number}", FILES, is_staff=False))
        assert list(taken(ledger, ["another script"], FILES)) == [False]
        assert list(taken(ledger, map(str, range(kept + 1)), FILES, is_staff=True)) == [True] * kept + [False]
    assert not ledger.uploads and not ledger.script_uploads


def test_an_upload_comes_fast_and_never_takes_longer_than_its_most() -> None:
    """Twenty-two megabytes at 17 kB a second are cut after ten seconds and a bit; the longest one has five minutes."""
    at_17_kb = next(second for second in range(1, 1400) if FILES.seconds(second * 17_000) < second)
    assert at_17_kb <= 12
    assert FILES.seconds(0) == SMALL.seconds(0) == GRACE_SECONDS
    assert FILES.seconds(201 * WORDS_BYTES) == UPLOAD_MOST_SECONDS
    assert FILES.seconds(22_000_000) < UPLOAD_MOST_SECONDS
    assert SMALL.seconds(WORDS_BYTES) == GRACE_SECONDS + WORDS_BYTES / LEAST_BYTES_A_SECOND


def test_requests_without_a_body_go_on_while_bodies_do_not() -> None:
    ledger = Ledger()
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_BODIES_PER_NETWORK):
            stack.enter_context(ledger.body("a", SMALL, is_staff=False))
        with ledger.body("a", SMALL, is_staff=False, is_empty=True), ledger.body("a", SMALL, is_staff=True):
            assert ledger.bodies["a"] == MAX_BODIES_PER_NETWORK


async def test_a_body_that_is_given_up_gives_everything_back() -> None:
    ledger = Ledger()

    class Silent(Sent):
        async def __anext__(self) -> bytes:
            await asyncio.sleep(60)
            return b""

    task = asyncio.create_task(received(Silent(), None, SMALL, ledger))
    await asyncio.sleep(0.01)
    assert ledger.bodies["a"] == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not ledger.bodies
