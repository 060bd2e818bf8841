"""The life of a subscription: asked for, confirmed by its owner, changed, ended (DESIGN 10, 13).

Nothing here tells a caller whether somebody is subscribed, and nobody can be stormed with our mail: what one mailbox
gets is counted in the database, inside the transaction that would send more, together with all other mail that a
stranger can cause (`quotas.MAILBOX`).
"""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from incidents.channels.addresses import mailbox_key
from incidents.channels.kinds import KINDS
from incidents.channels.messages import Kind
from incidents.domain.deliveries import DeliveryState
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState, Topics
from incidents.models import Component, Delivery, Event, Incident, Page, Subscriber
from incidents.operations.actors import SUBSCRIBER, Actor
from incidents.operations.credentials import seal, unseal
from incidents.operations.deliveries import drop
from incidents.operations.endpoint_urls import at_address, columns
from incidents.operations.endpoints import is_suppressed
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, newest_event, record
from incidents.operations.quotas import MAILBOX, mailbox_of, take

MAILS_A_DAY = MAILBOX.uses
"""Mails to one mailbox in any 24 hours, whoever asks, for however many pages, webhooks and accounts."""
PAUSE = timedelta(minutes=10)
"""Between two confirmation mails for the same subscription."""
OVERLAP = timedelta(hours=24)
"""A replaced secret signs beside the new one for so long."""
TRIES_AN_HOUR = 10
STANDING = frozenset({SubscriberState.ACTIVE, SubscriberState.DISABLED})
"""Confirmed by their owners; asking again changes nothing of them."""
DOUBLE_CLICK = timedelta(minutes=1)
"""A webhook's secret is shown once; a second click on the same button within this time is still that once."""


@transaction.atomic
def request_subscription(
    page: Page,
    *,
    channel: str,
    address: str,
    contact_email: str = "",
    components: Collection[Component] = (),
    only_major: bool = False,
    topics: Topics = Topics.ALL,
    incident: Incident | None = None,
    at: datetime,
) -> None:
    """Ask to be told; a mail asks the owner of the address (of a machine: of its contact e-mail) to confirm.

    Who is subscribed already is mailed the way to change it, and nothing changes. No `components` means all; with
    `incident` it is that one incident and nothing else. A mailbox that is suppressed is left in peace. Raises Refused
    naming the field for what is wrong with the input, and for nothing else.
    """
    kind = checked_channel(channel)
    address = normal("address", kind, address)
    contact = normal("contact_email", KINDS["email"], contact_email) if kind.is_machine else ""
    check_components(page, components)
    if incident is not None and incident.page_id != page.pk:
        raise Refused("incident", "This incident is not on this page.")
    page = lock(page)
    mailbox = contact if kind.is_machine else address
    known = (
        Subscriber.objects.public().filter(at_address(kind, address), page=page, incident=incident).first()
    )
    if kind.is_machine and known and known.state in STANDING:
        mailbox = known.contact_email
    if not mailbox or is_suppressed(mailbox) or _asked_just_now(known, at=at):
        return
    if not take(MAILBOX, mailbox_of(mailbox), at=at):
        return
    if known is None or known.state not in STANDING:
        known = _pending(
            known, page=page, kind=kind, address=address, contact=contact, incident=incident, at=at
        )
        known.only_major = only_major and incident is None
        known.wants_incidents, known.wants_rfos = topics.columns.values()
        known.save(update_fields=["only_major", *topics.columns])
        known.components.set(() if incident else components)
    record(page, EventKind.SUBSCRIBER_REQUESTED, by=SUBSCRIBER, at=at, subscriber=known, notify=True)


