"""The promises of RFOs: those of one, and all that are still open (DESIGN 12)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.actions import ActionForm
from incidents.domain.audiences import Audience
from incidents.domain.field_rights import FieldClass, right_to
from incidents.domain.rfo_content import ActionKind, ActionState
from incidents.domain.roles import Right
from incidents.domain.zones import in_zone
from incidents.models import ActionItem, Incident
from incidents.operations.actions import close_action, remove_action, save_action
from incidents.operations.actors import staff
from incidents.operations.errors import Refused

UNPROCESSABLE = 422


@door(read=right_to(FieldClass.RFO_DRAFT))
def show_all(request: StaffRequest) -> HttpResponseBase:
    """Every open promise, the most overdue first."""
    pages = request.rights.readable_pages(FieldClass.RFO_DRAFT)
    rows = ActionItem.objects.filter(rfo__page__in=pages, state=ActionState.OPEN)
    at = now()
    items = sorted(
        rows.select_related("rfo__page", "rfo__incident"),
        key=lambda each: (each.due is None, each.due, each.pk),
    )
    late = {each.pk for each in items if each.due and each.due < in_zone(at, each.rfo.page.zone).date()}
    return render(request, "console/actions.html", {"items": items, "late": late, "at": at})


@door(of=finding.incident, read=right_to(FieldClass.RFO_DRAFT), write=Right.PUBLISH)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """The promises of one RFO, and a form for one more."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    rfo = incident.rfos.first()
    if rfo is None:
        messages.error(request, "Begin the draft with its letter; then the rest can be added.")
        return redirect("console:rfo", code)
    form = ActionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            save_action(
                None,
                rfo=rfo,
                what=words["what"],
                owner=words["owner"],
                due=words["due"],
                kind=ActionKind(words["kind"]),
                audience=Audience(words["audience"]),
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            form.refuse(error)
        else:
            return redirect("console:rfo-actions", code)
    context: dict[str, Any] = {
        "incident": incident,
        "rfo": rfo,
        "form": form,
        "items": rfo.actions.all(),
        "today": in_zone(now(), incident.page.zone).date(),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "console/rfo_actions.html", context, status=status)


@door(of=finding.action, write=Right.PUBLISH)
def change(request: StaffRequest, code: str) -> HttpResponseBase:
    """Done, dropped, open again, or gone."""
    item = get_object_or_404(ActionItem.objects.select_related("rfo__page", "rfo__incident"), code=code)
    here = redirect("console:rfo-actions", item.rfo.incident.code)
    if request.method != "POST":
        return here
    wanted, by, at = request.POST.get("state", ""), staff(request.user), now()
    try:
        if wanted == "gone":
            remove_action(item, by=by, at=at)
        elif wanted in set(ActionState):
            evidence = request.POST.get("evidence", "")
            close_action(item, state=ActionState(wanted), evidence=evidence, by=by, at=at)
    except Refused as error:
        messages.error(request, str(error))
    return here
