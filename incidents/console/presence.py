"""Who else is at an incident: one line above the form, asked for every ten seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.models import Incident, Presence
from incidents.operations.drafts import note_presence

HERE = timedelta(seconds=30)
"""Who was seen within this time is there: three beats."""


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague at the same incident."""

    name: str
    is_writing: bool
    ago: timedelta


def others(incident: Incident, request: StaffRequest, *, at: datetime) -> list[Other]:
    """Who else looks at it, those who write first."""
    rows = Presence.objects.filter(incident=incident, seen_at__gte=at - HERE).exclude(user=request.user)
    found = []
    for row in rows.select_related("user"):
        wrote = row.wrote_at is not None and row.wrote_at >= at - HERE
        since = row.wrote_at if wrote and row.wrote_at else row.seen_at
        found.append(Other(row.user.get_username(), wrote, max(at - since, timedelta())))
    return sorted(found, key=lambda each: (not each.is_writing, each.name))


@door(of=finding.incident)
def beat(request: StaffRequest, code: str) -> HttpResponse:
    """I am here, and perhaps writing; who else is, and whether somebody has posted since."""
    if request.method != "POST":
        return HttpResponse(status=405)
    at, incident = now(), get_object_or_404(Incident, code=code)
    note_presence(request.user, incident, is_writing=bool(request.POST.get("writing")), at=at)
    seen = request.POST.get("version", "")
    context = {
        "others": others(incident, request, at=at),
        "overtaken": seen.isdecimal() and int(seen) != incident.version,
        "incident": incident,
    }
    return render(request, "console/presence.html", context)
