"""Calling staff for what is owed: at half, at four fifths and at the end of its time, and once a day for all of it."""

from collections.abc import Iterator
from datetime import datetime

from incidents.domain.alerts import Cause
from incidents.domain.clocks import warning
from incidents.domain.rfo_content import ActionState
from incidents.domain.zones import in_zone
from incidents.formatting.times import duration, posted_twice
from incidents.models import ActionItem, ClockDuty, Page
from incidents.operations.alerts import Call

MORNING = 8
"""The hour, on the page's clock, from which on the day's digest is sent."""
BREACHED = 100
MOST_LINES = 50


def owed_calls(page: Page, *, at: datetime) -> Iterator[Call]:
    """What a page's clocks and promises call for. Of regular updates the promised next words call already."""
    duties = ClockDuty.objects.filter(clock__incident__page=page, clock__stopped_at=None, met_at=None)
    rows = [
        duty
        for duty in duties.exclude(due_at=None).select_related("clock__incident").order_by("due_at", "pk")
        if duty.said.every is None
    ]
    for duty in rows:
        yield from _warned(duty, page, at=at)
    yield from _digest(rows, page, at=at)


def _warned(duty: ClockDuty, page: Page, *, at: datetime) -> Iterator[Call]:
    if duty.due_at is None or duty.anchor_at is None:
        return
    reached = warning(duty.anchor_at, duty.due_at, at=at)
    if not reached:
        return
    incident, said = duty.clock.incident, duty.said
    what = "is overdue" if reached >= BREACHED else f"{reached} % of the time has gone"
    words = f"Due {posted_twice(duty.due_at, page.zone)} by {duty.clock.title}."
    content = f" Say: {', '.join(said.content)}." if said.content else ""
    yield Call(
        Cause.BREACH if reached >= BREACHED else Cause.CLOCK,
        f"{duty.pk} {reached} {duty.due_at:%Y%m%d%H%M%S}",
        f"{said.title}: {what} ({incident.title})",
        words + content,
        f"/console/incidents/{incident.code}/clocks",
        "Open the clocks",
    )


def _digest(duties: list[ClockDuty], page: Page, *, at: datetime) -> Iterator[Call]:
    """What is owed, and the promises that are overdue: one mail a day from the morning on."""
    local = in_zone(at, page.zone)
    if local.hour < MORNING:
        return
    late = ActionItem.objects.filter(rfo__page=page, state=ActionState.OPEN, due__lt=local.date())
    lines = [_owed(duty, page, at=at) for duty in duties]
    lines += [
        f"Overdue since {item.due:%d %b %Y}: {item.what} ({item.rfo})" for item in late.select_related("rfo")
    ]
    if lines:
        yield Call(
            Cause.DIGEST,
            local.date().isoformat(),
            f"Owed by {page} today: {len(lines)}",
            "\n".join(lines[:MOST_LINES]),
            "/console/actions",
            "Open what is owed",
        )


def _owed(duty: ClockDuty, page: Page, *, at: datetime) -> str:
    assert duty.due_at is not None  # noqa: S101  (only those that have one are read)
    left = duty.due_at - at
    when = f"in {duration(left)}" if left.total_seconds() > 0 else f"{duration(-left)} ago"
    return f"{duty.said.title}, {posted_twice(duty.due_at, page.zone)} ({when}): {duty.clock.incident.title}"
