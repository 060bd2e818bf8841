"""What is known of another page, free of how it was told."""

from dataclasses import dataclass
from datetime import date, datetime

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import Impact, IncidentStatus


@dataclass(frozen=True, slots=True)
class OldGroup:
    """A group of components."""

    code: str
    name: str
    description: str
    position: int


@dataclass(frozen=True, slots=True)
class OldComponent:
    """A component, as it was when it was read."""

    code: str
    name: str
    description: str
    status: ComponentStatus
    group: str
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OldMove:
    """What an update said of a component: its code, or `Group - Name` as it was called then."""

    code: str
    name: str
    old: ComponentStatus
    new: ComponentStatus


@dataclass(frozen=True, slots=True)
class OldUpdate:
    """One public statement."""

    code: str
    status: IncidentStatus
    body: str
    at: datetime
    created_at: datetime
    moves: tuple[OldMove, ...]
    notified: bool


@dataclass(frozen=True, slots=True)
class OldIncident:
    """An incident or, with a window, a maintenance; its updates oldest first, an RFO apart from them."""

    code: str
    title: str
    status: IncidentStatus
    impact: Impact
    created_at: datetime
    started_at: datetime
    resolved_at: datetime | None
    updates: tuple[OldUpdate, ...]
    components: tuple[str, ...]
    window: tuple[datetime, datetime] | None = None
    starts_itself: bool = True
    ends_itself: bool = True
    postmortem: str = ""
    postmortem_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OldSubscriber:
    """Where somebody wanted to be told."""

    code: str
    channel: str
    address: str
    contact: str
    state: str
    components: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OldTemplate:
    """Words kept ready."""

    name: str
    title: str
    body: str
    status: IncidentStatus | None
    components: tuple[str, ...]
    notify: bool
