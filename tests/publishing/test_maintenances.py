"""Planned work in every public document: the page, its own address, v2, the feeds and the calendar."""

import json
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import advance_due, update_maintenance
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import rendered, words

BEGINS, ENDS = BEGAN + timedelta(days=2), BEGAN + timedelta(days=2, hours=2)
SCHEDULED = (
    "THIS IS A SCHEDULED EVENT Oct <var data-var='date'>11</var>, <var data-var='time'>08:22</var> - "
    "<var data-var='time'>10:22</var> AEDT"
)
KEYS = [
    *(
        "id",
        "name",
        "status",
        "created_at",
        "updated_at",
        "monitoring_at",
        "resolved_at",
        "impact",
        "shortlink",
    ),
    *("started_at", "page_id", "incident_updates", "components", "scheduled_for", "scheduled_until"),
]


@pytest.fixture
def network(page: Page) -> Component:
    return factories.make_component(page, "Network", group=factories.make_group(page, "Platform"))


@pytest.fixture
def work(page: Page, network: Component) -> Incident:
    """Sunday in Sydney, 08:22 to 10:22."""
    return factories.make_maintenance(page, "Core upgrade", components=[network], begins=BEGINS, ends=ENDS)


@pytest.fixture
def begun(work: Incident) -> Incident:
    assert advance_due(at=BEGINS) == 1
    return work


@pytest.fixture
def done(begun: Incident) -> Incident:
    assert advance_due(at=ENDS) == 1
    return begun


def v2(page: Page, name: str) -> list[dict[str, Any]]:
    publish_page(page.pk)
    found: list[dict[str, Any]] = json.loads(text_of(page, f"/api/v2/{name}.json"))["scheduled_maintenances"]
    return found


def test_v2_has_statuspages_keys_in_their_order(work: Incident) -> None:
    (found,) = v2(work.page, "scheduled-maintenances")
    assert list(found) == KEYS
    assert (found["id"], found["status"], found["impact"]) == (work.code, "scheduled", "maintenance")
    assert (found["scheduled_for"], found["scheduled_until"]) == (
        "2021-10-11T08:22:00.000+11:00",
        "2021-10-11T10:22:00.000+11:00",
    )
    assert found["started_at"] == found["created_at"] == "2021-10-09T08:22:00.000+11:00"
    assert found["shortlink"] == f"http://status.sipcity.test/maintenance/{work.code}"
    assert [each["name"] for each in found["components"]] == ["Network"]
    assert found["incident_updates"][0]["affected_components"] == [
        {
            "code": found["components"][0]["id"],
            "name": "Platform - Network",
            "old_status": "operational",
            "new_status": "operational",
        }
    ]


def test_v2_lists_each_state_where_clients_look_for_it(page: Page, network: Component) -> None:
    later = factories.make_maintenance(
        page, "Later", begins=BEGINS + timedelta(days=9), ends=ENDS + timedelta(days=9)
    )
    soon = factories.make_maintenance(
        page, "Soon", begins=BEGINS + timedelta(days=1), ends=ENDS + timedelta(days=1)
    )
    now = factories.make_maintenance(page, "Now", begins=BEGINS, ends=ENDS, components=[network])
    past = factories.make_maintenance(
        page, "Past", begins=BEGAN + timedelta(hours=1), ends=BEGAN + timedelta(hours=2)
    )
    advance_due(at=BEGINS)
    listed = {
        name: [each["name"] for each in v2(page, f"scheduled-maintenances{name}")]
        for name in ("", "/upcoming", "/active")
    }
    assert listed == {
        "": ["Past", "Now", "Soon", "Later"],
        "/upcoming": ["Soon", "Later"],
        "/active": ["Now"],
    }
    assert [each["name"] for each in v2(page, "summary")] == ["Soon", "Later", "Now"]
    for each in (later, soon, now, past):
        assert (
            json.loads(text_of(page, f"/api/v2/incidents/{each.code}.json"))["incident"]["name"] == each.title
        )


def test_maintenance_is_no_incident_in_v2(begun: Incident) -> None:
    publish_page(begun.page_id)
    for name in ("incidents", "incidents/unresolved", "summary"):
        assert json.loads(text_of(begun.page, f"/api/v2/{name}.json"))["incidents"] == []


def test_components_are_under_maintenance_while_it_goes_on_and_back_afterwards(begun: Incident) -> None:
    publish_page(begun.page_id)
    status = json.loads(text_of(begun.page, "/api/v2/status.json"))["status"]
    assert status == {"indicator": "maintenance", "description": "Service Under Maintenance"}
    advance_due(at=ENDS)
    publish_page(begun.page_id)
    status = json.loads(text_of(begun.page, "/api/v2/status.json"))["status"]
    assert status == {"indicator": "none", "description": "All Systems Operational"}


def test_it_lies_at_its_own_address_and_where_clients_build_one_from_its_id(work: Incident) -> None:
    publish_page(work.page_id)
    own = text_of(work.page, f"/maintenance/{work.code}")
    assert own == text_of(work.page, f"/incidents/{work.code}")
    assert f'rel="canonical" href="http://status.sipcity.test/maintenance/{work.code}"' in own
    told = words(own)
    assert "Scheduled Maintenance Report for SIPcity" in told
    assert "Oct 11, 2021 - 08:22 to 10:22 AEDT (2 h)" in told
    assert "This scheduled maintenance affects: Platform (Network)." in told
    flat = json.loads(text_of(work.page, f"/incidents/{work.code}.json"))
    assert (flat["scheduled_for"], flat["scheduled_auto_in_progress"]) == (
        "2021-10-11T08:22:00.000+11:00",
        True,
    )


