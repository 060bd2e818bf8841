"""Clocks of an incident: started, moved, met by what the record shows or by a person, broken (DESIGN 12).

What is owed and whether it was met is derived anew from the record each time, so a sweep that was late, or ran twice,
comes to the same rows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from django.db import transaction

from incidents.domain.clocks import Anchor, Duty, Obligation, Preset, cadence, due_at
from incidents.domain.frozen_json import to_json
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.presets import PRESETS
from incidents.domain.rfos import RfoKind
from incidents.domain.sweeps import SweepKind
from incidents.models import (
    Clock,
    ClockDuty,
    ClockPreset,
    Holiday,
    Incident,
    IncidentUpdate,
    Page,
    RfoPolicy,
    RfoVersion,
)
from incidents.models.clocks import obligations_json
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.pages import note_set_up
from incidents.operations.sweeps import Place, each_row
from incidents.operations.wording import checked_line

MINOR = frozenset({Impact.NONE, Impact.MINOR})
ROUND = timedelta(minutes=5)
RESTED = timedelta(days=90)
"""An incident that has been over for so long is looked at no more."""


def presets_of(page: Page) -> dict[str, tuple[Preset, bool]]:
    """All presets of a page by key, its own copies before ours, and whether each is offered."""
    found = {preset.key: (preset, True) for preset in PRESETS}
    return found | {row.key: (row.preset, row.enabled) for row in ClockPreset.objects.filter(page=page)}


@transaction.atomic
def save_preset(page: Page, *, preset: Preset, enabled: bool, by: Actor, at: datetime) -> ClockPreset:
    """Keep a page's own copy of a preset; clocks that run already go on as they began."""
    page = lock(page)
    keys = [each.key for each in preset.obligations]
    if len(set(keys)) < len(keys):
        raise Refused("obligations", "Two obligations have the same key.")
    row, _ = ClockPreset.objects.update_or_create(
        page=page,
        key=preset.key,
        defaults={
            "title": checked_line("title", preset.title),
            "source": checked_line("source", preset.source, limit=500),
            "checked_on": preset.checked_on,
            "certainty": preset.certainty.value,
            "applies": checked_line("applies", preset.applies, limit=500),
            "obligations": obligations_json(preset),
            "enabled": enabled,
        },
    )
    note_set_up(page, what="clock changed", by=by, at=at)
    return row


@transaction.atomic
def start_clock(incident: Incident, *, key: str, by: Actor, at: datetime) -> Clock:
    """Let a preset run for an incident; one that was stopped goes on. Raises Refused for a key that is not offered."""
    page = lock(incident.page)
    preset, enabled = presets_of(page).get(key, (None, False))
    if preset is None or not enabled:
        raise Refused("clock", "There is no such clock on this page.")
    clock, is_new = Clock.objects.get_or_create(
        incident=incident, key=key, defaults={"title": preset.title, "started_at": at}
    )
    if is_new:
        ClockDuty.objects.bulk_create(
            ClockDuty(clock=clock, key=each.key, obligation=to_json(each)) for each in preset.obligations
        )
    elif clock.stopped_at:
        clock.stopped_at = None
        clock.save(update_fields=["stopped_at"])
    _note(clock, "started", by=by, at=at)
    settle_clock(clock, at=at)
    return clock


def start_default(incident: Incident, *, by: Actor, at: datetime) -> None:
    """The clock that the page has chosen for every incident, if it has."""
    key = RfoPolicy.objects.filter(page=incident.page).values_list("clock", flat=True).first()
    if key and presets_of(incident.page).get(key, (None, False))[1]:
        start_clock(incident, key=key, by=by, at=at)


@transaction.atomic
def stop_clock(clock: Clock, *, by: Actor, at: datetime) -> None:
    """It does not apply: what it owed is owed no longer, what was broken stays written."""
    lock(clock.incident.page)
    Clock.objects.filter(pk=clock.pk, stopped_at=None).update(stopped_at=at)
    _note(clock, "stopped", by=by, at=at)


