"""What automation may do: hold an incident open for a component, follow it, step back, let go (DESIGN 9).

Automation never edits what a person wrote: once a person has spoken in an incident it only keeps its holds. What it
says stands on the page at once; people are told of what spreads from component to component once in ten minutes, by a
notice of the newest state, so that one fault of twenty services is not twenty mails.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from incidents.domain.components import ComponentStatus, worst
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.texts import BodyFormat
from incidents.models import AffectedComponent, AutomaticHold, Component, Event, Incident, Page, Probe
from incidents.operations.actors import PROBES
from incidents.operations.components import Statuses
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.updates import restored_status

CALM = timedelta(minutes=10)
"""Between two notices of one incident that tell of further components (reliability.md 2.2)."""


def open_automatic(
    page: Page,
    *,
    title: str,
    body: str,
    components: Statuses,
    started_at: datetime | None = None,
    at: datetime,
) -> Incident | None:
    """One automatic incident for all the components; None when another process already holds one of them.

    The constraint decides, not a look beforehand.
    """
    try:
        with transaction.atomic():
            incident = open_incident(
                page,
                title=title,
                body=body,
                body_format=BodyFormat.PLAIN,
                components=components,
                started_at=started_at,
                by=PROBES,
                at=at,
            )
            for component, status in components.items():
                AutomaticHold.objects.create(
                    incident=incident, component=component, held_at=at, concluded=status.value
                )
    except IntegrityError:
        return None
    return incident


@transaction.atomic
def attach(
    incident: Incident, *, component: Component, body: str, status: ComponentStatus, at: datetime
) -> bool:
    """A further component fails from the same cause: hold it in the same incident and say so.

    False when another process holds the component already.
    """
    lock(incident.page)
    if AutomaticHold.objects.filter(component=component, released_at__isnull=True).exists():
        return False
    hold = AutomaticHold.objects.create(
        incident=incident, component=component, held_at=at, concluded=status.value
    )
    _follow(hold, body=body, status=status, calm=True, at=at)
    return True


@transaction.atomic
def follow(hold: AutomaticHold, *, body: str, status: ComponentStatus, at: datetime) -> None:
    """Say that the extent has changed, or that a recovered component fails again.

    Once a person has taken over, it is journaled as a suggestion and said to nobody. People are told at once of what
    is worse than they have ever been told of this incident.
    """
    told = AffectedComponent.objects.filter(update__incident=hold.incident, component=hold.component)
    worst_told = worst(ComponentStatus(each) for each in told.values_list("new_status", flat=True))
    _follow(hold, body=body, status=status, calm=status.severity <= worst_told.severity, at=at)


def _follow(hold: AutomaticHold, *, body: str, status: ComponentStatus, calm: bool, at: datetime) -> None:
    page = lock(hold.incident.page)
    incident = Incident.objects.get(pk=hold.incident_id)
    AutomaticHold.objects.filter(pk=hold.pk).update(concluded=status.value, recovered_at=None)
    if incident.taken_over_at or not incident.state.is_open:
        record(page, EventKind.INCIDENT_HELD, by=PROBES, at=at, incident=incident, data={"suggestion": body})
        return
    goes_on = IncidentStatus.INVESTIGATING if incident.state == IncidentStatus.MONITORING else incident.state
    update_incident(
        incident,
        status=goes_on,
        body=body,
        body_format=BodyFormat.PLAIN,
        components={hold.component: status},
        by=PROBES,
        at=at,
        hold=_gathered(incident, calm=calm, at=at),
    )


def _gathered(incident: Incident, *, calm: bool, at: datetime) -> timedelta:
    """How long the next notice waits; it takes the place of those that wait already, since it tells the whole."""
    ours = Event.objects.filter(
        incident=incident, actor=PROBES.name, notifies=True, cancelled_at__isnull=True
    )
    waiting = ours.filter(hold_until__gt=at, expanded_at__isnull=True, cursor=0)
    told = ours.exclude(pk__in=waiting).aggregate(at=Max("hold_until"))["at"]
    waiting.update(cancelled_at=at)
    # A notice of the future was sent before the clock was set back: then the calm begins again.
    return min(CALM, max(NO_HOLD, told + CALM - at)) if calm and told else NO_HOLD


@transaction.atomic
def recover(hold: AutomaticHold, *, body: str, at: datetime) -> None:
    """The component's probes are content: note it and, when all holds of the incident are, post "monitoring"."""
    page = lock(hold.incident.page)
    incident = Incident.objects.get(pk=hold.incident_id)
    AutomaticHold.objects.filter(pk=hold.pk).update(
        concluded=ComponentStatus.OPERATIONAL.value, recovered_at=at
    )
    if incident.taken_over_at or not incident.state.is_open:
        record(page, EventKind.INCIDENT_HELD, by=PROBES, at=at, incident=incident, data={"suggestion": body})
        return
    relapsed = incident.updates.filter(status=IncidentStatus.MONITORING).exists()
    noisy = incident.signals.filter(ended_at=None)
    all_well = not incident.holds.filter(released_at__isnull=True, recovered_at__isnull=True).exists()
    all_well = all_well and not noisy.exists() and not is_abandoned(incident)
    is_well = not noisy.filter(
        component=hold.component.code
    ).exists()  # or other monitoring says that it is not
    update_incident(
        incident,
        status=IncidentStatus.MONITORING if all_well else incident.state,
        body=body,
        body_format=BodyFormat.PLAIN,
        components={hold.component: restored_status(hold.component, without=incident)} if is_well else {},
        by=PROBES,
        at=at,
        hold=_gathered(incident, calm=relapsed or not all_well, at=at),
    )


