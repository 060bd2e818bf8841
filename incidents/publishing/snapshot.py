"""One page read from the database into the frozen tree, in a fixed number of queries however long its history."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST, IncidentStatus
from incidents.domain.texts import BodyFormat
from incidents.domain.tree import ComponentView, GroupView, IncidentView, Snapshot
from incidents.domain.uptime import Uptime, day_bounds, measure, spells
from incidents.domain.zones import in_zone
from incidents.models import AffectedComponent, Component, Event, Incident, IncidentUpdate, Page, StatusChange
from incidents.models.trees import component_views, group_views, incident_view, links_of, look_view, page_view
from incidents.operations.slow import uncontended_transaction
from incidents.publishing.months import Entry, Month, month_bounds
from incidents.publishing.threads import threads

log = logging.getLogger(__name__)

UPTIME_DAYS = 90
YEAR_DAYS = 366
"""A leap year has a day more, and twelve months that are shown may hold it."""
PAST_DAYS = 15
RECENT = 50
"""Incidents, and maintenances, that feeds and v2 lists may want, however old."""
RECENT_MOST = 100
"""Incidents that the past days may show, however many there were."""

_MODE = "transaction_mode"
"""An attribute of Django's SQLite connection that its base class does not know."""


@contextmanager
def one_instant() -> Iterator[None]:
    """One state of the database for all queries inside, which keeps no writer waiting.

    SQLite's transactions begin IMMEDIATE elsewhere, for writers; PostgreSQL's default shows each query a newer state.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        connection.ensure_connection()
        usual = getattr(connection, _MODE)
        setattr(connection, _MODE, "DEFERRED")
        try:
            with uncontended_transaction():
                yield
        finally:
            setattr(connection, _MODE, usual)
    else:
        with uncontended_transaction(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def read(page: Page, *, at: datetime, site_url: str, zone: ZoneInfo | None = None) -> Snapshot:
    """The page at `at`; days begin and end in `zone`, else in the page's own."""
    with one_instant():
        return Reader(page, at=at, site_url=site_url, zone=zone).snapshot()


