"""One component, several threads at once: it is as bad as the worst of them says, and comes back as each ends."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, IncidentUpdate, Page
from incidents.operations.actors import staff
from incidents.operations.components import set_status
from incidents.operations.incidents import resolve_incident
from incidents.operations.maintenances import advance_due, update_maintenance
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_update,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BEGINS = BEGAN + timedelta(days=2)
ENDS = BEGINS + 4 * HOUR
IN_PROGRESS, VERIFYING = IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING
SCHEDULED, DONE = IncidentStatus.SCHEDULED, IncidentStatus.COMPLETED


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


@pytest.fixture
def maintenance(page: Page, network: Component) -> Incident:
    return make_maintenance(page, "Core switch", components=[network], begins=BEGINS, ends=ENDS)


def status(component: Component) -> S:
    return Component.objects.get(pk=component.pk).state


def say(
    maintenance: Incident, status: IncidentStatus, *, at: object, **facts: object
) -> dict[str, tuple[str, str]]:
    update = update_maintenance(maintenance, status=status, body="Words.", by=DEMO, at=at, **facts)  # type: ignore[arg-type]
    return said(update)


def said(update: IncidentUpdate) -> dict[str, tuple[str, str]]:
    return {row.name: (row.old_status, row.new_status) for row in update.affected.all()}


def outage(page: Page, network: Component, how: S = S.MAJOR_OUTAGE, *, at: object = BEGINS) -> Incident:
    return make_incident(page, "Calls fail", components={network: how}, at=at)  # type: ignore[arg-type]


def test_work_that_begins_during_an_outage_leaves_the_component_as_bad_as_that_says(
    page: Page, network: Component, maintenance: Incident
) -> None:
    incident = outage(page, network, at=BEGINS - HOUR)
    advance_due(at=BEGINS)
    assert status(network) == S.MAJOR_OUTAGE
    resolve_incident(incident, body="Over.", by=DEMO, at=BEGINS + HOUR)
    assert status(network) == S.UNDER_MAINTENANCE
    advance_due(at=ENDS)
    assert status(network) == S.OPERATIONAL


def test_work_that_ends_during_an_outage_leaves_the_component_to_it(
    page: Page, network: Component, maintenance: Incident
) -> None:
    incident = outage(page, network, S.PARTIAL_OUTAGE, at=BEGINS - HOUR)
    advance_due(at=BEGINS)
    advance_due(at=ENDS)
    assert status(network) == S.PARTIAL_OUTAGE
    completed = maintenance.updates.last()
    assert completed
    assert said(completed) == {"Network": (S.PARTIAL_OUTAGE, S.PARTIAL_OUTAGE)}
    resolve_incident(incident, body="Over.", by=DEMO, at=ENDS + HOUR)
    assert status(network) == S.OPERATIONAL


@pytest.mark.parametrize("words", [[IN_PROGRESS], [VERIFYING], [VERIFYING, IN_PROGRESS, VERIFYING]])
def test_whatever_is_said_of_the_work_during_an_outage_does_not_make_the_outage_its_own(
    page: Page, network: Component, maintenance: Incident, words: list[IncidentStatus]
) -> None:
    advance_due(at=BEGINS)
    incident = outage(page, network)
    for number, each in enumerate(words, start=1):
        assert say(maintenance, each, at=BEGINS + number * HOUR / 2) == {
            "Network": (S.UNDER_MAINTENANCE, S.UNDER_MAINTENANCE)
        }
        assert status(network) == S.MAJOR_OUTAGE
    resolve_incident(incident, body="Over.", by=DEMO, at=BEGINS + 3 * HOUR)
    assert status(network) == S.UNDER_MAINTENANCE
    advance_due(at=ENDS)
    assert status(network) == S.OPERATIONAL


def test_an_incident_that_gave_a_component_back_to_the_work_does_not_keep_it_there(
    page: Page, network: Component, maintenance: Incident
) -> None:
    incident = outage(page, network, at=BEGINS - HOUR)
    advance_due(at=BEGINS)
    make_update(
        incident,
        status=IncidentStatus.MONITORING,
        components={network: S.UNDER_MAINTENANCE},
        at=BEGINS + HOUR,
    )
    advance_due(at=ENDS)
    assert status(network) == S.OPERATIONAL
    resolve_incident(incident, body="Over.", by=DEMO, at=ENDS + HOUR)
    assert status(network) == S.OPERATIONAL


def test_an_outage_that_grows_milder_is_followed_during_the_work(
    page: Page, network: Component, maintenance: Incident
) -> None:
    incident = outage(page, network, at=BEGINS - HOUR)
    advance_due(at=BEGINS)
    make_update(incident, components={network: S.DEGRADED_PERFORMANCE}, at=BEGINS + HOUR)
    say(maintenance, VERIFYING, at=BEGINS + 2 * HOUR)
    assert status(network) == S.DEGRADED_PERFORMANCE


def test_two_works_on_one_component_keep_it_until_the_last_is_over(
    page: Page, network: Component, maintenance: Incident
) -> None:
    make_maintenance(page, "Edge", components=[network], begins=BEGINS + HOUR, ends=ENDS + HOUR)
    seen = []
    for at in (BEGINS, BEGINS + HOUR, ENDS, ENDS + HOUR):
        assert advance_due(at=at) == 1
        seen.append(status(network))
    assert seen == [S.UNDER_MAINTENANCE] * 3 + [S.OPERATIONAL]


def test_putting_off_one_of_two_leaves_the_component_to_the_other(
    page: Page, network: Component, maintenance: Incident
) -> None:
    make_maintenance(page, "Edge", components=[network], begins=BEGINS, ends=ENDS)
    advance_due(at=BEGINS)
    say(
        maintenance,
        SCHEDULED,
        at=BEGINS + HOUR,
        scheduled_for=ENDS + 24 * HOUR,
        scheduled_until=ENDS + 25 * HOUR,
    )
    assert status(network) == S.UNDER_MAINTENANCE
    advance_due(at=ENDS)
    assert status(network) == S.OPERATIONAL


def test_two_outages_of_which_one_only_repeats_what_the_other_says(page: Page, network: Component) -> None:
    lesser = outage(page, network, S.PARTIAL_OUTAGE)
    greater = outage(page, network, S.MAJOR_OUTAGE, at=BEGINS + HOUR)
    repeated = make_update(lesser, at=BEGINS + 2 * HOUR)
    assert said(repeated) == {"Network": (S.PARTIAL_OUTAGE, S.PARTIAL_OUTAGE)}
    assert status(network) == S.MAJOR_OUTAGE
    resolve_incident(greater, body="Over.", by=DEMO, at=BEGINS + 3 * HOUR)
    assert status(network) == S.PARTIAL_OUTAGE


@pytest.mark.parametrize("by_hand", [S.PARTIAL_OUTAGE, S.OPERATIONAL])
def test_what_somebody_has_set_by_hand_during_the_work_outlives_it(
    network: Component, maintenance: Incident, by_hand: S
) -> None:
    advance_due(at=BEGINS)
    set_status(network, status=by_hand, by=staff(User.objects.create(username="dana")), at=BEGINS + HOUR)
    say(maintenance, VERIFYING, at=BEGINS + 2 * HOUR)
    assert status(network) == by_hand
    advance_due(at=ENDS)
    assert status(network) == by_hand


def test_calling_off_leaves_what_somebody_has_set_by_hand(network: Component, maintenance: Incident) -> None:
    set_status(network, status=S.DEGRADED_PERFORMANCE, by=DEMO, at=BEGAN + HOUR)
    say(maintenance, DONE, at=BEGINS - HOUR)
    assert status(network) == S.DEGRADED_PERFORMANCE


def test_before_the_work_begins_a_component_is_only_named(
    page: Page, network: Component, maintenance: Incident
) -> None:
    pbx = make_component(page, "PBX")
    assert say(maintenance, SCHEDULED, at=BEGAN + HOUR, components={pbx: S.MAJOR_OUTAGE}) == {
        "Network": (S.OPERATIONAL, S.OPERATIONAL),
        "PBX": (S.OPERATIONAL, S.OPERATIONAL),
    }
    advance_due(at=BEGINS)
    assert (status(network), status(pbx)) == (S.UNDER_MAINTENANCE, S.UNDER_MAINTENANCE)
    advance_due(at=ENDS)
    assert (status(network), status(pbx)) == (S.OPERATIONAL, S.OPERATIONAL)


def test_a_component_that_joins_in_the_middle_is_under_maintenance_from_then_on(
    page: Page, network: Component, maintenance: Incident
) -> None:
    pbx = make_component(page, "PBX")
    advance_due(at=BEGINS)
    say(maintenance, IN_PROGRESS, at=BEGINS + HOUR, components={pbx: None})
    assert (status(network), status(pbx)) == (S.UNDER_MAINTENANCE, S.UNDER_MAINTENANCE)
    advance_due(at=ENDS)
    assert (status(network), status(pbx)) == (S.OPERATIONAL, S.OPERATIONAL)


def test_a_person_may_say_worse_of_a_component_and_better_only_where_no_outage_is_open(
    page: Page, network: Component, maintenance: Incident
) -> None:
    advance_due(at=BEGINS)
    say(maintenance, IN_PROGRESS, at=BEGINS + HOUR, components={network: S.PARTIAL_OUTAGE})
    assert status(network) == S.PARTIAL_OUTAGE
    incident = outage(page, network, at=BEGINS + HOUR)
    say(maintenance, VERIFYING, at=BEGINS + 2 * HOUR, components={network: S.OPERATIONAL})
    assert status(network) == S.MAJOR_OUTAGE
    resolve_incident(incident, body="Over.", by=DEMO, at=BEGINS + 3 * HOUR)
    assert status(network) == S.OPERATIONAL
