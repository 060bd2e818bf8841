"""Planning a maintenance, its own page, and how it stands on the home screen (DESIGN 8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.evidence import services
from incidents.console.forms.maintenances import NEXT, PlanningForm, WorkForm
from incidents.console.notices import held_events, hold
from incidents.console.once import posted_incident, posted_update
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.roles import Right
from incidents.domain.waiting import Tone
from incidents.domain.zones import in_zone
from incidents.models import Event, Incident, IncidentUpdate, Maintenance, Page, Subscriber
from incidents.models.trees import page_view
from incidents.operations.actors import staff
from incidents.operations.causes import set_cause
from incidents.operations.errors import Conflict, Refused
from incidents.operations.journal import lock
from incidents.operations.maintenances import schedule_maintenance, update_maintenance
from incidents.operations.recipients import choosers, recipients_now
from incidents.operations.updates import affected_components

UNPROCESSABLE, CONFLICT = 422, 409
SOON = timedelta(minutes=15)
"""This long before a step that waits for a person its card turns amber."""
STEPS = {
    IncidentStatus.IN_PROGRESS: "Begin",
    IncidentStatus.VERIFYING: "Verify",
    IncidentStatus.COMPLETED: "Complete",
}
SUSPECT = timedelta(days=7)
"""So long after its end a maintenance may have brought an incident about."""
MOST_SUSPECTS = 20
SWEPT = timedelta(minutes=1)
"""What was to happen by itself and has not after this long says that no worker runs."""


@dataclass(frozen=True, slots=True)
class Work:
    """A maintenance that is not over, and what of it comes next."""

    incident: Incident
    held: list[Event]
    at: datetime

    @property
    def plan(self) -> Maintenance:
        """Its window."""
        return self.incident.maintenance

    @property
    def is_going_on(self) -> bool:
        """Whether it has begun."""
        return self.incident.state.is_in_force

    @property
    def due(self) -> datetime:
        """When it is to begin or, once it has begun, to end."""
        return self.plan.scheduled_until if self.is_going_on else self.plan.scheduled_for

    @property
    def by_itself(self) -> bool:
        """Whether that happens without a person."""
        return self.plan.ends_itself if self.is_going_on else self.plan.starts_itself

    @property
    def is_past(self) -> bool:
        """Whether that instant has passed."""
        return self.at >= self.due

    @property
    def left(self) -> timedelta:
        """Until that instant, or since it."""
        return abs(self.due - self.at)

    @property
    def tone(self) -> Tone:
        """Amber, then red, where it waits for a person; red where it should have happened by itself."""
        if self.by_itself:
            return Tone.LATE if self.is_past and self.left >= SWEPT else Tone.CALM
        if self.is_past:
            return Tone.LATE
        return Tone.DUE if self.left <= SOON else Tone.CALM

    @property
    def next(self) -> IncidentStatus:
        """What it becomes when all goes as planned."""
        return NEXT[self.incident.state]

    @property
    def step(self) -> str:
        """The word on the button that leads there."""
        return STEPS[self.next]

    @property
    def is_today(self) -> bool:
        """Whether it begins or goes on on the page's present day."""
        zone = self.incident.page.zone
        today = in_zone(self.at, zone).date()
        plan = self.plan
        return in_zone(plan.scheduled_for, zone).date() <= today <= in_zone(plan.scheduled_until, zone).date()

    @property
    def is_pressing(self) -> bool:
        """Whether somebody may have to act: the work goes on, waits for a person, or can still be taken back."""
        return self.is_going_on or self.tone != Tone.CALM or bool(self.held)


class Works(NamedTuple):
    """What of the maintenance may need a person now, and what is only to come."""

    pressing: list[Work]
    coming: list[Work]


def works(pages: Collection[Page], *, at: datetime) -> Works:
    """Every maintenance that is not over: what goes on by its end, then what is to come by its beginning."""
    rows = list(
        Incident.objects.planned().pending().filter(page__in=pages).select_related("page", "maintenance")
    )
    held = held_events(rows, at=at)
    found = [Work(row, [each for each in held if each.incident_id == row.pk], at) for row in rows]
    found.sort(key=lambda work: (not work.is_going_on, work.due, work.incident.pk))
    return Works(
        [work for work in found if work.is_pressing], [work for work in found if not work.is_pressing]
    )