@transaction.atomic
def move_anchor(clock: Clock, *, anchor: Anchor, to: datetime | None, by: Actor, at: datetime) -> None:
    """Say when a moment was, such as the carrier's notice; None goes back to what the record says."""
    lock(clock.incident.page)
    clock = Clock.objects.select_related("incident__page").get(pk=clock.pk)
    if to is not None and to > at + timedelta(minutes=1):
        raise Refused("anchor", "This time lies in the future.")
    moved = {name: value for name, value in clock.moved.items() if name != anchor.value}
    clock.moved = moved | ({anchor.value: to.astimezone(UTC).isoformat()} if to else {})
    clock.save(update_fields=["moved"])
    _note(clock, "moved", by=by, at=at, anchor=anchor.value, to=to.isoformat() if to else "")
    settle_clock(clock, at=at)


@transaction.atomic
def tick_duty(duty: ClockDuty, *, reference: str, met_at: datetime, by: Actor, at: datetime) -> None:
    """A person says that a duty was met, and by what, such as the number of a report."""
    lock(duty.clock.incident.page)
    duty = ClockDuty.objects.select_related("clock__incident__page").get(pk=duty.pk)
    if met_at > at + timedelta(minutes=1):
        raise Refused("met_at", "This time lies in the future.")
    duty.met_at, duty.met_by = met_at, checked_line("reference", reference) or by.name
    duty.save(update_fields=["met_at", "met_by"])
    _note(duty.clock, "met", by=by, at=at, duty=duty.key, reference=duty.met_by)
    settle_clock(duty.clock, at=at)


def keep_clocks(*, at: datetime) -> int:
    """Bring all running clocks up to date; how many were looked at."""
    clocks = Clock.objects.filter(stopped_at=None).exclude(incident__resolved_at__lt=at - RESTED)
    rows = list(clocks.select_related("incident__page").prefetch_related("duties"))
    open_ones = [clock for clock in rows if not all(duty.met_at for duty in clock.duties.all())]
    each_row(SweepKind.DEADLINES, open_ones, partial(_settle_alone, at=at), place=_place, at=at)
    return len(rows)


def _place(clock: Clock) -> Place:
    incident = clock.incident
    return Place(incident.page_id, incident.title, f"/console/incidents/{incident.code}/clocks")


@transaction.atomic
def _settle_alone(clock: Clock, *, at: datetime) -> None:
    settle_clock(clock, at=at)


def settle_clock(clock: Clock, *, at: datetime) -> None:
    """When each duty of a clock is due, whether it is met, and whether it was broken, from the record alone."""
    incident = Incident.objects.select_related("page").get(pk=clock.incident_id)
    said = list(incident.updates.order_by("at", "id").select_related("rfo_version"))
    holidays = list(Holiday.objects.filter(page=incident.page).values_list("day", flat=True))
    duties = list(clock.duties.select_for_update())
    anchors = _anchors(clock, incident, said, duties)
    for duty in duties:
        before = (duty.anchor_at, duty.due_at, duty.met_at, duty.breached_at, duty.breaches)
        _settle(duty, anchors, incident, said, holidays=holidays, at=at)
        if (duty.anchor_at, duty.due_at, duty.met_at, duty.breached_at, duty.breaches) != before:
            duty.save()


def _settle(
    duty: ClockDuty,
    anchors: Mapping[Anchor, datetime],
    incident: Incident,
    said: Sequence[IncidentUpdate],
    *,
    holidays: Sequence[object],
    at: datetime,
) -> None:
    wanted = duty.said
    anchor = anchors.get(wanted.anchor)
    duty.anchor_at = anchor
    if anchor is None:
        return
    if wanted.every is not None:
        _settle_cadence(duty, wanted, anchor, incident, said, at=at)
        return
    due = due_at(wanted, anchor, zone=incident.page.zone, holidays=holidays)  # type: ignore[arg-type]
    if duty.due_at and due and due != duty.due_at and duty.first_due_at is None:
        duty.first_due_at = duty.due_at
    duty.due_at = due
    found = _met(wanted.duty, said)
    if found:
        duty.met_at, duty.met_by = found
    broken = due is not None and due < (duty.met_at or at)
    duty.breached_at = due if broken else None
    duty.breaches = int(broken)


