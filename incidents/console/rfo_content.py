"""The screens of what stands beside an RFO's letter: facts, sections, timeline (DESIGN 12)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.rfo_content import PARTS, PartForms
from incidents.console.rfos import last_version
from incidents.domain.field_rights import FieldClass, right_to
from incidents.domain.roles import Right
from incidents.models import Incident, RfoVersion
from incidents.operations.actors import staff
from incidents.operations.autodrafts import drift_of
from incidents.operations.errors import Busy, Conflict, Refused
from incidents.operations.rfos import set_content, words_digest

UNPROCESSABLE, CONFLICT, UNAVAILABLE = 422, 409, 503


@door(of=finding.incident, read=right_to(FieldClass.RFO_DRAFT), write=Right.PUBLISH)
def edit(request: StaffRequest, code: str, part: str) -> HttpResponseBase:
    """One part of the draft."""
    if part not in PARTS:
        raise Http404
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    version = last_version(incident)
    if version is None or not version.is_open:
        messages.error(request, "Begin the draft with its letter; then the rest can be added.")
        return redirect("console:rfo", code)
    forms = PARTS[part](version.whole, incident.page.zone, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, version, part, forms)
    if not forms.is_whole:
        messages.error(request, "The form did not arrive whole, so nothing was saved. Send it again.")
        return _page(
            request, version, part, PARTS[part](version.whole, incident.page.zone), status=UNPROCESSABLE
        )
    return _save(request, version, part, forms)


def _save(request: StaffRequest, version: RfoVersion, part: str, forms: PartForms) -> HttpResponseBase:
    if not forms.is_valid():
        return _page(request, version, part, forms, status=UNPROCESSABLE)
    try:
        seen = request.POST.get("seen", "")
        set_content(version, content=forms.made(), expected=seen, by=staff(request.user), at=now())
    except Conflict:
        return _page(request, version, part, forms, status=CONFLICT)
    except Refused as error:
        forms.refuse(error)
        status = UNAVAILABLE if isinstance(error, Busy) else UNPROCESSABLE
        return _page(request, version, part, forms, status=status)
    messages.success(request, "It is saved.")
    return redirect("console:rfo-part", version.rfo.incident.code, part)


def _page(
    request: StaffRequest, version: RfoVersion, part: str, forms: PartForms, *, status: int = 200
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "incident": version.rfo.incident,
        "version": version,
        "part": part,
        "forms": forms,
        "seen": words_digest(version),
        "conflict": status == CONFLICT,
        "entries": version.whole.timeline if part == "timeline" else (),
        "drift": drift_of(version) if part == "timeline" else None,
    }
    return render(request, f"console/rfo_{part}.html", context, status=status)
