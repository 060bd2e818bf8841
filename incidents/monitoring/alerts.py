"""Looking for what needs a person, and calling staff for it, each time once (DESIGN 9).

A look reads the present state alone: what was to be said while every process was dead is said by the next look.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Min

from incidents.domain.alerts import Cause
from incidents.domain.components import ComponentStatus, worst
from incidents.domain.deliveries import DeliveryState
from incidents.domain.incidents import IncidentStatus
from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import BodyFormat
from incidents.domain.waiting import Tone, Waiting
from incidents.formatting.evidence import extent, status_of, title
from incidents.formatting.spans import full_span
from incidents.formatting.times import duration, posted_twice
from incidents.formatting.update_texts import update_plain
from incidents.models import Delivery, Incident, IncidentUpdate, Page, Probe, SweepFailure, SystemClock
from incidents.models.trees import check_view
from incidents.monitoring.owed import owed_calls
from incidents.monitoring.readiness import allowance
from incidents.monitoring.suggestions import suggestions, unannounced
from incidents.operations.alerts import Call, raise_alerts
from incidents.operations.sweeps import Place, each_row
from incidents.operations.system_clock import doubted_clock, expected_time

LATE = timedelta(minutes=5)
"""What has been due to be sent for this long waits for no good reason."""
SPEAK = "Tell customers now"
STATES = {
    ComponentStatus.MAJOR_OUTAGE: "DOWN",
    ComponentStatus.PARTIAL_OUTAGE: "PARTLY DOWN",
    ComponentStatus.DEGRADED_PERFORMANCE: "DEGRADED",
}
"""What the subject of an alert begins with, so that a phone shows it first."""


def alert_due(*, at: datetime) -> int:
    """Call staff of every page for what is new; how many alerts were raised."""
    rows = Page.objects.order_by("pk")
    return sum(each_row(SweepKind.ALERTS, rows, partial(_alert, at=at), place=place_of_page, at=at))


def place_of_page(page: Page) -> Place:
    """A page as the row of a sweep."""
    return Place(page.pk, page.name, f"/console/pages/{page.code}/edit")


def _alert(page: Page, *, at: datetime) -> int:
    return raise_alerts(page, list(calls(page, at=at)), at=at)


def calls(page: Page, *, at: datetime) -> Iterator[Call]:
    """Everything on a page that needs a person at this instant."""
    looks: tuple[Callable[..., Iterator[Call]], ...] = (_incidents, _probes, _switched_off)
    timed: tuple[Callable[..., Iterator[Call]], ...] = (_promises, _works, _silence, _unsent, owed_calls)
    doubted = doubted_clock()
    if doubted:
        yield _clock_set(doubted, page, at=at)
    for look in looks if doubted else (*looks, *timed):
        yield from look(page, at=at)


def _clock_set(clock: SystemClock, page: Page, *, at: datetime) -> Call:
    """Once a step: nothing else is called for by time alone before somebody has looked."""
    expected = expected_time(clock, at=at)
    return Call(
        Cause.CLOCK_SET,
        f"{clock.boot[:40]} {clock.doubted_at:%Y%m%d%H%M%S}",
        "The server's clock was set: please confirm the time",
        f"It shows {posted_twice(at, page.zone)}; expected was {posted_twice(expected, page.zone)}. Until the clock is "
        "corrected or you confirm it, nothing is deleted or given up, and planned maintenance, reminders, deadlines "
        "and scheduled RFOs wait. Incidents, checks and everything that people post go on.",
        "/console/",
        "Look at the clock",
    )


def _incidents(page: Page, *, at: datetime) -> Iterator[Call]:  # noqa: ARG001  (a look's shape)
    rows = list(Incident.objects.unplanned().open().filter(page=page).prefetch_related("updates"))
    suggested = suggestions(rows)
    for incident in rows:
        here = f"/console/incidents/{incident.code}"
        newest = list(incident.updates.all())[-1]
        if incident.automatic and not incident.taken_over_at:
            opener = "Probes" if incident.holds.exists() else "Inbound alerts"
            yield Call(
                Cause.OPENED,
                incident.code,
                f"{opener} opened: {incident.title}",
                update_plain(newest.body, BodyFormat(newest.body_format)),
                f"{here}?draft=alert#say",
                SPEAK,
                subject=_with_state(_worst_said(newest), incident.title),
            )
        if event := suggested.get(incident.pk):
            said = str(event.data["suggestion"])
            yield Call(
                Cause.SUGGESTED,
                f"{incident.code} {event.pk}",
                f"Probes now say something about {incident.title}",
                f"{said}\n\nA person leads this incident, so nothing was said in public.",
                f"{here}#say",
                SPEAK,
            )


def _promises(page: Page, *, at: datetime) -> Iterator[Call]:
    rows = Incident.objects.unplanned().open().filter(page=page).prefetch_related("updates")
    for incident in rows:
        spoken = max(each.created_at for each in incident.updates.all())
        yield from _promise(incident, page, spoken=spoken, at=at)


def _worst_said(update: IncidentUpdate) -> ComponentStatus:
    return worst(ComponentStatus(each) for each in update.affected.values_list("new_status", flat=True))


def _with_state(status: ComponentStatus, title: str) -> str:
    """The subject of an alert about a component in that state; empty where nothing is down."""
    return f"{STATES[status]}: {title}" if status in STATES else ""


def _promise(incident: Incident, page: Page, *, spoken: datetime, at: datetime) -> Iterator[Call]:
    """Amber and red, as the console's home shows them."""
    promised = list(incident.updates.all())[-1].next_update_by
    waiting = Waiting(spoken, promised, at)
    key = f"{incident.code} {(promised or spoken).isoformat()}"
    here = f"/console/incidents/{incident.code}#say"
    since = f"Customers last read something {duration(waiting.silent_for)} ago."
    by = f" The next words were promised for {posted_twice(promised, page.zone)}." if promised else ""
    if waiting.tone != Tone.CALM:
        yield Call(Cause.DUE, key, f"Words are due: {incident.title}", since + by, here, SPEAK)
    if waiting.tone == Tone.LATE:
        yield Call(Cause.BROKEN, key, f"Words are overdue: {incident.title}", since + by, here, SPEAK)


