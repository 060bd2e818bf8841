"""Drafting an RFO from the record: what was said, what changed, what was measured, who was told (DESIGN 12).

Each generated fact names its source, so that drafting anew can show what the record says differently by now, and what a
person has written stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, Max, Min

from incidents.domain.audiences import Audience
from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import DeliveryState
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.outcomes import Health, Outcome
from incidents.domain.rfo_content import Content, Entry, KeyTime, Moment, Precision, Window
from incidents.domain.rfos import RfoKind
from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import BodyFormat
from incidents.formatting.affected import affected_sentence
from incidents.formatting.outcomes import public_words
from incidents.formatting.times import duration, posted
from incidents.formatting.update_texts import update_plain
from incidents.formatting.words import COMPONENT, INCIDENT
from incidents.models import Delivery, Event, Incident, ProbeResult, RfoVersion, StatusChange
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.rfos import draft_rfo, set_content, words_digest
from incidents.operations.sweeps import Place, each_row
from incidents.operations.updates import affected_components

BEFORE = timedelta(minutes=30)
"""So long before an incident began its probes are asked."""
SECOND = timedelta(seconds=1)
RECENT = timedelta(days=2)
"""Incidents that were resolved longer ago are drafted by a person alone."""
MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """What the record says by now and a draft does not, and the other way round."""

    new: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


def gather(incident: Incident) -> Content:
    """All that the record says of an incident that is over, or so far."""
    timeline = sorted(
        [*_said(incident), *_moved(incident), *_measured(incident), *_told(incident), *_planned(incident)],
        key=lambda each: (each.at, each.source),
    )
    times = _times(incident, timeline)
    return Content(times=times, windows=_windows(incident, times), timeline=tuple(timeline))


def draft_from_record(incident: Incident, *, by: Actor, at: datetime) -> RfoVersion:
    """A preliminary draft where there is none: a letter to be filled in, and the facts. Raises Refused."""
    return draft_rfo(
        incident,
        body=_letter(incident),
        kind=RfoKind.PRELIMINARY,
        content=gather(incident),
        only_first=True,
        by=by,
        at=at,
    )


def draft_due(*, at: datetime) -> int:
    """Draft an RFO for each incident that was resolved since, if it hit anybody; how many."""
    rows = Incident.objects.unplanned().filter(
        resolved_at__gte=at - RECENT, rfos=None, import_key=None, status=IncidentStatus.RESOLVED
    )
    hit = rows.exclude(impact=Impact.NONE).select_related("page")
    work = partial(draft_from_record, by=CLOCK, at=at)
    return len(each_row(SweepKind.AUTODRAFT, hit, work, place=_place, at=at))


def _place(incident: Incident) -> Place:
    return Place(incident.page_id, incident.title, f"/console/incidents/{incident.code}")


def drift_of(version: RfoVersion) -> Drift:
    """How the generated facts of a draft differ from what the record says now."""
    kept, found = (_generated(each) for each in (version.whole, gather(version.rfo.incident)))
    return Drift(
        tuple(words for words in found if words not in kept),
        tuple(words for words in kept if words not in found),
    )


def regenerate(version: RfoVersion, *, digest: str, by: Actor, at: datetime) -> RfoVersion:
    """Take what the record says by now; what a person wrote, or measured in another way, stays."""
    found, kept = gather(version.rfo.incident), version.whole
    own_times = tuple(each for each in kept.times if not each.source)
    named = {each.what for each in own_times}
    own_windows = tuple(each for each in kept.windows if not each.source)
    content = replace(
        kept,
        times=_in_order((*own_times, *(each for each in found.times if each.what not in named))),
        windows=own_windows or found.windows,
        timeline=tuple(
            sorted(
                (*found.timeline, *(each for each in kept.timeline if not each.source)),
                key=lambda each: each.at,
            )
        ),
    )
    return set_content(version, content=content, expected=digest or words_digest(version), by=by, at=at)


def _generated(content: Content) -> list[str]:
    """One line for each fact that names its source."""
    times = [
        f"{each.what.value}: {each.at:%Y-%m-%d %H:%M:%S}Z"
        for each in content.times
        if each.source and each.at
    ]
    windows = [
        f"window: {each.begins:%Y-%m-%d %H:%M}Z to {each.ends}" for each in content.windows if each.source
    ]
    return (
        times
        + windows
        + [f"{each.at:%Y-%m-%d %H:%M}Z {each.words}" for each in content.timeline if each.source]
    )


def _in_order(times: tuple[KeyTime, ...]) -> tuple[KeyTime, ...]:
    order = list(Moment)
    return tuple(sorted(times, key=lambda each: order.index(each.what)))


def _letter(incident: Incident) -> str:
    zone = incident.page.zone
    names = [(each.group.name if each.group else None, each.name) for each in affected_components(incident)]
    hit = affected_sentence(names) if names else ""
    ended = incident.resolved_at
    lasted = f", {duration(ended - incident.started_at)} later" if ended else ""
    until = f" It was resolved on {posted(ended, zone)}{lasted}." if ended else ""
    return (
        f"## Summary\n\n{incident.title} began on {posted(incident.started_at, zone)}.{until} {hit}\n\n"
        "## What customers saw\n\nTBD\n\n## Root cause\n\nTBD\n\n## What we change\n\nTBD\n"
    )


def _said(incident: Incident) -> Iterator[Entry]:
    for update in incident.updates.filter(rfo_version=None):
        words = update_plain(update.body, BodyFormat(update.body_format))
        if len(words) > _LINE:
            words = f"{words[:_LINE].rpartition(' ')[0]}…"
        yield Entry(update.at, f"{INCIDENT[IncidentStatus(update.status)]}: {words}", f"update {update.code}")


_LINE = 300
"""Characters of an update that the timeline repeats."""


def _moved(incident: Incident) -> Iterator[Entry]:
    until = incident.resolved_at or incident.updated_at
    changes = StatusChange.objects.filter(
        component__in=affected_components(incident), at__gte=incident.started_at, at__lte=until
    )
    for change in changes.select_related("component__group"):
        name = f"{change.component.group.name} - " if change.component.group else ""
        words = f"{name}{change.component.name}: {COMPONENT[ComponentStatus(change.status)]}"
        yield Entry(change.at, words, f"component {change.component.code}")


def _measured(incident: Incident) -> Iterator[Entry]:
    """The first failure and the first success of each probe, as far as results are kept."""
    until = incident.resolved_at or incident.updated_at
    rows = ProbeResult.objects.filter(
        probe__component__in=affected_components(incident),
        at__gte=incident.started_at - BEFORE,
        at__lte=until,
    )
    was_well: dict[int, bool] = {}
    count = 0
    for result in rows.select_related("probe").order_by("at", "pk").iterator():
        if result.health == Health.INCONCLUSIVE or count >= MOST_EVIDENCE:
            continue
        is_well = result.health in {Health.OK, Health.WARNING}
        if was_well.get(result.probe_id, True) != is_well:
            count += 1
            found = public_words(Outcome(result.outcome), result.reply_code, result.subject)
            words = f"{result.probe.name}: {'answers again' if is_well else found}"
            yield Entry(result.at, words, f"probe {result.probe.code}", Audience.INTERNAL)
        was_well[result.probe_id] = is_well


def _told(incident: Incident) -> Iterator[Entry]:
    """How many notifications of each update a mail server or an endpoint accepted, and when."""
    sent = Delivery.objects.filter(
        event__incident=incident,
        state=DeliveryState.SENT,
        subscriber__is_staff=False,
        finished_at__isnull=False,
    )
    for row in sent.values("event").annotate(
        count=Count("pk"), first=Min("finished_at"), last=Max("finished_at")
    ):
        count, took = row["count"], row["last"] - row["first"]
        words = f"Notifications sent: {count:,}"
        words += f", the last one {duration(took)} after the first" if took >= SECOND else ""
        yield Entry(row["first"], words, f"deliveries of event {row['event']}", Audience.INTERNAL)


def _planned(incident: Incident) -> Iterator[Entry]:
    cause = incident.caused_by
    if cause is not None and cause.state.is_planned:
        plan = cause.maintenance
        source = f"maintenance {cause.code}"
        yield Entry(plan.scheduled_for, f"Planned work begins: {cause.title}", source)
        yield Entry(plan.scheduled_until, f"Planned end of the work: {cause.title}", source)


def _times(incident: Incident, timeline: list[Entry]) -> tuple[KeyTime, ...]:
    updates = list(incident.updates.filter(rfo_version=None))
    seen = [each.at for each in timeline if each.source.startswith("probe ")]
    opened = Event.objects.filter(incident=incident, kind="incident.opened").first()
    detected = min(seen, default=incident.created_at if opened else None)
    identified = next((each for each in updates if each.status == IncidentStatus.IDENTIFIED), None)
    restored = _restored(incident)
    found = (
        (Moment.IMPACT_START, incident.started_at, f"incident {incident.code}"),
        (Moment.DETECTED, detected, "probes" if seen else f"incident {incident.code}"),
        (
            Moment.FIRST_NOTICE,
            updates[0].at if updates else None,
            f"update {updates[0].code}" if updates else "",
        ),
        (
            Moment.IDENTIFIED,
            identified.at if identified else None,
            f"update {identified.code}" if identified else "",
        ),
        (Moment.RESTORED, restored, "components"),
        (Moment.RESOLVED, incident.resolved_at, f"incident {incident.code}"),
    )
    return tuple(KeyTime(what, at, Precision.EXACT, source) for what, at, source in found if at)


def _restored(incident: Incident) -> datetime | None:
    """When the last of the components was operational again and stayed so; None where one was not at the end."""
    if incident.resolved_at is None:
        return None
    last = [
        StatusChange.objects.filter(
            component=each, at__gte=incident.started_at, at__lte=incident.resolved_at
        ).last()
        for each in affected_components(incident)
    ]
    changes = [each for each in last if each]
    if any(each.status != ComponentStatus.OPERATIONAL for each in changes):
        return None
    return max((each.at for each in changes), default=None)


def _windows(incident: Incident, times: tuple[KeyTime, ...]) -> tuple[Window, ...]:
    known = {each.what: each.at for each in times}
    ends = known.get(Moment.RESTORED) or known.get(Moment.RESOLVED)
    begins = incident.started_at
    return (Window(begins, ends, source=f"incident {incident.code}"),) if ends and ends > begins else ()
