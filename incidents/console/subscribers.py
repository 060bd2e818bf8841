"""Subscribers: found when one asks for help, ended, resumed, and one person's data handed over or erased."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.channels.kinds import KINDS
from incidents.console import finding
from incidents.console.access import StaffRequest, door, require_reading
from incidents.console.delivery_log import carried, listed
from incidents.domain.field_rights import FieldClass
from incidents.domain.roles import Right
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Subscriber, Suppression
from incidents.operations.actors import staff
from incidents.operations.endpoints import lift_suppression
from incidents.operations.errors import Refused
from incidents.operations.people import erase_person, export_person, subscriptions_of
from incidents.operations.subscribers import end_subscription, resume_subscription, try_subscription

ROWS = 100
"""On one screen."""


@door(read=Right.PUBLISH, write=Right.PUBLISH)
def show_all(request: StaffRequest) -> HttpResponse:
    """Everybody, of one state, channel or page, found by address."""
    wanted = {name: request.GET.get(name, "") for name in ("state", "channel", "of")}
    question = request.GET.get("q", "").strip()[:200]
    pages = request.rights.pages(Right.PUBLISH)
    own = Subscriber.objects.public().filter(page__in=pages)
    rows = _of(own.select_related("page", "incident"), wanted)
    if question:
        rows = rows.filter(pk__in=Subscriber.objects.filter(page__in=pages).matching(question))
    counts = dict(
        own.order_by().values_list("state").annotate(count=Count("pk")).values_list("state", "count")
    )
    context = {
        **wanted,
        "question": question,
        "shown": Paginator(rows.order_by("-pk"), ROWS).get_page(request.GET.get("page")),
        "counts": [(state.value, counts.get(state.value, 0)) for state in SubscriberState],
        "kinds": KINDS.values(),
        "pages": pages.order_by("name"),
        "suppressed": Suppression.objects.count(),
        "carried": carried(**wanted, q=question),
        "at": now(),
    }
    return render(request, "console/subscribers.html", context)


def _of(rows: "QuerySet[Subscriber]", wanted: dict[str, str]) -> "QuerySet[Subscriber]":
    if wanted["state"] in set(SubscriberState):
        rows = rows.filter(state=wanted["state"])
    if wanted["channel"] in KINDS:
        rows = rows.filter(channel=wanted["channel"])
    return rows.filter(page__code=wanted["of"]) if wanted["of"] else rows


@door(of=finding.subscriber, read=Right.PUBLISH, write=Right.PUBLISH)
def show(request: StaffRequest, code: str) -> HttpResponse:
    """One subscription: how it stands, what was sent, and what one can do."""
    subscriber = _readable(request, code)
    rows = Delivery.objects.filter(subscriber=subscriber).select_related(
        "subscriber", "event__incident", "event__component", "event__update"
    )
    mailbox = subscriber.contact_email if subscriber.is_machine else subscriber.address
    context: dict[str, Any] = {
        "subscriber": subscriber,
        "kind": KINDS[subscriber.channel],
        "components": subscriber.components.select_related("group"),
        "mailbox": mailbox,
        "suppressed": Suppression.objects.filter(address=mailbox.lower()).first(),
        **listed(request, rows, page=subscriber.page),
    }
    return render(request, "console/subscriber.html", context)


def _readable(request: StaffRequest, code: str) -> Subscriber:
    """The subscription, where the reader may see its address: of staff alerts that takes more. Raises Http404."""
    subscriber = get_object_or_404(Subscriber.objects.select_related("page", "incident"), code=code)
    require_reading(request, subscriber.address_class, subscriber.page)
    return subscriber


def _act(request: StaffRequest, code: str, operation: Callable[..., object], done: str) -> HttpResponseBase:
    subscriber = _readable(request, code)
    if request.method == "POST":
        try:
            operation(subscriber, by=staff(request.user), at=now())
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
    return redirect("console:subscriber", code)


@door(of=finding.subscriber, read=Right.PUBLISH, write=Right.PUBLISH)
def end(request: StaffRequest, code: str) -> HttpResponseBase:
    """Somebody asks by telephone to be left in peace."""
    return _act(request, code, end_subscription, "The subscription is ended: nothing more is sent.")


@door(of=finding.subscriber, read=Right.PUBLISH, write=Right.PUBLISH)
def resume(request: StaffRequest, code: str) -> HttpResponseBase:
    """Tell a disabled endpoint again."""
    return _act(request, code, resume_subscription, "The subscription is active again.")


@door(of=finding.subscriber, read=Right.PUBLISH, write=Right.PUBLISH)
def try_now(request: StaffRequest, code: str) -> HttpResponseBase:
    """Send a machine a message now."""
    return _act(request, code, try_subscription, "A message is on its way.")


@door(everywhere=True, read=Right.PUBLISH, write=Right.PUBLISH)
def show_person(request: StaffRequest) -> HttpResponse:
    """Everything of one mailbox: to hand over, or to erase."""
    address = request.GET.get("address", "").strip()[:254]
    found = [
        each
        for each in (subscriptions_of(address) if address else [])
        if request.rights.may_read(each.address_class, each.page)
    ]
    suppressed = Suppression.objects.filter(address=address.lower()).first() if address else None
    context = {"address": address, "found": found, "suppressed": suppressed, "at": now()}
    return render(request, "console/person.html", context)


@door(everywhere=True, read=Right.PUBLISH, write=Right.PUBLISH)
def download_person(request: StaffRequest) -> HttpResponse:
    """All that we keep of a mailbox, as JSON."""
    address = request.GET.get("address", "").strip()[:254]
    may_read_alerts = request.rights.may_read(FieldClass.ALERT_ADDRESS, None)
    found = export_person(address, with_alerts=may_read_alerts)
    response = HttpResponse(json.dumps(found, indent=2, ensure_ascii=False), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="subscriptions.json"'
    return response


@door(everywhere=True, read=Right.PUBLISH, write=Right.PUBLISH)
def erase(request: StaffRequest) -> HttpResponseBase:
    """Delete all that we keep of a mailbox, once its address was typed again."""
    address = request.POST.get("address", "").strip()[:254]
    if request.method != "POST" or not address:
        return redirect("console:person")
    if request.POST.get("again", "").strip().lower() != address.lower():
        messages.error(request, "Nothing was erased: type the same address into the field beside the button.")
        return redirect(f"{request.path.removesuffix('/erase')}?address={address}")
    gone = erase_person(address, by=staff(request.user), at=now())
    messages.success(
        request, f"Erased: {gone} subscription{'' if gone == 1 else 's'} with all that was sent."
    )
    return redirect("console:subscribers")


@door(everywhere=True, read=Right.PUBLISH, write=Right.PUBLISH)
def lift(request: StaffRequest) -> HttpResponseBase:
    """Mail may go to an address again."""
    address = request.POST.get("address", "").strip()[:254]
    if request.method == "POST" and lift_suppression(address):
        messages.success(request, f"Mail may go to {address} again. It has to subscribe anew, or be resumed.")
    return redirect("console:suppressions")


@door(everywhere=True, read=Right.PUBLISH, write=Right.PUBLISH)
def show_suppressions(request: StaffRequest) -> HttpResponse:
    """Mailboxes that get no mail of ours, and why."""
    shown = Paginator(Suppression.objects.all(), ROWS).get_page(request.GET.get("page"))
    return render(request, "console/suppressions.html", {"shown": shown, "at": now()})
