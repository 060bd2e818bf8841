"""Recurring maintenance: its rule, and the maintenances that are made of it as their time comes near."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, takewhile

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.domain.recurrence import BadRule, check_begins, checked_rule, next_times, occurrences
from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import BodyFormat
from incidents.models import Component, Maintenance, Page, Series
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.maintenances import schedule_maintenance
from incidents.operations.subscribers import check_components
from incidents.operations.sweeps import Place, each_row, forget_failure
from incidents.operations.updates import checked_body

LONGEST = timedelta(days=7)
MOST_LEAD = 90


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule that comes round again, found before a transaction began."""

    rule: str
    begins: datetime


def check_rule(rule: str, begins: datetime, page: Page, *, at: datetime) -> CheckedRule:
    """Search for the rule's next time; outside any transaction. Raises Refused naming the field."""
    try:
        check_begins(begins)
    except BadRule as error:
        raise Refused("begins", str(error)) from error
    try:
        rule = checked_rule(rule)
    except BadRule as error:
        raise Refused("rule", str(error)) from error
    if not next_times(rule, begins, page.zone, after=at, most=1):
        raise Refused(
            "rule", "No time of it lies within ten years. Look at its beginning, its end and its rule."
        )
    return CheckedRule(rule, begins)


def save_series(
    series: Series | None,
    *,
    page: Page,
    title: str,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    begins: datetime,
    rule: str | CheckedRule,
    minutes: int,
    lead_days: int = 14,
    remind_hours: int | None = None,
    starts_itself: bool = True,
    ends_itself: bool = True,
    notify: bool = True,
    components: Collection[Component] = (),
    by: Actor,
    at: datetime,
) -> Series:
    """Make a series, or change what its next times will be; those on the page already stay as they are.

    `begins` is the first time on the page's clock, without a zone. A series that was switched off because it failed
    is tried again. Raises Refused naming the field.
    """
    checked = rule if isinstance(rule, CheckedRule) else check_rule(rule, begins, page, at=at)
    if not timedelta() < timedelta(minutes=minutes) <= LONGEST:
        raise Refused("minutes", f"It lasts a minute at least and {LONGEST.days} days at most.")
    if not 1 <= lead_days <= MOST_LEAD:
        raise Refused("lead_days", f"Put it on the page 1 to {MOST_LEAD} days before.")
    check_components(page, components)
    facts: dict[str, object] = {
        "title": checked_name("title", title),
        "body": checked_body(body),
        "body_format": body_format.value,
        "begins": checked.begins.isoformat(timespec="minutes"),
        "rule": checked.rule,
        "minutes": minutes,
        "lead_days": lead_days,
        "remind_hours": remind_hours,
        "notify": notify,
        "starts_itself": starts_itself,
        "ends_itself": ends_itself,
    }
    return _save(series, page, facts, components, by=by, at=at)


@transaction.atomic
def _save(
    series: Series | None,
    page: Page,
    facts: Mapping[str, object],
    components: Collection[Component],
    *,
    by: Actor,
    at: datetime,
) -> Series:
    page = lock(page)
    series = series or Series(page=page, created_at=at)
    for name, value in facts.items():
        setattr(series, name, value)
    series.save()
    series.components.set(components)
    forget_failure(SweepKind.SERIES, series.pk)
    record(page, EventKind.SERIES_CHANGED, by=by, at=at, data={"series": series.title, "rule": series.rule})
    return series


@transaction.atomic
def end_series(series: Series, *, by: Actor, at: datetime) -> None:
    """Nothing more is made of it; what is on the page stays. A second time changes nothing."""
    page = lock(series.page)
    if Series.objects.filter(pk=series.pk, ended_at=None).update(ended_at=at):
        forget_failure(SweepKind.SERIES, series.pk)
        record(page, EventKind.SERIES_CHANGED, by=by, at=at, data={"series": series.title, "what": "ended"})


def make_due(*, at: datetime) -> int:
    """Put on their pages the times that have come near; how many. Safe to run twice at once: each is made once."""
    rows = Series.objects.filter(ended_at=None).select_related("page").order_by("pk")
    return sum(each_row(SweepKind.SERIES, rows, partial(_make, at=at), place=_place, at=at))


def _place(series: Series) -> Place:
    return Place(series.page_id, series.title, f"/console/series/{series.code}")


def _make(series: Series, *, at: datetime) -> int:
    """The search comes before the transactions, of which each time has one of its own."""
    until = at + timedelta(days=min(series.lead_days, MOST_LEAD))
    times = takewhile(
        lambda each: each[1] <= until, occurrences(series.rule, series.first, series.page.zone, after=at)
    )
    near = [(local.isoformat(timespec="minutes"), begins) for local, begins in islice(times, MOST_LEAD + 1)]
    known = set(Maintenance.objects.filter(series=series).values_list("occurrence", flat=True))
    return sum(_make_one(series, name, begins, at=at) for name, begins in near if name not in known)


@transaction.atomic
def _make_one(series: Series, name: str, begins: datetime, *, at: datetime) -> bool:
    """Whether it was made here, and not by another process meanwhile."""
    page = lock(series.page)
    if Maintenance.objects.filter(series=series, occurrence=name).exists():
        return False
    incident = schedule_maintenance(
        page,
        title=series.title,
        body=series.body,
        body_format=BodyFormat(series.body_format),
        scheduled_for=begins,
        scheduled_until=begins + timedelta(minutes=series.minutes),
        components=list(series.components.in_use()),
        starts_itself=series.starts_itself,
        ends_itself=series.ends_itself,
        remind_hours=series.remind_hours,
        by=CLOCK,
        at=at,
        notify=series.notify,
    )
    Maintenance.objects.filter(incident=incident).update(series=series, occurrence=name)
    return True
