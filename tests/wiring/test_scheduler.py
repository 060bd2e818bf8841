"""Beat counts its intervals on the monotonic clock, and keeps nothing on disk that a wrong clock could spoil."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.celery import app
from statuspage.scheduler import IntervalScheduler
from tests.peers.installation import ROOT, Installation, eventually
from tests.peers.stepped_clock import SteppedClock


@contextmanager
def beat(folder: Path, clock: SteppedClock) -> Iterator[Path]:
    """Beat alone, over the folder in which its messages stay; that folder."""
    home = Installation(folder, **clock.environment)
    home.directory.joinpath("data").mkdir(exist_ok=True)
    home.start("beat")
    try:
        yield folder / "data"
    finally:
        home.stop("beat")


def messages(data: Path) -> int:
    """How many of the one that is sent every second."""
    return len(list(data.rglob("[!.]*.probes.msg")))


@pytest.mark.slow
@pytest.mark.parametrize("hours", [-2, 24])
def test_beat_goes_on_within_seconds_after_the_clock_was_set(tmp_path: Path, hours: int) -> None:
    clock = SteppedClock(tmp_path / "clock")
    with beat(tmp_path, clock) as data:
        eventually(lambda: messages(data) >= 2, within=60, what="beat at work")
        clock.set(timedelta(hours=hours))
        before = messages(data)
        eventually(lambda: messages(data) >= before + 3, within=15, what=f"beat at {hours:+} h")
    with beat(
        tmp_path, SteppedClock(tmp_path / "earlier")
    ) as data:  # a restart under a clock that was set back
        before = messages(data)
        eventually(lambda: messages(data) >= before + 3, within=60, what="beat after a restart")


@pytest.mark.slow
def test_beat_leaves_no_file_of_its_own(tmp_path: Path) -> None:
    with beat(tmp_path, SteppedClock(tmp_path / "clock")) as data:
        eventually(lambda: messages(data) >= 1, within=60, what="beat at work")
    assert not [file for file in (*tmp_path.rglob("*"), *ROOT.glob("*")) if "schedule" in file.name]


class Noted(IntervalScheduler):
    """Notes what it would send."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        super().__init__(app)

    def apply_entry(self, entry, producer=None):  # type: ignore[no-untyped-def]
        """Celery's."""
        self.sent.append(entry.task)


def test_every_task_is_sent_at_the_start_and_then_at_its_interval() -> None:
    scheduler = Noted()
    scheduler.producer = None  # type: ignore[assignment]
    assert scheduler.tick() <= 1.0
    assert sorted(scheduler.sent) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())
    scheduler.sent.clear()
    assert 0.0 < scheduler.tick() <= 1.0
    assert scheduler.sent == []
    ends = time.monotonic() + 30
    while not scheduler.sent and time.monotonic() < ends:
        time.sleep(max(0.0, scheduler.tick()))
    assert scheduler.sent[0] == "probe_due"


def test_what_was_missed_while_beat_was_stopped_is_sent_once() -> None:
    scheduler = Noted()
    scheduler.producer = None  # type: ignore[assignment]
    scheduler.tick()
    scheduler.sent.clear()
    scheduler._due = {name: due - 600 for name, due in scheduler._due.items()}
    scheduler.tick()
    assert scheduler.sent.count("probe_due") == 1
    scheduler.tick()
    assert scheduler.sent.count("probe_due") == 1


def test_a_crontab_is_refused_with_its_name() -> None:
    code = (
        "from celery import Celery; from celery.schedules import crontab; "
        "from statuspage.scheduler import IntervalScheduler; app = Celery('x'); "
        "app.conf.beat_schedule = {'nightly': {'task': 'x', 'schedule': crontab(hour=4)}}; IntervalScheduler(app)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "nightly: only intervals in seconds are scheduled here" in done.stderr
