"""Who will be notified of a post, and who will not and why: counted before it is sent, by what selects them later.

A handful of queries, however many subscribers there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from incidents.channels.kinds import KINDS
from incidents.domain.incidents import Impact
from incidents.domain.journal import RFOS_TOLD, TOLD, EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import AffectedComponent, Component, Event, Incident, Subscriber, Suppression
from incidents.models.subscribers import MAJOR
from incidents.operations.fanout import ENDINGS, readers

_AFTER_ALL = 2**62
"""The key of an event that has not been written: after every other one."""
_FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


class NotNotified(StrEnum):
    """Why a subscriber of the page is not notified of a post, the first reason that holds."""

    UNCONFIRMED = "unconfirmed"
    DISABLED = "disabled"
    SUPPRESSED = "suppressed"
    TOPIC = "topic"
    NO_COMPONENT = "no_component"
    RETIRED_COMPONENT = "retired_component"
    OTHER_COMPONENT = "other_component"
    ONLY_MAJOR = "only_major"
    NOT_BEFORE = "not_before"
    NO_CHANNEL = "no_channel"
    SILENT = "silent"


REASONS: Mapping[NotNotified, str] = {
    NotNotified.UNCONFIRMED: "did not confirm the subscription",
    NotNotified.DISABLED: "disabled, because the endpoint failed",
    NotNotified.SUPPRESSED: "suppressed, because the mailbox refused mail or its owner complained",
    NotNotified.TOPIC: "did not subscribe to this kind of post",
    NotNotified.NO_COMPONENT: "chose components, and the incident names none",
    NotNotified.RETIRED_COMPONENT: "chose only components that are retired",
    NotNotified.OTHER_COMPONENT: "chose other components",
    NotNotified.ONLY_MAJOR: "chose only major and critical incidents",
    NotNotified.NOT_BEFORE: "not notified of its beginning",
    NotNotified.NO_CHANNEL: "on a channel that this installation does not have",
    NotNotified.SILENT: "would have been notified, but the post does not notify",
}


@dataclass(frozen=True, slots=True)
class Recipients:
    """How many are notified, by channel; how many are not, by reason; and mails that no server takes."""

    by_channel: Mapping[str, int]
    not_notified: Mapping[NotNotified, int]
    mail_is_sent: bool = True

    @property
    def notified(self) -> int:
        """On all channels."""
        return sum(self.by_channel.values())

    @property
    def not_counted(self) -> int:
        """All who are not notified, whatever the reason."""
        return sum(self.not_notified.values())

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """How many, and in words why they are not; most first."""
        found = [(count, REASONS[why]) for why, count in self.not_notified.items() if count]
        return sorted(found, key=lambda each: -each[0])

    @property
    def mails_to_a_folder(self) -> int:
        """Mails that are only written to a folder, since EMAIL_URL names no server."""
        return 0 if self.mail_is_sent else self.by_channel.get("email", 0)


def recipients_of(event: Event) -> Recipients:
    """Of an event of an incident, written and not yet sent."""
    incident = event.incident
    if incident is None or event.kind not in TOLD:
        return Recipients({}, {})
    reached, muted = selected(event, incident), Suppression.objects.values("address")
    is_muted = Case(When(channel="email", address__lower__in=muted, then=Value(1)), default=Value(0))
    counted = _counts(reached.annotate(is_muted=is_muted), "is_muted", "channel")
    by_channel = {channel: count for (mute, channel), count in counted.items() if not mute}
    reasons = {
        NotNotified(why): count for (why,), count in _counts(_others(event, incident, reached), "why").items()
    }
    if suppressed := sum(count for (mute, _), count in counted.items() if mute):
        reasons[NotNotified.SUPPRESSED] = suppressed
    if lost := sum(by_channel.pop(name) for name in set(by_channel) - set(KINDS)):
        reasons[NotNotified.NO_CHANNEL] = lost
    if not event.notifies and by_channel:
        by_channel, reasons[NotNotified.SILENT] = {}, sum(by_channel.values())
    return Recipients(by_channel, reasons, settings.EMAIL_BACKEND != _FILE_BACKEND)


def _counts(rows: QuerySet[Subscriber], *names: str) -> dict[tuple[Any, ...], int]:
    counted = rows.order_by().values(*names).annotate(rows=Count("pk")).values_list(*names, "rows")
    return {tuple(values): count for *values, count in counted}


def _others(event: Event, incident: Incident, reached: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    """The subscribers of the page, and followers of the incident, that are not reached, each with its reason.

    Who follows the incident and is reached through the page is not among them.
    """
    rows = Subscriber.objects.public().filter(page=incident.page).exclude(state=SubscriberState.ENDED)
    mine = Q(incident=None) | (Q(incident=incident) & ~Q(address__lower__in=reached.values("address__lower")))
    rows = rows.filter(mine).exclude(pk__in=reached.values("pk"))
    return rows.annotate(**_choices(incident)).annotate(why=_why(event, incident))


def recipients_now(incident: Incident, kind: EventKind, *, at: datetime) -> Recipients:
    """Of a post of this kind that would be made now, with the incident as it stands."""
    newest = Event(
        pk=_AFTER_ALL, page=incident.page, incident=incident, kind=kind.value, at=at, notifies=True
    )
    return recipients_of(newest)


def selected(event: Event, incident: Incident) -> QuerySet[Subscriber]:
    """Whom the fan-out will choose, once the posts before it, which still wait, have been sent."""
    waiting = Event.objects.filter(
        incident=incident,
        kind__in=TOLD,
        notifies=True,
        expanded_at=None,
        cancelled_at=None,
        pk__lt=event.pk,
    )
    chosen = Q(pk__in=readers(event).values("pk"))
    if event.kind in ENDINGS:
        now_asked = Subscriber.objects.told_of(incident, rfo=event.kind in RFOS_TOLD)
        for earlier in waiting:
            chosen |= Q(pk__in=readers(earlier).values("pk")) & Q(pk__in=now_asked.values("pk"))
    return Subscriber.objects.filter(chosen)


def _choices(incident: Incident) -> dict[str, Exists]:
    """What a subscriber ticked: anything, something in use, something that the incident names."""
    ticked = Subscriber.components.through.objects.filter(subscriber=OuterRef("pk"))
    named = AffectedComponent.objects.filter(update__incident=incident).values("component")
    return {
        "has_ticked": Exists(ticked),
        "ticked_in_use": Exists(ticked.filter(component__retired_at=None)),
        "ticked_named": Exists(ticked.filter(component__in=named)),
        "names_any": Exists(named),
    }


def _why(event: Event, incident: Incident) -> Case:
    topic = "wants_rfos" if event.kind in RFOS_TOLD else "wants_incidents"
    major = When(only_major=True, then=Value(NotNotified.ONLY_MAJOR.value))
    rules = [
        When(state=SubscriberState.PENDING, then=Value(NotNotified.UNCONFIRMED.value)),
        When(state=SubscriberState.DISABLED, then=Value(NotNotified.DISABLED.value)),
        When(**{topic: False}, then=Value(NotNotified.TOPIC.value)),
        When(
            has_ticked=True,
            ticked_in_use=False,
            ticked_named=False,
            then=Value(NotNotified.RETIRED_COMPONENT.value),
        ),
        When(has_ticked=True, names_any=False, then=Value(NotNotified.NO_COMPONENT.value)),
        When(has_ticked=True, ticked_named=False, then=Value(NotNotified.OTHER_COMPONENT.value)),
    ]
    if Impact(incident.impact) not in MAJOR:
        rules.append(major)
    return Case(*rules, default=Value(NotNotified.NOT_BEFORE.value))


def choosers(subscribers: QuerySet[Subscriber]) -> int:
    """How many of them ticked components, so that a post that names none of theirs does not reach them."""
    ticked = Subscriber.components.through.objects.filter(subscriber=OuterRef("pk"))
    return subscribers.filter(Exists(ticked)).count()


def left_with_nothing(component: Component) -> int:
    """How many active subscribers chose this component and nothing else that is in use."""
    ticked = Subscriber.components.through.objects.filter(
        subscriber=OuterRef("pk"), component__retired_at=None
    )
    mine = Subscriber.objects.active().filter(components=component)
    return mine.exclude(Exists(ticked.exclude(component=component))).count()
