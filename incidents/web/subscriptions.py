"""Asking to be told, without an account (DESIGN 10). What a reply says never depends on who is subscribed."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_protect

from incidents.channels.kinds import KINDS
from incidents.models import Incident, Page
from incidents.operations.errors import Refused
from incidents.operations.subscribers import request_subscription
from incidents.web.hosts import page_of
from incidents.web.limits import caller, within
from incidents.web.subscription_forms import SubscribeForm
from incidents.web.subscription_frame import door, show

HOUR = 3600
EACH_AN_HOUR, ALL_AN_HOUR = 20, 3000
"""Requests to subscribe: from one caller, and from all of them."""


@door
@csrf_protect
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and the request to be told: of the page, or with `?incident=` of one incident alone."""
    page = page_of(request)
    if request.method == "POST":
        return _ask(request, page)
    channel = request.GET.get("channel", "")
    incident = _incident(page, request.GET.get("incident", ""))
    initial = {
        "channel": channel if channel in KINDS else next(iter(KINDS)),
        "incident": incident.code if incident else "",
    }
    return _form(request, page, SubscribeForm(page, initial=initial), incident)


def _ask(request: HttpRequest, page: Page) -> HttpResponse:
    form = SubscribeForm(page, request.POST)
    incident = _incident(page, request.POST.get("incident", ""))
    mine = within("subscribe", caller(request), limit=EACH_AN_HOUR, seconds=HOUR)
    if not mine or not within("subscribe", "everybody", limit=ALL_AN_HOUR, seconds=HOUR):
        form.add_error(None, "Too many requests have come from here. Try again in an hour.")
        return _form(request, page, form, incident, status=429)
    if not form.is_valid():
        return _form(request, page, form, incident, status=422)
    if form.cleaned_data["fax"]:
        return redirect("subscriptions:requested")
    try:
        request_subscription(
            page,
            channel=form.cleaned_data["channel"],
            address=form.cleaned_data["address"],
            contact_email=form.cleaned_data["contact_email"],
            components=list(form.cleaned_data["components"]),
            only_major=form.cleaned_data["only_major"],
            topics=form.cleaned_data["topics"],
            incident=incident,
            at=datetime.now(UTC),
        )
    except Refused as error:
        form.add_error(error.field, str(error))
        return _form(request, page, form, incident, status=422)
    return redirect("subscriptions:requested")


def _incident(page: Page, code: str) -> Incident | None:
    return Incident.objects.filter(page=page, code=code[:20]).first() if code else None


def _form(
    request: HttpRequest, page: Page, form: SubscribeForm, incident: Incident | None, *, status: int = 200
) -> HttpResponse:
    return show(
        request,
        page,
        "subscribe.html",
        "Follow this incident" if incident else "Subscribe to updates",
        status=status,
        form=form,
        kinds=KINDS.values(),
        kind=KINDS.get(str(form["channel"].value())),
        incident=incident,
    )


@door
def requested(request: HttpRequest) -> HttpResponse:
    """The same words for everybody: look into your mail."""
    return show(request, page_of(request), "requested.html", "Check your mail")
