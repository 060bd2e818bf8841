"""One scale for people: whatever is on a page, its heading says at least as much as anything below it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from incidents.domain.components import ComponentStatus
from incidents.domain.headline import (
    ShownState,
    component_state,
    group_state,
    incident_state,
    page_state,
)
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.tree import IncidentView, Snapshot
from tests.domain.page_trees import AT, PAGE, check, component, group, incident, snapshots


@given(snapshots())
def test_the_heading_is_never_milder_than_what_is_below_it(snapshot: Snapshot) -> None:
    shown = [component_state(each, snapshot) for each in snapshot.components]
    shown += [group_state(each, snapshot) for each in snapshot.groups]
    shown += [incident_state(each) for each in (*snapshot.open_incidents, *snapshot.in_progress)]
    assert all(page_state(snapshot).severity >= each.severity for each in shown)


@given(snapshots())
def test_the_heading_claims_no_more_than_something_below_it_does(snapshot: Snapshot) -> None:
    state = page_state(snapshot)
    known = {ShownState(each.status.value) for each in snapshot.components}
    if state.is_trouble:
        assert state in known
    if state == ShownState.OPERATIONAL:
        assert known == {ShownState.OPERATIONAL}
        assert not snapshot.open_incidents


@given(snapshots())
def test_silence_makes_nothing_look_better(snapshot: Snapshot) -> None:
    silent = replace(snapshot, stale=True)
    assert page_state(silent).severity >= min(
        page_state(snapshot).severity, ShownState.NOT_CONFIRMED.severity
    )
    for each in snapshot.components:
        if each.checks:
            assert component_state(each, silent).is_unsure


@given(snapshots())
def test_nothing_is_unconfirmed_since_a_time_to_come(snapshot: Snapshot) -> None:
    for each in snapshot.components:
        since = snapshot.unknown_since(each)
        assert since is None or since <= snapshot.at


def test_a_check_from_before_the_clock_was_set_back_is_not_dated_in_the_future() -> None:
    ahead = component("a", ComponentStatus.OPERATIONAL, checks=[check(Verdict.UP, AT + timedelta(hours=2))])
    silent = Snapshot(page=PAGE, at=AT, event=0, ungrouped=(ahead,), stale=True)
    assert silent.unknown_since(ahead) == AT


def test_a_page_with_nothing_on_it_is_not_set_up_and_never_healthy() -> None:
    empty = Snapshot(page=PAGE, at=AT, event=0)
    assert page_state(empty) == ShownState.NOT_SET_UP
    over = replace(incident((), IncidentStatus.RESOLVED), resolved_at=AT)
    assert page_state(replace(empty, recent_incidents=(over,))) == ShownState.NO_SERVICES
    retired = replace(component("a", ComponentStatus.MAJOR_OUTAGE), retired_at=AT)
    assert page_state(replace(empty, retired=(retired,))) == ShownState.NO_SERVICES


def test_the_order_of_severity_is_that_of_components_where_both_have_one() -> None:
    shown = [ShownState(status.value).severity for status in ComponentStatus]
    assert shown == sorted(shown)


def test_an_override_of_the_impact_is_no_second_scale() -> None:
    fine = component("a", ComponentStatus.OPERATIONAL)
    told: IncidentView = replace(
        incident((fine,), IncidentStatus.MONITORING), impact=Impact.CRITICAL, impact_override=Impact.CRITICAL
    )
    assert incident_state(told) == ShownState.ACTIVE_INCIDENT


def test_a_group_is_as_bad_as_its_worst_service() -> None:
    inside = group(
        "g", (component("a", ComponentStatus.OPERATIONAL), component("b", ComponentStatus.PARTIAL_OUTAGE))
    )
    tree = Snapshot(page=PAGE, at=AT, event=0, groups=(inside,))
    assert group_state(inside, tree) == ShownState.PARTIAL_OUTAGE
