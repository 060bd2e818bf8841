"""Subscriptions that staff vouch for: somebody agreed elsewhere, so that no mail asks them again."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from incidents.channels.kinds import KINDS
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import Component, Incident, Page, Subscriber
from incidents.operations.actors import Actor
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import at_address, columns
from incidents.operations.endpoints import is_suppressed
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, newest_event, record
from incidents.operations.subscribers import (
    check_components,
    checked_channel,
    new_nonce,
    new_secret,
    normal,
)


@transaction.atomic
def vouch_for(
    page: Page,
    *,
    channel: str,
    address: str,
    contact_email: str = "",
    components: Collection[Component] = (),
    incident: Incident | None = None,
    by: Actor,
    at: datetime,
) -> Subscriber:
    """An active subscription at once; nothing is sent. One that there is already is confirmed.

    Raises Refused naming the field, also for a mailbox that gets no mail of ours, and for one whose owner has ended
    the subscription: only the owner brings that back.
    """
    kind = checked_channel(channel)
    address = normal("address", kind, address)
    contact = normal("contact_email", KINDS["email"], contact_email) if kind.is_machine else ""
    check_components(page, components)
    page = lock(page)
    if is_suppressed(contact or address):
        raise Refused(
            "address", "This mailbox gets no mail of ours: it does not exist, or its owner complained."
        )
    same = {"page": page, "incident": incident}
    known = Subscriber.objects.public().filter(at_address(kind, address), **same).first()
    if known and known.state == SubscriberState.ENDED:
        raise Refused("address", "Its owner has ended this subscription. Let them subscribe again.")
    if known and known.state != SubscriberState.PENDING:
        return known
    known = known or Subscriber(
        **same, channel=kind.name, **columns(kind, address), nonce=new_nonce(), created_at=at
    )
    known.state, known.contact_email = SubscriberState.ACTIVE.value, contact
    known.confirmed_at, known.joined_after = at, newest_event()
    known.secret = seal(new_secret()) if kind.signs else ""
    known.save()
    known.components.set(() if incident else components)
    data = {"what": "vouched for"}
    record(page, EventKind.SUBSCRIBER_CHANGED, by=by, at=at, subscriber=known, data=data)
    return known
