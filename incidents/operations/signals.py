"""What other monitoring says is firing or over, and the one incident that tells customers of it (DESIGN 9, 10).

The same signal many times is one signal; those of one group, or of one component, share an incident. Once a person
has spoken in it, signals are only noted. The words are ours: an alert may name machines that customers do not know.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from incidents.domain.components import ComponentStatus, worst
from incidents.domain.roles import Right
from incidents.domain.texts import BodyFormat
from incidents.models import Component, Incident, Page, Signal, SignalNote, SignalSource
from incidents.models.staff import current_rights
from incidents.operations.actors import SIGNALS, Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.credentials import seal
from incidents.operations.errors import Refused
from incidents.operations.heard_alerts import AlertGroup, Heard, once_each, with_alerts_not_shown
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
from incidents.operations.journal import lock
from incidents.operations.subscribers import new_secret
from incidents.operations.updates import affected_components

MOST_AT_ONCE = 1000
MOST_GROUPS = 100
"""Each may open an incident, and all of them are written in one transaction."""
MOST_NOTES = 50
KEPT = timedelta(days=7)
TITLE = "Problem with {names}"
NAMELESS = "Problem with our service"
OPENED = "Our monitoring reports a problem with {names}. Detected automatically."
FURTHER = "Our monitoring now also reports a problem with {names}."
OVER = "Every alert of this incident has ended. This incident is resolved."


@dataclass(frozen=True, slots=True)
class Intake:
    """The incidents that alerts are published in, and what its sender should know of single alerts."""

    incidents: list[Incident]
    notes: list[str]


@transaction.atomic
def hear(
    page: Page, heard: Sequence[Heard], *, sender: str, at: datetime, group: AlertGroup | None = None
) -> Intake:
    """Take in what one sender says, all of it or nothing. `group` is what it says of all of them. Raises Refused."""
    if len(heard) > MOST_AT_ONCE:
        raise Refused("alerts", f"Send {MOST_AT_ONCE:,} alerts at a time, no more.")
    page, heard = lock(page), once_each(heard)
    if group is not None:
        heard = with_alerts_not_shown(page, sender, heard, group)
    same = Signal.objects.filter(page=page, sender=sender, fingerprint__in=[e.fingerprint for e in heard])
    known = {each.fingerprint: each for each in same.select_related("incident")}
    news = [each for each in heard if _is_news(known.get(each.fingerprint), each)]
    rows = {each.fingerprint: _note(page, sender, each, at=at) for each in news if each.firing}
    _note_doubts(same, heard, at=at)
    fresh = [each for each in news if each.firing and not _is_planned_work(each)]
    families: dict[str, list[Heard]] = defaultdict(list)
    for each in fresh:
        families[_family(each)].append(each)
    if len(families) > MOST_GROUPS:
        raise Refused("alerts", f"Send alerts of {MOST_GROUPS} groups or components at a time, no more.")
    for together in families.values():
        incident = _tell(page, sender, together, at=at)
        for each in together:
            Signal.objects.filter(pk=rows[each.fingerprint].pk).update(incident=incident)
    for each in news:  # ends come last, so that what fires joins the incident of what ends in the same body
        if not each.firing:
            _note(page, sender, each, at=at)
    told = set(same.exclude(incident=None).values_list("incident", flat=True))
    found = list(Incident.objects.filter(pk__in=told).select_related("page").order_by("pk"))
    return Intake([_settle(each, at=at) for each in found], _notes(heard, known))


def _is_news(known: Signal | None, heard: Heard) -> bool:
    """A repetition is none, nor a late one of what has ended since, nor an end of what was never reported; unknown is
    none either. What fires again after its incident is over is, though its end was never heard."""
    if heard.firing is None:
        return False
    if known is None:
        return heard.firing
    if not heard.firing:
        return known.ended_at is None and not _is_old_end(known, heard)
    if known.ended_at or known.incident is None:
        return known.ended_at is None or heard.began > known.fired_at
    is_open = known.incident.deleted_at is None and known.incident.state.is_open
    return not is_open and heard.began > known.fired_at


def _is_old_end(known: Signal, heard: Heard) -> bool:
    """Whether the end is that of an earlier time, which arrives late."""
    return heard.ended is not None and max(heard.began, heard.ended) < known.fired_at


def _note(page: Page, sender: str, heard: Heard, *, at: datetime) -> Signal:
    """Write an alert down; the end of one says nothing new of what it was."""
    same = {"page": page, "sender": sender, "fingerprint": heard.fingerprint}
    words: dict[str, Any] = {"heard_at": at, "ended_at": None if heard.firing else at}
    if heard.firing:
        words |= {
            "group": heard.group,
            "component": heard.component.code if heard.component else "",
            "labels": dict(heard.labels),
            "note": heard.note[:1000],
            "fired_at": heard.began,
            "incident": None,
        }
    return Signal.objects.update_or_create(**same, defaults=words, create_defaults=words)[0]


def _note_doubts(same: QuerySet[Signal], heard: Iterable[Heard], *, at: datetime) -> None:
    """Keep for staff why an alert still fires though its sender said something."""
    for each in heard:
        if each.firing is None and each.note:
            rows = same.filter(fingerprint=each.fingerprint, ended_at=None)
            rows.update(note=each.note[:1000], heard_at=at)


def _notes(heard: Iterable[Heard], known: Mapping[str, Signal]) -> list[str]:
    """At most MOST_NOTES sentences for the sender."""
    found: list[str] = []
    for each in heard:
        row, said = known.get(each.fingerprint), each.note
        if each.firing is False and row is None:
            said = "It is resolved, and was never reported here as firing. Nothing was changed."
        elif each.firing is False and row and row.ended_at is None and _is_old_end(row, each):
            said = "This end is older than the present alert, which stays firing."
        elif each.firing and _is_planned_work(each):
            said = "Its component is under maintenance: it is recorded, and opens no incident."
        if said:
            found.append(f"{each.labels.get('alertname') or each.fingerprint}: {said}")
    more = len(found) - MOST_NOTES
    return [*found[:MOST_NOTES], f"and {more:,} more"] if more > 0 else found


def _is_planned_work(heard: Heard) -> bool:
    return heard.component is not None and heard.component.state == ComponentStatus.UNDER_MAINTENANCE


def _family(heard: Heard) -> str:
    return heard.group or (heard.component.code if heard.component else heard.fingerprint)


def _tell(page: Page, sender: str, together: Sequence[Heard], *, at: datetime) -> Incident:
    """In the open incident that tells of the like already, or in a new one."""
    named: dict[Component, ComponentStatus] = {}
    for each in together:
        if each.component:
            named[each.component] = worst([each.status, named.get(each.component, each.status)])
    incident = _open_one(page, sender, together)
    if incident is None:
        names = _names(named)
        first = together[0]
        return open_incident(
            page,
            title=first.title or (TITLE.format(names=names) if named else NAMELESS),
            body=first.body or OPENED.format(names=names),
            body_format=BodyFormat.MARKDOWN if first.body else BodyFormat.PLAIN,
            components=named,
            by=SIGNALS,
            at=at,
        )
    known = {each.pk: each.state for each in affected_components(incident)}
    worse = {
        each: status
        for each, status in named.items()
        if each.pk not in known or worst([status, known[each.pk]]) != known[each.pk]
    }
    if worse and incident.taken_over_at is None:
        body = FURTHER.format(names=_names(worse))
        update_incident(
            incident,
            status=incident.state,
            body=body,
            body_format=BodyFormat.PLAIN,
            components=worse,
            by=SIGNALS,
            at=at,
        )
    return incident


def _open_one(page: Page, sender: str, together: Sequence[Heard]) -> Incident | None:
    """That of the group, or one that tells of the component already, whoever opened it."""
    firing = Signal.objects.filter(page=page, sender=sender, ended_at=None, incident__isnull=False)
    codes = [each.component.code for each in together if each.component]
    alike = (
        firing.filter(group=together[0].group) if together[0].group else firing.filter(component__in=codes)
    )
    opened = Incident.objects.open().filter(page=page).select_related("page").order_by("pk")
    named = opened.filter(updates__affected__component__code__in=codes)
    return opened.filter(pk__in=alike.values("incident")).first() or named.first()


def _settle(incident: Incident, *, at: datetime) -> Incident:
    """Resolve it once nothing of it fires, unless a person has spoken, or probes still watch it."""
    waits = (
        incident.signals.filter(ended_at=None).exists() or incident.holds.filter(released_at=None).exists()
    )
    if incident.state.is_open and not waits and incident.taken_over_at is None:
        resolve_incident(incident, body=OVER, by=SIGNALS, at=at)
        incident.refresh_from_db()
    return incident


def _names(components: Iterable[Component]) -> str:
    names = [each.name for each in components]
    if len(names) > 3:  # noqa: PLR2004  (a title stays short)
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "our service"


@transaction.atomic
def make_source(page: Page, *, name: str, by: Actor, at: datetime) -> tuple[SignalSource, str]:
    """A sender of signed events, and the secret it signs with, which is shown this once. Raises Refused."""
    page, secret = lock(page), new_secret()
    source = SignalSource.objects.create(
        page=page, name=checked_name("name", name), secret=seal(secret), made_by=by.user, created_at=at
    )
    _audit(source, "source.made", by=by, at=at)
    return source, secret


@transaction.atomic
def end_source(source: SignalSource, *, by: Actor, at: datetime) -> None:
    """Believe it no longer; a second time changes nothing."""
    if SignalSource.objects.filter(pk=source.pk, ended_at=None).update(ended_at=at):
        _audit(source, "source.ended", by=by, at=at)


def may_post(source: SignalSource) -> bool:
    """Whether its creator, where it has one, may still open incidents on its page: one query at most."""
    return source.made_by is None or current_rights(source.made_by).may(Right.RESPOND, source.page)


def sources_to_end(user: User) -> "QuerySet[SignalSource]":
    """The event sources that somebody made and that have not ended: those that end with the account."""
    mine = SignalSource.objects.filter(made_by=user, ended_at=None).select_related("page")
    return mine.order_by("page", "pk")


@transaction.atomic
def end_sources_of(user: User, *, by: Actor, at: datetime) -> int:
    """End all event sources of a person, each with a line in the audit; how many."""
    sources = list(sources_to_end(user))
    for source in sources:
        end_source(source, by=by, at=at)
    return len(sources)


def is_first(source: SignalSource, message: str, *, at: datetime) -> bool:
    """Whether a signed event is taken for the first time; inside the transaction that carries it out."""
    try:
        with transaction.atomic():
            SignalNote.objects.create(source=source, message=message[:255], at=at)
    except IntegrityError:
        return False
    return True


def forget_notes(*, at: datetime) -> int:
    """Delete the ids of events that are too old to be believed again anyway; how many."""
    return SignalNote.objects.filter(at__lt=at - KEPT).delete()[0]


def _audit(source: SignalSource, what: str, *, by: Actor, at: datetime) -> None:
    note(what, by=by, at=at, subject=f"source {source.code}", data={"name": source.name}, page=source.page)
