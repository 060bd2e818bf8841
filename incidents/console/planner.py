"""The planner: all maintenance by date with what overlaps, and the series that it comes from."""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door, staff_only
from incidents.console.forms.series import SeriesForm
from incidents.domain.recurrence import BadRule, next_times
from incidents.domain.roles import Right
from incidents.models import Incident, Page, Series
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.series import end_series, make_due, save_series

UNPROCESSABLE = 422
SHOWN, PAST = 5, 20


@dataclass(frozen=True, slots=True)
class Planned:
    """One maintenance, and the others that touch the same components at the same time."""

    incident: Incident
    overlaps: list[Incident]


@staff_only
def show_all(request: StaffRequest) -> HttpResponse:
    """What goes on, what comes, what recurs, what was."""
    pages = list(request.rights.pages())
    known = Incident.objects.planned().filter(page__in=pages).select_related("page", "maintenance__series")
    coming = list(known.pending().order_by("maintenance__scheduled_for", "pk"))
    at = now()
    series = Series.objects.filter(page__in=pages, ended_at=None).select_related("page")
    context = {
        "at": at,
        "pages": pages,
        "may_plan": [page for page in pages if request.rights.may(Right.RESPOND, page)],
        "planned": _overlapping(coming),
        "series": [(each, _next(each, at=at, most=1)) for each in series],
        "past": known.exclude(pk__in=[each.pk for each in coming]).order_by("-started_at")[:PAST],
    }
    return render(request, "console/planner.html", context)


def _overlapping(incidents: list[Incident]) -> list[Planned]:
    touched = {
        each.pk: set(each.updates.values_list("affected__component", flat=True)) - {None}
        for each in incidents
    }
    found: dict[int, list[Incident]] = {each.pk: [] for each in incidents}
    for one, other in combinations(incidents, 2):
        first, second = one.maintenance, other.maintenance
        meets = first.scheduled_for < second.scheduled_until and second.scheduled_for < first.scheduled_until
        if meets and touched[one.pk] & touched[other.pk]:
            found[one.pk].append(other)
            found[other.pk].append(one)
    return [Planned(each, found[each.pk]) for each in incidents]


def _next(series: Series, *, at: datetime, most: int) -> list[datetime]:
    """None for a stored series that cannot be carried out; the first screen says so."""
    try:
        return _times(series, at=at, most=most)
    except ValueError:
        return []


def _times(series: Series, *, at: datetime, most: int) -> list[datetime]:
    return next_times(series.rule, series.first, series.page.zone, after=at, most=most)


@door(of=finding.page, read=Right.RESPOND)
def add(request: StaffRequest, code: str) -> HttpResponseBase:
    """A new series."""
    page = get_object_or_404(Page, code=code)
    return _form(request, SeriesForm(page, request.POST if request.method == "POST" else None), None)


@door(of=finding.series, read=Right.RESPOND)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """What its next times will be."""
    series = get_object_or_404(Series.objects.select_related("page"), code=code)
    data = request.POST if request.method == "POST" else None
    return _form(request, SeriesForm(series.page, data, series=series), series)


@door(of=finding.series)
def end(request: StaffRequest, code: str) -> HttpResponseBase:
    """Nothing more is made of it."""
    series = get_object_or_404(Series.objects.select_related("page"), code=code)
    if request.method == "POST":
        end_series(series, by=staff(request.user), at=now())
        messages.success(request, f"{series.title} comes round no more. What is on the page stays.")
    return redirect("console:planner")


def _form(request: StaffRequest, form: SeriesForm, series: Series | None) -> HttpResponseBase:
    at, shown = now(), []
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        try:
            shown = next_times(facts["rule"], facts["begins"], form.page.zone, after=at, most=SHOWN)
        except BadRule as error:
            form.refuse(Refused("first", str(error)))
        if request.POST.get("step") != "look" and not form.errors:
            try:
                save_series(series, page=form.page, **facts, by=staff(request.user), at=at)
            except Refused as error:
                form.refuse(error)
            else:
                make_due(at=at)
                messages.success(request, "It comes round. The next times are on the page as they come near.")
                return redirect("console:planner")
    elif series:
        shown = _next(series, at=at, most=SHOWN)
    context = {
        "form": form,
        "page": form.page,
        "series": series,
        "shown": shown,
        "made": series.made.select_related("incident").order_by("-scheduled_for")[:SHOWN] if series else [],
        "at": at,
    }
    return render(request, "console/series.html", context, status=UNPROCESSABLE if form.errors else 200)
