"""The page read into a tree: one instant, one page, a fixed number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.components import ComponentStatus
from incidents.models import Incident, Page
from incidents.publishing.snapshot import RECENT, UPTIME_DAYS, Reader, read
from tests import factories
from tests.factories import BEGAN

NOW = datetime(2021, 10, 30, 12, 0, tzinfo=UTC)


def queries(page: Page) -> int:
    with CaptureQueriesContext(connection) as captured:
        read(page, at=NOW, site_url="http://status.sipcity.test")
    return len(captured)


def test_a_long_history_costs_no_more_queries_than_a_short_one(outage: Incident) -> None:
    page = outage.page
    network = page.components.get(name="Network")
    few = queries(page)
    for number in range(60):
        at = BEGAN - timedelta(days=number * 3 + 1)
        incident = factories.make_incident(page, components={network: ComponentStatus.PARTIAL_OUTAGE}, at=at)
        factories.resolve(incident, at=at + timedelta(hours=1))
    factories.make_probe(network, last_at=NOW)
    assert queries(page) == few <= 21


def test_every_open_incident_and_the_newest_others_are_read(page: Page) -> None:
    oldest = factories.make_incident(page, at=BEGAN - timedelta(days=400))
    for number in range(RECENT + 5):
        factories.resolve(
            factories.make_incident(page, at=BEGAN + timedelta(minutes=number)), at=BEGAN + timedelta(days=1)
        )
    snapshot = read(page, at=BEGAN + timedelta(days=60), site_url="http://x.test")
    assert [incident.pk for incident in snapshot.open_incidents] == [oldest.pk]
    assert len(snapshot.recent_incidents) == RECENT + 1
    assert snapshot.recent_incidents[-1].pk == oldest.pk


def test_nothing_of_another_page_is_read(outage: Incident) -> None:
    other = factories.make_page("2talk", zone="Pacific/Auckland")
    snapshot = read(other, at=NOW, site_url="http://x.test")
    assert snapshot.components == snapshot.recent_incidents == ()
    assert Reader(other, at=NOW, site_url="http://x.test").incidents([outage.pk]) == ()


def test_uptime_counts_what_held_before_the_ninety_days(page: Page) -> None:
    component = factories.make_component(page, "Network", at=BEGAN - timedelta(days=300))
    factories.make_incident(
        page, components={component: ComponentStatus.MAJOR_OUTAGE}, at=BEGAN - timedelta(days=200)
    )
    (view,) = read(page, at=NOW, site_url="http://x.test").components
    assert view.uptime is not None
    assert len(view.uptime.days) == UPTIME_DAYS
    assert view.uptime.ratio == 0
    assert {day.worst for day in view.uptime.days} == {ComponentStatus.MAJOR_OUTAGE}


def test_days_before_the_start_date_have_no_data(page: Page) -> None:
    factories.make_component(page, "Network", start_date=date(2021, 10, 20), at=NOW)
    (view,) = read(page, at=NOW, site_url="http://x.test").components
    assert view.uptime is not None
    assert {day.on: day.worst for day in view.uptime.days}[date(2021, 10, 19)] is None
    assert {day.on: day.worst for day in view.uptime.days}[date(2021, 10, 20)] is ComponentStatus.OPERATIONAL


def test_a_component_that_is_no_showcase_has_no_bars(page: Page) -> None:
    component = factories.make_component(page, "Internal")
    component.showcase = False
    component.save()
    (view,) = read(page, at=NOW, site_url="http://x.test").components
    assert view.uptime is None


def test_a_month_holds_what_began_in_it_by_the_local_calendar(page: Page) -> None:
    factories.make_incident(page, "September still", at=datetime(2021, 9, 30, 13, 59, tzinfo=UTC))
    factories.make_incident(page, "October already", at=datetime(2021, 9, 30, 14, 0, tzinfo=UTC))
    reader = Reader(page, at=NOW, site_url="http://x.test")
    months = reader.months([date(2021, 9, 1), date(2021, 10, 1), date(2021, 11, 1)])
    assert [(month.key, [entry.title for entry in month.entries]) for month in months] == [
        ("2021-11", []),
        ("2021-10", ["October already"]),
        ("2021-09", ["September still"]),
    ]


def test_a_month_shows_the_newest_words_that_are_no_rfo(outage: Incident) -> None:
    (month,) = Reader(outage.page, at=NOW, site_url="http://x.test").months([date(2021, 10, 1)])
    assert [entry.words for entry in month.entries] == ["This incident has been resolved."]


def test_an_incident_names_its_components_in_the_order_of_the_page(page: Page) -> None:
    pbx = factories.make_component(page, "Cloud PBX")
    group = factories.make_group(page, "Platform")
    network = factories.make_component(page, "Network", group=group)
    group.position = 0
    group.save()
    factories.make_incident(
        page, components={pbx: ComponentStatus.MAJOR_OUTAGE, network: ComponentStatus.MAJOR_OUTAGE}
    )
    (incident,) = read(page, at=NOW, site_url="http://x.test").open_incidents
    assert incident.affected_names == (("Platform", "Network"), (None, "Cloud PBX"))


@pytest.mark.django_db(transaction=True)
def test_reading_takes_no_write_lock_and_leaves_the_connection_as_it_was() -> None:
    page = factories.make_page("SIPcity")
    with CaptureQueriesContext(connection) as captured:
        read(page, at=NOW, site_url="http://x.test")
    begun = [query["sql"] for query in captured if query["sql"].startswith("BEGIN")]
    assert begun == ["BEGIN DEFERRED"] or connection.vendor != "sqlite"
    with CaptureQueriesContext(connection) as captured:
        factories.make_component(page)
    assert any(query["sql"] == "BEGIN IMMEDIATE" for query in captured) or connection.vendor != "sqlite"
