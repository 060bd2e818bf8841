"""Recurring maintenance: its rule, and the maintenances that are made of it as their time comes near."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.domain.recurrence import BadRule, checked_rule, next_times, occurrences
from incidents.models import Component, Maintenance, Page, Series
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.maintenances import schedule_maintenance
from incidents.operations.subscribers import check_components
from incidents.operations.updates import checked_body

log = logging.getLogger(__name__)
LONGEST = timedelta(days=7)
MOST_LEAD = 90


@transaction.atomic
def save_series(
    series: Series | None,
    *,
    page: Page,
    title: str,
    body: str,
    begins: datetime,
    rule: str,
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

    `begins` is the first time on the page's clock, without a zone. Raises Refused naming the field.
    """
    rule = _checked(rule, begins, page, at=at)
    if not timedelta() < timedelta(minutes=minutes) <= LONGEST:
        raise Refused("minutes", f"It lasts a minute at least and {LONGEST.days} days at most.")
    if not 1 <= lead_days <= MOST_LEAD:
        raise Refused("lead_days", f"Put it on the page 1 to {MOST_LEAD} days before.")
    check_components(page, components)
    page = lock(page)
    series = series or Series(page=page, created_at=at)
    series.title, series.body = checked_name("title", title), checked_body(body)
    series.begins, series.rule, series.minutes = begins.isoformat(timespec="minutes"), rule, minutes
    series.lead_days, series.remind_hours, series.notify = lead_days, remind_hours, notify
    series.starts_itself, series.ends_itself = starts_itself, ends_itself
    series.save()
    series.components.set(components)
    record(page, EventKind.SERIES_CHANGED, by=by, at=at, data={"series": series.title, "rule": rule})
    return series


def _checked(rule: str, begins: datetime, page: Page, *, at: datetime) -> str:
    try:
        rule = checked_rule(rule)
    except BadRule as error:
        raise Refused("rule", str(error)) from error
    if not next_times(rule, begins, page.zone, after=at, most=1):
        raise Refused("rule", "This never comes round again. Look at its beginning and its end.")
    return rule


@transaction.atomic
def end_series(series: Series, *, by: Actor, at: datetime) -> None:
    """Nothing more is made of it; what is on the page stays. A second time changes nothing."""
    page = lock(series.page)
    if Series.objects.filter(pk=series.pk, ended_at=None).update(ended_at=at):
        record(page, EventKind.SERIES_CHANGED, by=by, at=at, data={"series": series.title, "what": "ended"})


def make_due(*, at: datetime) -> int:
    """Put on their pages the times that have come near; how many. Safe to run twice at once: each is made once."""
    made = 0
    for series in Series.objects.filter(ended_at=None).select_related("page").order_by("pk"):
        try:
            made += _make(series, at=at)
        except Exception:  # the next sweep tries again; meanwhile the other series go on
            log.exception("recurring work could not be announced", extra={"series": series.code})
    return made


@transaction.atomic
def _make(series: Series, *, at: datetime) -> int:
    until, made = at + timedelta(days=series.lead_days), 0
    near = []
    for local, begins in occurrences(series.rule, series.first, series.page.zone, after=at):
        if begins > until:
            break
        near.append((local.isoformat(timespec="minutes"), begins))
    known = set(Maintenance.objects.filter(series=series).values_list("occurrence", flat=True))
    if all(name in known for name, _ in near):
        return 0
    page = lock(series.page)
    known = set(Maintenance.objects.filter(series=series).values_list("occurrence", flat=True))
    for name, begins in near:
        if name not in known:
            incident = schedule_maintenance(
                page,
                title=series.title,
                body=series.body,
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
            made += 1
    return made
