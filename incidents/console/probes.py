"""The probes of a page as a matrix, one probe with its evidence, and what staff do to it: run now, mute, switch off."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door, staff_only
from incidents.console.checks import check
from incidents.console.forms.probes import MuteForm
from incidents.console.matrix import matrix, troubles
from incidents.console.measurements import options_shown, traces
from incidents.domain.field_rights import FieldClass
from incidents.domain.roles import Right
from incidents.formatting.sparklines import ceiling, milliseconds
from incidents.formatting.times import posted
from incidents.models import Page, Probe, ProbeHour, ProbeResult
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.probes import edit_probe, mute_probe, run_now
from incidents.probes.kinds import KINDS

UNPROCESSABLE = 422
RESULTS, HOURS = 20, 24
SOON = 5
"""Seconds after which a probe that is about to run is looked at again."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page to choose, and how many of its probes need a person."""

    page: Page
    troubles: int
    is_shown: bool


@staff_only
def show_all(request: StaffRequest) -> HttpResponse:
    """Every probe of one page, what needs a person first; without `?page=` of the page that has most of that."""
    at = now()
    pages = list(request.rights.pages())
    if not pages:
        return render(request, "console/probes.html", {"at": at})
    needing = troubles(at=at) if len(pages) > 1 else {}
    if "page" in request.GET:
        page = next((each for each in pages if each.code == request.GET["page"]), None)
    else:
        page = max(pages, key=lambda each: needing.get(each.pk, 0))
    if page is None:
        raise Http404
    question = request.GET.get("q", "")
    context = {
        "at": at,
        "page": page,
        "tabs": [Tab(each, needing.get(each.pk, 0), each == page) for each in pages],
        "question": question,
        "matrix": matrix(page, at=at, question=question, start=_number(request.GET.get("from", ""))),
    }
    return render(request, "console/probes.html", context)


@door(of=finding.probe)
def show(request: StaffRequest, code: str) -> HttpResponse:
    """One probe: what it says, its last results, hours and traces."""
    return _page(request, _probe(code))


def _page(
    request: StaffRequest, probe: Probe, form: MuteForm | None = None, *, status: int = 200
) -> HttpResponse:
    at, zone = now(), probe.component.page.zone
    seen = check(probe, at=at)
    results = list(ProbeResult.objects.filter(probe=probe).defer("trace")[:RESULTS])
    is_traced = request.rights.may_read(FieldClass.PROBE_TRACE, probe.component.page)
    last, failing = traces(probe, results) if is_traced else (None, None)
    context = {
        "at": at,
        "zone": zone,
        "probe": probe,
        "check": seen,
        "top": milliseconds(ceiling(probe.latencies)),
        "results": results,
        "hours": list(ProbeHour.objects.filter(probe=probe).order_by("-hour")[:HOURS]),
        "traces": [each for each in (last, failing) if each],
        "options": options_shown(probe),
        "mute": form or MuteForm(zone),
        "call": _address(probe),
        "refresh": SOON if seen.next in {"due now", "running"} else 0,
    }
    return render(request, "console/probe.html", context, status=status)


@door(of=finding.probe)
def run(request: StaffRequest, code: str) -> HttpResponseBase:
    """Do not wait for the interval to end."""
    probe = _probe(code)
    if request.method == "POST":
        if probe.enabled:
            run_now(probe, by=staff(request.user), at=now())
            messages.success(request, "It runs within a few seconds.")
        else:
            messages.error(request, "It is off. Switch it on to run it.")
    return redirect("console:probe", code)


@door(of=finding.probe)
def mute(request: StaffRequest, code: str) -> HttpResponseBase:
    """Let it open nothing for a while, or let it speak again."""
    probe = _probe(code)
    if request.method != "POST":
        return redirect("console:probe", code)
    at, form = now(), MuteForm(probe.component.page.zone, request.POST)
    if not form.is_valid():
        return _page(request, probe, form, status=UNPROCESSABLE)
    until = form.ends(at=at)
    try:
        mute_probe(probe, until=until, by=staff(request.user), at=at)
    except Refused as error:
        form.add_error("until", str(error))
        return _page(request, probe, form, status=UNPROCESSABLE)
    messages.success(request, _muted(probe, until))
    return redirect("console:probe", code)


def _address(probe: Probe) -> str:
    """Where a thing that is to call us calls; empty for a kind that goes and looks."""
    kind = KINDS.get(probe.kind)
    return (
        f"{settings.SITE_URL.rstrip('/')}{reverse('beat', args=[probe.code])}"
        if kind and kind.passive
        else ""
    )


def _muted(probe: Probe, until: datetime | None) -> str:
    if until is None:
        return "It is heard again: its failures open incidents."
    return f"It opens nothing until {posted(until, probe.component.page.zone)}; it goes on measuring."


@door(of=finding.probe, write=Right.SET_UP)
def switch(request: StaffRequest, code: str) -> HttpResponseBase:
    """On or off, as the button said: a second tap changes nothing."""
    probe, wish = _probe(code), request.POST.get("enabled")
    if request.method == "POST" and wish in {"on", "off"} and probe.enabled != (wish == "on"):
        edit_probe(probe, enabled=wish == "on", by=staff(request.user), at=now())
        said = (
            "It is on, and runs within a few seconds." if wish == "on" else "It is off. Nothing is measured."
        )
        messages.success(request, said)
    return redirect("console:probe", code)


def _probe(code: str) -> Probe:
    return get_object_or_404(Probe.objects.select_related("component__page", "component__group"), code=code)


def _number(text: str) -> int:
    """A place in a list; whatever is none is its beginning."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0  # noqa: PLR2004  (a million)
