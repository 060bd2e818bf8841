"""What the operations refuse of a maintenance: each names its field, and nothing is half-written."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.models import (
    AffectedComponent,
    Component,
    Event,
    Incident,
    IncidentUpdate,
    Maintenance,
    Page,
    Rfo,
    StatusChange,
)
from incidents.operations.errors import Conflict, Refused
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
from incidents.operations.maintenances import advance_due, update_maintenance
from incidents.operations.rfos import draft_rfo
from tests.factories import BEGAN, DEMO, make_component, make_incident, make_maintenance, make_page

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BEGINS = BEGAN + timedelta(days=2)
ENDS = BEGINS + 2 * HOUR
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


def say(
    maintenance: Incident, status: IncidentStatus, *, at: datetime, body: str = "Words.", **facts: object
) -> IncidentUpdate:
    return update_maintenance(maintenance, status=status, body=body, by=DEMO, at=at, **facts)  # type: ignore[arg-type]


def rows() -> tuple[int, ...]:
    models = (Incident, Maintenance, IncidentUpdate, Event, StatusChange, AffectedComponent, Rfo)
    return tuple(each.objects.count() for each in models)


def test_a_stale_form_is_a_conflict_and_says_nothing(maintenance: Incident) -> None:
    seen = maintenance.version
    advance_due(at=BEGINS)
    before = rows()
    with pytest.raises(Conflict):
        say(maintenance, VERIFYING, at=BEGINS + HOUR, expected_version=seen)
    assert rows() == before


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 256}),
        ("body", {"body": "\n"}),
        ("body", {"body": "bell \x07"}),
        ("scheduled_until", {"begins": ENDS, "ends": BEGINS}),
        ("scheduled_until", {"begins": BEGINS, "ends": BEGINS}),
        ("scheduled_until", {"begins": BEGAN - 2 * HOUR, "ends": BEGAN}),
        ("scheduled_until", {"begins": BEGINS, "ends": BEGINS + timedelta(days=366) + SECOND}),
        ("scheduled_for", {"begins": datetime(1970, 1, 1, tzinfo=UTC)}),
        ("scheduled_for", {"begins": datetime(1, 1, 1, tzinfo=UTC)}),
        (
            "scheduled_for",
            {"begins": datetime(2062, 11, 28, tzinfo=UTC), "ends": datetime(2062, 11, 29, tzinfo=UTC)},
        ),
        ("scheduled_until", {"ends": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}),
    ],
)
def test_a_bad_plan_names_its_field_and_writes_nothing(
    page: Page, field: str, change: dict[str, object]
) -> None:
    before = rows()
    with pytest.raises(Refused) as refused:
        make_maintenance(page, **{"title": "Core switch", **change})  # type: ignore[arg-type]
    assert refused.value.field == field
    assert rows() == before


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("body", {"body": ""}),
        ("scheduled_until", {"scheduled_until": BEGINS}),
        ("scheduled_until", {"scheduled_until": BEGINS + timedelta(minutes=20)}),
        ("scheduled_for", {"scheduled_for": datetime(1969, 1, 1, tzinfo=UTC)}),
        ("scheduled_until", {"scheduled_until": BEGINS + timedelta(days=367)}),
    ],
)
def test_a_refused_change_leaves_the_plan_as_it_was(
    maintenance: Incident, field: str, change: dict[str, object]
) -> None:
    advance_due(at=BEGINS)
    before = rows()
    with pytest.raises(Refused) as refused:
        say(maintenance, IN_PROGRESS, at=BEGINS + HOUR / 2, **{"scheduled_until": ENDS + HOUR, **change})  # type: ignore[arg-type]
    plan = Maintenance.objects.get()
    assert refused.value.field == field
    assert (plan.scheduled_for, plan.scheduled_until) == (BEGINS, ENDS)
    assert rows() == before


def test_another_pages_component_is_refused_and_nothing_is_half_written(
    page: Page, maintenance: Incident
) -> None:
    stranger = make_component(make_page("2talk"), "Network")
    before = rows()
    with pytest.raises(Refused, match="another page"):
        make_maintenance(page, components=[stranger])
    with pytest.raises(Refused, match="another page"):
        say(maintenance, IN_PROGRESS, at=BEGINS, components={stranger: None})
    assert rows() == before


@pytest.mark.parametrize("wrong", [each for each in IncidentStatus if not each.is_planned])
def test_a_maintenance_has_no_status_of_an_incident(maintenance: Incident, wrong: IncidentStatus) -> None:
    before = rows()
    with pytest.raises(Refused) as refused:
        say(maintenance, wrong, at=BEGAN + HOUR)
    assert refused.value.field == "status"
    assert rows() == before


@pytest.mark.parametrize("wrong", [each for each in IncidentStatus if each.is_planned])
def test_an_incident_has_no_status_of_a_maintenance(
    page: Page, maintenance: Incident, wrong: IncidentStatus
) -> None:
    incident = make_incident(page)
    before = rows()
    with pytest.raises(Refused):
        open_incident(page, title="Fault", body="Words.", status=wrong, by=DEMO, at=BEGAN)
    with pytest.raises(Refused):
        update_maintenance(incident, status=wrong, body="Words.", by=DEMO, at=BEGAN + HOUR)
    for thread in (incident, maintenance):
        for happened in (None, BEGAN - HOUR):
            with pytest.raises(Refused, match="Only a maintenance"):
                update_incident(
                    thread, status=wrong, body="Words.", by=DEMO, at=BEGAN + HOUR, happened_at=happened
                )
    assert rows() == before


def test_a_maintenance_is_neither_resolved_nor_followed_by_an_rfo(maintenance: Incident) -> None:
    say(maintenance, DONE, at=BEGINS)
    before = rows()
    with pytest.raises(Refused, match="never resolved"):
        resolve_incident(maintenance, body="Done.", by=DEMO, at=ENDS)
    with pytest.raises(Refused, match="never resolved"):
        resolve_incident(maintenance, body="Done.", by=DEMO, at=ENDS, happened_at=BEGAN - HOUR)
    with pytest.raises(Refused, match="has no RFO"):
        draft_rfo(maintenance, body="Letter.", by=DEMO, at=ENDS)
    assert rows() == before
