"""Whom another status page told, and the words it kept ready: they come along as they stood, and nobody is mailed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from incidents.channels.addresses import mailbox_key
from incidents.channels.kinds import KINDS
from incidents.domain.archives import Archive, OldSubscriber
from incidents.domain.subscribers import SubscriberState
from incidents.domain.texts import BodyFormat
from incidents.models import Component, IncidentTemplate, Page, Subscriber, Suppression
from incidents.operations.actors import Actor
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import columns
from incidents.operations.errors import Refused
from incidents.operations.journal import newest_event
from incidents.operations.subscribers import new_nonce, new_secret, normal
from incidents.operations.templates import save_template

STATES: Mapping[str, SubscriberState] = {
    "active": SubscriberState.ACTIVE,
    "unconfirmed": SubscriberState.PENDING,
    "quarantined": SubscriberState.DISABLED,
}


class Told(Protocol):
    """Where an import says what it does."""

    def note(self, kind: str, line: str) -> None:
        """One thing that is new."""

    def lost(self, what: str) -> None:
        """Something that cannot come along."""

    def noted(self, what: str) -> None:
        """Something that is left as it is for a reason."""


def add_subscribers(
    archive: Archive,
    page: Page,
    components: Mapping[str, Component],
    moved: Told,
    *,
    at: datetime,
) -> None:
    """Add those that are not here yet, in the state they had there; inside the caller's transaction and lock."""
    here = set(
        Subscriber.objects.public().filter(page=page, incident=None).values_list("channel", "address__lower")
    )
    suppressed = set(Suppression.objects.values_list("address", flat=True))
    fresh: list[Subscriber] = []
    chosen: list[list[Component]] = []
    for old in archive.subscribers.values():
        try:
            row = _subscriber(old, page, at=at)
        except (Refused, ValueError) as error:
            moved.lost(f"subscriber {old.code}: {error}")
            continue
        if (row.channel, row.address.lower()) in here:
            continue
        if mailbox_key(row.contact_email or row.address) in suppressed:
            moved.noted(f"subscriber {old.code}: its mailbox gets no mail of ours")
            continue
        gone = [each for each in old.components if each not in components]
        if gone and len(gone) == len(old.components):
            moved.lost(
                f"subscriber {old.code}: none of the components that it chose came along; left out, since no choice "
                "would mean all components"
            )
            continue
        if gone:
            moved.lost(f"subscriber {old.code}: chose components that did not come along: {', '.join(gone)}")
        here.add((row.channel, row.address.lower()))
        fresh.append(row)
        chosen.append([components[code] for code in old.components if code in components])
        moved.note("subscribers", f"+ subscriber {old.channel} {old.code} ({old.state})")
    newest = newest_event()
    for row in fresh:
        row.joined_after = newest if row.confirmed_at else None
    made = Subscriber.objects.bulk_create(fresh, batch_size=500)
    through = Subscriber.components.through
    through.objects.bulk_create(
        [
            through(subscriber=row, component=component)
            for row, ticked in zip(made, chosen, strict=True)
            for component in ticked
        ],
        batch_size=500,
    )


def _subscriber(old: OldSubscriber, page: Page, *, at: datetime) -> Subscriber:
    kind, state = KINDS[old.channel], STATES.get(old.state)
    if state is None:
        raise Refused("state", f"it is {old.state} there")
    active = state != SubscriberState.PENDING
    return Subscriber(
        page=page,
        channel=kind.name,
        **columns(kind, normal("address", kind, old.address)),
        contact_email=normal("contact_email", KINDS["email"], old.contact) if old.contact else "",
        state=state.value,
        secret=seal(new_secret()) if kind.signs and active else "",
        nonce=new_nonce(),
        created_at=min(old.created_at, at),
        confirmed_at=min(old.created_at, at) if active else None,
        disabled_for="It was quarantined at Statuspage." if state == SubscriberState.DISABLED else "",
    )


def add_templates(
    archive: Archive,
    page: Page,
    components: Mapping[str, Component],
    moved: Told,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Add those whose name is not here yet; inside the caller's transaction."""
    here = set(IncidentTemplate.objects.filter(page=page).values_list("name", flat=True))
    for old in archive.templates:
        if old.name in here:
            continue
        try:
            save_template(
                None,
                page=page,
                name=old.name,
                title=old.title,
                body=old.body,
                body_format=BodyFormat.PLAIN,
                status=old.status,
                components=[components[code] for code in old.components if code in components],
                notify=old.notify,
                by=by,
                at=at,
            )
        except Refused as error:
            moved.lost(f"template {old.name}: {error}")
            continue
        here.add(old.name)
        moved.note("templates", f"+ template {old.name}")
