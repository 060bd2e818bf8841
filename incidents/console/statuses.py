"""Changing a component's status outside any incident, such as after one that was resolved without restoring it."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.components import StatusForm
from incidents.domain.roles import Right
from incidents.formatting.words import COMPONENT
from incidents.models import Page
from incidents.operations.actors import staff
from incidents.operations.components import set_status

UNPROCESSABLE = 422


@door(of=finding.page, read=Right.RESPOND)
def change_status(request: StaffRequest, code: str) -> HttpResponseBase:
    """One component of the page and its new status; nobody is notified, as no words go with it."""
    page = get_object_or_404(Page, code=code)
    form = StatusForm(page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        component = set_status(form.component(), status=form.status(), by=staff(request.user), at=now())
        messages.success(request, f"{component}: {COMPONENT[component.state].lower()}.")
        return redirect("console:home")
    context = {"form": form, "page": page, "at": now()}
    return render(request, "console/status.html", context, status=UNPROCESSABLE if form.errors else 200)
