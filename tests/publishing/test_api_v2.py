"""`/api/v2` exactly as Statuspage's clients know it (shared statuspage-api.md, section 1)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.domain.components import ComponentStatus
from incidents.models import Incident, Page
from incidents.publishing.api_v2 import MOST
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of

COMPONENT = [
    *(
        "id",
        "name",
        "status",
        "created_at",
        "updated_at",
        "position",
        "description",
        "showcase",
        "start_date",
    ),
    *("group_id", "page_id", "group", "only_show_if_degraded"),
]
INCIDENT = [
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
    *("started_at", "page_id", "incident_updates", "components", "reminder_intervals"),
]
UPDATE = [
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components"),
    *("deliver_notifications", "custom_tweet", "tweet_id"),
]


def document(page: Page, name: str) -> dict[str, Any]:
    publish_page(page.pk)
    found: dict[str, Any] = json.loads(text_of(page, f"/api/v2/{name}.json"))
    return found


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("summary", ["page", "components", "incidents", "scheduled_maintenances", "status"]),
        ("status", ["page", "status"]),
        ("components", ["page", "components"]),
        ("incidents", ["page", "incidents"]),
        ("incidents/unresolved", ["page", "incidents"]),
        ("scheduled-maintenances", ["page", "scheduled_maintenances"]),
        ("scheduled-maintenances/upcoming", ["page", "scheduled_maintenances"]),
        ("scheduled-maintenances/active", ["page", "scheduled_maintenances"]),
    ],
)
def test_each_document_has_its_keys_in_their_order(outage: Incident, name: str, keys: list[str]) -> None:
    assert list(document(outage.page, name)) == keys


def test_the_page_object(outage: Incident) -> None:
    page = document(outage.page, "status")["page"]
    assert list(page) == ["id", "name", "url", "time_zone", "updated_at"]
    assert page["id"] == outage.page.code
    assert (page["name"], page["url"]) == ("SIPcity", "http://status.sipcity.test")
    assert page["time_zone"] == "Australia/Sydney"
    assert page["updated_at"] == "2021-10-29T14:12:00.000+11:00"


def test_components_are_one_flat_list_by_position_with_groups_among_them(outage: Incident) -> None:
    group, network, pbx = (each for each in document(outage.page, "components")["components"])
    assert list(group) == [*COMPONENT, "components"]
    assert list(network) == list(pbx) == COMPONENT
    assert [each["position"] for each in (group, network, pbx)] == [1, 1, 2]
    assert (group["group"], group["showcase"], group["start_date"], group["group_id"]) == (
        True,
        False,
        None,
        None,
    )
    assert group["components"] == [network["id"]]
    assert (network["group"], network["group_id"], pbx["group_id"]) == (False, group["id"], None)
    assert network["description"] is None
    assert network["status"] == "operational"


def test_a_group_is_as_bad_as_its_worst_component(page: Page) -> None:
    group = factories.make_group(page, "Platform")
    for status in (
        ComponentStatus.UNDER_MAINTENANCE,
        ComponentStatus.PARTIAL_OUTAGE,
        ComponentStatus.OPERATIONAL,
    ):
        factories.make_component(page, group=group, status=status)
    assert document(page, "components")["components"][0]["status"] == "partial_outage"


def test_an_incident_with_its_updates(outage: Incident) -> None:
    (incident,) = document(outage.page, "incidents")["incidents"]
    assert list(incident) == INCIDENT
    assert all(list(update) == UPDATE for update in incident["incident_updates"])
    assert incident["status"] == "postmortem" == incident["incident_updates"][0]["status"]
    assert incident["impact"] == "major"
    assert incident["started_at"] == "2021-10-09T08:22:00.000+11:00"
    assert incident["monitoring_at"] == "2021-10-09T12:58:00.000+11:00"
    assert incident["resolved_at"] == "2021-10-10T12:49:00.000+11:00"
    assert incident["shortlink"] == f"http://status.sipcity.test/incidents/{outage.code}"
    assert incident["reminder_intervals"] is None
    assert [each["name"] for each in incident["components"]] == ["Network", "SIPcity Cloud PBX"]
    assert all(list(each) == COMPONENT for each in incident["components"])


def test_updates_repeat_every_affected_component_by_its_full_name(outage: Incident) -> None:
    updates = document(outage.page, "incidents")["incidents"][0]["incident_updates"]
    first, resolved = updates[-1], updates[1]
    assert [
        (each["name"], each["old_status"], each["new_status"]) for each in first["affected_components"]
    ] == [
        ("SIPcity Calling Platform - Network", "operational", "major_outage"),
        ("SIPcity Cloud PBX", "operational", "partial_outage"),
    ]
    assert [list(each) for each in first["affected_components"]] == [
        ["code", "name", "old_status", "new_status"]
    ] * 2
    assert {each["new_status"] for each in resolved["affected_components"]} == {"operational"}
    assert all(len(each["affected_components"]) == 2 for each in updates)


def test_no_affected_components_are_null_and_never_an_empty_list(page: Page) -> None:
    factories.make_incident(page)
    (incident,) = document(page, "incidents/unresolved")["incidents"]
    assert incident["incident_updates"][0]["affected_components"] is None
    assert (incident["components"], incident["impact"]) == ([], "none")


def test_line_breaks_are_tags_and_markup_is_not(page: Page) -> None:
    factories.make_incident(page, body='One <b>& "two"\nthree')
    (incident,) = document(page, "incidents/unresolved")["incidents"]
    assert incident["incident_updates"][0]["body"] == 'One &lt;b&gt;&amp; "two"<br />three'


def test_a_backdated_update_is_displayed_at_its_instant_and_created_at_its_own(page: Page) -> None:
    factories.make_incident(page, at=BEGAN + timedelta(hours=2), happened_at=BEGAN)
    (update,) = document(page, "incidents/unresolved")["incidents"][0]["incident_updates"]
    assert update["display_at"] == "2021-10-09T08:22:00.000+11:00"
    assert update["created_at"] == "2021-10-09T10:22:00.000+11:00"


def test_each_instant_has_its_own_offset_and_utc_is_written_z(db: None) -> None:
    zurich = factories.make_page("Zurich", zone="Europe/Zurich")
    factories.make_incident(zurich, at=datetime(2021, 7, 1, tzinfo=UTC))
    factories.make_incident(zurich, at=datetime(2021, 12, 1, tzinfo=UTC))
    started = [each["started_at"] for each in document(zurich, "incidents")["incidents"]]
    assert started == ["2021-12-01T01:00:00.000+01:00", "2021-07-01T02:00:00.000+02:00"]
    for zone, written in (
        ("Etc/UTC", "2021-12-01T00:00:00.000Z"),
        ("Europe/London", "2021-12-01T00:00:00.000+00:00"),
    ):
        page = factories.make_page(zone=zone)
        factories.make_incident(page, at=datetime(2021, 12, 1, tzinfo=UTC))
        assert document(page, "incidents")["incidents"][0]["started_at"] == written


def test_summary_and_unresolved_hold_open_incidents_only(outage: Incident) -> None:
    assert document(outage.page, "summary")["incidents"] == []
    factories.make_incident(outage.page, "Open", at=BEGAN + timedelta(days=30))
    for name in ("summary", "incidents/unresolved"):
        assert [each["name"] for each in document(outage.page, name)["incidents"]] == ["Open"]


def test_incidents_are_the_fifty_newest_by_creation(page: Page) -> None:
    for number in range(MOST + 3):
        factories.make_incident(page, f"Number {number}", at=BEGAN + timedelta(hours=number))
    names = [each["name"] for each in document(page, "incidents")["incidents"]]
    assert names == [f"Number {number}" for number in reversed(range(3, MOST + 3))]


def test_status_keeps_its_last_state_and_words(page: Page) -> None:
    factories.make_component(page, status=ComponentStatus.MAJOR_OUTAGE)
    factories.make_component(page)
    assert document(page, "status")["status"] == {
        "indicator": "major",
        "description": "Partial System Outage",
    }


@pytest.mark.parametrize(
    "name", ["summary", *(f"scheduled-maintenances{each}" for each in ("", "/upcoming", "/active"))]
)
def test_no_maintenance_is_an_empty_list(page: Page, name: str) -> None:
    assert document(page, name)["scheduled_maintenances"] == []
