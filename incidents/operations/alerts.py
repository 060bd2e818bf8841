"""Calling staff: where they are called, and that each cause calls once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min

from incidents.channels.addresses import mailbox_key
from incidents.channels.kinds import KINDS
from incidents.domain.alerts import Cause
from incidents.domain.deliveries import DeliveryState
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.domain.texts import NAME_LIMIT
from incidents.models import Alert, Delivery, Event, Incident, Page, Subscriber
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import at_address, columns
from incidents.operations.journal import lock, newest_event, record
from incidents.operations.subscribers import checked_channel, new_nonce, new_secret, normal


@dataclass(frozen=True, slots=True)
class Call:
    """Something that needs a person now. `facts` are lines of evidence, `path` the screen to act on."""

    cause: Cause
    key: str
    title: str
    body: str
    path: str
    label: str = "Open the console"
    subject: str = ""
    """The mail's, where it begins with a state: `DOWN: Network: SIP over TLS is not answering`; else the title."""


@transaction.atomic
def raise_alerts(page: Page, calls: Collection[Call], *, at: datetime) -> int:
    """Call staff for what is new, and end the alerts that nothing calls for any more; how many were raised."""
    open_now = {(each.cause, each.key): each for each in Alert.objects.filter(page=page, ended_at=None)}
    wanted = {(call.cause.value, call.key[:120]): call for call in calls}
    if open_now.keys() == wanted.keys():
        return 0
    page = lock(page)
    open_now = {(each.cause, each.key): each for each in Alert.objects.filter(page=page, ended_at=None)}
    gone = [each.pk for name, each in open_now.items() if name not in wanted]
    Alert.objects.filter(pk__in=gone).update(ended_at=at)
    fresh = [call for name, call in wanted.items() if name not in open_now]
    for call in fresh:
        Alert.objects.create(
            page=page,
            cause=call.cause.value,
            key=call.key[:120],
            title=call.title[:NAME_LIMIT],
            path=call.path,
            raised_at=at,
        )
        record(
            page,
            EventKind.ALERT_RAISED,
            by=CLOCK,
            at=at,
            data={
                "what": call.cause.value,
                "key": call.key,
                "title": call.title,
                "body": call.body,
                "path": call.path,
                "label": call.label,
                "subject": call.subject or call.title,
            },
            notify=True,
        )
    return len(fresh)


def unsaid_alert(incident: Incident) -> datetime | None:
    """When the first alert that probes had opened it got through to staff, unless an automatic update followed since.

    The delivery's row is the proof: an alert without recipients, or one that is still queued, proves nothing.
    """
    told = Event.objects.filter(
        page=incident.page_id,
        kind=EventKind.ALERT_RAISED,
        at__gte=incident.created_at,
        data__what=Cause.OPENED.value,
        data__key=incident.code,
    )
    sent = Delivery.objects.filter(event__in=told, state=DeliveryState.SENT, subscriber__is_staff=True)
    first = sent.aggregate(at=Min("finished_at"))["at"]
    newest = incident.updates.filter(automatic=True).aggregate(at=Max("created_at"))["at"]
    return first if first and newest and newest <= first else None


def pages_alerting(email: str) -> list[Page]:
    """The pages whose staff alerts go to a mail address; that somebody leaves does not change it."""
    if not email:
        return []
    sent = Subscriber.objects.filter(is_staff=True, state=SubscriberState.ACTIVE, channel="email")
    return list(
        Page.objects.filter(pk__in=sent.filter(address__lower=mailbox_key(email)).values("page")).order_by(
            "name"
        )
    )


@transaction.atomic
def add_alert_address(
    page: Page, *, channel: str, address: str, by: Actor, at: datetime
) -> tuple[Subscriber, str]:
    """Somewhere that staff are called at, and the secret of a machine that is signed to, which is shown once.

    No confirmation is asked for: staff made it. An address that was ended begins anew. Raises Refused naming the field.
    """
    kind = checked_channel(channel)
    address = normal("address", kind, address)
    page = lock(page)
    known = Subscriber.objects.filter(at_address(kind, address), page=page, is_staff=True).first()
    if known and known.state == SubscriberState.ACTIVE:
        return known, ""
    subscriber = known or Subscriber(page=page, channel=kind.name, is_staff=True, **columns(kind, address))
    secret = new_secret() if kind.signs else ""
    subscriber.state = SubscriberState.ACTIVE.value
    subscriber.contact_email = by.user.email if kind.is_machine and by.user else ""
    subscriber.secret, subscriber.old_secret = seal(secret) if secret else "", ""
    subscriber.nonce = subscriber.nonce or new_nonce()
    subscriber.created_at = subscriber.created_at or at
    subscriber.confirmed_at, subscriber.joined_after = at, newest_event()
    subscriber.ended_at = subscriber.failing_since = None
    subscriber.disabled_for = ""
    subscriber.save()
    record(
        page,
        EventKind.SUBSCRIBER_CONFIRMED,
        by=by,
        at=at,
        subscriber=subscriber,
        data={"for": "alerts"},
        notify=KINDS[kind.name].is_machine,
    )
    return subscriber, secret