def _settle_cadence(
    duty: ClockDuty,
    wanted: Obligation,
    anchor: datetime,
    incident: Incident,
    said: Sequence[IncidentUpdate],
    *,
    at: datetime,
) -> None:
    """Every silence longer than allowed, from the first words until the end."""
    is_minor = Impact(incident.shown_impact) in MINOR
    spoken = [each.at for each in said if each.rfo_version_id is None]
    end = incident.resolved_at
    broken = [
        due
        for one, following in pairwise([*spoken, end or at])
        if (due := cadence(wanted, anchor, one, is_minor=is_minor))
        and due < following
        and (end is None or one < end)
    ]
    duty.due_at = cadence(wanted, anchor, spoken[-1], is_minor=is_minor) if spoken and end is None else None
    duty.breached_at, duty.breaches = min(broken, default=None), len(broken)
    duty.met_at, duty.met_by = (end, "resolved") if end else (None, "")


def _met(duty: Duty, said: Sequence[IncidentUpdate]) -> tuple[datetime, str] | None:
    """When the record shows that a duty was met, and by what."""
    if duty in {Duty.FIRST_NOTICE, Duty.RESPONSE} and said:
        return said[0].at, "first update"
    if duty == Duty.RESOLVED_NOTICE:
        ends = [each for each in said if each.status == IncidentStatus.RESOLVED]
        return (ends[-1].at, "resolved") if ends else None
    if duty in {Duty.PRELIMINARY_RFO, Duty.FINAL_RFO}:
        version = _first_rfo(said, is_final=duty == Duty.FINAL_RFO)
        return (version.published_at, str(version)) if version and version.published_at else None
    return None


def _first_rfo(said: Sequence[IncidentUpdate], *, is_final: bool) -> RfoVersion | None:
    final = {RfoKind.FINAL, RfoKind.CORRECTION}
    versions = [
        each.rfo_version for each in said if each.rfo_version and each.rfo_version.kind != RfoKind.WITHDRAWN
    ]
    return next((each for each in versions if not is_final or each.kind in final), None)


def _anchors(
    clock: Clock, incident: Incident, said: Sequence[IncidentUpdate], duties: Sequence[ClockDuty]
) -> dict[Anchor, datetime]:
    """What the record says of each moment, but for those that a person has set."""
    final = _first_rfo(said, is_final=True)
    met = {duty.key: duty.met_at for duty in duties}
    found = {
        Anchor.STARTED: incident.started_at,
        Anchor.DETECTED: min(incident.created_at, said[0].at) if said else incident.created_at,
        Anchor.RESTORED: incident.monitoring_at or incident.resolved_at,
        Anchor.RESOLVED: incident.resolved_at,
        Anchor.FINAL_RFO: final.published_at if final else None,
        Anchor.FIRST_CONTACT: met.get("psap"),
        Anchor.NOTIFIED: met.get("notification"),
    }
    moved = {Anchor(name): datetime.fromisoformat(value) for name, value in clock.moved.items()}
    return {name: value for name, value in (found | moved).items() if value is not None}


def promise_of(incident: Incident, *, spoken: datetime) -> datetime | None:
    """By when the running cadence wants the next words after those at `spoken`: the whole five minutes before."""
    duties = ClockDuty.objects.filter(clock__incident=incident, clock__stopped_at=None).select_related(
        "clock"
    )
    is_minor = Impact(incident.shown_impact) in MINOR
    wanted = ((duty.said, duty.anchor_at or spoken) for duty in duties)
    due = [found for said, anchor in wanted if (found := cadence(said, anchor, spoken, is_minor=is_minor))]
    if not due:
        return None
    soonest = min(due)
    past = timedelta(minutes=soonest.minute % 5, seconds=soonest.second, microseconds=soonest.microsecond)
    return soonest - past if soonest - past > spoken else soonest


def _note(clock: Clock, what: str, *, by: Actor, at: datetime, **data: str) -> None:
    record(
        clock.incident.page,
        EventKind.CLOCK_CHANGED,
        by=by,
        at=at,
        incident=clock.incident,
        data={"clock": clock.key, "what": what, **data},
    )
