"""A saved report and the components it names: when they are made, what they become, and what a rename means."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import Report, ReportUpdate
from incidents.domain.reports.report import AffectedComponent
from incidents.models import Component, ComponentGroup, Event, Incident, Page
from incidents.operations.actors import DEMO, IMPORT
from incidents.operations.components import set_status, status_at
from incidents.operations.errors import Refused
from incidents.operations.imports import import_report
from tests.factories import BEGAN, make_component, make_group, make_incident, make_page

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AT = BEGAN + 24 * HOUR
WHOLE = (
    (0, IncidentStatus.INVESTIGATING),
    (1, IncidentStatus.IDENTIFIED),
    (4, IncidentStatus.RESOLVED),
)


def report(*updates: tuple[int, IncidentStatus], since: datetime = BEGAN) -> Report:
    """A report that names the component "Network" of the group "Calling Platform"."""
    said = tuple(
        ReportUpdate(since + hours * HOUR, status, True, f"Words of {status.value}.", number)
        for number, (hours, status) in enumerate(updates or WHOLE)
    )
    affected = (AffectedComponent("Calling Platform", "Network"),)
    return Report("Calls fail", "SIPcity", "Australia/Sydney", said, affected, None, ())


def network() -> Component:
    return Component.objects.get(group__name="Calling Platform")


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_a_report_that_is_still_open_shows_its_new_component_as_hit() -> None:
    import_report(report(*WHOLE[:2]), hit=S.MAJOR_OUTAGE, by=IMPORT, at=AT)
    assert network().state == S.MAJOR_OUTAGE
    assert [(each.status, each.at) for each in network().changes.all()] == [
        (S.OPERATIONAL, BEGAN),
        (S.MAJOR_OUTAGE, BEGAN),
    ]


def test_a_report_that_is_still_open_hits_a_component_that_was_made_after_it_began(page: Page) -> None:
    make_component(page, "Network", group=make_group(page, "Calling Platform"), at=AT - HOUR)
    import_report(report(*WHOLE[:2]), hit=S.MAJOR_OUTAGE, by=IMPORT, at=AT)
    assert network().state == S.MAJOR_OUTAGE
    import_report(report(), by=IMPORT, at=AT + HOUR)
    assert network().state == S.OPERATIONAL


def test_a_report_that_is_over_gives_its_new_component_the_whole_history() -> None:
    import_report(report(), by=IMPORT, at=AT)
    states = [status_at(network(), at=BEGAN + hours * HOUR) for hours in (0, 3, 4, 24)]
    assert states == [S.PARTIAL_OUTAGE, S.PARTIAL_OUTAGE, S.OPERATIONAL, S.OPERATIONAL]
    assert network().state == S.OPERATIONAL


def test_an_old_report_leaves_alone_what_another_incident_says_today(page: Page) -> None:
    hit = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    make_incident(page, components={hit: S.PARTIAL_OUTAGE}, at=AT - HOUR)
    import_report(report(), by=IMPORT, at=AT)
    assert network().state == S.PARTIAL_OUTAGE


def test_an_old_report_leaves_alone_what_staff_said_outside_any_incident(page: Page) -> None:
    hit = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    set_status(hit, status=S.PARTIAL_OUTAGE, by=DEMO, at=AT - HOUR)
    import_report(report(), by=IMPORT, at=AT)
    assert network().state == S.PARTIAL_OUTAGE


def test_importing_again_after_a_rename_makes_no_component_and_writes_nothing() -> None:
    import_report(report(), by=IMPORT, at=AT)
    Component.objects.update(name="Carrier network")
    ComponentGroup.objects.update(name="Voice")
    before = Event.objects.count()
    assert import_report(report(), by=IMPORT, at=AT + HOUR).added == 0
    assert (Component.objects.count(), ComponentGroup.objects.count()) == (1, 1)
    assert Event.objects.count() == before


def test_a_later_save_after_a_rename_speaks_of_the_component_that_was_renamed() -> None:
    import_report(report(*WHOLE[:2]), by=IMPORT, at=AT)
    Component.objects.update(name="Carrier network")
    import_report(report(), by=IMPORT, at=AT + HOUR)
    assert [(each.name, each.state) for each in Component.objects.all()] == [
        ("Carrier network", S.OPERATIONAL)
    ]


@pytest.mark.parametrize("year", [1, 1969])
def test_a_report_from_before_all_incidents_is_refused_and_nothing_is_written(year: int) -> None:
    with pytest.raises(Refused) as refused:
        import_report(report(since=datetime(year, 6, 1, tzinfo=UTC)), by=IMPORT, at=AT)
    assert refused.value.field == "happened_at"
    assert Page.objects.count() == Incident.objects.count() == Component.objects.count() == 0
