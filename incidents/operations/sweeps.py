"""Sweeps outlive their worst row: each row by itself, its failures counted, after two it is switched off."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import NAME_LIMIT, shown
from incidents.formatting.bounded import ChildBusy
from incidents.models import Page, SweepFailure
from incidents.operations.actors import Actor
from incidents.operations.errors import Busy
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up
from incidents.operations.row_deadline import CPU_SECONDS, RowOverrun, row_deadline

log = logging.getLogger(__name__)
MAX_FAILURES = 2
PAUSE = timedelta(seconds=5)
"""Between the first failure and the second try, so that a hiccup is not counted twice by a sweep that never rests."""
REST = timedelta(seconds=30)
"""How long a row of an essential sweep is left alone after it has failed that often."""
KEPT = timedelta(days=30)
NOT_THE_ROW = (OperationalError, InterfaceError, ChildBusy, Busy)
"""The database or the machine was busy or away: says nothing of the row."""


class Stored(Protocol):
    """A row of any table."""

    @property
    def pk(self) -> int:
        """Its key."""


Row = TypeVar("Row", bound=Stored)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose row it is, what staff call it, and the screen on which it can be edited."""

    page: int
    title: str
    path: str


def each_row(
    sweep: SweepKind,
    rows: Iterable[Row],
    work: Callable[[Row], Result],
    *,
    place: Callable[[Row], Place],
    at: datetime,
    passes: tuple[type[BaseException], ...] = (),
    cpu_seconds: float = CPU_SECONDS,
    pause: timedelta = PAUSE,
) -> list[Result]:
    """What `work` makes of each row that is not switched off; a row that fails stops no other.

    A failure is logged and counted. After MAX_FAILURES in a row it is switched off, and staff are alerted by the next
    look (`monitoring.alerts`); a row of an essential sweep rests for a while instead. `passes` are raised on; `pause`
    is the least time between its first failure and the next try.
    """
    known: dict[int, SweepFailure] | None = None
    done: list[Result] = []
    for row in rows:
        if known is None:  # a sweep that finds no row asks nothing
            known = {each.row: each for each in SweepFailure.objects.filter(sweep=sweep)}
        failure = known.get(row.pk)
        if failure and not _is_tried(failure, pause, at=at):
            continue
        try:
            with row_deadline(cpu_seconds):
                done.append(work(row))
        except passes:
            raise
        except NOT_THE_ROW:
            log.warning("a row of a sweep has to wait", extra={"sweep": sweep, "row": row.pk}, exc_info=True)
        except (Exception, RowOverrun) as error:
            log.exception("a row of a sweep failed", extra={"sweep": sweep, "row": row.pk})
            _count(sweep, row, place, error, at=at)
        else:
            if failure:
                SweepFailure.objects.filter(pk=failure.pk).delete()
    return done


def _is_tried(failure: SweepFailure, pause: timedelta, *, at: datetime) -> bool:
    since = abs(at - failure.failed_at)  # a failure of the future: the clock was set back since
    if failure.disabled_at is None:
        return since >= pause
    return failure.is_essential and since >= REST


def _count(
    sweep: SweepKind, row: Row, place: Callable[[Row], Place], error: BaseException, *, at: datetime
) -> None:
    """One failure more. That it cannot be written down stops no sweep either."""
    try:
        with transaction.atomic():
            where = place(row)
            failure, _ = SweepFailure.objects.get_or_create(
                sweep=sweep,
                row=row.pk,
                defaults={"page_id": where.page, "failed_at": at},
            )
            SweepFailure.objects.filter(pk=failure.pk).update(
                title=shown(where.title)[:NAME_LIMIT],
                path=where.path,
                failures=F("failures") + 1,
                failed_at=at,
                reason=shown(f"{type(error).__name__}: {error}")[:500],
            )
            SweepFailure.objects.filter(pk=failure.pk, failures__gte=MAX_FAILURES, disabled_at=None).update(
                disabled_at=at
            )
    except Exception:
        log.exception("the failure of a row could not be counted", extra={"sweep": sweep, "row": row.pk})


def forget_failure(sweep: SweepKind, row: int) -> None:
    """The row was edited: it is tried again, with its failures forgotten."""
    SweepFailure.objects.filter(sweep=sweep, row=row).delete()


def forget_failures(*, at: datetime) -> int:
    """Delete what failed so long ago that its row is mostly gone from the sweep by itself; how many."""
    return SweepFailure.objects.filter(failed_at__lt=at - KEPT).delete()[0]


@transaction.atomic
def switch_on_again(failure: SweepFailure, *, by: Actor, at: datetime) -> None:
    """Try the row again from the next sweep on. A second time changes nothing."""
    page = lock(Page(pk=failure.page_id))
    if SweepFailure.objects.filter(pk=failure.pk).delete()[0]:
        note_set_up(page, what=f"switched on again: {failure}"[:200], by=by, at=at)
