"""Telling an incident's outage on another page too: that page's own opening form, begun with the words at hand."""

from datetime import datetime, timedelta
from functools import partial

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.incidents import PROMISES, OpeningForm
from incidents.console.forms.words import written
from incidents.console.incidents import opening
from incidents.domain.roles import Right
from incidents.domain.texts import BodyFormat
from incidents.models import Incident, Page
from incidents.operations.twins import tell_elsewhere


@door(of=finding.twin, read=Right.RESPOND)
def tell(request: StaffRequest, code: str, page: str) -> HttpResponseBase:
    """The form, or what the page says already."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    place = get_object_or_404(Page, code=page)
    told = Incident.objects.family(incident).filter(page=place)
    if request.method == "POST":
        form = OpeningForm(place, request.POST)
    elif known := told.first():
        return redirect("console:incident", known.code)
    else:
        form = OpeningForm(place, initial=_words_at_hand(incident, at=now()))
    return opening(request, form, partial(tell_elsewhere, incident), first=incident, told_there=told)


def _words_at_hand(incident: Incident, *, at: datetime) -> dict[str, str]:
    """What the other page may begin with. Its components are its own, and so is what became of them."""
    newest = incident.updates.filter(rfo_version=None).last()
    promised = newest.next_update_by - at if newest and newest.next_update_by else None
    return {
        "title": incident.title,
        "body": written(newest.body, BodyFormat(newest.body_format)) if newest else "",
        **({"status": incident.status} if incident.state.is_open else {}),
        "next_update": _promise(promised) if promised else "",
    }


def _promise(left: timedelta) -> str:
    """The shortest promise on offer that is not before the one that was given."""
    offered = [minutes for minutes, _ in PROMISES if minutes]
    return next((each for each in offered if timedelta(minutes=int(each)) >= left), offered[-1])
