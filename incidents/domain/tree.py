"""The frozen tree: what one page says at one instant, free of rows and of any library.

Read from the database by `models/trees.py`, turned into documents by publishing and into notices by notifying.
Every instant is aware and in UTC; a page's zone is applied only where something is printed.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from incidents.domain.codes import NAMING
from incidents.domain.colours import ink_on
from incidents.domain.components import ComponentStatus, worst
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.outcomes import Health
from incidents.domain.rfo_views import RfoView, TombView
from incidents.domain.rollup import Rollup, roll_up
from incidents.domain.system_clocks import MAX_SKEW
from incidents.domain.texts import BodyFormat
from incidents.domain.uptime import Uptime
from incidents.domain.zones import zone


@dataclass(frozen=True, slots=True)
class LookView:
    """A brand's colour, logo (a PNG), home page and line of support; each may be empty."""

    accent: str
    logo: bytes
    home_url: str
    support: str

    @property
    def ink(self) -> str:
        """Black or white: what reads better on the accent (WCAG 2.2, relative luminance)."""
        return "#000" if ink_on(self.accent) == "#000000" else "#fff"

    @property
    def digest(self) -> str:
        """Changes with colour and logo, so that no cache mixes two looks."""
        return hashlib.sha256(self.accent.encode() + self.logo).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class PageView:
    """The page itself; `url` is absolute and has no slash at its end."""

    code: str
    name: str
    zone_name: str
    url: str
    uptime_weight: float
    updated_at: datetime
    look: LookView | None = None
    named_after: str = ""
    """The address that names were made from before they were made from codes; empty for a page that is newer."""
    numbered_through: int = 0
    """Incidents up to this primary key keep the names that they had in feeds."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the page speaks."""
        return zone(self.zone_name)

    @property
    def naming(self) -> str:
        """The right-hand side of names that must outlive a move: feed entries, calendar UIDs, Message-IDs, List-Id.

        It is made from the page's code under `.invalid` (RFC 2606), which is nobody's domain. A page that was there
        before keeps the host that readers know its names by; that is on record and follows no setting.
        """
        host = (urlsplit(self.named_after).hostname or "").encode("idna").decode("ascii")
        if not self.named_after:
            return f"{self.code}.{NAMING}"
        return "localhost" if not host or ":" in host else host


@dataclass(frozen=True, slots=True)
class CheckView:
    """One probe as customers may know it: its facet (UDP, TCP, TLS), what it found and until when that holds."""

    label: str
    kind_label: str
    verdict: Verdict
    latest: Health | None
    """What the newest conclusive result said, which may not have become the verdict yet; None before any."""
    detail: str
    """Public words for what was found, nothing of them written by the probed server."""
    last_at: datetime | None
    fresh_until: datetime | None
    service: str = ""
    """What customers know it as: `SIP over TLS`."""
    since: datetime | None = None
    """The first of the results that were not well."""
    intermittent: bool = False

    def vouches_for(self, at: datetime) -> bool:
        """Whether what it found holds at an instant."""
        if self.fresh_until is None or self.fresh_until < at:
            return False
        return self.last_at is None or self.last_at - MAX_SKEW <= at


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A leaf component."""

    code: str
    name: str
    group_code: str | None
    group_name: str | None
    description: str
    position: int
    status: ComponentStatus
    showcase: bool
    start_date: date | None
    only_show_if_degraded: bool
    created_at: datetime
    updated_at: datetime
    uptime: Uptime | None = None
    checks: tuple[CheckView, ...] = ()
    retired_at: datetime | None = None
    replaced_by: tuple[str, str] | None = None
    """Code and name of the component that took its place."""

    @property
    def full_name(self) -> str:
        """`Group - Child`, as Statuspage names a grouped component in an update."""
        return f"{self.group_name} - {self.name}" if self.group_name else self.name

    def unknown_since(self, at: datetime) -> datetime | None:
        """The last instant for which a probe vouches, if the component is monitored and none vouches for `at`.

        What was seen in the future was seen before the clock was set back: it vouches for nothing, and since when
        nothing does is not known better than `at`.
        """
        if not self.checks or any(check.vouches_for(at) for check in self.checks):
            return None
        seen = [check.last_at for check in self.checks if check.last_at]
        return min(at, max(seen, default=self.created_at))


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its components in their order."""

    code: str
    name: str
    description: str
    position: int
    created_at: datetime
    updated_at: datetime
    components: tuple[ComponentView, ...]

    @property
    def status(self) -> ComponentStatus:
        """The worst of its components."""
        return worst(component.status for component in self.components)


@dataclass(frozen=True, slots=True)
class AffectedView:
    """What one update said of one component; `group` and `name` as they were called then."""

    code: str
    group: str | None
    name: str
    old_status: ComponentStatus
    new_status: ComponentStatus

    @property
    def full_name(self) -> str:
        """`Group - Child`, or the bare name."""
        return f"{self.group} - {self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True)
