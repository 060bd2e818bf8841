"""What one subscription alone is told: the answer to a request, a greeting, that it was given up.

No word of it is the asker's, who may be no friend of the reader.
"""

from datetime import datetime

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Notice
from incidents.domain.journal import EventKind
from incidents.domain.rollup import roll_up
from incidents.domain.subscribers import SubscriberState
from incidents.domain.tree import PageView
from incidents.formatting.statuspage import webhook_page
from incidents.formatting.times import iso_ms
from incidents.models import Component, Event, Subscriber
from incidents.notifying.headlines import branding_of, subject_of

REASON_LIMIT = 200


def compose_private(event: Event, subscriber: Subscriber, page: PageView, *, at: datetime) -> Notice:
    """The notice of an event that concerns one subscription."""
    if event.kind == EventKind.SUBSCRIBER_REQUESTED:
        title, body, action = _asked(subscriber, page)
    elif event.kind == EventKind.SUBSCRIBER_DISABLED:
        title, body, action = _given_up(subscriber, page)
    else:
        title, body, action = "Updates will be posted here", _greeting(page), ""
    states = Component.objects.in_use().filter(page=event.page)
    return Notice(
        kind=event.kind,
        root=f"subscription-{event.pk}",
        page_name=page.name,
        page_url=page.url,
        naming=page.naming,
        subject=subject_of("", title, page.name),
        title=title,
        heading=title,
        body=body,
        posted="",
        affected="",
        url=page.url,
        payload={
            **webhook_page(page, roll_up(component.state for component in states)),
            "type": "ping",
            "timestamp": iso_ms(event.at, page.zone),
        },
        generated_at=iso_ms(at, page.zone),
        action_label=action,
        brand=branding_of(page),
        is_unasked=event.kind == EventKind.SUBSCRIBER_REQUESTED,
    )


def _asked(subscriber: Subscriber, page: PageView) -> tuple[str, str, str]:
    """Title, body and the words on the button, which leads to the page that confirms or manages."""
    if subscriber.state != SubscriberState.PENDING:
        return "You are already subscribed", _known_words(subscriber, page), ""
    return "Confirm your subscription", _pending_words(subscriber, page), "Confirm"


def _pending_words(subscriber: Subscriber, page: PageView) -> str:
    kind = KINDS[subscriber.channel]
    if kind.is_machine:
        what = "you get the secret that signs each message" if kind.signs else "it begins"
        return (
            f"Confirm the subscription of a {kind.label} address to {page.name}'s status page. Somebody gave this mail "
            "address as the contact. The page behind this link shows where updates would be posted. Confirm there "
            f"within 7 days and {what}."
        )
    of = "one incident" if subscriber.incident_id else "incidents"
    return (
        f"Confirm your subscription to {page.name}'s status page: updates of {of}. Somebody entered this mail address "
        "there. Confirm within 7 days, and it begins with the next update."
    )


def _known_words(subscriber: Subscriber, page: PageView) -> str:
    words = (
        f"Somebody asked again for updates of {page.name}'s status page at this address. Nothing has changed."
    )
    if subscriber.state == SubscriberState.DISABLED:
        words += (
            " This subscription is disabled, because nothing was accepted there. The link below resumes it."
        )
    return f"{words} Manage preferences or unsubscribe with the links below."


def _given_up(subscriber: Subscriber, page: PageView) -> tuple[str, str, str]:
    label = KINDS[subscriber.channel].label
    return (
        f"Your {label} subscription was disabled",
        f"We could not reach the {label} address that you gave to {page.name}'s status page, so nothing is sent there "
        f"any more. It last answered: {subscriber.disabled_for[:REASON_LIMIT]}\n\n"
        "Once it works again, resume the subscription on the page behind the link below. What happened meanwhile is on "
        "the status page.",
        "",
    )


def _greeting(page: PageView) -> str:
    return f"Updates of {page.name}'s status page will be posted here. This message only shows that it works."