def _probes(page: Page, *, at: datetime) -> Iterator[Call]:
    for probe in unannounced([page], at=at):
        check = check_view(probe)
        what = title([(probe.component.name, [check])])
        since = probe.trouble_since.isoformat() if probe.trouble_since else ""
        yield Call(
            Cause.SUGGESTED,
            f"probe {probe.code} {since}",
            f"Probe says: {what}",
            f"{extent([check], zone=page.zone, at=at)}\n\nThis probe tells staff alone, so nothing is public yet.",
            f"/console/pages/{page.code}/incidents/new?probe={probe.code}",
            SPEAK,
            subject=_with_state(status_of([check]), what),
        )


def _works(page: Page, *, at: datetime) -> Iterator[Call]:
    rows = Incident.objects.planned().pending().filter(page=page).select_related("maintenance")
    for incident in rows:
        plan = incident.maintenance
        begun = incident.state != IncidentStatus.SCHEDULED
        due = plan.scheduled_until if begun else plan.scheduled_for
        if at < due or (plan.ends_itself if begun else plan.starts_itself):
            continue
        yield Call(
            Cause.WORK,
            f"{incident.code} {due.isoformat()}",
            f"{'To be ended' if begun else 'To be begun'}: {incident.title}",
            f"Planned for {full_span(plan.scheduled_for, plan.scheduled_until, page.zone)}. It waits for you.",
            f"/console/maintenances/{incident.code}#say",
        )


def _silence(page: Page, *, at: datetime) -> Iterator[Call]:
    """No probe of the page has reported for longer than a sign of life may be old."""
    probes = Probe.objects.filter(component__page=page, enabled=True)
    newest = max((each for each in probes.values_list("last_at", flat=True) if each), default=None)
    if newest is None or at - newest <= allowance():
        return
    yield Call(
        Cause.SILENT,
        newest.isoformat(),
        f"Nothing is measured any more on {page}",
        f"The last result came {duration(at - newest)} ago, {posted_twice(newest, page.zone)}. The public page "
        "says that it cannot confirm its state. Look whether the worker and beat run.",
        f"/console/probes?page={page.code}",
    )


def _unsent(page: Page, *, at: datetime) -> Iterator[Call]:
    """The oldest row that has been due for too long and that nobody has tried."""
    waiting = Delivery.objects.filter(
        event__page=page, state=DeliveryState.DUE, due_at__lt=at - LATE, subscriber__is_staff=False
    )
    oldest = waiting.aggregate(at=Min("due_at"))["at"]
    if oldest is not None:
        yield Call(
            Cause.UNSENT,
            "",
            f"Subscribers of {page} are not being told",
            f"Something has been waiting to be sent for {duration(at - oldest)}. Look whether the worker runs.",
            "/console/deliveries",
        )


def _switched_off(page: Page, *, at: datetime) -> Iterator[Call]:  # noqa: ARG001  (a look's shape)
    """What failed twice in a sweep, so that it is left alone there, or keeps failing."""
    for failure in SweepFailure.objects.filter(page=page, disabled_at__isnull=False):
        then = (
            "It is tried again by itself."
            if failure.is_essential
            else "It was switched off so that everything else goes on. Edit it, or switch it on again on the console's "
            "first screen."
        )
        yield Call(
            Cause.SWITCHED_OFF,
            failure.code,
            str(failure),
            f"It failed {failure.failures} times: {failure.reason}\n\n{then}",
            failure.path,
            "Look at it",
        )