def test_a_window_over_the_clock_change_names_both_zones(page: Page) -> None:
    over = factories.make_maintenance(
        page,
        begins=BEGAN - timedelta(days=6, hours=7),
        ends=BEGAN - timedelta(days=5, hours=19),
        at=BEGAN - timedelta(days=9),
    )
    publish_page(page.pk)
    assert "Oct 03, 2021 - 00:22 AEST to 13:22 AEDT (12 h)" in words(
        text_of(page, f"/maintenance/{over.code}")
    )


@pytest.mark.parametrize(
    ("at", "heading", "others"),
    [
        (BEGAN, "Scheduled maintenance", ["Maintenance in progress"]),
        (BEGINS, "Maintenance in progress", ["Scheduled maintenance"]),
        (ENDS, "Past incidents", ["Maintenance in progress", "Scheduled maintenance"]),
    ],
)
def test_the_index_shows_it_where_it_belongs(
    work: Incident, at: datetime, heading: str, others: list[str]
) -> None:
    advance_due(at=at)
    index = rendered(work.page, "/", at=at)
    assert f">{heading}</h2>" in index
    assert not [other for other in others if f">{other}</h2>" in index]
    assert index.index(f">{heading}</h2>") < index.index("Core upgrade")


def test_only_what_has_begun_is_history(work: Incident) -> None:
    assert "Core upgrade" not in rendered(work.page, "/history", at=BEGAN)
    assert "Core upgrade" in rendered(work.page, "/history", at=BEGINS)


def test_rss_marks_it_as_statuspage_does(page: Page, work: Incident) -> None:
    factories.make_incident(page, "An outage", at=BEGAN + timedelta(hours=1))
    publish_page(page.pk)
    first, second = ET.fromstring(text_of(page, "/history.rss")).findall("channel/item")
    assert [each.tag for each in first] == [
        "title",
        "description",
        "pubDate",
        "maintenanceEndDate",
        "link",
        "guid",
    ]
    assert first.findtext("pubDate") == "Mon, 11 Oct 2021 08:22:00 +1100"
    assert first.findtext("maintenanceEndDate") == "Mon, 11 Oct 2021 10:22:00 +1100"
    assert (
        (first.findtext("description") or "")
        .strip()
        .startswith(f"<p><strong>{SCHEDULED}</strong></p><p><small>")
    )
    assert second.findtext("title") == "An outage"
    assert second.find("maintenanceEndDate") is None


def test_once_it_has_begun_rss_is_dated_by_its_newest_words(begun: Incident) -> None:
    update_maintenance(
        begun, status=IncidentStatus.VERIFYING, body="Testing.", by=DEMO, at=BEGINS + timedelta(minutes=30)
    )
    publish_page(begun.page_id)
    (item,) = ET.fromstring(text_of(begun.page, "/history.rss")).findall("channel/item")
    assert item.findtext("pubDate") == "Mon, 11 Oct 2021 08:52:00 +1100"
    assert "<strong>Verifying</strong> - Testing." in (item.findtext("description") or "")


def events(page: Page) -> list[Any]:
    publish_page(page.pk)
    return list(Calendar.from_ical(text_of(page, "/maintenance.ics")).walk("VEVENT"))


def test_the_calendar_holds_it_with_its_window(work: Incident) -> None:
    (event,) = events(work.page)
    assert (event["dtstart"].dt, event["dtend"].dt) == (BEGINS, ENDS)
    assert str(event["summary"]) == "SIPcity: Core upgrade"
    assert str(event["uid"]) == f"{work.code}@{work.page.code}.dialtone.invalid"
    assert "This scheduled maintenance affects: Platform (Network)." in str(event["description"])


def test_a_calendar_learns_that_it_was_moved(work: Incident) -> None:
    before = events(work.page)[0]
    moved = BEGINS + timedelta(days=1)
    update_maintenance(
        work,
        status=IncidentStatus.SCHEDULED,
        body="Put off by a day.",
        scheduled_for=moved,
        scheduled_until=ENDS + timedelta(days=1),
        by=DEMO,
        at=BEGAN + timedelta(hours=3),
    )
    (after,) = events(work.page)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt == moved


def test_work_that_was_done_early_frees_the_calendar(begun: Incident) -> None:
    early = ENDS - timedelta(minutes=45)
    update_maintenance(begun, status=IncidentStatus.COMPLETED, body="Done.", by=DEMO, at=early)
    (event,) = events(begun.page)
    assert event["dtend"].dt == early


@pytest.mark.parametrize("title", ["A;B,C\\D", "Ünïcode ☎️", "x" * 255, 'BEGIN:VEVENT "quoted"'])
def test_a_strange_title_survives_the_calendar(page: Page, title: str) -> None:
    factories.make_maintenance(page, title, body="Line one\nSUMMARY:not a property\n\nEND:VCALENDAR")
    (event,) = events(page)
    assert str(event["summary"]) == f"SIPcity: {title}"
    assert "SUMMARY:not a property" in str(event["description"])


def test_an_incident_does_not_rewrite_the_calendar(work: Incident, network: Component) -> None:
    publish_page(work.page_id)
    before = folder_of(work.page).file_of("/maintenance.ics").stat().st_mtime_ns
    factories.make_incident(work.page, at=BEGAN + timedelta(hours=1))
    publish_page(work.page_id)
    assert folder_of(work.page).file_of("/maintenance.ics").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["work", "begun", "done"])
def test_every_state_is_published_without_an_error(name: str, request: pytest.FixtureRequest) -> None:
    found: Incident = request.getfixturevalue(name)
    publish_page(found.page_id)
    assert "Core upgrade" in text_of(found.page, "/updates.atom")
