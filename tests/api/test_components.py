"""Components and groups by the management API."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.models import Component, ComponentGroup, Event, Page
from incidents.models.keys import Scope
from incidents.operations.actors import DEMO
from incidents.operations.components import set_status
from tests.api.asking import Script
from tests.factories import make_component, make_group, make_page

pytestmark = pytest.mark.django_db


def test_a_component_is_made_changed_and_deleted_and_its_name_is_free_again(script: Script) -> None:
    sent = {
        "component": {
            "name": "Calls",
            "description": "In and out",
            "status": "degraded_performance",
            "showcase": False,
            "only_show_if_degraded": True,
            "start_date": "2021-10-01",
        }
    }
    reply = script.post("/components", sent)
    assert reply.status == 201, reply
    made = reply.body
    assert {name: made[name] for name in sent["component"]} == sent["component"]
    assert (made["group"], made["group_id"], made["page_id"]) == (False, None, script.page.code)
    changed = script.patch(f"/components/{made['id']}", {"component": {"name": "Voice", "description": ""}})
    assert (changed.body["name"], changed.body["description"], changed.body["showcase"]) == (
        "Voice",
        None,
        False,
    )
    gone = script.ask("DELETE", f"/components/{made['id']}")
    assert (gone.status, gone.body) == (204, None)
    assert "Content-Type" not in gone.headers
    assert script.ask("GET", f"/components/{made['id']}").status == 404
    assert script.get("/components") == []
    assert script.post("/components", {"component": {"name": "Voice"}}).status == 201
    assert Component.objects.filter(name="Voice").count() == 2


def test_a_key_for_incidents_may_set_a_status_and_nothing_else(page: Page) -> None:
    component = make_component(page, "Calls")
    script = Script(page, Scope.INCIDENTS)
    reply = script.patch(f"/components/{component.code}", form="component[status]=major_outage")
    assert (reply.status, reply.body["status"]) == (200, "major_outage")
    refused = script.patch(
        f"/components/{component.code}", {"component": {"status": "operational", "name": "X"}}
    )
    assert refused.status == 403
    component.refresh_from_db()
    assert (component.name, component.status) == ("Calls", "major_outage")


def test_a_group_is_made_of_components_and_leaves_them_alone_in_the_end(script: Script, page: Page) -> None:
    one, two, three = (make_component(page, name) for name in ("One", "Two", "Three"))
    reply = script.post(
        "/component-groups",
        {"description": "Outside", "component_group": {"name": "SIP", "components": [two.code, one.code]}},
    )
    assert reply.status == 201, reply
    group = reply.body
    assert (group["components"], group["description"]) == ([two.code, one.code], "Outside")
    path = f"/component-groups/{group['id']}"
    listed = script.get("/components")
    assert {each["name"]: each["group"] for each in listed} == {
        "SIP": True,
        "One": False,
        "Two": False,
        "Three": False,
    }
    changed = script.ask("PUT", path, {"component_group": {"components": [three.code]}})
    assert (changed.body["components"], changed.body["name"]) == ([three.code], "SIP")
    one.refresh_from_db()
    assert one.group is None
    assert script.ask("DELETE", path).body["id"] == group["id"]
    assert script.get("/component-groups") == []
    assert script.ask("GET", path).status == 404


@pytest.mark.parametrize("codes", [[], ["nosuchcode00"], None])
def test_a_group_of_nothing_is_refused_and_not_made(script: Script, codes: object) -> None:
    reply = script.post("/component-groups", {"component_group": {"name": "SIP", "components": codes}})
    assert reply.status == 422
    assert reply.errors[0].startswith("components: ")
    assert not ComponentGroup.objects.exists()


def test_a_group_within_a_group_is_refused(script: Script, page: Page) -> None:
    group = make_group(page, "Inner")
    make_component(page, group=group)
    reply = script.post(
        "/component-groups", {"component_group": {"name": "Outer", "components": [group.code]}}
    )
    assert reply.errors == [f"components: {group.code} is a group; a group holds components only."]
    reply = script.patch(f"/component-groups/{group.code}", {"component_group": {"components": [group.code]}})
    assert reply.status == 422


def test_a_component_moves_by_its_group_id_and_not_to_another_pages(script: Script, page: Page) -> None:
    component, group = make_component(page, "Calls"), make_group(page, "SIP")
    other = make_group(make_page("Other"), "Theirs")
    path = f"/components/{component.code}"
    assert script.patch(path, {"component": {"group_id": group.code}}).body["group_id"] == group.code
    assert script.patch(path, {"component": {"group_id": other.code}}).errors == [
        f"group_id: there is no group {other.code} on this page."
    ]
    assert script.patch(path, {"component": {"group_id": None}}).body["group_id"] is None


def test_nothing_is_half_written_where_the_last_part_is_refused(script: Script, page: Page) -> None:
    make_component(page, "Taken")
    component = make_component(page, "Calls")
    reply = script.patch(
        f"/components/{component.code}", {"component": {"status": "major_outage", "name": "Taken"}}
    )
    assert reply.status == 422
    made = script.post("/components", {"component": {"name": "New", "status": "up"}})
    assert made.status == 422
    component.refresh_from_db()
    assert (component.name, component.status) == ("Calls", "operational")
    assert not Component.objects.filter(name="New").exists()


def test_a_component_that_an_open_incident_tells_of_is_not_deleted(script: Script, page: Page) -> None:
    component = make_component(page, "Calls")
    script.post("/incidents", {"incident": {"name": "Calls fail", "component_ids": [component.code]}})
    reply = script.ask("DELETE", f"/components/{component.code}")
    assert reply.status == 422
    assert "Retire it once that is over" in reply.errors[0]


def test_uptime_counts_outages_by_the_pages_weight(script: Script, page: Page) -> None:
    component = make_component(page, "Calls")
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)
    set_status(component, status=ComponentStatus.MAJOR_OUTAGE, by=DEMO, at=began)
    set_status(component, status=ComponentStatus.PARTIAL_OUTAGE, by=DEMO, at=began + timedelta(hours=1))
    set_status(component, status=ComponentStatus.OPERATIONAL, by=DEMO, at=began + timedelta(hours=2))
    start, end = began - timedelta(hours=1), began + timedelta(hours=9)
    query = f"start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}"
    found = script.get(f"/components/{component.code}/uptime?{query}")
    assert (found["major_outage"], found["partial_outage"]) == (3600, 3600)
    assert found["uptime_percentage"] == 87.0  # 10 h, of which 1 h and 0.3 h are lost
    for wrong in ("start=2021-01-01&end=2022-01-01", "start=yesterday", "start=2030-01-01"):
        assert script.ask("GET", f"/components/{component.code}/uptime?{wrong}").status == 422


def test_many_statuses_are_set_at_once_all_of_them_or_none(page: Page) -> None:
    script = Script(page, Scope.INCIDENTS)
    codes = [make_component(page).code for _ in range(3)]
    wanted = dict.fromkeys(codes, "degraded_performance")
    reply = script.patch("/components", {"components": wanted})
    assert (reply.status, reply.body) == (200, {"changed": codes})
    assert set(Component.objects.values_list("status", flat=True)) == {"degraded_performance"}
    assert Event.objects.filter(kind="component.changed", notifies=True).count() == 3
    assert script.patch("/components", {"components": wanted}).body == {"changed": []}
    refused = script.patch(
        "/components", {"components": {codes[0]: "operational", "nosuchcode00": "operational"}}
    )
    assert refused.errors == ["components: There is no component nosuchcode00 on this page."]
    many = {f"c{number:011d}": "operational" for number in range(10_001)}
    assert script.patch("/components", {"components": many}).errors == [
        "components: 10,000 components at a time, no more."
    ]
    assert set(Component.objects.values_list("status", flat=True)) == {"degraded_performance"}