class RevisionView:
    """What an update said until its words were changed."""

    body: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One public statement of an incident."""

    pk: int
    code: str
    status: IncidentStatus
    body: str
    at: datetime
    created_at: datetime
    automatic: bool
    added_later: bool
    next_update_by: datetime | None
    notify: bool
    affected: tuple[AffectedView, ...]
    rfo: RfoView | None = None
    tomb: TombView | None = None
    """In place of the RFO version that it told of, where that is withdrawn."""
    revisions: tuple[RevisionView, ...] = ()
    """Its earlier words, oldest first."""
    body_format: BodyFormat = BodyFormat.PLAIN
    """How `body` and the earlier ones are written."""

    @property
    def changed_at(self) -> datetime:
        """When its words became what they are."""
        return self.revisions[-1].replaced_at if self.revisions else self.created_at


@dataclass(frozen=True, slots=True)
class PlanView:
    """When a maintenance is to begin and to end, and whether it does so by itself."""

    scheduled_for: datetime
    scheduled_until: datetime
    starts_itself: bool = True
    ends_itself: bool = True


@dataclass(frozen=True, slots=True)
class LinkView:
    """Another thread that this one has to do with: the maintenance that caused it, or an incident that it caused."""

    title: str
    path: str
    is_cause: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with its updates, newest first; with a plan it is a maintenance."""

    pk: int
    code: str
    title: str
    status: IncidentStatus
    impact: Impact
    automatic: bool
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    updates: tuple[UpdateView, ...]
    affected: tuple[ComponentView, ...] = ()
    """The affected components at their present status, in page order."""
    plan: PlanView | None = None
    impact_override: Impact | None = None
    links: tuple[LinkView, ...] = ()

    @property
    def told_at(self) -> datetime:
        """The instant of its newest words."""
        return self.updates[0].at if self.updates else self.created_at

    @property
    def path(self) -> str:
        """Where it lies on its page."""
        return f"/{'maintenance' if self.plan else 'incidents'}/{self.code}"

    @property
    def affected_names(self) -> tuple[tuple[str | None, str], ...]:
        """(group, name) pairs for the sentence below the updates."""
        return tuple((component.group_name, component.name) for component in self.affected)

    @property
    def next_update_by(self) -> datetime | None:
        """What the newest update promised, while the incident is open."""
        return self.updates[0].next_update_by if self.updates and self.status.is_open else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole page at the instant `at`."""

    page: PageView
    at: datetime
    event: int
    """The newest journal event that this tree contains."""
    groups: tuple[GroupView, ...] = ()
    ungrouped: tuple[ComponentView, ...] = ()
    open_incidents: tuple[IncidentView, ...] = ()
    recent_incidents: tuple[IncidentView, ...] = ()
    """Newest first: those that the index (15 days) and the feeds (25) show, open ones included."""
    recent_maintenances: tuple[IncidentView, ...] = ()
    """The same of maintenances, by when they begin; those that are not over included."""
    retired: tuple[ComponentView, ...] = ()
    """Components that are no longer part of the service: of them only the past is told."""
    began_at: datetime | None = None
    """When the page was made, or when the oldest incident on it began, whichever came first: before that nothing is
    known, which is not the same as nothing to report."""
    stale: bool = False
    """Rendered for the case that monitoring is silent: what is monitored shows as unknown."""

    @property
    def tops(self) -> tuple[GroupView | ComponentView, ...]:
        """Groups and stand-alone components together, in the order of the page."""
        return tuple(sorted([*self.groups, *self.ungrouped], key=lambda item: (item.position, item.name)))

    @property
    def components(self) -> tuple[ComponentView, ...]:
        """All leaf components, in page order."""
        return tuple(
            leaf for top in self.tops for leaf in (top.components if isinstance(top, GroupView) else (top,))
        )

    @property
    def upcoming(self) -> tuple[IncidentView, ...]:
        """Scheduled maintenances, the next one first."""
        found = [each for each in self.recent_maintenances if each.status == IncidentStatus.SCHEDULED]
        return tuple(sorted(found, key=lambda each: (each.started_at, each.pk)))

    @property
    def in_progress(self) -> tuple[IncidentView, ...]:
        """Maintenances that go on, the latest begun first."""
        return tuple(each for each in self.recent_maintenances if each.status.is_in_force)

    @property
    def rollup(self) -> Rollup:
        """The page's overall state."""
        return roll_up(component.status for component in self.components)

    def unknown_since(self, component: ComponentView) -> datetime | None:
        """Since when the component is not confirmed, or None where it is (or is not monitored at all).

        Never later than now, although a check may have been made before the clock was set back.
        """
        by = datetime.max.replace(tzinfo=self.at.tzinfo) if self.stale and component.checks else self.at
        since = component.unknown_since(by)
        return since and min(since, self.at)