class Reader:
    """Reads one page; create and use it inside `one_instant`.

    Rows are sorted here and not by the database where an ORDER BY would lead SQLite to walk the whole history.
    Without `has_uptimes`, components have no ninety days, which only the documents about the page show; `anew` trusts
    nothing that this process has read before.
    """

    def __init__(
        self,
        page: Page,
        *,
        at: datetime,
        site_url: str,
        zone: ZoneInfo | None = None,
        has_uptimes: bool = True,
        anew: bool = False,
    ) -> None:
        self._page = page
        self._at = at
        self._site_url = site_url
        self._has_uptimes = has_uptimes
        self._anew = anew
        self.zone = zone or page.zone

    def frame(self) -> Snapshot:
        """The page alone: all that a document about one incident or month shows of the rest."""
        newest = Event.objects.filter(page=self._page).order_by("-id").values_list("pk", flat=True).first()
        view = replace(page_view(self._page, site_url=self._site_url), look=look_view(self._page))
        return Snapshot(page=view, at=self._at, event=newest or 0, began_at=self._began_at)

    @cached_property
    def _began_at(self) -> datetime:
        """When anything could first be told of the page; a report that was imported may be older than the page."""
        printable = Incident.objects.filter(page=self._page, started_at__gte=EARLIEST)
        oldest = printable.order_by("started_at")
        first = oldest.values_list("started_at", flat=True).first()
        return min(first, self._page.created_at) if first else self._page.created_at

    def snapshot(self) -> Snapshot:
        """The whole page with its open and recent incidents."""
        found = self.incidents({*self._newest(), *self._open()})
        recent = tuple(each for each in found if not each.plan)
        return replace(
            self.frame(),
            groups=self._groups,
            ungrouped=tuple(each for each in self._in_use if each.group_code is None),
            retired=tuple(each for each in self._components.values() if each.retired_at),
            open_incidents=tuple(each for each in recent if each.status.is_open),
            recent_incidents=recent,
            recent_maintenances=tuple(each for each in found if each.plan),
        )

    def incidents(self, pks: Collection[int]) -> tuple[IncidentView, ...]:
        """The incidents with all their updates, newest first; those of another page are not among them.

        Nor are those at the very ends of the calendar, which no document in this zone could print.
        """
        rows = Incident.objects.filter(page=self._page, pk__in=pks).select_related("maintenance").order_by()
        newest_first = sorted(rows, key=lambda row: (row.started_at, row.pk), reverse=True)
        told = threads(newest_first, anew=self._anew)
        links = links_of(newest_first)
        views = (incident_view(row, self._ordered, told[row.pk], links[row.pk]) for row in newest_first)
        return tuple(view for view in views if _is_printable(view, self.zone))

    def months(self, firsts: Iterable[date], *, most: int | None = None) -> tuple[Month, ...]:
        """What began in each of the months (given by their first days), newest first: one query a month.

        Months are those of the page's own zone, whatever zone the viewer reads times in: which documents a page has
        does not depend on who asks. `most` bounds the incidents of each.
        """
        return tuple(self._month(first, most) for first in sorted(set(firsts), reverse=True))

    def _month(self, first: date, most: int | None) -> Month:
        start, end = month_bounds(first, self._page.zone)
        end = min(end, self._at + timedelta(microseconds=1))  # what is only scheduled is no history yet
        words = IncidentUpdate.objects.filter(incident=OuterRef("pk")).exclude(
            status=IncidentStatus.POSTMORTEM
        )
        rows = Incident.objects.filter(page=self._page, started_at__gte=start, started_at__lt=end)
        newest = words.order_by("-at", "-id")
        rows = rows.annotate(
            words=Subquery(newest.values("body")[:1]),
            words_format=Subquery(newest.values("body_format")[:1]),
            worst=_WORST,
        )
        entries = tuple(_entry(row) for row in rows.order_by("-started_at", "-id")[: most and most + 1])
        return Month(first, entries[:most], is_cut=most is not None and len(entries) > most)

    @cached_property
    def _components(self) -> dict[int, ComponentView]:
        uptimes = None
        if self._has_uptimes:
            shown = Component.objects.filter(page=self._page, showcase=True)
            uptimes = self._uptimes(shown, days=UPTIME_DAYS)
        return component_views(self._page, at=self._at, uptimes=uptimes)

    @cached_property
    def _groups(self) -> tuple[GroupView, ...]:
        return group_views(self._page, self._in_use)

    @property
    def _in_use(self) -> list[ComponentView]:
        return [each for each in self._components.values() if each.retired_at is None]

    @cached_property
    def _ordered(self) -> dict[int, ComponentView]:
        """The components in the order of the page, in which an incident's sentence names them."""
        groups = {group.code: group.position for group in group_views(self._page, self._components.values())}
        return dict(sorted(self._components.items(), key=lambda item: _place(item[1], groups)))

    def pasts(self, codes: Collection[str] | None = None) -> dict[str, Uptime]:
        """The past year of the showcased components with these codes (all where none are given), by code."""
        shown = Component.objects.filter(page=self._page, showcase=True)
        shown = shown if codes is None else shown.filter(code__in=codes)
        by_pk = self._uptimes(shown, days=YEAR_DAYS)
        return {code: by_pk[pk] for pk, code in shown.values_list("pk", "code") if pk in by_pk}

    def _uptimes(self, shown: "QuerySet[Component]", *, days: int) -> dict[int, Uptime]:
        """The last days of each component: what held before them, then every change within."""
        today = self._at.astimezone(self.zone).date()
        dates = [today - timedelta(days=back) for back in reversed(range(days))]
        start, _ = day_bounds(dates[0], self.zone)
        changes: dict[int, list[tuple[datetime, ComponentStatus]]] = defaultdict(list)
        before = StatusChange.objects.filter(component=OuterRef("pk"), at__lt=start).order_by("-at", "-id")
        for pk, status in shown.values_list("pk", Subquery(before.values("status")[:1])):
            changes[pk] += [(start, ComponentStatus(status))] if status else []
        within = StatusChange.objects.filter(component__in=shown, at__gte=start, at__lte=self._at)
        for pk, at, status in within.order_by("at", "id").values_list("component_id", "at", "status"):
            changes[pk].append((at, ComponentStatus(status)))
        return {
            pk: measure(
                spells(known, start=start, end=self._at),
                days=dates,
                zone=self.zone,
                weight=self._page.uptime_weight,
            )
            for pk, known in changes.items()
        }

    def _newest(self) -> list[int]:
        """The newest incidents and maintenances, and all (within reason) of the past days."""
        since = self._at - timedelta(days=PAST_DAYS + 1)
        found: list[int] = []
        for kind in (Incident.objects.unplanned(), Incident.objects.planned()):
            newest = kind.filter(page=self._page).order_by("-started_at", "-id")
            rows = newest.values_list("pk", F("started_at"))[:RECENT_MOST]
            found += [
                pk for index, (pk, started_at) in enumerate(rows) if index < RECENT or started_at >= since
            ]
        return found

    def _open(self) -> list[int]:
        waiting = Incident.objects.pending().filter(page=self._page).order_by()
        return list(waiting.values_list("pk", flat=True))


_SEVERITY = Case(*(When(new_status=each.value, then=each.severity) for each in ComponentStatus), default=0)
_WORST = Subquery(
    AffectedComponent.objects.filter(update__incident=OuterRef("pk"))
    .order_by(_SEVERITY.desc())
    .values("new_status")[:1]
)
"""The worst that an incident said of any component; null where it named none."""


def _is_printable(incident: IncidentView, zone: ZoneInfo) -> bool:
    instants = (incident.started_at, incident.resolved_at, *(update.at for update in incident.updates))
    try:
        for at in instants:
            if at:
                in_zone(at, zone)
    except OverflowError:
        log.error("an incident's time is none in this zone", extra={"code": incident.code, "zone": zone.key})  # noqa: TRY400  (the row is at fault)
        return False
    return True


def _entry(row: Incident) -> Entry:
    """Of a row with the words of its newest update and the worst that it said, set by annotations; None for neither."""
    words, words_format = getattr(row, "words"), getattr(row, "words_format")  # noqa: B009
    return Entry(
        row.code,
        row.title,
        row.state,
        row.shown_impact,
        ComponentStatus(getattr(row, "worst") or ComponentStatus.OPERATIONAL),  # noqa: B009
        row.started_at,
        row.resolved_at,
        words or "",
        BodyFormat(words_format or BodyFormat.PLAIN),
    )


def _place(component: ComponentView, groups: Mapping[str, int]) -> tuple[int, str, int, str]:
    top = groups[component.group_code] if component.group_code else component.position
    return top, component.group_name or component.name, component.position, component.name