@door(of=finding.page, read=Right.RESPOND)
def plan_new(request: StaffRequest, code: str) -> HttpResponseBase:
    """The form of a new maintenance."""
    page = get_object_or_404(Page, code=code)
    form = PlanningForm(page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            incident = _plan(request, form, at=now())
        except Refused as error:
            form.refuse(error)
        else:
            return redirect("console:maintenance", incident.code)
    at, everybody = now(), Subscriber.objects.active().filter(page=page, incident=None)
    context = {
        "form": form,
        "page": page,
        "at": at,
        "key": form.handed_out(at=at),
        "told": everybody.count(),
        "choosers": choosers(everybody),
        "only_major": everybody.filter(only_major=True).count(),
    }
    return render(request, "console/plan.html", context, status=UNPROCESSABLE if form.errors else 200)


def _plan(request: StaffRequest, form: PlanningForm, *, at: datetime) -> Incident:
    words, since = form.cleaned_data, form.issued or at
    with transaction.atomic():
        page = lock(form.page)
        twin = posted_incident(page, by=request.user, since=since, title=words["title"], body=words["body"])
        if twin and twin.state.is_planned:
            return twin
        return schedule_maintenance(
            page,
            title=words["title"],
            body=words["body"],
            scheduled_for=words["begins"],
            scheduled_until=words["ends"],
            components=form.ticked(),
            starts_itself=words["starts_itself"],
            ends_itself=words["ends_itself"],
            remind_hours=words["remind_hours"],
            by=staff(request.user),
            at=at,
            notify=words["notify"],
            hold=hold(),
        )


@door(of=finding.incident)
def show(request: StaffRequest, code: str) -> HttpResponseBase:
    """A maintenance with its updates, and the form that adds one."""
    incident = get_object_or_404(Incident.objects.planned().select_related("page", "maintenance"), code=code)
    at = now()
    if request.method != "POST":
        wish = {"status": request.GET["status"]} if "status" in request.GET else {}
        return _page(request, WorkForm(incident, at=at, initial=wish))
    form = WorkForm(incident, request.POST, at=at)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        _update(request, form, at=at)
    except Conflict:
        return _page(request, form.rebased(), status=CONFLICT)
    except Refused as error:
        form.refuse(error)
        return _page(request, form, status=UNPROCESSABLE)
    messages.success(request, "Your words are on the page.")
    return redirect("console:maintenance", code)


@door(of=finding.incident)
def link(request: StaffRequest, code: str) -> HttpResponseBase:
    """Say which incident the work brought about, or that it brought about none."""
    maintenance = get_object_or_404(Incident.objects.planned().select_related("page"), code=code)
    if request.method == "POST":
        chosen = Incident.objects.filter(page=maintenance.page, code=request.POST.get("incident", "")).first()
        try:
            if chosen is None:
                raise Refused("incident", "Choose the incident.")  # noqa: TRY301  (said beside the others)
            cause = None if request.POST.get("way") == "unlink" else maintenance
            set_cause(chosen, maintenance=cause, by=staff(request.user), at=now())
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Both public pages say so.")
    return redirect("console:maintenance", code)


def _suspects(maintenance: Incident) -> list[Incident]:
    """Incidents that began between the work's beginning and a week after its end, the newest first."""
    plan = maintenance.maintenance
    found = Incident.objects.unplanned().filter(page=maintenance.page, caused_by=None)
    near = found.filter(started_at__gte=plan.scheduled_for, started_at__lte=plan.scheduled_until + SUSPECT)
    return list(near.order_by("-started_at")[:MOST_SUSPECTS])


def _update(request: StaffRequest, form: WorkForm, *, at: datetime) -> IncidentUpdate:
    words, incident = form.cleaned_data, form.incident
    status = IncidentStatus(words["status"])
    with transaction.atomic():
        lock(incident.page)
        twin = posted_update(
            incident, by=request.user, since=form.issued or at, status=status, body=words["body"]
        )
        return twin or update_maintenance(
            incident,
            status=status,
            body=words["body"],
            components=dict.fromkeys(form.ticked()),
            by=staff(request.user),
            at=at,
            notify=words["notify"],
            hold=hold(),
            expected_version=words["version"],
            **form.moved(),
        )


def _page(request: StaffRequest, form: WorkForm, *, status: int = 200) -> HttpResponse:
    at, incident = now(), form.incident
    updates = list(
        incident.updates.order_by("-at", "-id")
        .select_related("author")
        .prefetch_related("affected", "revisions__replaced_by")
    )
    held = held_events([incident], at=at)
    recipients = recipients_now(incident, EventKind.MAINTENANCE_UPDATED, at=at)
    context: dict[str, Any] = {
        "incident": incident,
        "work": Work(incident, held, at),
        "form": form,
        "at": at,
        "key": form.handed_out(at=at),
        "updates": updates,
        "theirs": _theirs(form, updates) if status == CONFLICT else [],
        "held": held,
        "told": recipients.notified,
        "recipients": recipients,
        "services": services(affected_components(incident), at=at),
        "caused": incident.caused.order_by("-started_at"),
        "suspects": _suspects(incident),
        "can_speak": request.rights.may(Right.RESPOND, incident.page),
        "public": page_view(incident.page, site_url=settings.SITE_URL).url,
    }
    return render(request, "console/maintenance.html", context, status=status)


def _theirs(form: WorkForm, updates: list[IncidentUpdate]) -> list[IncidentUpdate]:
    """What was posted while the author was writing; at least the newest post, since something was."""
    newest = max(updates, key=lambda update: update.created_at)
    form.is_valid()
    return [each for each in updates if form.issued and each.created_at >= form.issued] or [newest]
