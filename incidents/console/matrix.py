"""The matrix of a page's probes: every one with its last sixty results, what needs a person first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from incidents.console.checks import Check, Need, check, need_of
from incidents.models import Component, Page, Probe

PER_SCREEN = 100
"""More probes than this are shown a screenful at a time: a strip and a line each are 2 kB."""
LONGEST_QUESTION = 100
_RANKED = (
    "component_id",
    "enabled",
    "verdict",
    "interval_seconds",
    "confirmed_at",
    "confirmed_outcome",
    "muted_until",
    "flapping_since",
    "last_at",
)
_TILES: Mapping[Need, str] = {
    Need.DOWN: "not working",
    Need.DEGRADED: "impaired",
    Need.INTERMITTENT: "intermittent",
    Need.UNCONFIRMED: "not confirmed",
    Need.WARNING: "warning",
    Need.NOTHING: "working",
    Need.MUTED: "muted",
    Need.OFF: "off",
}
_ALWAYS = (Need.DOWN, Need.DEGRADED, Need.NOTHING)


@dataclass(frozen=True, slots=True)
class Section:
    """A component with those of its probes that are on this screen."""

    component: Component
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """How many probes are in one state."""

    name: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """One screenful: `first` and `last` number its probes among `total`, from one."""

    sections: tuple[Section, ...]
    tiles: tuple[Tile, ...]
    total: int
    first: int
    last: int
    newest: datetime | None
    """When any of the page's probes last ran."""

    @property
    def following(self) -> int | None:
        """Where the next screenful starts."""
        return self.last if self.last < self.total else None

    @property
    def preceding(self) -> int | None:
        """Where the one before starts."""
        return max(self.first - 1 - PER_SCREEN, 0) if self.first > 1 else None

    @property
    def is_silent(self) -> bool:
        """Whether every probe on the screen is long overdue: then no worker runs."""
        checks = [each for section in self.sections for each in section.checks if each.probe.enabled]
        return bool(checks) and all(each.is_overdue for each in checks)


def matrix(page: Page, *, at: datetime, question: str = "", start: int = 0) -> Matrix:
    """The page's probes whose name, target or component contains `question`: three queries, however many rows.

    All are ranked by a few columns; only those on the screen are read with their results.
    """
    ranked = [(need_of(probe, at=at), probe) for probe in _asked(page, question).only(*_RANKED)]
    components = {row.pk: row for row in Component.objects.in_use().filter(page=page).select_related("group")}
    needs: dict[int, Need] = defaultdict(lambda: Need.OFF)
    for need, probe in ranked:
        needs[probe.component_id] = min(needs[probe.component_id], need)

    def order(item: tuple[Need, Probe]) -> tuple[Need, tuple[int, str, int], int, Need, int]:
        need, probe = item
        # What needs nobody stays where the page has it, so that a muted probe does not move its component.
        whole = needs[probe.component_id]
        rank = whole if whole.is_trouble else Need.NOTHING
        return rank, _place(components[probe.component_id]), probe.component_id, need, probe.pk

    ranked.sort(key=order)
    start = max(0, start) if start < len(ranked) else 0
    shown = [probe.pk for _, probe in ranked[start : start + PER_SCREEN]]
    return Matrix(
        sections=tuple(_sections(shown, components, at=at)),
        tiles=_tiles(need for need, _ in ranked),
        total=len(ranked),
        first=start + 1,
        last=start + len(shown),
        newest=max((probe.last_at for _, probe in ranked if probe.last_at), default=None),
    )


def troubles(*, at: datetime) -> dict[int, int]:
    """How many probes of each page, by its primary key, need a person: one query."""
    probes = Probe.objects.filter(enabled=True).select_related("component")
    found = Counter(
        probe.component.page_id
        for probe in probes.only("component__page_id", *_RANKED)
        if need_of(probe, at=at).is_trouble
    )
    return dict(found)


def _asked(page: Page, question: str) -> "QuerySet[Probe]":
    probes = Probe.objects.filter(component__page=page)
    words = question.strip()[:LONGEST_QUESTION].replace("\0", "")
    for word in words.split()[:5]:
        probes = probes.filter(
            Q(name__icontains=word)
            | Q(target__icontains=word)
            | Q(component__name__icontains=word)
            | Q(component__group__name__icontains=word)
        )
    return probes


def _sections(pks: list[int], components: Mapping[int, Component], *, at: datetime) -> Iterable[Section]:
    rows = Probe.objects.in_bulk(pks)
    found: dict[int, list[Check]] = {}
    for pk in pks:
        if pk in rows:  # not deleted meanwhile
            found.setdefault(rows[pk].component_id, []).append(check(rows[pk], at=at))
    for component, checks in found.items():
        yield Section(components[component], tuple(checks))


def _tiles(needs: Iterable[Need]) -> tuple[Tile, ...]:
    counts = Counter(needs)
    return tuple(
        Tile(need.name.lower(), words, counts[need])
        for need, words in _TILES.items()
        if counts[need] or need in _ALWAYS
    )


def _place(component: Component) -> tuple[int, str, int]:
    """Where the page has it."""
    group = component.group
    return (group.position if group else component.position, group.name if group else "", component.position)
