"""The steps between typing and publishing, which every form with public words has: template, review, back, draft."""

from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar, cast

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from incidents.console.access import StaffRequest
from incidents.console.drafts import data_of, draft_of, kept_fields, place_of
from incidents.console.forms.incidents import OpeningForm, StatementForm, UpdateForm
from incidents.console.notices import hold
from incidents.console.prefill import filled
from incidents.console.preview import previews
from incidents.console.templates import offered
from incidents.domain.components import ComponentStatus
from incidents.models import Component, Incident, IncidentUpdate, Page
from incidents.operations.drafts import save_draft

REVIEW, BACK, USE, DISCARD = "review", "back", "use", "discard"
_AGAIN = frozenset({"csrfmiddlewaretoken", "step", "template"})
Form = TypeVar("Form", bound=StatementForm)


def step_of(request: StaffRequest) -> str:
    """Which button was pressed; empty for the one that publishes."""
    step = request.POST.get("step", "")
    return step if step in {REVIEW, BACK, USE, DISCARD} else ""


def is_reviewing(request: StaffRequest) -> bool:
    """Whether the browser came for the review of what was sent before: see `to_review`."""
    return request.method == "GET" and REVIEW in request.GET


def sent_fields(request: StaffRequest, subject: Incident | Page) -> QueryDict | None:
    """What the form holds: as it came in, or in a review as it was kept; None where nothing is kept any more."""
    if not is_reviewing(request):
        return request.POST
    draft = draft_of(request, subject)
    return data_of(draft.fields) if draft else None


def to_review(request: StaffRequest, subject: Incident | Page, *, at: datetime) -> HttpResponse | None:
    """Keep the form as a draft and lead to an address that shows it (Post/Redirect/Get); None where it is too long.

    A page that answers a POST and may not be stored is one to which a browser cannot go back without asking to send
    the form again. Of this one nothing is stored either: it is rendered again from the draft.
    """
    if not save_draft(request.user, place=place_of(subject), fields=kept_fields(request), at=at):
        return None
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{request.path}?{REVIEW}"})


def quiet(form: Form) -> Form:
    """The form as it was filled in, without a word about what is missing yet."""
    form.errors.clear()
    return form


def with_template(request: StaffRequest, page: Page, incident: Incident | None, *, at: datetime) -> QueryDict:
    """What was sent, with the chosen template's words in place of what was there. An unknown one changes nothing."""
    data = request.POST.copy()
    template = offered(page).filter(code=data.get("template", "")).first()
    if template is None:
        return data
    promise = data.get("next_update", "")
    title, body = filled(
        template,
        page,
        incident,
        chosen=_chosen(data, page),
        promise=promise if promise.isdecimal() else "",
        at=at,
    )
    data["body"] = body
    if title and "title" in data:
        data["title"] = title
    if template.status:
        data["status"] = template.status
    return data


def _chosen(data: QueryDict, page: Page) -> list[Component]:
    trouble = {status.value for status in ComponentStatus} - {ComponentStatus.OPERATIONAL.value}
    return [each for each in page.components.all() if data.get(f"component-{each.code}") in trouble]


def review(
    request: StaffRequest,
    form: OpeningForm | UpdateForm,
    say: Callable[[], Iterable[IncidentUpdate]],
    *,
    title: str,
    at: datetime,
) -> HttpResponse:
    """What would be published, everywhere, with one button that does it. Raises Refused and Conflict as `say` does."""
    shown = previews(say, at=at)
    context = {
        "previews": shown,
        "title": title,
        "fields": [
            (name, value)
            for name, values in cast(QueryDict, form.data).lists()
            if name not in _AGAIN
            for value in values
        ],
        "path": request.path,
        "total": sum(each.told for each in shown if each.notify),
        "hold": hold(),
        "page": form.page,
        "at": at,
    }
    return render(request, "console/review.html", context)
