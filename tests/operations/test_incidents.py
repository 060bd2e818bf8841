"""The life of an incident through the operations: what each step writes, and what it refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import AffectedComponent, Component, Event, Incident, IncidentUpdate, Page, StatusChange
from incidents.operations.actors import PROBES, Actor, staff
from incidents.operations.components import create_component, create_group, set_status
from incidents.operations.errors import Conflict, Refused
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
from incidents.operations.pages import create_page
from tests.factories import make_rfo

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
DANA = Actor("dana")


@pytest.fixture
def page() -> Page:
    return create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0 - 24 * HOUR)


@pytest.fixture
def network(page: Page) -> Component:
    group = create_group(page, name="SIPcity Calling Platform", by=DANA, at=T0 - 24 * HOUR)
    return create_component(page, name="Network", group=group, by=DANA, at=T0 - 24 * HOUR)


@pytest.fixture
def pbx(page: Page) -> Component:
    return create_component(page, name="SIPcity Cloud PBX", by=DANA, at=T0 - 24 * HOUR)


@pytest.fixture
def incident(page: Page, network: Component) -> Incident:
    return open_incident(
        page,
        title="Calls failing",
        body="We are looking into failed calls.",
        components={network: S.PARTIAL_OUTAGE},
        by=DANA,
        at=T0,
    )


def count() -> tuple[int, ...]:
    return tuple(
        each.objects.count() for each in (Incident, IncidentUpdate, Event, StatusChange, AffectedComponent)
    )


def test_opening_changes_the_component_and_writes_one_event_that_notifies(
    incident: Incident, network: Component
) -> None:
    network.refresh_from_db()
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    assert network.status == S.PARTIAL_OUTAGE
    assert (event.incident, event.actor, event.notifies, event.hold_until) == (incident, "dana", True, T0)
    assert incident.impact == Impact.MAJOR


def test_every_update_repeats_all_affected_components_with_old_and_new(
    incident: Incident, network: Component, pbx: Component
) -> None:
    update = update_incident(
        incident,
        status=IncidentStatus.IDENTIFIED,
        body="Found it.",
        components={pbx: S.DEGRADED_PERFORMANCE},
        by=DANA,
        at=T0 + HOUR,
    )
    said = {row.name: (row.old_status, row.new_status) for row in update.affected.all()}
    assert said == {
        "Network": (S.PARTIAL_OUTAGE, S.PARTIAL_OUTAGE),
        "SIPcity Cloud PBX": (S.OPERATIONAL, S.DEGRADED_PERFORMANCE),
    }


def test_resolving_restores_every_affected_component(incident: Incident, network: Component) -> None:
    resolve_incident(incident, body="All is well.", by=DANA, at=T0 + HOUR)
    network.refresh_from_db()
    incident.refresh_from_db()
    assert network.status == S.OPERATIONAL
    assert (incident.status, incident.resolved_at) == (IncidentStatus.RESOLVED, T0 + HOUR)


def test_resolving_may_leave_a_component_as_it_is(incident: Incident, network: Component) -> None:
    resolve_incident(incident, body="Calls work; queues follow.", restore=[], by=DANA, at=T0 + HOUR)
    network.refresh_from_db()
    assert network.status == S.PARTIAL_OUTAGE


def test_a_resolved_incident_can_be_reopened_in_the_same_thread(incident: Incident) -> None:
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + HOUR)
    update_incident(
        incident, status=IncidentStatus.INVESTIGATING, body="It is back.", by=DANA, at=T0 + 2 * HOUR
    )
    incident.refresh_from_db()
    assert incident.resolved_at is None
    assert incident.status == IncidentStatus.INVESTIGATING


def test_impact_rises_with_the_components_and_never_falls(incident: Incident, network: Component) -> None:
    update_incident(
        incident,
        status=IncidentStatus.IDENTIFIED,
        body="Worse.",
        components={network: S.MAJOR_OUTAGE},
        by=DANA,
        at=T0 + HOUR,
    )
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + 2 * HOUR)
    incident.refresh_from_db()
    assert incident.impact == Impact.CRITICAL


def test_a_backdated_update_is_ordered_by_its_instant_marked_and_leaves_the_present_alone(
    incident: Incident, network: Component
) -> None:
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + 2 * HOUR)
    late = update_incident(
        incident,
        status=IncidentStatus.IDENTIFIED,
        body="At this time we knew the cause.",
        components={network: S.MAJOR_OUTAGE},
        by=DANA,
        at=T0 + 3 * HOUR,
        happened_at=T0 + HOUR,
    )
    incident.refresh_from_db()
    network.refresh_from_db()
    assert [update.at for update in incident.updates.all()] == [T0, T0 + HOUR, T0 + 2 * HOUR]
    assert late.added_later
    assert (incident.status, network.status) == (IncidentStatus.RESOLVED, S.OPERATIONAL)


def test_an_incident_opened_with_an_earlier_start_began_then(page: Page) -> None:
    incident = open_incident(page, title="Fault", body="Words.", by=DANA, at=T0, happened_at=T0 - HOUR)
    assert incident.started_at == T0 - HOUR


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "x" * 256}),
        ("title", {"title": "a\x00b"}),
        ("body", {"body": ""}),
        ("body", {"body": "bell \x07"}),
        ("body", {"body": "x" * 25_001}),
        ("status", {"status": IncidentStatus.RESOLVED}),
        ("happened_at", {"happened_at": T0 + HOUR}),
        ("happened_at", {"happened_at": datetime(1, 1, 1, tzinfo=UTC)}),
        ("happened_at", {"happened_at": datetime(1970, 1, 1, tzinfo=UTC)}),
        ("next_update_by", {"next_update_by": T0 - HOUR}),
    ],
)
def test_a_bad_input_names_its_field_and_writes_nothing(
    page: Page, field: str, change: dict[str, object]
) -> None:
    before = count()
    facts: dict[str, object] = {"title": "Fault", "body": "Words."}
    with pytest.raises(Refused) as refused:
        open_incident(page, **{**facts, **change}, by=DANA, at=T0)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert count() == before


def test_a_component_of_another_page_is_refused_and_nothing_is_half_written(incident: Incident) -> None:
    other = create_page(name="2talk", zone_name="Pacific/Auckland", by=DANA, at=T0)
    stranger = create_component(other, name="Network", by=DANA, at=T0)
    before = count()
    with pytest.raises(Refused, match="another page"):
        update_incident(
            incident,
            status=IncidentStatus.IDENTIFIED,
            body="Words.",
            components={stranger: S.MAJOR_OUTAGE},
            by=DANA,
            at=T0 + HOUR,
        )
    assert count() == before


def test_a_postmortem_is_not_reached_by_an_update(incident: Incident) -> None:
    with pytest.raises(Refused, match="publishing an RFO"):
        update_incident(incident, status=IncidentStatus.POSTMORTEM, body="Words.", by=DANA, at=T0 + HOUR)


def test_after_its_rfo_an_incident_is_not_resolved_once_more_but_may_be_reopened(incident: Incident) -> None:
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + HOUR)
    make_rfo(incident, at=T0 + 24 * HOUR)
    with pytest.raises(Refused, match="postmortem cannot become resolved"):
        resolve_incident(incident, body="Done again.", by=DANA, at=T0 + 25 * HOUR)
    update_incident(
        incident, status=IncidentStatus.INVESTIGATING, body="It is back.", by=DANA, at=T0 + 26 * HOUR
    )
    incident.refresh_from_db()
    assert incident.state == IncidentStatus.INVESTIGATING


def test_updates_stand_in_the_order_of_their_commits_whatever_the_clocks_said(
    incident: Incident, network: Component
) -> None:
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + HOUR)
    waited = update_incident(
        incident,
        status=IncidentStatus.INVESTIGATING,
        body="It is back.",
        components={network: S.MAJOR_OUTAGE},
        by=DANA,
        at=T0 + HOUR - timedelta(milliseconds=3),
    )
    incident.refresh_from_db()
    network.refresh_from_db()
    assert (incident.updates.last(), waited.at, waited.added_later) == (waited, T0 + HOUR, False)
    assert (incident.status, network.status) == (IncidentStatus.INVESTIGATING, S.MAJOR_OUTAGE)


def test_a_stale_form_is_a_conflict_and_posts_nothing(incident: Incident) -> None:
    seen = incident.version
    update_incident(incident, status=IncidentStatus.IDENTIFIED, body="First.", by=DANA, at=T0 + HOUR)
    before = count()
    with pytest.raises(Conflict):
        update_incident(
            incident,
            status=IncidentStatus.MONITORING,
            body="Second.",
            by=DANA,
            at=T0 + HOUR,
            expected_version=seen,
        )
    assert count() == before


def test_the_first_words_of_a_person_take_an_automatic_incident_over(page: Page) -> None:
    person = staff(User.objects.create(username="dana"))
    incident = open_incident(page, title="Fault", body="Words.", by=PROBES, at=T0)
    assert incident.automatic
    assert incident.taken_over_at is None
    update_incident(incident, status=IncidentStatus.IDENTIFIED, body="I have it.", by=person, at=T0 + HOUR)
    incident.refresh_from_db()
    assert incident.taken_over_at == T0 + HOUR


def test_a_held_notification_waits_until_its_hold_is_over(page: Page) -> None:
    open_incident(page, title="Fault", body="Words.", by=DANA, at=T0, hold=timedelta(seconds=30))
    assert not Event.objects.to_expand(T0 + timedelta(seconds=29)).exists()
    assert Event.objects.to_expand(T0 + timedelta(seconds=30)).exists()


def test_a_component_can_change_outside_any_incident(network: Component) -> None:
    set_status(network, status=S.DEGRADED_PERFORMANCE, by=DANA, at=T0)
    set_status(network, status=S.DEGRADED_PERFORMANCE, by=DANA, at=T0 + HOUR)
    event = Event.objects.get(kind=EventKind.COMPONENT_CHANGED)
    assert event.data == {
        "component": network.code,
        "old_status": "operational",
        "new_status": "degraded_performance",
    }


def test_a_page_with_an_unknown_zone_is_refused_with_a_suggestion() -> None:
    with pytest.raises(Refused, match="Australia/Sydney") as refused:
        create_page(name="Elsewhere", zone_name="Sydney", by=DANA, at=T0)
    assert refused.value.field == "zone_name"
    assert not Page.objects.filter(name="Elsewhere").exists()
