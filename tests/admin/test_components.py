"""Groups and components in the admin."""

from datetime import UTC, date, datetime

from django.contrib import admin
from django.test import Client

from incidents.admin.components import ComponentAdmin
from incidents.domain.components import ComponentStatus
from incidents.models import Component, ComponentGroup, Event, Page
from incidents.operations.components import set_status
from tests.factories import BEGAN, DEMO, make_component, make_group, make_incident, make_page

ADD = "/admin/incidents/component/add/"


def form(page: Page, **fields: object) -> dict[str, object]:
    return {"page": page.pk, "name": "Network", "description": "", "showcase": "on", **fields}


def change(component: Component, **fields: object) -> dict[str, object]:
    kept = {"name": component.name, "group": component.group_id or "", "position": component.position}
    return {**form(component.page), **kept, **fields}


def url(component: Component) -> str:
    return f"/admin/incidents/component/{component.pk}/change/"


def last_said() -> str:
    return str(Event.objects.last().data["what"])


def test_a_component_is_made_by_its_operation_with_its_history(staff: Client, page: Page) -> None:
    group = make_group(page, "Calling Platform")
    assert staff.post(ADD, form(page, group=group.pk, start_date="2021-07-01")).status_code == 302
    component = Component.objects.get()
    assert (component.full_name, component.start_date) == ("Calling Platform - Network", date(2021, 7, 1))
    assert component.changes.get().at == datetime(2021, 6, 30, 14, 0, tzinfo=UTC)
    assert last_said() == "created"


def test_ticks_that_the_operation_does_not_take_are_kept(staff: Client, page: Page) -> None:
    staff.post(ADD, {**form(page, only_show_if_degraded="on"), "showcase": ""})
    component = Component.objects.get()
    assert (component.showcase, component.only_show_if_degraded) == (False, True)


def test_a_change_keeps_the_status_that_was_said_meanwhile(staff: Client, page: Page) -> None:
    component = make_component(page, "Network")
    sent = change(component, name="Core network")
    set_status(component, status=ComponentStatus.MAJOR_OUTAGE, by=DEMO, at=BEGAN)
    staff.post(url(component), {**sent, "status": "operational"})
    component.refresh_from_db()
    assert (component.name, component.status) == ("Core network", "major_outage")
    assert last_said() == "component Core network changed"


def test_a_save_never_writes_columns_that_nobody_changed(page: Page) -> None:
    component = make_component(page, "Network")
    stale = Component.objects.select_related("page").get()
    set_status(component, status=ComponentStatus.MAJOR_OUTAGE, by=DEMO, at=BEGAN)
    stale.name = "Core network"
    ComponentAdmin(Component, admin.site).write(stale, ["name"], by=DEMO, at=BEGAN)
    component.refresh_from_db()
    assert (component.name, component.status) == ("Core network", "major_outage")


def test_the_page_and_the_start_of_a_component_stay_what_they_were(staff: Client, page: Page) -> None:
    component = make_component(page, "Network")
    staff.post(url(component), change(component, page=make_page("Arena").pk, start_date="2020-01-01"))
    component.refresh_from_db()
    assert (component.page, component.start_date) == (page, None)


def test_a_group_of_another_page_is_refused(staff: Client, page: Page) -> None:
    foreign = make_group(make_page("Arena"), "Arena")
    response = staff.post(ADD, form(page, group=foreign.pk))
    assert "Arena is a group of Arena, not of SIPcity." in str(
        response.context["adminform"].form.errors["group"]
    )
    assert not Component.objects.exists()


def test_a_name_that_is_taken_is_refused_at_creation_and_at_a_change(staff: Client, page: Page) -> None:
    make_component(page, "Network")
    other = make_component(page, "Portal")
    assert staff.post(ADD, form(page)).status_code == 200
    assert staff.post(url(other), change(other, name="Network")).status_code == 200
    assert Component.objects.count() == 2


def test_the_order_is_changed_in_the_list(staff: Client, page: Page) -> None:
    component = make_component(page, "Network")
    rows = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": component.pk,
        "form-0-position": "7",
    }
    staff.post("/admin/incidents/component/", {**rows, "_save": "Save"})
    component.refresh_from_db()
    assert component.position == 7
    assert last_said() == "component Network changed"


def test_a_component_that_no_incident_named_may_go(staff: Client, page: Page) -> None:
    component = make_component(page, "Network")
    staff.post(f"/admin/incidents/component/{component.pk}/delete/", {"post": "yes"})
    assert not Component.objects.exists()
    assert last_said() == "component Network deleted"


def test_a_component_with_a_history_of_incidents_stays(staff: Client, page: Page) -> None:
    component = make_component(page, "Network")
    make_incident(page, components={component: ComponentStatus.MAJOR_OUTAGE})
    response = staff.post(f"/admin/incidents/component/{component.pk}/delete/", {"post": "yes"})
    assert response.status_code == 200
    assert Component.objects.exists()


def test_a_group_is_made_and_renamed(staff: Client, page: Page) -> None:
    staff.post(
        "/admin/incidents/componentgroup/add/", {"page": page.pk, "name": "Platform", "description": ""}
    )
    group = ComponentGroup.objects.get()
    assert last_said() == "created"
    sent = {"name": "Calling Platform", "description": "", "position": "1"}
    staff.post(f"/admin/incidents/componentgroup/{group.pk}/change/", sent)
    group.refresh_from_db()
    assert group.name == "Calling Platform"
    assert last_said() == "component group Calling Platform changed"


def test_many_components_are_listed_with_few_queries(
    staff: Client, page: Page, django_assert_max_num_queries: object
) -> None:
    group = make_group(page)
    for _ in range(20):
        make_component(page, group=group)
    with django_assert_max_num_queries(15):
        staff.get("/admin/incidents/component/")
