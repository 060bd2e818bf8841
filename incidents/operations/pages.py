"""Making a page and saying that its set-up has changed."""

from datetime import datetime

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.domain.zones import UnknownZone, zone
from incidents.models import Page, PageHost
from incidents.operations.actors import Actor
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record


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
    _claim(page, hosts)
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"page": page.name, "what": "created"})
    return page


@transaction.atomic
def set_address(page: Page, *, url: str, hosts: tuple[str, ...], by: Actor, at: datetime) -> None:
    """Give a page its public address, and further hosts to answer; nothing is written where it has them already."""
    page = lock(page)
    if _claim(page, hosts) or page.url != url:
        page.url = url
        page.save(update_fields=["url"])
        note_set_up(page, what="address changed", by=by, at=at)


def _claim(page: Page, hosts: tuple[str, ...]) -> bool:
    """Whether a host was new to the page. Raises Refused for one that another page answers."""
    is_new = False
    for host in map(str.lower, hosts):
        known = PageHost.objects.filter(host=host).first()
        if known is None:
            PageHost.objects.create(page=page, host=host)
            is_new = True
        elif known.page_id != page.pk:
            raise Refused("hosts", f"Another page answers {host} already.")
    return is_new


def note_set_up(page: Page, *, what: str, by: Actor, at: datetime) -> None:
    """Journal a change of set-up (a name, a zone, an order), so that every document is rendered anew.

    Call it inside the transaction that made the change.
    """
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"what": what})
