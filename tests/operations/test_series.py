"""Recurring maintenance: each time is made once as it comes near, and each is a maintenance of its own."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, Maintenance, Page, Series
from incidents.operations.actors import DEMO
from incidents.operations.errors import Refused
from incidents.operations.maintenances import advance_due, update_maintenance
from incidents.operations.series import end_series, make_due, save_series
from tests.factories import make_component, make_page

pytestmark = pytest.mark.django_db
SYDNEY = ZoneInfo("Australia/Sydney")
NOW = datetime(2027, 9, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def weekly(page: Page, *components: Component, **facts: object) -> Series:
    words: dict[str, object] = {
        "title": "Patches",
        "body": "We patch.",
        "begins": datetime(2027, 9, 5, 2),
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "minutes": 120,
        "components": components,
        **facts,
    }
    return save_series(None, page=page, **words, by=DEMO, at=NOW)  # type: ignore[arg-type]


def windows() -> list[str]:
    rows = Maintenance.objects.order_by("scheduled_for")
    return [
        f"{each.scheduled_for.astimezone(SYDNEY):%m-%d %H:%M %Z}-{each.scheduled_until.astimezone(SYDNEY):%H:%M %Z}"
        for each in rows
    ]


def test_what_is_near_is_put_on_the_page_once(page: Page, network: Component) -> None:
    weekly(page, network)
    assert make_due(at=NOW) == 2
    assert make_due(at=NOW) == 0
    assert windows() == ["09-26 02:00 AEST-04:00 AEST", "10-03 03:00 AEDT-05:00 AEDT"]
    assert make_due(at=NOW + 7 * DAY) == 1
    assert windows()[-1] == "10-10 02:00 AEDT-04:00 AEDT"


def test_each_begins_and_ends_at_its_instants_across_the_change(page: Page, network: Component) -> None:
    weekly(page, network)
    make_due(at=NOW)
    begins = datetime(2027, 10, 2, 16, tzinfo=UTC)
    advance_due(at=begins - timedelta(seconds=1))
    second = Maintenance.objects.get(scheduled_for=begins).incident
    assert Incident.objects.get(pk=second.pk).state == IncidentStatus.SCHEDULED
    advance_due(at=begins)
    network.refresh_from_db()
    assert network.status == S.UNDER_MAINTENANCE
    advance_due(at=begins + timedelta(hours=2))
    assert Incident.objects.get(pk=second.pk).state == IncidentStatus.COMPLETED


def test_a_time_that_was_moved_or_completed_is_not_made_again(page: Page) -> None:
    weekly(page)
    make_due(at=NOW)
    first = Maintenance.objects.earliest("scheduled_for")
    update_maintenance(
        first.incident,
        status=IncidentStatus.SCHEDULED,
        body="Later.",
        scheduled_for=first.scheduled_for + DAY,
        scheduled_until=first.scheduled_until + DAY,
        by=DEMO,
        at=NOW,
    )
    assert make_due(at=NOW) == 0
    assert Maintenance.objects.count() == 2


def test_a_change_holds_for_what_is_not_made_yet(page: Page) -> None:
    series = weekly(page)
    make_due(at=NOW)
    save_series(
        series,
        page=page,
        title="Updates",
        body="We update.",
        begins=series.first,
        rule=series.rule,
        minutes=60,
        by=DEMO,
        at=NOW,
    )
    make_due(at=NOW + 7 * DAY)
    titles = list(Incident.objects.order_by("started_at").values_list("title", flat=True))
    assert titles == ["Patches", "Patches", "Updates"]


def test_an_ended_series_makes_nothing_more_and_takes_nothing_away(page: Page) -> None:
    series = weekly(page)
    make_due(at=NOW)
    for _ in range(2):
        end_series(series, by=DEMO, at=NOW)
    assert make_due(at=NOW + 30 * DAY) == 0
    assert Maintenance.objects.count() == 2


def test_a_retired_component_is_worked_on_no_more(page: Page, network: Component) -> None:
    weekly(page, network)
    Component.objects.update(retired_at=NOW)
    make_due(at=NOW)
    assert not Incident.objects.filter(updates__affected__isnull=False).exists()


def test_a_machine_that_slept_makes_what_is_still_to_come_and_nothing_that_has_passed(page: Page) -> None:
    weekly(page)
    make_due(at=datetime(2027, 10, 20, tzinfo=UTC))
    assert windows()[0].startswith("10-24")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"body": " "}, "body"),
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "FREQ=WEEKLY;COUNT=1"}, "rule"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 60 * 24 * 8}, "minutes"),
        ({"lead_days": 0}, "lead_days"),
        ({"lead_days": 91}, "lead_days"),
    ],
)
def test_what_cannot_recur_is_refused(page: Page, facts: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        weekly(page, **facts)
    assert refused.value.field == field
    assert not Series.objects.exists()


def test_a_component_of_another_page_is_refused(page: Page) -> None:
    with pytest.raises(Refused):
        weekly(page, make_component(make_page("Another"), "Faxes"))
