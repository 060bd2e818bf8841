"""The file that says how old the truth may be: as old as the engine that is silent longest, at every moment."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from incidents.domain.pulses import Role
from incidents.models import Pulse
from incidents.monitoring import heartbeat
from incidents.publishing.publisher import the_store

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)


def age(at: datetime = NOW) -> float:
    return at.timestamp() - the_store().heartbeat.stat().st_mtime


def test_it_is_as_old_as_the_engine_that_is_silent_longest() -> None:
    heartbeat.beat(Role.RELAY, at=NOW - timedelta(seconds=90))
    heartbeat.beat(Role.PUBLISHER, at=NOW - timedelta(seconds=5))
    heartbeat.beat(Role.PROBES, at=NOW)
    assert age() == pytest.approx(90)
    heartbeat.beat(Role.RELAY, at=NOW)
    assert age() == pytest.approx(5)


def test_an_engine_that_never_ran_is_not_waited_for() -> None:
    heartbeat.beat(Role.PROBES, at=NOW)
    assert age() == pytest.approx(0)


def test_while_an_engine_is_silent_no_reader_ever_sees_it_fresh() -> None:
    heartbeat.beat(Role.RELAY, at=NOW)
    heartbeat.beat(Role.PROBES, at=NOW + timedelta(seconds=500))
    file, over, seen = the_store().heartbeat, threading.Event(), set[float]()

    def look() -> None:
        while not over.is_set():
            seen.add(file.stat().st_mtime)

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(200):
        heartbeat.beat(Role.PROBES, at=NOW + timedelta(seconds=500))
    over.set()
    reader.join()
    assert seen == {NOW.timestamp()}


def test_a_folder_that_cannot_be_written_stops_no_engine(settings: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.PUBLISH_DIR = tmp_path / "file" / "published"
    heartbeat.beat(Role.RELAY, at=NOW)
    assert Pulse.objects.get().at == NOW


def test_an_engine_that_died_before_the_clock_was_set_back_is_noticed() -> None:
    heartbeat.beat(Role.RELAY, at=NOW + timedelta(hours=1))
    heartbeat.beat(Role.PROBES, at=NOW)
    assert age() == pytest.approx(0)
    heartbeat.beat(Role.PROBES, at=NOW + timedelta(seconds=60))
    assert age(NOW + timedelta(seconds=60)) == pytest.approx(60)


def test_clocks_that_differ_by_seconds_change_nothing_of_each_other() -> None:
    ahead = NOW + timedelta(seconds=10)
    heartbeat.beat(Role.RELAY, at=ahead)
    heartbeat.beat(Role.PROBES, at=NOW)
    assert Pulse.objects.get(role="relay").at == ahead
    assert age() == pytest.approx(0)


def test_a_file_from_far_in_the_future_is_no_sign_of_life() -> None:
    store = the_store()
    heartbeat.beat(Role.PROBES)
    assert not store.is_silent(18)
    later = time.time() + 3600
    os.utime(store.heartbeat, (later, later))
    assert store.is_silent(18)


def test_a_first_beat_leaves_no_draft_behind(settings: LazySettings, tmp_path: Path) -> None:
    settings.PUBLISH_DIR = tmp_path / "published"
    heartbeat.beat(Role.PROBES, at=NOW)
    assert [file.name for file in (tmp_path / "published").iterdir()] == ["heartbeat"]
