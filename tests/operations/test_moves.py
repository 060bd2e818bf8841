"""Machines hear of each component that moves, beside the incident that moves it, and of no more than that."""

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.journal import EventKind
from incidents.models import Component, Event, Page
from incidents.operations.actors import DEMO
from incidents.operations.components import set_status
from incidents.operations.notices import cancel_event, release_event
from tests.factories import BEGAN, make_component, make_incident, make_page, make_update, resolve
from tests.operations.queue import MINUTE, SECOND, expand_all, reader, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def moves() -> list[tuple[str, str]]:
    events = Event.objects.filter(component__isnull=False, cancelled_at=None).order_by("pk")
    return [(event.data["old_status"], event.data["new_status"]) for event in events]


def test_a_machine_hears_of_the_incident_and_of_what_it_moved_and_people_of_the_incident(
    page: Page, network: Component
) -> None:
    hook, ada = reader(page, "hook", channel="webhook"), reader(page)
    make_incident(page, components={network: S.PARTIAL_OUTAGE})
    expand_all()
    assert told(hook) == ["incident.opened", "component.changed"]
    assert told(ada) == ["incident.opened"]


def test_what_stays_as_it_was_is_no_move(page: Page, network: Component) -> None:
    incident = make_incident(page, components={network: S.PARTIAL_OUTAGE})
    make_update(incident)
    resolve(incident)
    assert moves() == [("operational", "partial_outage"), ("partial_outage", "operational")]


def test_a_silent_post_moves_silently(page: Page, network: Component) -> None:
    make_incident(page, components={network: S.PARTIAL_OUTAGE}, notify=False)
    assert moves() == []


def test_a_status_set_by_hand_is_told_to_machines_that_chose_the_component(
    page: Page, network: Component
) -> None:
    queues = make_component(page, "Queues")
    all_of_it, chose, other = (reader(page, name, channel="webhook") for name in ("all", "chose", "other"))
    chose.components.set([network]), other.components.set([queues])
    set_status(network, status=S.DEGRADED_PERFORMANCE, by=DEMO, at=BEGAN)
    expand_all()
    assert told(all_of_it) == told(chose) == ["component.changed"]
    assert told(other) == []


def test_only_major_hears_of_major_outages_alone(page: Page, network: Component) -> None:
    hook = reader(page, "hook", channel="webhook")
    hook.only_major = True
    hook.save()
    for status in (S.DEGRADED_PERFORMANCE, S.MAJOR_OUTAGE, S.OPERATIONAL, S.PARTIAL_OUTAGE):
        set_status(network, status=status, by=DEMO, at=BEGAN)
    expand_all()
    events = hook.deliveries.order_by("pk").values_list("event__data__new_status", flat=True)
    assert list(events) == ["major_outage", "operational"]


def test_moves_wait_with_their_post_and_what_went_there_and_back_is_not_told(
    page: Page, network: Component
) -> None:
    incident = make_incident(page, components={network: S.DEGRADED_PERFORMANCE}, hold=MINUTE)
    make_update(incident, components={network: S.MAJOR_OUTAGE}, hold=MINUTE, at=BEGAN + SECOND)
    assert moves() == [("operational", "major_outage")]
    make_update(incident, components={network: S.OPERATIONAL}, hold=MINUTE, at=BEGAN + 2 * SECOND)
    assert moves() == []


def test_undo_and_send_now_take_the_moves_along(page: Page, network: Component) -> None:
    hook = reader(page, "hook", channel="webhook")
    make_incident(page, "First", components={network: S.PARTIAL_OUTAGE}, hold=MINUTE)
    cancel_event(Event.objects.get(kind=EventKind.INCIDENT_OPENED), by=DEMO, at=BEGAN)
    expand_all()
    assert told(hook) == []
    other = make_incident(page, "Second", components={network: S.MAJOR_OUTAGE}, hold=MINUTE)
    release_event(
        Event.objects.get(incident=other, kind=EventKind.INCIDENT_OPENED), by=DEMO, at=BEGAN + SECOND
    )
    expand_all(BEGAN + SECOND)
    assert told(hook) == ["incident.opened", "component.changed"]