@transaction.atomic
def release(hold: AutomaticHold, *, why: str, at: datetime) -> None:
    """Let go of a component without a public word: its incident is over, or nothing watches it any more."""
    page = lock(hold.incident.page)
    if AutomaticHold.objects.filter(pk=hold.pk, released_at__isnull=True).update(released_at=at):
        record(
            page, EventKind.INCIDENT_HELD, by=PROBES, at=at, incident=hold.incident, data={"suggestion": why}
        )


def is_abandoned(incident: Incident) -> bool:
    """Whether a component of it was let go before its probes were content: nobody measured that it is well."""
    held = incident.holds.filter(released_at__isnull=True).values("component")
    left = incident.holds.filter(released_at__isnull=False, recovered_at__isnull=True)
    return left.exclude(component__in=held).exists()


def note_silenced(probe: Probe, *, what: str, at: datetime) -> None:
    """A probe says nothing from now on; where it fails and holds an incident open, only a person ends that.

    Inside the caller's transaction and lock.
    """
    if probe.verdict not in {Verdict.DOWN, Verdict.DEGRADED}:
        return
    holds = AutomaticHold.objects.filter(
        component=probe.component_id, released_at__isnull=True, silenced_at=None
    )
    for hold in holds.select_related("incident__page"):
        AutomaticHold.objects.filter(pk=hold.pk).update(silenced_at=at)
        said = f"The failing check {probe.name} was {what}; a person must say when it is over."
        record(
            hold.incident.page,
            EventKind.INCIDENT_HELD,
            by=PROBES,
            at=at,
            incident=hold.incident,
            data={"suggestion": said},
        )


def is_silenced(hold: AutomaticHold, *, at: datetime) -> bool:
    """Whether a probe that failed when it was paused or muted still says nothing."""
    if hold.silenced_at is None:
        return False
    failing = Probe.objects.filter(component=hold.component_id, verdict__in=[Verdict.DOWN, Verdict.DEGRADED])
    return failing.exclude(pk__in=Probe.objects.speaking(at).values("pk")).exists()


@transaction.atomic
def settle(incident: Incident, *, body: str, watched_for: timedelta, at: datetime) -> bool:
    """Resolve an automatic incident whose every hold has been content for `watched_for` and of which no alert fires;
    False where not yet, and where nothing watches one of its components any more.

    An incident that a person has taken over is only let go of: that person says when it is over.
    """
    lock(incident.page)
    incident = Incident.objects.select_related("page").get(pk=incident.pk)
    held = AutomaticHold.objects.filter(incident=incident, released_at__isnull=True)
    early = at - watched_for
    if (
        not held.exists()
        or held.exclude(recovered_at__lte=early).exists()
        or incident.signals.filter(ended_at=None).exists()
        or is_abandoned(incident)
    ):
        return False
    held.update(released_at=at)
    if incident.state.is_open and not incident.taken_over_at:
        _gathered(incident, calm=False, at=at)
        resolve_incident(incident, body=body, body_format=BodyFormat.PLAIN, by=PROBES, at=at)
    return True