@transaction.atomic
def confirm_subscription(subscriber: Subscriber, *, at: datetime) -> str | None:
    """Begin to tell them. Returns a machine's signing secret the first time, None afterwards and for people.

    Raises Refused for a subscription that was ended.
    """
    page, subscriber = _locked(subscriber)
    if subscriber.state == SubscriberState.ACTIVE:
        clicked_twice = (
            subscriber.confirmed_at is not None and abs(at - subscriber.confirmed_at) <= DOUBLE_CLICK
        )
        return (unseal(subscriber.secret) or None) if clicked_twice else None
    if subscriber.state != SubscriberState.PENDING:
        raise Refused("token", "This subscription was ended. Ask for it again if you want it back.")
    kind = KINDS[subscriber.channel]
    secret = new_secret() if kind.signs else None
    subscriber.state = SubscriberState.ACTIVE.value
    subscriber.secret, subscriber.old_secret = seal(secret) if secret else "", ""
    subscriber.confirmed_at, subscriber.joined_after = at, newest_event()
    subscriber.ended_at = subscriber.failing_since = None
    subscriber.disabled_for = ""
    subscriber.save()
    record(
        page,
        EventKind.SUBSCRIBER_CONFIRMED,
        by=SUBSCRIBER,
        at=at,
        subscriber=subscriber,
        notify=kind.is_machine,
    )
    return secret


@transaction.atomic
def resume_subscription(subscriber: Subscriber, *, by: Actor = SUBSCRIBER, at: datetime) -> None:
    """Tell a disabled endpoint again; a machine is greeted first. Raises Refused where it is not disabled."""
    page, subscriber = _locked(subscriber)
    if subscriber.state != SubscriberState.DISABLED:
        raise Refused("subscriber", "This subscription is not disabled.")
    subscriber.state = SubscriberState.ACTIVE.value
    subscriber.failing_since = None
    subscriber.disabled_for = ""
    subscriber.save(update_fields=["state", "failing_since", "disabled_for"])
    machine = KINDS[subscriber.channel].is_machine
    record(page, EventKind.SUBSCRIBER_CONFIRMED, by=by, at=at, subscriber=subscriber, notify=machine)


@transaction.atomic
def try_subscription(subscriber: Subscriber, *, by: Actor = SUBSCRIBER, at: datetime) -> None:
    """Send a machine a greeting now, and what it failed to take at once with it. Raises Refused for anything else, and
    for more than TRIES_AN_HOUR."""
    page, subscriber = _locked(subscriber)
    if subscriber.state != SubscriberState.ACTIVE or not KINDS[subscriber.channel].is_machine:
        raise Refused("subscriber", "Only an active webhook can be tried.")
    tried = Event.objects.filter(
        subscriber=subscriber,
        kind=EventKind.SUBSCRIBER_TRIED,
        notifies=True,
        at__gt=at - timedelta(hours=1),
        at__lte=at,
    )
    if tried.count() >= TRIES_AN_HOUR:
        raise Refused("subscriber", "It was tried often enough for now. Try again in an hour.")
    Delivery.objects.filter(subscriber=subscriber, state=DeliveryState.FAILED).update(due_at=at)
    record(page, EventKind.SUBSCRIBER_TRIED, by=by, at=at, subscriber=subscriber, notify=True)


@transaction.atomic
def rotate_secret(subscriber: Subscriber, *, at: datetime) -> str:
    """A new signing secret, returned this once; the old one signs as well for OVERLAP, so that nothing is refused
    meanwhile. Raises Refused for what is not signed or not active."""
    page, subscriber = _locked(subscriber)
    if subscriber.state != SubscriberState.ACTIVE or not KINDS[subscriber.channel].signs:
        raise Refused("subscriber", "Only an active webhook has a secret.")
    secret = new_secret()
    subscriber.old_secret, subscriber.old_secret_until = subscriber.secret, at + OVERLAP
    subscriber.secret = seal(secret)
    subscriber.save(update_fields=["secret", "old_secret", "old_secret_until"])
    data = {"what": "secret replaced"}
    record(page, EventKind.SUBSCRIBER_CHANGED, by=SUBSCRIBER, at=at, subscriber=subscriber, data=data)
    return secret


