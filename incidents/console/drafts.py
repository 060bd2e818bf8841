"""Drafts: saved while one types, offered again wherever the form is opened, gone once it is sent."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import format_html
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.once import was_said
from incidents.models import Draft, Incident, Page
from incidents.operations.drafts import LIMIT, drop_draft, save_draft

_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "step", "template"})


def place_of(subject: Incident | Page) -> str:
    """Which form a draft belongs to."""
    return f"{'incident' if isinstance(subject, Incident) else 'page'} {subject.code}"


def draft_of(request: StaffRequest, subject: Incident | Page) -> Draft | None:
    """What this person has typed there and not sent."""
    return Draft.objects.filter(user=request.user, place=place_of(subject)).first()


def data_of(fields: Mapping[str, list[str]]) -> QueryDict:
    """The draft as a browser would send it."""
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        data.setlist(name, values)
    return data


def drop(request: StaffRequest, subject: Incident | Page) -> None:
    """It was sent, or thrown away."""
    drop_draft(request.user, place=place_of(subject))


@door(of=finding.incident)
def save_update(request: StaffRequest, code: str) -> HttpResponse:
    """What is being typed about an incident."""
    return _save(request, Incident.objects.get(code=code))


@door(of=finding.page)
def save_opening(request: StaffRequest, code: str) -> HttpResponse:
    """What is being typed about an incident that is not open yet."""
    return _save(request, Page.objects.get(code=code))


def _save(request: StaffRequest, subject: Incident | Page) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405)
    body = request.POST.get("body", "")
    is_late = was_said(request.POST.get("key", ""), by=request.user, body=body)
    if is_late or not any(each.strip() for each in (body, request.POST.get("title", ""))):
        drop(request, subject)
        return HttpResponse()
    at, fields = now(), kept_fields(request)
    if not save_draft(request.user, place=place_of(subject), fields=fields, at=at):
        return HttpResponse(f"Too long to be kept: {LIMIT:,} characters at most.", status=413)
    page = subject.page if isinstance(subject, Incident) else subject
    words = format_html("Draft kept {}", f"{at.astimezone(page.zone):%H:%M:%S}")
    return HttpResponse(words)


def kept_fields(request: HttpRequest) -> dict[str, list[str]]:
    """The form without what only one sending of it needs."""
    return {
        name: [str(each) for each in values] for name, values in request.POST.lists() if name not in _NOT_KEPT
    }
