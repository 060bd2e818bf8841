"""A page with nothing on it, a service without a past and days before the page: unknown, and never called healthy."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from incidents.domain.components import ComponentStatus
from incidents.models import Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.retiring import retire_component
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import lines, rendered, words

NOW = BEGAN + timedelta(minutes=40)
MIDNIGHT = datetime(2021, 10, 8, 13, 0, tzinfo=UTC)
"""Oct 09, 2021 in Sydney."""


def index(page: Page, *, at: datetime = NOW) -> str:
    return rendered(page, "/", at=at)


def days(page: Page, *, at: datetime = NOW) -> list[str]:
    return [each for each in lines(index(page, at=at)) if re.fullmatch(r"[A-Z][a-z]{2} \d\d, 2021", each)]


def test_a_page_without_services_is_not_set_up_and_wears_no_tick(page: Page) -> None:
    publish_page(page.pk, everything=True)
    for path in ("/", "/embed", "/badge.svg"):
        document = text_of(page, path)
        assert "Not set up yet" in document, path
        assert "All Systems Operational" not in document, path
        assert "favicons/operational" not in document, path
    document = text_of(page, "/")
    assert '<section class="banner unknown"' in document
    assert "<title>Not set up yet – SIPcity Status</title>" in document
    assert "cards/page.png" in document
    assert "No incidents reported" not in document
    assert '"name":"Not set up yet' in document
    assert '"description":"All Systems Operational"' in text_of(page, "/api/v2/status.json")


@pytest.mark.parametrize("path", ["/", "/history", "/uptime", "/api", "/embed"])
def test_search_engines_are_kept_from_it_until_it_has_a_service(page: Page, path: str) -> None:
    publish_page(page.pk, everything=True)
    assert '<meta name="robots" content="noindex">' in text_of(page, path)
    assert ET.fromstring(text_of(page, "/sitemap.xml")).findall("*") == []
    factories.make_component(page)
    publish_page(page.pk, everything=True)
    if path != "/embed":
        assert "noindex" not in text_of(page, path)
        assert len(ET.fromstring(text_of(page, "/sitemap.xml")).findall("*")) == 3


def test_a_page_whose_last_service_is_retired_has_a_past_and_is_not_called_new(page: Page) -> None:
    retire_component(factories.make_component(page), by=DEMO, at=BEGAN)
    assert '<h1 id="state">No services listed</h1>' in index(page)
    assert "noindex" not in index(page)


def test_no_day_before_the_page_is_called_free_of_incidents(db: None) -> None:
    page = factories.make_page("New", at=BEGAN)
    factories.make_component(page, at=BEGAN)
    assert days(page) == ["Oct 09, 2021"]
    assert days(page, at=BEGAN + timedelta(days=2)) == ["Oct 11, 2021", "Oct 10, 2021", "Oct 09, 2021"]
    text = words(rendered(page, "/history", at=NOW))
    assert text.count("No incidents reported since Oct 09, 2021.") == 1
    assert "September 2021" not in text


def test_the_history_of_an_empty_page_says_what_its_index_says(db: None) -> None:
    page = factories.make_page("Empty", at=BEGAN)
    for path in ("/", "/history"):
        text = words(rendered(page, path, at=BEGAN + timedelta(hours=1)))
        assert "Nothing has been published yet." in text
        assert "No incidents reported" not in text


def test_a_report_of_the_end_alone_does_not_say_how_long_it_took(page: Page) -> None:
    incident = factories.make_incident(page)
    factories.resolve(incident, at=BEGAN)
    pattern = "/incidents/{code}"
    path = pattern.format(code=incident.code)
    text = words(rendered(page, path, at=NOW, pattern=pattern, code=incident.code))
    assert "Resolved" in text
    assert "after 0 s" not in text


def test_an_imported_incident_takes_the_first_day_back(db: None) -> None:
    page = factories.make_page("Moved", at=BEGAN)
    incident = factories.make_incident(page, "Long ago", at=BEGAN - timedelta(days=3))
    factories.resolve(incident, at=BEGAN - timedelta(days=3) + timedelta(hours=1))
    assert days(page)[-1] == "Oct 06, 2021"


def test_planned_work_to_come_does_not_move_the_first_day(db: None) -> None:
    page = factories.make_page("New", at=BEGAN)
    factories.make_component(page, at=BEGAN)
    factories.make_maintenance(page)
    assert days(page) == ["Oct 09, 2021"]


def test_json_history_keeps_its_three_months(page: Page) -> None:
    publish_page(page.pk, everything=True)
    assert text_of(page, "/history.json").count('"starts_on"') == 3


@pytest.mark.parametrize(("hours", "percent"), [(0, "no data"), (23, "no data"), (24, "100.00 %")])
def test_a_service_has_no_percentage_until_a_whole_day_is_over(page: Page, hours: int, percent: str) -> None:
    component = factories.make_component(page, "Fax", at=MIDNIGHT)
    at = MIDNIGHT + timedelta(hours=hours, seconds=30 if not hours else 0)
    names = {"pattern": "/uptime/{code}", "code": component.code}
    for text in (
        words(index(page, at=at)),
        words(rendered(page, "/uptime", at=at)),
        words(rendered(page, f"/uptime/{component.code}", at=at, **names)),
    ):
        assert percent in text
        assert (" %" in text.replace("at 30 %", "")) == (percent != "no data")
    assert "no data uptime" not in index(page, at=at)


def test_a_service_that_was_down_from_its_first_minute_has_no_percentage_either(page: Page) -> None:
    factories.make_component(page, status=ComponentStatus.MAJOR_OUTAGE, at=NOW - timedelta(hours=1))
    assert "no data" in words(index(page))
    assert "0.00 %" not in words(index(page))


def test_days_before_a_service_s_first_are_no_data_and_its_first_is_counted(outage: Incident) -> None:
    component = factories.make_component(outage.page, "Fax", at=MIDNIGHT - timedelta(days=2))
    csv = rendered(
        outage.page,
        f"/uptime/{component.code}.csv",
        at=MIDNIGHT,
        pattern="/uptime/{code}.csv",
        code=component.code,
    )
    known = [line for line in csv.splitlines()[1:] if "no_data" not in line]
    assert [line.partition(",")[0] for line in known] == ["2021-10-07", "2021-10-08"]
