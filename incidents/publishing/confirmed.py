"""What may be called operational, in the public's words: what probes vouch for now, and what nothing contradicts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from incidents.domain.components import ComponentStatus
from incidents.domain.headline import ShownState, component_state, is_contradicted, page_state
from incidents.domain.tree import ComponentView, Snapshot
from incidents.formatting.services import listed
from incidents.formatting.words import SHOWN, SHOWN_MARKS
from incidents.publishing.sharing import GENERAL

UNKNOWN = "unknown"
NAMED_AT_MOST = 3
"""Services that a sentence names; more are counted."""
_CLAIMS_NOTHING = frozenset({ShownState.NOT_SET_UP, ShownState.NO_SERVICES, ShownState.ACTIVE_INCIDENT})


def headline(snapshot: Snapshot) -> tuple[str, str]:
    """The mark and the words of the banner. What no probe vouches for is never called operational, nor is what one
    contradicts.
    """
    state = page_state(snapshot)
    if state == ShownState.OPERATIONAL:
        return SHOWN_MARKS[state], "All Systems Operational"
    if not state.is_unsure:
        return SHOWN_MARKS[state], SHOWN[state]
    some = any(not component_state(each, snapshot).is_unsure for each in snapshot.components)
    return SHOWN_MARKS[state], "Status Partly Unconfirmed" if some else "Current Status Not Confirmed"


def scope(snapshot: Snapshot) -> str:
    """Which services the headline is about, where it says that some are in trouble or being worked on."""
    known = [each for each in snapshot.components if each.status.severity > 0]
    state = page_state(snapshot)
    if not known or not (state.is_trouble or state == ShownState.UNDER_MAINTENANCE):
        return ""
    others = [component_state(each, snapshot) for each in snapshot.components if each.status.severity == 0]
    found = _affected(known) if state.is_trouble else f"Affects {named(known)}."
    if others and all(said == ShownState.OPERATIONAL for said in others):
        rest = "The other service is" if len(others) == 1 else f"The other {len(others)} services are"
        found += f" {rest} operational."
    return found


def _affected(known: Sequence[ComponentView]) -> str:
    """Below a headline of trouble: work that was announced is no part of it."""
    worked_on = [each for each in known if each.status == ComponentStatus.UNDER_MAINTENANCE]
    hit = [each for each in known if each not in worked_on]
    verb = "is" if len(worked_on) == 1 else "are"
    sentences = (
        f"Affects {named(hit)}." if hit else "",
        f"{named(worked_on)} {verb} under maintenance." if worked_on else "",
    )
    return " ".join(filter(None, sentences))


def picture(snapshot: Snapshot) -> str:
    """The picture for chat programs, which says a state of services in words; the general one where none is claimed."""
    state = page_state(snapshot)
    return GENERAL if state in _CLAIMS_NOTHING else SHOWN_MARKS[state]


def is_not_set_up(snapshot: Snapshot) -> bool:
    """Whether the whole page has nothing to say yet: it wants no visitors from search engines."""
    return page_state(snapshot) == ShownState.NOT_SET_UP


def named(components: Sequence[ComponentView]) -> str:
    """`Network, Fax and PBX`, or how many there are."""
    names = [component.name for component in components]
    return listed(names) if len(names) <= NAMED_AT_MOST else f"{len(names)} services"


def fresh_seconds(snapshot: Snapshot) -> float | None:
    """How old the newest check may grow: the shortest time for which one of the page's probes vouches."""
    spans = [
        (check.fresh_until - check.last_at).total_seconds()
        for component in snapshot.components
        for check in component.checks
        if check.fresh_until and check.last_at
    ]
    return min(spans, default=None)


def checked_at(snapshot: Snapshot) -> datetime | None:
    """When a probe last vouched for anything that the page shows: never later than now, though a clock be set back."""
    seen = [check.last_at for component in snapshot.components for check in component.checks if check.last_at]
    return min(max(seen), snapshot.at) if seen else None


def stale(snapshot: Snapshot) -> Snapshot:
    """The same page for the case that monitoring is silent."""
    return replace(snapshot, stale=True)


def unconfirmed(snapshot: Snapshot) -> list[tuple[ComponentView, datetime]]:
    """The monitored components for which no probe vouches now, and since when."""
    found = ((component, snapshot.unknown_since(component)) for component in snapshot.components)
    return [(component, since) for component, since in found if since]


def failing(snapshot: Snapshot) -> list[ComponentView]:
    """The components that are said to be operational although a check of them fails now."""
    at = snapshot.at
    return [] if snapshot.stale else [each for each in snapshot.components if is_contradicted(each, at)]


def unsure(snapshot: Snapshot) -> set[str]:
    """The codes of all that is not confirmed or is contradicted."""
    return {each.code for each, _ in unconfirmed(snapshot)} | {each.code for each in failing(snapshot)}


def shown(component: ComponentView, snapshot: Snapshot) -> tuple[str, str]:
    """The mark that a component wears now and the words beside it."""
    state = component_state(component, snapshot)
    return SHOWN_MARKS[state], SHOWN[state]
