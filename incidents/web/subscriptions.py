"""Subscribing without an account: ask, confirm, change, leave (DESIGN 10, RFC 8058).

A GET changes nothing, because mail scanners open every link. What a reply says never depends on who is subscribed.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from incidents.channels.kinds import KINDS
from incidents.domain.subscribers import SubscriberState
from incidents.models import Page, Subscriber
from incidents.models.trees import page_view
from incidents.operations.errors import Refused
from incidents.operations.subscribers import (
    choose_components,
    confirm_subscription,
    end_subscription,
    request_subscription,
)
from incidents.operations.tokens import LostToken, Purpose, make_token, read_token
from incidents.publishing.assets import asset_url, script_urls
from incidents.web.hosts import page_of
from incidents.web.limits import caller, within
from incidents.web.subscription_forms import ComponentsForm, SubscribeForm

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

MOST_BYTES = 64 * 1024
HOUR = 3600
EACH_AN_HOUR, ALL_AN_HOUR = 20, 600
"""Requests to subscribe: from one caller, and from all of them."""


def door(view: View[P]) -> View[P]:
    """Refuse a large body before it is read, then check CSRF, which reads it; nothing here is ever cached."""

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            words = f"A form of this page has at most {MOST_BYTES // 1024} kB."
            return render(request, "pages/problem.html", {"heading": "Too much", "words": words}, status=413)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps() keeps the names of its arguments


def holder(purpose: Purpose) -> Callable[[Callable[[HttpRequest, Subscriber], HttpResponse]], View[[str]]]:
    """The view gets the subscriber that the link was made for; a dead link gets words that help."""

    def decorate(view: Callable[[HttpRequest, Subscriber], HttpResponse]) -> View[[str]]:
        @wraps(view)
        def found(request: HttpRequest, token: str) -> HttpResponse:
            try:
                subscriber = read_token(token, purpose, at=datetime.now(UTC))
            except LostToken as error:
                return _show(
                    request, page_of(request), "lost.html", "This link does not work", status=404, words=error
                )
            return view(request, subscriber)

        return found

    return decorate


@door
@csrf_protect
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and the request to be told."""
    page = page_of(request)
    if request.method == "POST":
        return _ask(request, page)
    channel = request.GET.get("channel", "")
    form = SubscribeForm(page, initial={"channel": channel if channel in KINDS else next(iter(KINDS))})
    return _form(request, page, form)


def _ask(request: HttpRequest, page: Page) -> HttpResponse:
    form = SubscribeForm(page, request.POST)
    mine = within("subscribe", caller(request), limit=EACH_AN_HOUR, seconds=HOUR)
    if not mine or not within("subscribe", "everybody", limit=ALL_AN_HOUR, seconds=HOUR):
        form.add_error(None, "Too many requests have come from here. Try again in an hour.")
        return _form(request, page, form, status=429)
    if not form.is_valid():
        return _form(request, page, form, status=422)
    if form.cleaned_data["fax"]:
        return redirect("subscriptions:requested")
    try:
        request_subscription(
            page,
            channel=form.cleaned_data["channel"],
            address=form.cleaned_data["address"],
            contact_email=form.cleaned_data["contact_email"],
            components=list(form.cleaned_data["components"]),
            at=datetime.now(UTC),
        )
    except Refused as error:
        form.add_error(error.field, str(error))
        return _form(request, page, form, status=422)
    return redirect("subscriptions:requested")


def _form(request: HttpRequest, page: Page, form: SubscribeForm, *, status: int = 200) -> HttpResponse:
    kinds = KINDS.values()
    return _show(
        request, page, "subscribe.html", "Subscribe to updates", status=status, form=form, kinds=kinds
    )


@door
def requested(request: HttpRequest) -> HttpResponse:
    """The same words for everybody: look into your mail."""
    return _show(request, page_of(request), "requested.html", "Check your mail")


@door
@csrf_protect
@holder(Purpose.CONFIRM)
def confirm(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """A page with a button, and what the button does. A machine's secret is in the answer to it, once."""
    context: dict[str, Any] = {
        "subscriber": subscriber,
        "components": subscriber.components.select_related("group"),
    }
    if request.method == "POST":
        try:
            context["secret"] = confirm_subscription(subscriber, at=datetime.now(UTC))
        except Refused as error:
            return _show(
                request, subscriber.page, "lost.html", "This link does not work", status=410, words=error
            )
        context["manage"] = make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC))
        return _show(request, subscriber.page, "confirmed.html", "You are subscribed", **context)
    if subscriber.state == SubscriberState.PENDING:
        return _show(request, subscriber.page, "confirm.html", "Confirm your subscription", **context)
    return _standing(request, subscriber)


@door
@csrf_protect
@holder(Purpose.MANAGE)
def manage(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Which components one hears of, and the way out."""
    if subscriber.state != SubscriberState.ACTIVE:
        return _standing(request, subscriber)
    posted = request.POST if request.method == "POST" else None
    chosen = [component.code for component in subscriber.components.all()]
    form = ComponentsForm(subscriber.page, posted, initial={"components": chosen})
    if form.is_valid():
        choose_components(subscriber, components=list(form.cleaned_data["components"]), at=datetime.now(UTC))
        return redirect(f"{request.path}?saved=1")
    return _show(
        request,
        subscriber.page,
        "manage.html",
        "Your subscription",
        status=422 if form.errors else 200,
        subscriber=subscriber,
        form=form,
        saved="saved" in request.GET,
        leave=make_token(subscriber, Purpose.LEAVE, at=datetime.now(UTC)),
    )


@door
@holder(Purpose.LEAVE)
def leave(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The way out. The link is all the authority there is, so a mail program may POST to it without any cookie."""
    if request.method == "POST":
        end_subscription(subscriber, at=datetime.now(UTC))
        subscriber.refresh_from_db()
    if subscriber.state == SubscriberState.ENDED:
        return _show(request, subscriber.page, "left.html", "You are unsubscribed", subscriber=subscriber)
    return _show(request, subscriber.page, "leave.html", "Unsubscribe", subscriber=subscriber)


def _standing(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Where a subscription stands that has nothing to confirm or to change."""
    return _show(
        request,
        subscriber.page,
        "standing.html",
        "Your subscription",
        subscriber=subscriber,
        is_active=subscriber.state == SubscriberState.ACTIVE,
        manage=make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC)),
    )


def _show(
    request: HttpRequest,
    page: Page,
    template: str,
    heading: str,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    view = page_view(page, site_url=settings.SITE_URL)
    frame = {
        "page": view,
        "title": f"{view.name} Status - {heading}",
        "heading": heading,
        "path": "/subscriptions/",
        "css": asset_url("page.css"),
        "own_css": asset_url("subscriptions.css"),
        "scripts": script_urls(),
        "icon": asset_url("favicons/unknown.svg"),
    }
    response = render(request, f"subscriptions/{template}", {**frame, **context}, status=status)
    # Links with tokens must not travel on; "no-referrer" would also take the Origin from our own forms.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
