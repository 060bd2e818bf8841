"""What a component's status becomes when incidents speak of it: backdated, one over another, and let go."""

from datetime import timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Page
from incidents.operations.actors import DEMO
from incidents.operations.components import apply_status, set_status, status_at
from incidents.operations.incidents import resolve_incident
from incidents.operations.updates import restored_status
from tests.factories import BEGAN, make_component, make_incident, make_page, make_update, resolve

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def present(component: Component) -> str:
    """The stored status, which is always that of the latest change."""
    component.refresh_from_db()
    assert component.status == component.changes.latest("at", "id").status
    return component.status


def test_a_backdated_open_incident_hits_the_component_now_and_then(page: Page, network: Component) -> None:
    set_status(network, status=S.DEGRADED_PERFORMANCE, by=DEMO, at=BEGAN + HOUR)
    make_incident(page, components={network: S.MAJOR_OUTAGE}, at=BEGAN + 2 * HOUR, happened_at=BEGAN)
    assert present(network) == S.MAJOR_OUTAGE
    assert status_at(network, at=BEGAN) == S.MAJOR_OUTAGE
    assert status_at(network, at=BEGAN + HOUR) == S.DEGRADED_PERFORMANCE
    assert status_at(network, at=BEGAN + 2 * HOUR) == S.MAJOR_OUTAGE


def test_an_incident_that_began_before_its_component_was_made_still_hits_it(page: Page) -> None:
    made = make_component(page, "Portal", at=BEGAN + HOUR)
    make_incident(page, components={made: S.PARTIAL_OUTAGE}, at=BEGAN + 2 * HOUR, happened_at=BEGAN)
    assert present(made) == S.PARTIAL_OUTAGE


def test_a_backdated_end_lets_go_of_what_the_backdated_beginning_hit(page: Page) -> None:
    made = make_component(page, "Portal", at=BEGAN + HOUR)
    incident = make_incident(
        page, components={made: S.PARTIAL_OUTAGE}, at=BEGAN + 3 * HOUR, happened_at=BEGAN
    )
    resolve_incident(incident, body="Over.", by=DEMO, at=BEGAN + 4 * HOUR, happened_at=BEGAN + 2 * HOUR)
    assert present(made) == S.OPERATIONAL


def test_a_backdated_end_leaves_what_others_have_said_since(page: Page, network: Component) -> None:
    incident = make_incident(page, components={network: S.PARTIAL_OUTAGE})
    set_status(network, status=S.MAJOR_OUTAGE, by=DEMO, at=BEGAN + 2 * HOUR)
    resolve_incident(incident, body="Over.", by=DEMO, at=BEGAN + 3 * HOUR, happened_at=BEGAN + HOUR)
    assert present(network) == S.MAJOR_OUTAGE


def test_a_backdated_update_before_the_newest_one_leaves_the_present_alone(
    page: Page, network: Component
) -> None:
    incident = make_incident(page, components={network: S.PARTIAL_OUTAGE})
    make_update(incident, components={network: S.DEGRADED_PERFORMANCE}, at=BEGAN + 2 * HOUR)
    make_update(incident, components={network: S.MAJOR_OUTAGE}, at=BEGAN + 3 * HOUR, happened_at=BEGAN + HOUR)
    assert present(network) == S.DEGRADED_PERFORMANCE
    assert status_at(network, at=BEGAN + HOUR) == S.MAJOR_OUTAGE


def test_a_status_for_now_holds_although_another_clock_ran_ahead(network: Component) -> None:
    set_status(network, status=S.MAJOR_OUTAGE, by=DEMO, at=BEGAN + timedelta(seconds=1))
    set_status(network, status=S.OPERATIONAL, by=DEMO, at=BEGAN)
    assert present(network) == S.OPERATIONAL


def test_a_status_is_stored_although_the_caller_held_an_old_row(network: Component) -> None:
    stale = Component.objects.get(pk=network.pk)
    apply_status(network, S.MAJOR_OUTAGE, at=BEGAN)
    apply_status(stale, S.OPERATIONAL, at=BEGAN + HOUR)
    assert present(network) == S.OPERATIONAL


def test_ending_one_incident_leaves_a_component_to_another_that_is_open(
    page: Page, network: Component
) -> None:
    make_incident(page, components={network: S.DEGRADED_PERFORMANCE}, at=BEGAN)
    worse = make_incident(page, components={network: S.MAJOR_OUTAGE}, at=BEGAN + HOUR)
    resolve(worse, at=BEGAN + 2 * HOUR)
    assert present(network) == S.DEGRADED_PERFORMANCE


def test_a_component_comes_back_to_the_worst_that_the_newest_words_of_others_say(
    page: Page, network: Component
) -> None:
    mine = make_incident(page, components={network: S.MAJOR_OUTAGE})
    improved = make_incident(page, components={network: S.MAJOR_OUTAGE})
    make_update(improved, components={network: S.DEGRADED_PERFORMANCE})
    make_incident(page, components={network: S.PARTIAL_OUTAGE}, at=BEGAN + 2 * HOUR)
    ended = make_incident(page, components={network: S.MAJOR_OUTAGE}, at=BEGAN + 2 * HOUR)
    resolve(ended)
    assert restored_status(network, without=mine) == S.PARTIAL_OUTAGE


def test_the_last_of_several_incidents_lets_the_component_go(page: Page, network: Component) -> None:
    both = [make_incident(page, components={network: S.MAJOR_OUTAGE}) for _ in range(2)]
    for incident in both:
        resolve(incident)
    assert present(network) == S.OPERATIONAL


def test_a_backdated_update_repeats_a_component_as_it_was_at_that_instant(
    page: Page, network: Component
) -> None:
    incident = make_incident(page, components={network: S.PARTIAL_OUTAGE})
    resolve(incident)
    late = make_update(
        incident, status=IncidentStatus.IDENTIFIED, at=BEGAN + 5 * HOUR, happened_at=BEGAN + HOUR
    )
    row = late.affected.get()
    assert (row.old_status, row.new_status) == (S.PARTIAL_OUTAGE, S.PARTIAL_OUTAGE)
