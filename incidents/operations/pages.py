"""Making a page and saying that its set-up has changed."""

from datetime import datetime

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.domain.zones import UnknownZone, zone
from incidents.models import Page, PageHost
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record

WAIVER = "second factor of viewers"


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
def edit_page(
    page: Page,
    *,
    name: str,
    zone_name: str,
    url: str,
    hosts: tuple[str, ...],
    uptime_weight: float,
    viewers_without_second_factor: bool | None = None,
    by: Actor,
    at: datetime,
) -> Page:
    """Replace a page's set-up; `hosts` are all that it claims from now on. Raises Refused naming the field.

    `viewers_without_second_factor` stays as it is where it is None.
    """
    name = checked_name("name", name)
    try:
        zone(zone_name)
    except UnknownZone as error:
        raise Refused("zone_name", str(error)) from error
    if not 0 <= uptime_weight <= 1:
        raise Refused("uptime_weight", "A share from 0 to 1.")
    page = lock(page)
    if Page.objects.filter(name=name).exclude(pk=page.pk).exists():
        raise Refused("name", "Another page has this name.")
    before = _set_up_of(page)
    page.name, page.zone_name, page.url, page.uptime_weight = name, zone_name, url, uptime_weight
    if viewers_without_second_factor is not None:
        page.viewers_without_second_factor = viewers_without_second_factor
    page.save(update_fields=["name", "zone_name", "url", "uptime_weight", "viewers_without_second_factor"])
    wanted = tuple(host.lower() for host in hosts)
    PageHost.objects.filter(page=page).exclude(host__in=wanted).delete()
    _claim(page, wanted)
    after = _set_up_of(page)
    changed = sorted(key for key in after if before[key] != after[key])
    if changed:
        note_set_up(page, what=f"changed: {', '.join(changed)}", by=by, at=at)
    if before[WAIVER] != after[WAIVER]:
        data = {"page": page.name, "waived": page.viewers_without_second_factor}
        note("page.viewers_second_factor", by=by, at=at, subject=f"page {page.code}", data=data, page=page)
    return page


def _set_up_of(page: Page) -> dict[str, object]:
    return {
        "name": page.name,
        "zone": page.zone_name,
        "address": page.url,
        "hosts": sorted(PageHost.objects.filter(page=page).values_list("host", flat=True)),
        "uptime weight": page.uptime_weight,
        WAIVER: page.viewers_without_second_factor,
    }


@transaction.atomic
def make_default(page: Page, *, by: Actor, at: datetime) -> None:
    """Let this page, instead of the present one, answer hosts that no page claims."""
    for each in Page.objects.order_by("pk"):
        lock(each)
    if Page.objects.get(pk=page.pk).is_default:
        return
    for old in Page.objects.filter(is_default=True):
        Page.objects.filter(pk=old.pk).update(is_default=False)
        note_set_up(old, what="no longer the default", by=by, at=at)
    Page.objects.filter(pk=page.pk).update(is_default=True)
    note_set_up(page, what="now the default", by=by, at=at)


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
