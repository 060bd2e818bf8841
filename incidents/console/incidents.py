"""Opening an incident, and its own page: what was said, and the form that says more (DESIGN 8)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.audience import audience, in_words
from incidents.console.clocks import owed
from incidents.console.delivery_log import tellings
from incidents.console.drafts import data_of, draft_of, drop
from incidents.console.evidence import newest_signals, openings, services, with_signals
from incidents.console.forms.incidents import OpeningForm, UpdateForm
from incidents.console.notices import held_events, hold
from incidents.console.once import posted_incident, posted_update
from incidents.console.prefill import from_alert, from_probe
from incidents.console.presence import others
from incidents.console.statements import (
    BACK,
    DISCARD,
    REVIEW,
    USE,
    is_reviewing,
    quiet,
    review,
    sent_fields,
    step_of,
    to_review,
    with_template,
)
from incidents.console.templates import offered
from incidents.domain.field_rights import FieldClass
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import TOLD, EventKind
from incidents.domain.roles import Right
from incidents.domain.waiting import Waiting
from incidents.models import Draft, Event, Incident, IncidentUpdate, Page, Subscriber
from incidents.models.trees import page_view
from incidents.monitoring.suggestions import suggestions, words_of
from incidents.operations.actors import staff
from incidents.operations.errors import Conflict, Refused
from incidents.operations.incidents import open_incident
from incidents.operations.journal import lock
from incidents.operations.recipients import choosers, recipients_now
from incidents.operations.twins import Telling, lock_pages, update_twins
from incidents.operations.updates import affected_components

UNPROCESSABLE, CONFLICT = 422, 409


@door(read=Right.RESPOND)
def choose_page(request: StaffRequest) -> HttpResponseBase:
    """Which page the new incident is on; with a single one there is nothing to ask."""
    pages = list(request.rights.pages(Right.RESPOND))
    if len(pages) == 1:
        return redirect("console:open", pages[0].code)
    return render(request, "console/choose_page.html", {"pages": pages})


@door(of=finding.page, read=Right.RESPOND)
def open_new(request: StaffRequest, code: str) -> HttpResponseBase:
    """The form of a new incident, as its author left it."""
    page = get_object_or_404(Page, code=code)
    draft = draft_of(request, page)
    if request.method == "POST":
        form = OpeningForm(page, request.POST)
    elif draft:
        form = quiet(OpeningForm(page, data_of(draft.fields)))
    elif found := from_probe(page, request.GET.get("probe", ""), at=now()):
        form = quiet(OpeningForm(page, data_of({name: [value] for name, value in found.items()})))
    else:
        form = OpeningForm(page)
    return opening(request, form, open_incident, draft=draft)


def opening(
    request: StaffRequest, form: OpeningForm, operation: Callable[..., Incident], **context: Any
) -> HttpResponseBase:
    """The screen on which an incident of the form's page gets its first words; `operation` opens it."""
    at, step, page = now(), step_of(request), form.page
    if step == DISCARD:
        drop(request, page)
        return redirect(request.get_full_path())
    if is_reviewing(request):
        fields = sent_fields(request, page)
        if fields is None:
            return redirect(request.path)
        form, step = OpeningForm(page, fields), REVIEW
    if step == USE:
        form = quiet(OpeningForm(page, with_template(request, page, None, at=at)))
    elif step == BACK:
        form = quiet(form)
    elif (request.method == "POST" or step == REVIEW) and form.is_valid():
        try:
            if step == REVIEW:
                return _opening_review(request, form, operation, at=at)
            incident = _open(request, form, operation, at=at)
        except Refused as error:
            form.refuse(error)
        else:
            drop(request, page)
            return redirect("console:incident", incident.code)
    everybody = Subscriber.objects.active().filter(page=page, incident=None)
    context |= {
        "form": form,
        "page": page,
        "at": at,
        "key": form.handed_out(at=at),
        "told": everybody.count(),
        "audience": audience(everybody),
        "choosers": choosers(everybody),
        "templates": offered(page),
        "draft_url": reverse("console:draft-opening", args=[page.code]),
    }
    return render(request, "console/open.html", context, status=UNPROCESSABLE if form.errors else 200)


