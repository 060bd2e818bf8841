"""What the links in our mails open: confirm, manage, leave (RFC 8058). The link is all the authority there is.

A GET changes nothing, because mail scanners open every link.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from incidents.channels.kinds import KINDS
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Subscriber
from incidents.operations.credentials import LostKey
from incidents.operations.endpoint_urls import UNREADABLE, destination
from incidents.operations.errors import Refused
from incidents.operations.subscribers import (
    choose_components,
    confirm_subscription,
    end_subscription,
    resume_subscription,
    rotate_secret,
    try_subscription,
)
from incidents.operations.tokens import LostToken, Purpose, make_token, read_token
from incidents.web.hosts import page_of
from incidents.web.limits import HOUR, missed, within
from incidents.web.subscription_forms import ComponentsForm
from incidents.web.subscription_frame import View, door, show

POSTS_AN_HOUR = 60
"""What one link may be used for."""
SHOWN = 10
"""Deliveries on the page of a machine's owner."""


def holder(purpose: Purpose) -> Callable[[Callable[[HttpRequest, Subscriber], HttpResponse]], View[[str]]]:
    """The view gets the subscriber that the link was made for; a dead link gets words that help."""

    def decorate(view: Callable[[HttpRequest, Subscriber], HttpResponse]) -> View[[str]]:
        @wraps(view)
        def found(request: HttpRequest, token: str) -> HttpResponse:
            try:
                subscriber = read_token(token, purpose, at=datetime.now(UTC))
            except LostToken as error:
                return missed(request, "subscription") or _lost(request, error, status=404)
            if request.method == "POST" and not within(
                "link", subscriber.code, limit=POSTS_AN_HOUR, seconds=HOUR
            ):
                return _too_often(request)
            return view(request, subscriber)

        return found

    return decorate


def _lost(request: HttpRequest, why: Exception, *, status: int) -> HttpResponse:
    return show(request, page_of(request), "lost.html", "This link does not work", status=status, words=why)


def _too_often(request: HttpRequest) -> HttpResponse:
    why = Refused("", "It was used too often for now. Try again in an hour.")
    return show(request, page_of(request), "lost.html", "Too many requests", status=429, words=why)


@door
@csrf_protect
@holder(Purpose.CONFIRM)
def confirm(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """A page with a button, and what the button does. A machine's secret is in the answer to it, once."""
    context = _facts(subscriber)
    if request.method == "POST":
        try:
            context["secret"] = confirm_subscription(subscriber, at=datetime.now(UTC))
        except Refused as error:
            return _lost(request, error, status=410)
        context["manage"] = make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC))
        return show(request, subscriber.page, "confirmed.html", "You are subscribed", **context)
    if subscriber.state == SubscriberState.PENDING:
        return show(request, subscriber.page, "confirm.html", "Confirm your subscription", **context)
    return _standing(request, subscriber)


@door
@csrf_protect
@holder(Purpose.MANAGE)
def manage(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """What one hears of, how a machine has answered, and the way out."""
    if subscriber.state != SubscriberState.ACTIVE:
        return _standing(request, subscriber)
    posted = request.POST if request.method == "POST" else None
    form = _choice(subscriber, posted)
    if form.is_valid():
        choose_components(
            subscriber,
            components=list(form.cleaned_data["components"]),
            only_major=form.cleaned_data["only_major"],
            topics=form.cleaned_data["topics"],
            at=datetime.now(UTC),
        )
        return redirect(f"{request.path}?saved=1")
    return _managed(request, subscriber, form=form, status=422 if form.errors else 200)


def _managed(request: HttpRequest, subscriber: Subscriber, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": _choice(subscriber, None), **_facts(subscriber), **more}
    chosen = list(subscriber.components.all())
    context["all_retired"] = bool(chosen) and all(each.retired_at for each in chosen)
    return show(
        request,
        subscriber.page,
        "manage.html",
        "Your subscription",
        status=status,
        saved=request.GET.get("saved", ""),
        leave=make_token(subscriber, Purpose.LEAVE, at=datetime.now(UTC)),
        manage=make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC)),
        deliveries=_deliveries(subscriber) if KINDS[subscriber.channel].is_machine else (),
        **context,
    )


def _choice(subscriber: Subscriber, posted: QueryDict | None) -> ComponentsForm:
    chosen = list(subscriber.components.all())
    codes = [component.code for component in chosen]
    initial = {"components": codes, "only_major": subscriber.only_major, "topics": subscriber.topics.value}
    return ComponentsForm(subscriber.page, posted, initial=initial, chosen=chosen)


def _deliveries(subscriber: Subscriber) -> list[Delivery]:
    """The newest first. What a receiver answered in words stays ours: an address is not a window into a network."""
    rows = Delivery.objects.filter(subscriber=subscriber, channel=subscriber.channel)
    return list(rows.select_related("event__incident", "event__component").order_by("-pk")[:SHOWN])


@door
@csrf_protect
@require_POST
@holder(Purpose.MANAGE)
def try_now(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Send a machine a greeting now."""
    return _act(request, subscriber, try_subscription, "tried")


@door
@csrf_protect
@require_POST
@holder(Purpose.MANAGE)
def resume(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Tell a disabled endpoint again."""
    return _act(request, subscriber, resume_subscription, "resumed")


def _act(
    request: HttpRequest, subscriber: Subscriber, operation: Callable[..., object], done: str
) -> HttpResponse:
    try:
        operation(subscriber, at=datetime.now(UTC))
    except Refused as error:
        subscriber.refresh_from_db()
        if subscriber.state != SubscriberState.ACTIVE:
            return _lost(request, error, status=409)
        return _managed(request, subscriber, status=409, problem=error)
    token = make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC))
    return redirect(f"{reverse('subscriptions:manage', args=[token])}?saved={done}")


@door
@csrf_protect
@require_POST
@holder(Purpose.MANAGE)
def replace_secret(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """A new signing secret, shown in the answer and never again."""
    try:
        secret = rotate_secret(subscriber, at=datetime.now(UTC))
    except Refused as error:
        return _lost(request, error, status=409)
    subscriber.refresh_from_db()
    return _managed(request, subscriber, secret=secret)


@door
@holder(Purpose.LEAVE)
def leave(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The way out. The link is all the authority there is, so a mail program may POST to it without any cookie."""
    if request.method == "POST":
        end_subscription(subscriber, at=datetime.now(UTC))
        subscriber.refresh_from_db()
    context = _facts(subscriber)
    if subscriber.state == SubscriberState.ENDED:
        return show(request, subscriber.page, "left.html", "You are unsubscribed", **context)
    return show(request, subscriber.page, "leave.html", "Unsubscribe", **context)


def _standing(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Where a subscription stands that has nothing to confirm or to change."""
    return show(
        request,
        subscriber.page,
        "standing.html",
        "Your subscription",
        manage=make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC)),
        is_active=subscriber.state == SubscriberState.ACTIVE,
        is_disabled=subscriber.state == SubscriberState.DISABLED,
        **_facts(subscriber),
    )


def _address(subscriber: Subscriber) -> str:
    """In full, since the link came to the owner: who confirms a webhook must see where it would be posted."""
    try:
        return destination(subscriber)
    except LostKey:
        return UNREADABLE


def _facts(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "address": _address(subscriber),
        "kind": KINDS[subscriber.channel],
        "components": subscriber.components.select_related("group"),
        "incident": subscriber.incident,
    }
