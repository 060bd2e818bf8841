"""Uptime: the list of services, and one service's year in numbers, as a calendar and in words."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Incident, Page
from incidents.publishing.live import NoSuchDocument
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import lines, rendered, words

NOW = datetime(2021, 10, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def network(outage: Incident) -> Component:
    """Down from Oct 09, 08:22 to Oct 10, 12:49 AEDT, and known since June 10."""
    return outage.page.components.get(name="Network")


def year_of(component: Component, *, at: datetime = NOW, zone: str = "") -> str:
    path = f"/uptime/{component.code}"
    pattern = "/uptime/{code}"
    return rendered(component.page, path, at=at, zone=zone, pattern=pattern, code=component.code)


def test_the_list_has_every_service_in_the_order_of_the_page_with_two_numbers(network: Component) -> None:
    found = lines(rendered(network.page, "/uptime", at=NOW))
    start = found.index("SIPcity Calling Platform")
    told = [line for line in found[start:] if not line.endswith(" days")]
    assert told[:7] == [
        *("SIPcity Calling Platform", "Network", "95.98 %", "98.67 %"),
        *("SIPcity Cloud PBX", "98.79 %", "99.60 %"),
    ]


def test_the_list_says_how_uptime_is_counted_with_the_weight_of_the_page(page: Page) -> None:
    factories.make_component(page)
    Page.objects.filter(pk=page.pk).update(uptime_weight=0.5)
    page.refresh_from_db()
    assert "a partial outage at 50 %, maintenance not at all" in words(rendered(page, "/uptime", at=NOW))


def test_a_service_that_is_no_showcase_is_not_listed_and_has_no_year(page: Page) -> None:
    internal = factories.make_component(page, "Internal")
    Component.objects.filter(pk=internal.pk).update(showcase=False)
    publish_page(page.pk, everything=True)
    assert "No service's uptime is shown on this page yet." in words(text_of(page, "/uptime"))
    assert folder_of(page).read(f"/uptime/{internal.code}") is None
    with pytest.raises(NoSuchDocument):
        year_of(internal)


def test_the_percentage_on_the_index_leads_to_the_year_and_the_footer_to_the_list(network: Component) -> None:
    document = " ".join(rendered(network.page, "/", at=NOW).split())
    assert f'<a href="/uptime/{network.code}" aria-label="98.67 % uptime of Network, day by day">' in document
    assert '<a href="/uptime">Uptime</a>' in document


def test_a_year_begins_with_three_numbers(network: Component) -> None:
    found = lines(year_of(network))
    start = found.index("Last 30 days")
    assert found[start : start + 6] == [
        *("Last 30 days", "95.98 %", "Last 90 days", "98.67 %", "Last 365 days", "99.09 %")
    ]


def test_twelve_months_are_tables_with_captions_newest_first(network: Component) -> None:
    document = year_of(network)
    captions = [words(f"<body>{each}") for each in re.findall(r"<caption>(.*?)</caption>", document, re.S)]
    assert len(captions) == 12
    assert captions[:2] == ["Oct 2021 93.92 %", "Sep 2021 100.00 %"]
    assert captions[-1] == "Nov 2020 no data"
    assert document.count('<th scope="col"><span aria-hidden="true">M</span>') == 12


def test_a_day_carries_its_state_in_shape_and_words(network: Component) -> None:
    document = year_of(network)
    bad = re.search(r'<td><a href="#d-2021-10-09">(.*?)</a></td>', document)
    assert bad
    assert 'href="#major_outage"' in bad[1]
    assert words(f"<body>{bad[1]}") == "9 , major outage"
    assert "8, operational" in re.sub(r"<[^>]+>", "", document)


def test_days_before_the_first_data_have_none_and_the_page_says_when_it_begins(network: Component) -> None:
    document = year_of(network)
    assert "Data begins Jun 11, 2021." in words(document)
    assert "10, no data" in re.sub(r"<[^>]+>", "", document)


def test_the_bad_days_are_told_in_words_newest_first(network: Component) -> None:
    found = lines(year_of(network).partition('id="told"')[2].join(["<body><h2 ", ""]))
    assert found[found.index("Oct 10, 2021") :][:6] == [
        *("Oct 10, 2021", "Major outage", "12 h 49 min"),
        *("Oct 09, 2021", "Major outage", "15 h 38 min"),
    ]


def test_a_year_without_a_bad_day_says_so(page: Page) -> None:
    assert "None in the past year." in words(year_of(factories.make_component(page)))


def test_days_are_those_of_the_reader_s_zone(network: Component) -> None:
    text = words(year_of(network, zone="America/New_York"))
    assert "Oct 08, 2021 Major outage 6 h 38 min" in text
    assert "midnight in America/New_York" in text


def test_a_service_whose_status_changed_has_its_year_rendered_anew_and_no_other(network: Component) -> None:
    page = network.page
    pbx = page.components.get(name="SIPcity Cloud PBX")
    publish_page(page.pk, everything=True)
    before = {
        each: folder_of(page).file_of(f"/uptime/{each.code}").stat().st_mtime_ns for each in (network, pbx)
    }
    at = datetime.now(UTC) - timedelta(hours=1)
    factories.make_incident(page, components={network: ComponentStatus.PARTIAL_OUTAGE}, at=at)
    publish_page(page.pk)
    after = {
        each: folder_of(page).file_of(f"/uptime/{each.code}").stat().st_mtime_ns for each in (network, pbx)
    }
    assert after[network] > before[network]
    assert after[pbx] == before[pbx]
    found = words(text_of(page, f"/uptime/{network.code}"))
    assert re.search(
        r"Partial outage (1 h|[0-9]+ min)", found
    )  # in the hour after midnight it is of two days


def test_a_hostile_name_is_text(page: Page) -> None:
    evil = factories.make_component(page, "<script>alert(1)</script>", start_date=date(2021, 10, 1), at=BEGAN)
    for document in (year_of(evil), rendered(page, "/uptime", at=NOW)):
        assert "<script>alert" not in document
        assert "<script>alert(1)</script>" in words(document)