def _opening_review(
    request: StaffRequest, form: OpeningForm, operation: Callable[..., Incident], *, at: datetime
) -> HttpResponse:
    if request.method == "POST" and (led := to_review(request, form.page, at=at)):
        return led
    say = partial(_first_words, request, form, operation, at=at)
    return review(request, form, say, title="A new incident", at=at)


def _open(
    request: StaffRequest, form: OpeningForm, operation: Callable[..., Incident], *, at: datetime
) -> Incident:
    words, since = form.cleaned_data, form.issued or at
    with transaction.atomic():
        page = lock(form.page)
        twin = posted_incident(page, by=request.user, since=since, title=words["title"], body=words["body"])
        return twin or _opened(request, form, operation, at=at)


def _first_words(
    request: StaffRequest, form: OpeningForm, operation: Callable[..., Incident], *, at: datetime
) -> list[IncidentUpdate]:
    return [_opened(request, form, operation, at=at).updates.latest("pk")]


def _opened(
    request: StaffRequest, form: OpeningForm, operation: Callable[..., Incident], *, at: datetime
) -> Incident:
    words = form.cleaned_data
    return operation(
        form.page,
        title=words["title"],
        body=words["body"],
        status=IncidentStatus(words["status"]),
        components=form.statuses(),
        by=staff(request.user),
        at=at,
        happened_at=words["happened_at"],
        next_update_by=form.promise(at=at),
        notify=words["notify"],
        hold=hold(),
    )


@door(of=finding.incident)
def show(request: StaffRequest, code: str) -> HttpResponseBase:
    """An incident with its updates, and the form that adds one."""
    rows = with_signals(Incident.objects.unplanned().select_related("page", "caused_by"))
    incident = get_object_or_404(rows, code=code)
    at = now()
    if without_saying := _aside(request, incident, at=at):
        return without_saying
    is_review = is_reviewing(request) or step_of(request) == REVIEW
    form = UpdateForm(incident, sent_fields(request, incident), rights=request.rights)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        if is_review:
            return _update_review(request, form, at=at)
        _update(request, form, at=at)
    except Conflict:
        return _page(request, form.rebased(), theirs=_theirs(form), status=CONFLICT)
    except Refused as error:
        form.refuse(error)
        return _page(request, form, status=UNPROCESSABLE)
    drop(request, incident)
    names = [incident.page.name, *(twin.page.name for twin in form.ticked)]
    messages.success(request, f"Your words are on {' and '.join(names) if form.ticked else 'the page'}.")
    return redirect("console:incident", code)


def _aside(request: StaffRequest, incident: Incident, *, at: datetime) -> HttpResponseBase | None:
    """What is answered without publishing or reviewing anything."""
    if is_reviewing(request):
        may_say = request.rights.may(Right.RESPOND, incident.page)
        return None if may_say and draft_of(request, incident) else redirect(request.path)
    if request.method != "POST":
        return _begin(request, incident, at=at)
    step = step_of(request)
    words: QueryDict = request.POST
    if step == DISCARD:
        drop(request, incident)
        return redirect("console:incident", incident.code)
    if step == USE:
        words = with_template(request, incident.page, incident, at=at)
    elif step != BACK:
        return None
    return _page(request, quiet(UpdateForm(incident, words, rights=request.rights)))


def _begin(request: StaffRequest, incident: Incident, *, at: datetime) -> HttpResponse:
    """The form as its author left it, or with the words that an alert's link begins with."""
    draft = draft_of(request, incident)
    if draft:
        form = UpdateForm(incident, data_of(draft.fields), rights=request.rights)
        return _page(request, quiet(form.rebased()), draft=draft)
    wish = {"status": request.GET["status"]} if "status" in request.GET else {}
    if request.GET.get("draft") == "alert" and incident.state.is_open:
        wish["body"] = from_alert(incident, promise="30", at=at)
    return _page(request, UpdateForm(incident, rights=request.rights, initial=wish))


