"""An alert in words: what needs a person, since when, and the one link that leads to doing it."""

from datetime import UTC, datetime

from django.conf import settings

from incidents.channels.messages import Notice
from incidents.domain.tree import PageView
from incidents.formatting.times import iso_ms, posted
from incidents.models import Event
from incidents.notifying.headlines import subject_of


def compose_alert(event: Event, page: PageView, *, at: datetime) -> Notice:
    """The notice of an alert. Its link leads to SITE_URL, and staff sign in there."""
    told = event.data
    url = f"{settings.SITE_URL}{told['path']}"
    local, utc = posted(event.at, page.zone), f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Notice(
        kind=event.kind,
        root=f"alert-{event.pk}",
        page_name=page.name,
        page_url=page.url,
        naming=page.naming,
        subject=subject_of("", told.get("subject") or told["title"], page.name),
        title=told["title"],
        heading=told["title"],
        body=told["body"],
        posted=local if local.endswith(" UTC") else f"{local} ({utc})",
        affected="",
        url=url,
        payload={
            "type": event.kind,
            "timestamp": iso_ms(event.at, page.zone),
            "data": {
                "page": {"id": page.code, "name": page.name},
                "what": told["what"],
                "title": told["title"],
                "text": told["body"],
                "url": url,
            },
        },
        generated_at=iso_ms(at, page.zone),
        open_label=told["label"],
        for_staff=True,
    )
