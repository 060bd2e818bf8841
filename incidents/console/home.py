"""What is on fire: open incidents, what the probes see, and how the telling goes."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from incidents.console.access import StaffRequest, staff_only
from incidents.console.checks import Check, check
from incidents.console.deliveries import delivery_health
from incidents.console.evidence import Service, failing, watched_services
from incidents.console.family import elsewhere
from incidents.console.maintenances import works
from incidents.console.notices import held_events
from incidents.console.sweeps import switched_off, with_failures
from incidents.console.system_clock import clock_in_doubt
from incidents.domain.roles import Right
from incidents.domain.waiting import Tone, Waiting
from incidents.models import Component, Event, Incident, IncidentUpdate, Page, Subscriber
from incidents.models.staff import Rights
from incidents.monitoring.suggestions import suggestions, unannounced, words_of

RECENT = 10
EVIDENCE = 4
_URGENCY = [Tone.LATE, Tone.DUE, Tone.CALM]


@dataclass(frozen=True, slots=True)
class Fire:
    """An open incident and how long customers have been waiting for words."""

    incident: Incident
    newest: IncidentUpdate
    waiting: Waiting
    held: list[Event]
    suggestion: str
    elsewhere: list[Incident]
    can_speak: bool
    failing: list[Check]
    """The probes that hold it open and still fail; of many the first ones."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A probe for staff alone that finds trouble on a service of which no incident tells."""

    check: Check

    @property
    def page(self) -> Page:
        """Where it would be told."""
        return self.check.probe.component.page


@dataclass(frozen=True, slots=True)
class Ended:
    """An incident that is over, and where else it was told."""

    incident: Incident
    elsewhere: list[Incident]


@dataclass(frozen=True, slots=True)
class Watch:
    """A page with what of it is monitored or in trouble."""

    page: Page
    services: list[Service]


@staff_only
def show_home(request: StaffRequest) -> HttpResponse:
    """The console's first screen."""
    at = now()
    services = Component.objects.in_use().filter(page=OuterRef("pk"))
    pages = with_failures(request.rights.pages().annotate(has_services=Exists(services)))
    everything = Incident.objects.unplanned().filter(page__in=pages).select_related("page")
    ended = everything.exclude(pk__in=Incident.objects.open().values("pk"))
    context = {
        "at": at,
        "pages": pages,
        "several": len(pages) > 1,
        "fires": fires(everything.open(), rights=request.rights, at=at),
        "works": works(pages, at=at),
        "watches": [Watch(page, watched_services(page, at=at)) for page in pages],
        "recent": recent(ended.prefetch_related("rfos__versions")[:RECENT], rights=request.rights),
        "deliveries": delivery_health(None if request.rights.everywhere else pages, at=at),
        "unannounced": [Hint(check(probe, at=at)) for probe in unannounced(pages, at=at)],
        "switched_off": [
            (each, request.rights.may(Right.RESPOND, each.page)) for each in switched_off(pages)
        ],
        "uncalled": uncalled(pages, request.rights),
        "not_set_up": [(each, request.rights.may(Right.SET_UP, each)) for each in without_services(pages)],
        "clock": clock_in_doubt(request, pages, at=at),
    }
    return render(request, "console/home.html", context)


def fires(incidents: "QuerySet[Incident]", *, rights: Rights, at: datetime) -> list[Fire]:
    """Open incidents, those whose customers wait longest beyond the promise first."""
    rows = list(incidents.prefetch_related("updates"))
    held, suggested, twins = held_events(rows, at=at), suggestions(rows), elsewhere(rows, rights=rights)
    checks = failing(rows, at=at)
    found = []
    for incident in rows:
        updates = list(incident.updates.all())
        spoken = max(update.created_at for update in updates)
        waiting = Waiting(spoken, updates[-1].next_update_by, at)
        mine = [event for event in held if event.incident_id == incident.pk]
        suggestion = words_of(suggested.get(incident.pk))
        seen = checks.get(incident.pk, [])[:EVIDENCE]
        can_speak = rights.may(Right.RESPOND, incident.page)
        found.append(
            Fire(incident, updates[-1], waiting, mine, suggestion, twins[incident.pk], can_speak, seen)
        )
    return sorted(found, key=lambda fire: (_URGENCY.index(fire.waiting.tone), fire.waiting.since))


def uncalled(pages: list[Page], rights: Rights) -> list[Page]:
    """The pages whose staff nobody calls, of those that one may set up."""
    called = set(Subscriber.objects.filter(is_staff=True, state="active").values_list("page", flat=True))
    return [page for page in pages if page.pk not in called and rights.may(Right.SET_UP, page)]


def without_services(pages: list[Page]) -> list[Page]:
    """The pages that have no service to say anything of."""
    return [page for page in pages if not getattr(page, "has_services")]  # noqa: B009  (set by the annotation)


def recent(incidents: "QuerySet[Incident]", *, rights: Rights) -> list[Ended]:
    """Incidents that are over, in the order given."""
    rows = list(incidents)
    twins = elsewhere(rows, rights=rights)
    return [Ended(incident, twins[incident.pk]) for incident in rows]
