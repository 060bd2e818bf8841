"""Frozen page trees of every kind, for properties that hold on all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.tree import (
    AffectedView,
    CheckView,
    ComponentView,
    GroupView,
    IncidentView,
    PageView,
    PlanView,
    Snapshot,
    UpdateView,
)

AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
HOLDS = timedelta(seconds=105)
PAGE = PageView("sipcity", "SIPcity", "Australia/Sydney", "http://status.sipcity.test", 0.3, AT)


def check(verdict: Verdict, last_at: datetime | None) -> CheckView:
    """A check that found `verdict` at `last_at`."""
    return CheckView("UDP", "SIP OPTIONS", verdict, None, "", last_at, last_at + HOLDS if last_at else None)


def component(
    code: str, status: ComponentStatus, *, checks: Sequence[CheckView] = (), hidden: bool = False
) -> ComponentView:
    """A service called after its code."""
    return ComponentView(
        *(code, f"Service {code}", None, None, "", 1, status, True, None, hidden),
        created_at=AT - timedelta(days=2),
        updated_at=AT,
        checks=tuple(checks),
    )


def group(code: str, inside: Sequence[ComponentView]) -> GroupView:
    """A group called after its code."""
    return GroupView(code, f"Group {code}", "", 1, AT, AT, tuple(inside))


def incident(
    affected: Sequence[ComponentView],
    status: IncidentStatus,
    *,
    number: int = 1,
    said: ComponentStatus = ComponentStatus.MAJOR_OUTAGE,
) -> IncidentView:
    """An incident, or planned work, that said `said` of each of the services."""
    named = tuple(
        AffectedView(each.code, None, each.name, ComponentStatus.OPERATIONAL, said) for each in affected
    )
    update = UpdateView(number, f"u{number}", status, "Words.", AT, AT, False, False, None, True, named)
    return IncidentView(
        pk=number,
        code=f"i{number}",
        title=f"Thread {number}",
        status=status,
        impact=Impact.CRITICAL,
        automatic=False,
        started_at=AT,
        created_at=AT,
        updated_at=AT,
        monitoring_at=None,
        resolved_at=AT if status.is_over else None,
        updates=(update,),
        affected=tuple(affected),
        plan=PlanView(AT, AT + timedelta(hours=1)) if status.is_planned else None,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A page with any services in any state, watched or not, grouped or not, and any threads about any of them."""
    found = [draw(_components(f"c{number}")) for number in range(draw(st.integers(0, 5)))]
    cut = draw(st.integers(0, len(found)))
    groups = (group("g1", found[:cut]),) if cut else ()
    chosen = st.lists(st.sampled_from(found), unique_by=lambda each: each.code) if found else st.just([])
    threads = [
        incident(
            draw(chosen),
            draw(st.sampled_from(IncidentStatus)),
            number=number + 1,
            said=draw(st.sampled_from(ComponentStatus)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    unplanned = tuple(each for each in threads if not each.plan)
    return Snapshot(
        page=PAGE,
        at=AT,
        event=1,
        groups=groups,
        ungrouped=tuple(found[cut:]),
        open_incidents=tuple(each for each in unplanned if each.status.is_open),
        recent_incidents=unplanned,
        recent_maintenances=tuple(each for each in threads if each.plan),
        began_at=AT - timedelta(days=draw(st.integers(0, 20))),
        stale=draw(st.booleans()),
    )


@st.composite
def _components(draw: st.DrawFn, code: str) -> ComponentView:
    ages = st.one_of(st.none(), st.sampled_from([timedelta(0), HOLDS * 2, -timedelta(hours=2)]))
    checks = []
    for _ in range(draw(st.integers(0, 2))):
        age = draw(ages)
        checks.append(check(draw(st.sampled_from(Verdict)), AT - age if age is not None else None))
    return component(code, draw(st.sampled_from(ComponentStatus)), checks=checks, hidden=draw(st.booleans()))
