"""From committed changes to published documents: only what is touched, in order, and never less than before.

One publisher at a time works on a page. It reads the page after it has the lock, so that of two publishers the later
one sees what the earlier one saw and more: what is published never goes backwards.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q

from incidents.domain.headline import is_contradicted
from incidents.domain.journal import EventKind
from incidents.domain.sweeps import SweepKind
from incidents.models import AffectedComponent, Event, Page, PageHost
from incidents.models.trees import component_views
from incidents.operations.sweeps import Place, each_row
from incidents.publishing.address import require_address
from incidents.publishing.run import Plan, Run
from incidents.publishing.site import Happened, touched_by
from incidents.publishing.snapshot import Reader, one_instant
from incidents.publishing.store import Hosts, PageFolder, Pointer, Store

REFRESH = timedelta(seconds=60)
"""How old the printed time of the newest check may become on a monitored page."""
RETRY = timedelta(minutes=10)
"""Until all of a page is published again because some of it failed; events that touch what failed do not wait."""
PATIENCE = 60.0
"""Seconds that a command or a sweep waits for another publisher."""


class Unpublished(RuntimeError):
    """Some documents could not be rendered; the last good ones are still served, and the sweep tries again."""


def the_store() -> Store:
    """The store of this installation."""
    return Store(Path(settings.PUBLISH_DIR))


def publish_page(
    page_pk: int,
    *,
    everything: bool = False,
    again: Collection[int] = (),
    patience: float = PATIENCE,
) -> None:
    """Render and store what the page's events since the last time touch, or all of it.

    `again` are keys of incidents whose documents are rendered whether touched or not. `patience` is how many seconds to
    wait for another publisher of the page. Raises Unpublished when a document failed, TimeoutError when patience ran
    out, OtherAddress in a command with another SITE_URL, and what the database raises.
    """
    at = datetime.now(UTC)
    _publish(page_pk, at=at, everything=everything, again=again, refresh=bool(again), patience=patience)


def publish_due(*, at: datetime, alive: Callable[[], None] = lambda: None) -> int:
    """The sweep: what a dead process left unpublished, midnight, probes gone silent or back, and the checked time.

    Returns how many pages were published. One page that fails does not keep the others waiting. `alive` is called at
    the end unless one did: what is served grows old then, and should be seen to.
    """
    publish_hosts(the_store())
    pages = list(Page.objects.all())
    done = each_row(SweepKind.PAGE, pages, partial(_publish_if_due, at=at), place=_place, at=at)
    if len(done) == len(pages):
        alive()
    return sum(done)


def _place(page: Page) -> Place:
    return Place(page.pk, page.name, f"/console/pages/{page.code}/edit")


def _publish_if_due(page: Page, *, at: datetime) -> bool:
    is_due = _is_due(page, at=at)
    if is_due:
        _publish(page.pk, at=at, everything=False, refresh=True, patience=PATIENCE)
    return is_due


def publish_hosts(store: Store) -> None:
    """Write down which page answers which host, for readers that have no database, where that has changed."""
    if _hosts() == store.hosts() and store.site_url() is not None:
        return
    with store.lock():
        store.write_hosts(_hosts())
        if store.site_url() is None and store.codes():
            store.remember_site_url(settings.SITE_URL)


def _hosts() -> Hosts:
    pages = dict(PageHost.objects.values_list("host", "page__code"))
    return Hosts(Page.objects.filter(is_default=True).values_list("code", flat=True).first(), pages)


def _publish(
    page_pk: int,
    *,
    at: datetime,
    everything: bool,
    refresh: bool,
    patience: float,
    again: Collection[int] = (),
) -> None:
    store = the_store()
    require_address(store)
    folder = store.page(Page.objects.values_list("code", flat=True).get(pk=page_pk))
    with folder.lock(patience):
        with one_instant():
            page = Page.objects.get(pk=page_pk)
            before = folder.pointer()
            is_unlike = (
                before is None or not _is_bookmarked(page, before) or (refresh and _is_lacking(before, at))
            )
            newest, plan = _plan(page, at=at, everything=everything or is_unlike, refresh=refresh)
            plan = replace(plan, incidents=plan.incidents.union(again))
            reader = Reader(page, at=at, site_url=settings.SITE_URL, anew=plan.everything)
            run = Run(page, folder, reader, before)
            if plan:
                before_all = partial(_point, folder, run, page.published_through, at=at)
                run.render(plan, first_out=before_all)
        if plan:
            _point(folder, run, page.published_through if run.failed else newest, at=at)
        elif before is not None and newest != before.revision:
            folder.point(replace(before, revision=newest, revision_at=_instant_of(page, newest)))
        if not run.failed:
            _remember(
                page, newest, today=_today(page, at) if plan.today or plan.everything else page.published_on
            )
    publish_hosts(store)
    if run.failed:
        raise Unpublished(f"{page.name}: not rendered: {', '.join(run.failed)}")


def _point(folder: PageFolder, run: Run, revision: int, *, at: datetime) -> None:
    folder.point(run.pointer(revision, revision_at=_instant_of(run.page, revision), published_at=at))


def _is_bookmarked(page: Page, pointer: Pointer) -> bool:
    """Whether folder and database agree how far the page is published.

    They do not when either was restored from a copy, and then nobody knows which documents are behind.
    """
    return pointer.revision == page.published_through and pointer.revision_at == _instant_of(
        page, pointer.revision
    )


def _is_lacking(pointer: Pointer, at: datetime) -> bool:
    """Whether documents that failed when all of the page was published should be tried again by now."""
    return bool(pointer.lacking_at) and abs(at - datetime.fromisoformat(pointer.lacking_at)) >= RETRY


def _instant_of(page: Page, revision: int) -> str:
    """The instant of a journal event in ISO 8601; empty where there is none, as on a page where nothing happened."""
    found = Event.objects.filter(page=page, pk=revision).values_list("at", flat=True).first()
    return found.astimezone(UTC).isoformat() if found else ""


def _plan(page: Page, *, at: datetime, everything: bool, refresh: bool) -> tuple[int, Plan]:
    """The newest event, and what there is to do because of it and of the clock."""
    events = list(Event.objects.filter(page=page, pk__gt=page.published_through).order_by("pk"))
    newest = events[-1].pk if events else page.published_through
    changed = _changed_components(events)
    touched = touched_by(
        Happened(
            EventKind(event.kind), event.incident_id, event.data.get("what", ""), frozenset(changed[event.pk])
        )
        for event in events
    )
    return newest, Plan(
        everything=everything or touched.everything,
        page=touched.page,
        nouns=touched.nouns,
        state=refresh,
        today=page.published_on != _today(page, at),
        incidents=touched.incidents,
        components=touched.components,
    )


def _changed_components(events: Iterable[Event]) -> Mapping[int, set[str]]:
    """Codes of the components whose status each event changed, at whatever time."""
    found: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if code := event.data.get("component"):
            found[event.pk].add(code)
    by_update = {event.update_id: event.pk for event in events if event.update_id}
    imported = {event.incident_id: event.pk for event in events if event.kind == EventKind.INCIDENT_IMPORTED}
    rows = AffectedComponent.objects.filter(
        Q(update__in=by_update) & ~Q(old_status=F("new_status")) | Q(update__incident__in=imported)
    )
    for update, incident, code in rows.values_list("update_id", "update__incident_id", "component__code"):
        found[by_update.get(update) or imported[incident]].add(code)
    return found


def _remember(page: Page, newest: int, *, today: date | None) -> None:
    """Bookkeeping of publishing's own; written only where it changes, since every write waits for SQLite's lock."""
    if (page.published_through, page.published_on) != (newest, today):
        Page.objects.filter(pk=page.pk).update(published_through=newest, published_on=today)


def _today(page: Page, at: datetime) -> date:
    return at.astimezone(page.zone).date()


def _is_due(page: Page, *, at: datetime) -> bool:
    pointer = the_store().page(page.code).pointer()
    if pointer is None or page.published_on != _today(page, at) or not _is_bookmarked(page, pointer):
        return True
    if _is_lacking(pointer, at):
        return True
    if Event.objects.filter(page=page, pk__gt=page.published_through).exists():
        return True
    monitored = [component for component in component_views(page, at=at).values() if component.checks]
    unconfirmed = tuple(
        sorted(each.code for each in monitored if each.unknown_since(at) or is_contradicted(each, at))
    )
    return bool(monitored) and (unconfirmed != pointer.unconfirmed or _age(pointer, at) >= REFRESH)


def _age(pointer: Pointer, at: datetime) -> timedelta:
    """Without sign: what was published in the future, before the clock was set back, is as old as it lies ahead."""
    return abs(at - datetime.fromisoformat(pointer.published_at))