def _update_review(request: StaffRequest, form: UpdateForm, *, at: datetime) -> HttpResponse:
    if request.method == "POST" and (led := to_review(request, form.incident, at=at)):
        return led
    say = partial(_said, request, form, form.tellings, at=at)
    return review(request, form, say, title=form.incident.title, at=at)


def _update(request: StaffRequest, form: UpdateForm, *, at: datetime) -> None:
    """Say it wherever it has not been said by an earlier tap."""
    since = form.issued or at

    def unsaid() -> list[Telling]:
        return [
            each
            for each in form.tellings()
            if not posted_update(
                each.incident, by=request.user, since=since, status=each.status, body=each.body
            )
        ]

    _said(request, form, unsaid, at=at)


def _said(
    request: StaffRequest, form: UpdateForm, tellings: Callable[[], Sequence[Telling]], *, at: datetime
) -> list[IncidentUpdate]:
    words = form.cleaned_data
    with transaction.atomic():
        lock_pages([form.incident, *form.ticked])
        return update_twins(
            tellings(),
            by=staff(request.user),
            at=at,
            happened_at=words["happened_at"],
            next_update_by=form.promise(at=at),
            notify=words["notify"],
            hold=hold(),
        )


def _page(
    request: StaffRequest,
    form: UpdateForm,
    *,
    theirs: Sequence[IncidentUpdate] = (),
    draft: Draft | None = None,
    status: int = 200,
) -> HttpResponse:
    at, incident = now(), form.incident
    updates = list(
        incident.updates.order_by("-at", "-id")
        .select_related("author")
        .prefetch_related("affected", "revisions__replaced_by")
    )
    affected = services(affected_components(incident), at=at)
    recipients = recipients_now(incident, EventKind.INCIDENT_UPDATED, at=at)
    context: dict[str, Any] = {
        "incident": incident,
        "form": form,
        "at": at,
        "key": form.handed_out(at=at),
        "updates": updates,
        "theirs": theirs,
        "overtaken": {update.incident_id for update in theirs},
        "waiting": Waiting(updates[0].created_at, updates[0].next_update_by, at) if updates else None,
        "held": held_events([incident, *form.elsewhere], at=at),
        "elsewhere": form.elsewhere,
        "untold": request.rights.pages(Right.RESPOND).exclude(
            incidents__in=Incident.objects.family(incident)
        ),
        "told": recipients.notified,
        "audience": in_words(recipients.by_channel),
        "recipients": recipients,
        "posts": {each.event.update_id: each for each in tellings(_posts(incident))},
        "services": affected,
        "openings": openings(incident, affected),
        "signals": newest_signals(incident),
        "suggestion": words_of(suggestions([incident]).get(incident.pk)),
        "rfo": incident.rfos.first(),
        "owed": owed(incident, at=at),
        "draft": draft,
        "draft_url": reverse("console:draft-update", args=[incident.code]),
        "templates": offered(incident.page),
        "others": others(incident, request, at=at),
        "can_speak": request.rights.may(Right.RESPOND, incident.page),
        "can_read_rfo": request.rights.may_read(FieldClass.RFO_DRAFT, incident.page),
        "public": page_view(incident.page, site_url=settings.SITE_URL).url,
    }
    return render(request, "console/incident.html", context, status=status)


def _posts(incident: Incident) -> list[Event]:
    """What people were to be told of it."""
    events = Event.objects.filter(incident=incident, kind__in=TOLD, notifies=True, update__isnull=False)
    return list(events.order_by("pk"))


def _theirs(form: UpdateForm) -> list[IncidentUpdate]:
    """What was posted while the author was writing; where something was, at least its newest post."""
    found: list[IncidentUpdate] = []
    for incident in form.overtaken():
        updates = incident.updates.order_by("-created_at", "-id").select_related("author", "incident__page")
        newest = list(updates.prefetch_related("affected"))
        found += [each for each in newest if form.issued and each.created_at >= form.issued] or newest[:1]
    return found
