"""Watching the machine's clock: what happens by time alone is held while the time is in doubt.

A step of more than an hour, either way, holds deletion, giving up and what is announced by time alone. The hold ends by
itself once the clock shows the expected time again, or when a person confirms that the clock is right.
"""

import ctypes
import time
from datetime import datetime
from functools import cache
from pathlib import Path

from django.db import transaction

from incidents.domain.system_clocks import MIN_SET_BACK, ClockReading, ClockRecord
from incidents.models import SystemClock
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.audit import note
from incidents.operations.own_times import pull_back

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes it once the clock is right; others tell the kernel, which not every sandbox may ask."""
TIME_ERROR = 5
"""What adjtimex(2) returns while nothing synchronises the clock."""
TIMEX_BYTES = 512
"""More than the kernel's `struct timex`, whose first field is zero for a question."""
MAX_ROWS = 20
"""So many runs of machines are remembered, the newest ones."""


@cache
def _boot() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""  # no Linux, or a sandbox without it: then nothing is compared


def _is_synchronised() -> bool:
    if SYNCHRONISED.exists():
        return True
    ask = getattr(ctypes.CDLL(None), "ntp_adjtime", None)  # glibc's; elsewhere nobody knows
    return ask is not None and 0 <= ask(ctypes.byref(ctypes.create_string_buffer(TIMEX_BYTES))) < TIME_ERROR


def read_clock(*, at: datetime) -> ClockReading:
    """`at`, which was read from the wall clock just now, and how long the machine has run."""
    running = time.clock_gettime(time.CLOCK_BOOTTIME)
    return ClockReading(_boot(), at, running, _is_synchronised())


def is_clock_doubted(*, at: datetime) -> bool:
    """Whether the wall clock of this machine, which shows `at`, was set by more than an hour and nobody agreed yet.

    Asked wherever something would be deleted, given up or announced by time alone. One query, no lock.
    """
    row = SystemClock.objects.filter(boot=_boot()).first()
    return row is not None and row.record.is_doubted(read_clock(at=at))


def doubted_clock() -> SystemClock | None:
    """The newest reading of a machine whose clock is in doubt, for people to look at."""
    return SystemClock.objects.filter(doubted_at__isnull=False).last()


@transaction.atomic
def watch_clock(*, at: datetime) -> bool:
    """Compare both clocks with the last reading and remember them; whether the clock is in doubt.

    Times that engines have set for themselves are brought back with a clock that was set back, so that none of them
    waits until the old time comes round again.
    """
    reading = read_clock(at=at)
    if not reading.boot:
        return False
    row = SystemClock.objects.select_for_update().filter(boot=reading.boot).first() or _first(reading)
    before, was_doubted = row.record, row.doubted_at is not None
    step = before.step_to(reading)
    row.record = before.after(reading)
    is_doubted = before.is_doubted(reading)
    row.doubted_at = (row.doubted_at or at) if is_doubted else None
    row.save()
    if step < -MIN_SET_BACK:
        pull_back(-step, at=at)
    if is_doubted != was_doubted:
        _note("system_clock.doubted" if is_doubted else "system_clock.corrected", row, step=step, at=at)
    return is_doubted


def _first(reading: ClockReading) -> SystemClock:
    """The row of a machine's new run: expected is the newest time that any run has shown, where there is one."""
    newest = SystemClock.objects.order_by("-wall").first()
    row = SystemClock(boot=reading.boot)
    row.record = (
        ClockRecord(newest.wall, reading.running, is_estimate=True)
        if newest
        else ClockRecord(reading.wall, reading.running)
    )
    kept = SystemClock.objects.order_by("-id").values_list("pk", flat=True)[:MAX_ROWS]
    SystemClock.objects.exclude(pk__in=list(kept)).delete()
    SystemClock.objects.filter(doubted_at__isnull=False).update(doubted_at=None)
    return row


def _note(what: str, row: SystemClock, *, step: object, at: datetime, by: Actor = CLOCK) -> None:
    data = {"shown": at.isoformat(), "step": str(step), "drift_seconds": round(row.drift_seconds)}
    note(what, by=by, at=at, subject="system clock", data=data)


@transaction.atomic
def confirm_clock(*, by: Actor, at: datetime) -> bool:
    """A person says that the clock is right: what was held goes on. False where no clock is in doubt."""
    rows = list(SystemClock.objects.select_for_update().filter(doubted_at__isnull=False))
    for row in rows:
        _note("system_clock.confirmed", row, step="", at=at, by=by)
        row.doubted_at = None
        row.record = ClockRecord(row.wall, row.running)
        row.save()
    return bool(rows)


def expected_time(row: SystemClock, *, at: datetime) -> datetime:
    """What the clock would show, had nobody set it."""
    return row.record.expected(read_clock(at=at))
