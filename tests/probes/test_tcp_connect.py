"""tcp_connect: a port that accepts, says what it should, says something else, or nothing."""

import asyncio
import time

import pytest

from incidents.probes.config import ConfigError
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.faults import Talk, silent, stream_peer


def saying(*pieces: bytes, then_close: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if not then_close:
            await reader.read()

    return talk


async def ask(talk: Talk, **options: object) -> Result:
    async with stream_peer(talk) as peer:
        return await run("tcp_connect", f"127.0.0.1:{peer.port}", {"deadline_seconds": 1, **options})


async def test_to_accept_is_enough_where_nothing_is_expected() -> None:
    result = await ask(silent)
    assert (result.outcome, set(result.times)) == ("ok", {"dns", "connect", "total"})


async def test_what_is_expected_may_come_in_pieces() -> None:
    assert (await ask(saying(b"220 ma", b"il ready"), expect="mail ready")).outcome == "ok"


async def test_a_line_is_sent_first() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())

    assert (await ask(echo, send="PING", expect="PING")).outcome == "ok"


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (silent, "stalled"),
        (saying(b"554 go away"), "wrong_reply"),
        (saying(b"554", then_close=True), "wrong_reply"),
        (saying(then_close=True), "refused"),
        (saying(b"x" * 10_000_000), "wrong_reply"),
        (saying(b"\x1b[31m\0\xff"), "wrong_reply"),
    ],
    ids=["silent", "other", "other and gone", "gone", "huge", "controls"],
)
async def test_what_is_not_expected_is_classed(talk: Talk, outcome: str) -> None:
    result = await ask(talk, expect="mail ready")
    assert result.outcome == outcome
    assert all(line.isprintable() for line in result.trace)


async def test_without_the_right_a_private_address_is_not_dialled() -> None:
    async with stream_peer(silent) as peer:
        (result,) = await run_batch([Job("1", "tcp_connect", f"127.0.0.1:{peer.port}", private=False)])
        assert (result.outcome, peer.connections) == ("internal", 0)


def test_a_target_without_a_port_is_refused() -> None:
    with pytest.raises(ConfigError, match="names no port"):
        KINDS["tcp_connect"].check_target("mail.example")


async def test_silence_while_the_prober_itself_was_held_up_says_nothing_about_the_target() -> None:
    async with stream_peer(silent) as peer:
        asking = asyncio.create_task(
            run("tcp_connect", f"127.0.0.1:{peer.port}", {"deadline_seconds": 1, "expect": "220"})
        )
        await asyncio.sleep(0.3)
        time.sleep(2.5)  # the loop itself, on purpose
        result = await asking
    assert (result.outcome, result.health) == ("internal", "inconclusive")
    assert "held up" in result.detail


async def test_an_answer_counts_although_the_prober_was_held_up() -> None:
    async with stream_peer(saying(b"220 mail ready")) as peer:
        asking = asyncio.create_task(
            run("tcp_connect", f"127.0.0.1:{peer.port}", {"deadline_seconds": 8, "expect": "220"})
        )
        await asyncio.sleep(0)
        time.sleep(1.6)
        assert (await asking).outcome == "ok"
