"""What an incident owes by when, counted down; and the presets that a page offers (DESIGN 12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.clocks import PresetForms
from incidents.console.forms.times import WallClockField
from incidents.domain.clocks import SEEN, Anchor, used, warning
from incidents.domain.roles import Right
from incidents.domain.zones import LocalTimeError, resolve_local
from incidents.models import Clock, ClockDuty, Incident, Page
from incidents.operations.actors import staff
from incidents.operations.clocks import (
    move_anchor,
    presets_of,
    save_preset,
    start_clock,
    stop_clock,
    tick_duty,
)
from incidents.operations.errors import Refused

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Countdown:
    """A duty, how much of its time has gone, and what is left of it."""

    duty: ClockDuty
    at: datetime

    @property
    def used(self) -> int:
        """Whole per cent of the time, 100 at most."""
        if not self.duty.anchor_at or not self.duty.due_at:
            return 0
        return min(100, used(self.duty.anchor_at, self.duty.due_at, at=self.duty.met_at or self.at))

    @property
    def tone(self) -> str:
        """calm, due or late."""
        duty = self.duty
        if duty.met_at or not duty.due_at or not duty.anchor_at:
            return "late" if duty.breached_at else "calm"
        reached = warning(duty.anchor_at, duty.due_at, at=self.at)
        return "late" if reached >= 100 else "due" if reached >= 50 else "calm"  # noqa: PLR2004  (per cent)

    @property
    def late_by(self) -> timedelta | None:
        """By how much it was, or is, too late."""
        duty = self.duty
        if duty.breached_at is None or duty.said.every is not None:
            return None
        return (duty.met_at or self.at) - duty.breached_at

    @property
    def may_be_ticked(self) -> bool:
        """Whether a person has to say that it is done."""
        return self.duty.met_at is None and self.duty.said.duty not in SEEN


def countdowns(clocks: Iterable[Clock], *, at: datetime) -> dict[int, list[Countdown]]:
    """The duties of each clock."""
    return {clock.pk: [Countdown(duty, at) for duty in clock.duties.all()] for clock in clocks}


def owed(incident: Incident, *, at: datetime) -> list[Countdown]:
    """What an incident still owes, what is due first first."""
    duties = ClockDuty.objects.filter(clock__incident=incident, clock__stopped_at=None, met_at=None)
    return [Countdown(duty, at) for duty in duties.exclude(due_at=None).order_by("due_at", "pk")]


@door(of=finding.incident)
def show(request: StaffRequest, code: str) -> HttpResponseBase:
    """The clocks of an incident, and what starts, stops, moves and meets them."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    at = now()
    if request.method == "POST":
        try:
            _act(request, incident, at=at)
        except Refused as error:
            messages.error(request, str(error))
        return redirect("console:clocks", code)
    clocks = list(Clock.objects.filter(incident=incident).prefetch_related("duties"))
    running = {each.key for each in clocks if each.stopped_at is None}
    offered = presets_of(incident.page)
    context: dict[str, Any] = {
        "incident": incident,
        "at": at,
        "clocks": [(each, offered.get(each.key, (None, False))[0]) for each in clocks],
        "countdowns": countdowns(clocks, at=at),
        "offered": [preset for key, (preset, enabled) in offered.items() if enabled and key not in running],
        "anchors": [each.value for each in Anchor],
    }
    return render(request, "console/clocks.html", context)


def _act(request: StaffRequest, incident: Incident, *, at: datetime) -> None:
    step, by = request.POST.get("step", ""), staff(request.user)
    if step == "start":
        start_clock(incident, key=request.POST.get("key", ""), by=by, at=at)
        return
    clock = Clock.objects.filter(incident=incident, key=request.POST.get("clock", "")).first()
    if clock is None:
        raise Refused("clock", "No such clock runs for this incident.")
    if step == "stop":
        stop_clock(clock, by=by, at=at)
    elif step == "move" and request.POST.get("anchor") in set(Anchor):
        move_anchor(
            clock, anchor=Anchor(request.POST["anchor"]), to=_instant(request, incident), by=by, at=at
        )
    elif step == "met":
        duty = ClockDuty.objects.filter(clock=clock, key=request.POST.get("duty", "")).first()
        if duty is None:
            raise Refused("duty", "This clock asks for no such thing.")
        reference = request.POST.get("reference", "")
        tick_duty(duty, reference=reference, met_at=_instant(request, incident) or at, by=by, at=at)


def _instant(request: StaffRequest, incident: Incident) -> datetime | None:
    try:
        local = WallClockField(required=False).to_python(request.POST.get("when", ""))
        return resolve_local(local, incident.page.zone) if local else None
    except ValidationError as error:
        raise Refused("when", " ".join(error.messages)) from error
    except LocalTimeError as error:
        raise Refused("when", str(error)) from error


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def presets(request: StaffRequest, code: str) -> HttpResponseBase:
    """All presets of a page."""
    page = get_object_or_404(Page, code=code)
    return render(request, "console/presets.html", {"page": page, "presets": list(presets_of(page).values())})


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def edit_preset(request: StaffRequest, code: str, key: str) -> HttpResponseBase:
    """One preset, as this page keeps it."""
    page = get_object_or_404(Page, code=code)
    preset, enabled = presets_of(page).get(key, (None, False))
    if preset is None:
        raise Http404
    forms = PresetForms(preset, enabled=enabled, data=request.POST if request.method == "POST" else None)
    is_posted = request.method == "POST"
    if is_posted and forms.is_valid():
        try:
            wanted = forms.form.cleaned_data["enabled"]
            save_preset(page, preset=forms.made(), enabled=wanted, by=staff(request.user), at=now())
        except Refused as error:
            forms.form.refuse(error)
        else:
            messages.success(request, f"{preset.title} is kept so for {page}.")
            return redirect("console:presets", code)
    context = {"page": page, "preset": preset, "forms": forms}
    return render(request, "console/preset.html", context, status=UNPROCESSABLE if is_posted else 200)