@transaction.atomic
def choose_components(
    subscriber: Subscriber,
    *,
    components: Collection[Component],
    only_major: bool = False,
    topics: Topics = Topics.ALL,
    at: datetime,
) -> None:
    """Change what a subscription hears of. Raises Refused for an ended one and for another page's components."""
    page, subscriber = _locked(subscriber)
    check_components(page, components)
    if subscriber.state != SubscriberState.ACTIVE:
        raise Refused("components", "This subscription is not active. Ask for it again if you want it back.")
    subscriber.components.set(components)
    subscriber.only_major = only_major
    subscriber.wants_incidents, subscriber.wants_rfos = topics.columns.values()
    subscriber.save(update_fields=["only_major", *topics.columns])
    codes = sorted(component.code for component in components)
    chosen = {"components": codes, "only_major": only_major, "topics": topics.value}
    record(page, EventKind.SUBSCRIBER_CHANGED, by=SUBSCRIBER, at=at, subscriber=subscriber, data=chosen)


@transaction.atomic
def end_subscription(subscriber: Subscriber, *, by: Actor = SUBSCRIBER, at: datetime) -> None:
    """Stop telling them at once, claimed deliveries included. Ending twice changes nothing."""
    page, subscriber = _locked(subscriber)
    if subscriber.state == SubscriberState.ENDED:
        return
    subscriber.state = SubscriberState.ENDED.value
    subscriber.secret = subscriber.old_secret = ""
    subscriber.ended_at = at
    subscriber.save(update_fields=["state", "secret", "old_secret", "ended_at"])
    drop([subscriber], at=at)
    record(page, EventKind.SUBSCRIBER_ENDED, by=by, at=at, subscriber=subscriber)


def _pending(
    known: Subscriber | None,
    *,
    page: Page,
    kind: Kind,
    address: str,
    contact: str,
    incident: Incident | None,
    at: datetime,
) -> Subscriber:
    """The row as asked for now. Links of an ended subscription, or of another contact, open it no more."""
    if known is None:
        return Subscriber.objects.create(
            page=page,
            channel=kind.name,
            **columns(kind, address),
            contact_email=contact,
            incident=incident,
            nonce=new_nonce(),
            created_at=at,
        )
    if known.state != SubscriberState.PENDING or mailbox_key(known.contact_email) != mailbox_key(contact):
        known.nonce = new_nonce()
    known.state = SubscriberState.PENDING.value
    known.contact_email, known.created_at = contact, at
    known.save(update_fields=["state", "contact_email", "nonce", "created_at"])
    return known


def _asked_just_now(known: Subscriber | None, *, at: datetime) -> bool:
    """Whether a mail for this very subscription has only just gone out."""
    asked = Event.objects.filter(
        kind=EventKind.SUBSCRIBER_REQUESTED, subscriber=known, at__gt=at - PAUSE, at__lte=at
    )
    return known is not None and asked.exists()


def _locked(subscriber: Subscriber) -> tuple[Page, Subscriber]:
    page = lock(subscriber.page)
    return page, Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber.pk)


def checked_channel(name: str) -> Kind:
    """The channel of that name; else Refused."""
    if name not in KINDS:
        raise Refused("channel", f"We can tell you by {' or '.join(KINDS)}.")
    return KINDS[name]


def normal(field: str, kind: Kind, address: str) -> str:
    """The address as its channel keeps it; else Refused."""
    try:
        return kind.normalise(address)
    except ValueError as error:
        raise Refused(field, str(error)) from error


def check_components(page: Page, components: Collection[Component]) -> None:
    """Raises Refused where one of them is not of this page."""
    for component in components:
        if component.page_id != page.pk:
            raise Refused("components", f"{component} belongs to another page.")


def new_nonce() -> str:
    """What makes the links of a subscription its own."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """32 random bytes as Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode('ascii')}"
