"""Writing the audit: in the transaction of what it tells of, one line after the other under the lock of its chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from incidents.domain.audit import FIRST, HANDED_OVER, blind, canonical, digest, fingerprint, seal
from incidents.domain.journal import EventKind
from incidents.models import AuditHead, AuditLine, Event, Page
from incidents.operations.actors import SHELL, Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says, before it has its place in a chain."""

    at: datetime
    kind: str
    actor: str
    person: int | None
    subject: str
    data: str
    event: int | None = None


@transaction.atomic
def note(
    what: str,
    *,
    by: Actor,
    at: datetime,
    subject: str,
    data: dict[str, Any] | None = None,
    page: Page | None = None,
) -> None:
    """A line about what is no event of a page: who signed in, which role was given, which key was made."""
    person = by.user.pk if by.user else None
    _append(page.code if page else "", [Entry(at, what, by.name, person, subject, canonical(data or {}))])


def seal_events(page: Page, events: Sequence[Event]) -> None:
    """A line for each new event of a page's journal, in the transaction that wrote them, after the page's lock."""
    _append(page.code, [entry_of(event) for event in events])


def entry_of(event: Event) -> Entry:
    """What the audit keeps of an event. Of subscribers it keeps no word that could name one."""
    return Entry(
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        person=event.user_id,
        subject=_subject(event),
        data=data_of(event),
        event=event.pk,
    )


def data_of(event: Event, *, key: str = "") -> str:
    """The event's data as canonical JSON; of a subscriber a digest of it, under `key` or else the present one."""
    if EventKind(event.kind).noun == "subscriber":
        return canonical({"digest": blind(key or settings.AUDIT_KEY, event.data)})
    return canonical(event.data)


def _subject(event: Event) -> str:
    if event.incident is not None:
        return f"incident {event.incident.code}"
    if event.subscriber is not None:
        return f"subscriber {event.subscriber.code}"
    if event.component is not None:
        return f"component {event.component.code}"
    return ""


def lock_chain(chain: str) -> AuditHead:
    """The head of a chain, which is made where there is none, locked until the transaction ends."""
    empty = {"digest": FIRST, "seal": seal(settings.AUDIT_KEY, chain, 0, FIRST)}
    AuditHead.objects.get_or_create(chain=chain, defaults=empty)
    return AuditHead.objects.select_for_update().get(chain=chain)


@transaction.atomic
def hand_over(chain: str, *, at: datetime) -> bool:
    """Let a chain whose head an earlier AUDIT_KEY sealed go on under the present one; whether there was need."""
    head = lock_chain(chain)
    old = _earlier_key(head)
    if old:
        _extend(head, old, [_handover(at)])
        _finish(head)
    return bool(old)


def _append(chain: str, entries: Sequence[Entry]) -> None:
    head = lock_chain(chain)
    old = _earlier_key(head)
    if old:
        _extend(head, old, [_handover(entries[0].at)])
    _extend(head, settings.AUDIT_KEY, entries)
    _finish(head)


def _earlier_key(head: AuditHead) -> str:
    """The earlier key under which the chain ends; empty where it is the present one.

    A head that no known key sealed was tampered with. That must not stop the audit: the chain goes on, and
    `verify_audit` names it.
    """
    found: str = next(
        (
            key
            for key in (settings.AUDIT_KEY, *settings.AUDIT_KEY_PREVIOUS)
            if head.seal == _sealed(head, key)
        ),
        "",
    )
    return "" if found == settings.AUDIT_KEY else found


def _sealed(head: AuditHead, key: str) -> str:
    return seal(key, head.chain, head.number, head.digest)


def _handover(at: datetime) -> Entry:
    data = canonical({"key": fingerprint(settings.AUDIT_KEY)})
    return Entry(at, HANDED_OVER, SHELL.name, None, "audit key", data)


def _extend(head: AuditHead, key: str, entries: Sequence[Entry]) -> None:
    """Add lines under a key and move the head along; `_finish` writes it."""
    lines = []
    for entry in entries:
        head.number += 1
        line = AuditLine(
            chain=head.chain,
            number=head.number,
            at=entry.at.astimezone(UTC),
            kind=entry.kind,
            actor=entry.actor,
            person=entry.person,
            subject=entry.subject,
            event=entry.event,
            data=entry.data,
            previous=head.digest,
        )
        line.digest = head.digest = digest(key, line.previous, line.columns())
        lines.append(line)
    AuditLine.objects.bulk_create(lines, batch_size=1000)


def _finish(head: AuditHead) -> None:
    head.seal = _sealed(head, settings.AUDIT_KEY)
    head.save(update_fields=["number", "digest", "seal"])
