"""Setting a probe up: its kind first, then the form that the kind describes, tried once before it is kept."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.probes import ProbeForm
from incidents.console.once import made_probe
from incidents.console.trying import try_once
from incidents.domain.roles import Right
from incidents.models import Page, Probe
from incidents.operations.actors import staff
from incidents.operations.credentials import LostKey
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.probes import PRIVATE, create_probe, edit_probe, secrets_of
from incidents.probes.kind import Cost, Kind
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind to choose, and whether it needs a right that this person lacks."""

    kind: Kind
    is_barred: bool


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def add(request: StaffRequest, code: str) -> HttpResponseBase:
    """A new probe of one of the page's components; without `?kind=` the kinds to choose from."""
    page = get_object_or_404(Page, code=code)
    if "kind" not in request.GET:
        return render(request, "console/probe_kinds.html", {"page": page, "offers": _offers(request)})
    kind = KINDS.get(request.GET["kind"])
    if kind is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = ProbeForm(kind, data, page=page, component=request.GET.get("component", ""))
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    if form.is_trying:
        return _try(request, form)
    try:
        probe = _create(request, form)
    except Refused as error:
        form.refuse(error)
        return _page(request, form)
    messages.success(request, "It runs for the first time within a few seconds.")
    return redirect("console:probe", probe.code)


def _offers(request: StaffRequest) -> list[Offer]:
    has_right = request.user.has_perm(PRIVATE)
    return [
        Offer(kind, not has_right and not kind.passive and kind.cost(kind.config()) == Cost.NOTHING)
        for kind in KINDS.values()
    ]


def _create(request: StaffRequest, form: ProbeForm) -> Probe:
    """Make it, unless an earlier tap has."""
    at, words, component = now(), form.cleaned_data, form.chosen()
    with transaction.atomic():
        lock(form.page)
        twin = made_probe(
            component, by=request.user, since=form.issued or at, name=words["name"], kind=form.kind.name
        )
        return twin or create_probe(
            component,
            name=words["name"],
            kind=form.kind.name,
            target=words["target"],
            config=form.config() or {},
            interval_seconds=words["interval_seconds"],
            threshold=words["threshold"],
            settle_seconds=words["settle_seconds"],
            announces=words["announces"],
            by=staff(request.user),
            at=at,
        )


@door(of=finding.probe, read=Right.SET_UP, write=Right.SET_UP)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """Another name, target, option or schedule; the kind and the component stay."""
    probe = get_object_or_404(Probe.objects.select_related("component__page", "component__group"), code=code)
    kind = KINDS.get(probe.kind)
    if kind is None:
        raise Http404
    form = ProbeForm(
        kind, request.POST if request.method == "POST" else None, page=probe.component.page, probe=probe
    )
    if request.method != "POST":
        return _page(request, form)
    try:
        form.secrets = secrets_of(probe)
    except LostKey as error:
        form.add_error(None, str(error))
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form)
    if form.is_trying:
        return _try(request, form)
    try:
        _edit(request, form, probe)
    except Refused as error:
        form.refuse(error)
        return _page(request, form)
    messages.success(request, "It is set up anew, and runs within a few seconds.")
    return redirect("console:probe", code)


def _edit(request: StaffRequest, form: ProbeForm, probe: Probe) -> None:
    """Write what was changed, over the options as they are by now."""
    with transaction.atomic():
        lock(form.page)
        form.stored = Probe.objects.get(pk=probe.pk).config
        edit_probe(probe, config=form.config(), by=staff(request.user), at=now(), **form.columns())


def _try(request: StaffRequest, form: ProbeForm) -> HttpResponse:
    """Run what was typed. Kept secrets are only sent where they go already."""
    target = form.cleaned_data["target"]
    kept = form.secrets if form.probe and form.probe.target == target else {}
    options = {**kept, **form.values}
    try:
        result = try_once(form.kind, target, options, known=form.stored, by=staff(request.user))
    except Refused as error:
        form.refuse(error)
        return _page(request, form)
    return _page(request, form, tried=result)


def _page(request: StaffRequest, form: ProbeForm, *, tried: Result | None = None) -> HttpResponse:
    at = now()
    context: dict[str, Any] = {
        "form": form,
        "page": form.page,
        "kind": form.kind,
        "probe": form.probe,
        "tried": tried,
        "key": form.handed_out(at=at),
    }
    return render(request, "console/probe_form.html", context, status=UNPROCESSABLE if form.errors else 200)
