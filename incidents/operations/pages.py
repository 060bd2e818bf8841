"""Making a page and saying that its set-up has changed."""

from datetime import datetime

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.domain.zones import UnknownZone, zone
from incidents.models import Page, PageHost
from incidents.operations.actors import Actor
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import record


@transaction.atomic
def create_page(
    *, name: str, zone_name: str, url: str = "", hosts: tuple[str, ...] = (), by: Actor, at: datetime
) -> Page:
    """A new page; the first one of an installation is its default."""
    try:
        zone(zone_name)
    except UnknownZone as error:
        raise Refused("zone_name", str(error)) from error
    page = Page.objects.create(
        name=checked_name("name", name),
        zone_name=zone_name,
        url=url,
        is_default=not Page.objects.filter(is_default=True).exists(),
        created_at=at,
        updated_at=at,
    )
    for host in hosts:
        PageHost.objects.create(page=page, host=host.lower())
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"page": page.name, "what": "created"})
    return page


def note_set_up(page: Page, *, what: str, by: Actor, at: datetime) -> None:
    """Journal a change of set-up (a name, a zone, an order), so that every document is rendered anew.

    Call it inside the transaction that made the change.
    """
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"what": what})
