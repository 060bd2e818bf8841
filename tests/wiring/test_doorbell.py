"""The default broker: whole messages, each to one consumer, whoever starts or dies when."""

import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from statuspage.doorbell import LITTER_SECONDS

SENT = 150


def ring(folder: Path) -> Connection:
    options = {"folder": str(folder), "polling_interval": 0.01}
    return Connection(
        "filesystem://localhost", transport="statuspage.doorbell:Transport", transport_options=options
    )


def send(folder: Path, who: int) -> None:
    with ring(folder) as connection, connection.SimpleQueue("celery") as queue:
        for number in range(SENT):
            queue.put({"who": who, "number": number, "ballast": "x" * 20_000})


def receive(folder: Path) -> list[tuple[int, int]]:
    got: list[tuple[int, int]] = []
    quiet = time.monotonic() + 2
    with ring(folder) as connection, connection.SimpleQueue("celery") as queue:
        while time.monotonic() < quiet:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                time.sleep(0.005)
                continue
            assert len(message.payload["ballast"]) == 20_000
            got.append((message.payload["who"], message.payload["number"]))
            message.ack()
            quiet = time.monotonic() + 2
    return got


def test_three_senders_and_three_receivers_lose_tear_and_repeat_nothing(tmp_path: Path) -> None:
    with ProcessPoolExecutor(6, mp_context=get_context("spawn")) as pool:
        receivers = [pool.submit(receive, tmp_path) for _ in range(3)]
        senders = [pool.submit(send, tmp_path, who) for who in range(3)]
        for sender in senders:
            sender.result(60)
        got = Counter(each for receiver in receivers for each in receiver.result(60))
    assert got == Counter((who, number) for who in range(3) for number in range(SENT))
    assert list(tmp_path.iterdir()) == []


def test_a_queue_keeps_the_order_of_its_messages(tmp_path: Path) -> None:
    send(tmp_path, 0)
    assert receive(tmp_path) == [(0, number) for number in range(SENT)]


def test_queues_do_not_see_each_others_messages(tmp_path: Path) -> None:
    with ring(tmp_path) as connection:
        connection.SimpleQueue("probes").put({"who": 1})
        with pytest.raises(connection.SimpleQueue("celery").Empty):
            connection.SimpleQueue("celery").get_nowait()


def test_what_a_dead_process_left_half_way_is_swept_and_a_fresh_draft_is_not(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".1-a.celery.msg", tmp_path / ".2-b.celery.msg"
    for file in (old, fresh):
        file.write_text("{")
    then = time.time() - LITTER_SECONDS - 1
    os.utime(old, (then, then))
    with ring(tmp_path) as connection:
        connection.channel()
    assert not old.exists()
    assert fresh.exists()


def test_a_folder_that_cannot_be_written_is_a_channel_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with ring(blocked / "messages") as connection, pytest.raises(ChannelError):
        connection.SimpleQueue("celery").put({})
