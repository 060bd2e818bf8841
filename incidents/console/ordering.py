"""The components of a page in their order: moved by buttons, by keys or by dragging, all of which send one form."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.domain.roles import Right
from incidents.models import Component, ComponentGroup, Page
from incidents.operations.actors import staff
from incidents.operations.errors import Conflict, Refused
from incidents.operations.ordering import Top, fingerprint, inside_of, order_components, tops_of

CONFLICT, UNPROCESSABLE = 409, 422


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list at the top, with what stands in it where it is a group."""

    item: Top
    inside: Sequence[Component] = ()

    @property
    def is_group(self) -> bool:
        """Whether it holds others."""
        return isinstance(self.item, ComponentGroup)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def show(request: StaffRequest, code: str) -> HttpResponseBase:
    """The list; a post moves one item by one place or into another group, or says the whole order."""
    page = get_object_or_404(Page, code=code)
    status = 200
    if request.method == "POST":
        try:
            tops, inside = _wanted(request, page)
            order_components(
                page,
                tops=tops,
                inside=inside,
                expected=request.POST.get("seen") or None,
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            messages.error(request, str(error))
            status = CONFLICT if isinstance(error, Conflict) else UNPROCESSABLE
        else:
            moved = request.POST.get("item", "")
            return redirect(f"{reverse('console:components', args=[code])}?{urlencode({'moved': moved})}")
    inside_now = inside_of(page)
    context = {
        "page": page,
        "rows": [Row(top, inside_now.get(top.code, ())) for top in tops_of(page)],
        "groups": ComponentGroup.objects.filter(page=page).order_by("position"),
        "retired": Component.objects.filter(page=page, retired_at__isnull=False).select_related("group"),
        "seen": fingerprint(page),
        "moved": request.GET.get("moved", ""),
    }
    return render(request, "console/components.html", context, status=status)


def _wanted(request: StaffRequest, page: Page) -> tuple[list[str], dict[str, list[str]]]:
    """The order that was asked for: as it is, but for the one item, or all of it at once. Raises Refused."""
    if "order" in request.POST:
        return _whole(request.POST["order"])
    tops = [each.code for each in tops_of(page)]
    inside = {group: [each.code for each in rows] for group, rows in inside_of(page).items()}
    item, way = request.POST.get("item", ""), request.POST.get("way", "")
    home = next((rows for rows in (tops, *inside.values()) if item in rows), None)
    if home is None:
        raise Refused("order", "This is not here any more. This is how it is now.")
    if way in {"up", "down"}:
        place = home.index(item)
        other = place + (-1 if way == "up" else 1)
        if 0 <= other < len(home):
            home[place], home[other] = home[other], home[place]
    elif way == "into":
        home.remove(item)
        target = request.POST.get("group", "")
        (inside.setdefault(target, []) if target else tops).append(item)
    return tops, inside


def _whole(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """`[["code", ["inside", …]], …]`, as the script writes it. Raises Refused."""
    try:
        rows = [(str(code), [str(each) for each in inside]) for code, inside in json.loads(text[:200_000])]
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused("order", "This order cannot be read. Reload and try again.") from error
    return [code for code, _ in rows], {code: inside for code, inside in rows if inside}
