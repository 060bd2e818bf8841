"""Set-up: pages, looks, components and groups, through the forms that people fill in."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents.models import Component, ComponentGroup, Look, Page, PageHost, StatusChange
from tests.console.forms import fields, post
from tests.factories import make_component, make_group, make_page
from tests.operations.test_looks import picture


def components(page: Page) -> str:
    return f"/console/pages/{page.code}/components"


def test_a_page_is_made_and_changed(staff: Client) -> None:
    post(
        staff,
        "/console/pages/new",
        name="SIPcity",
        zone_name="Australia/Sydney",
        hosts="Status.SIPcity.test\n",
    )
    page = Page.objects.get()
    assert (page.zone_name, page.is_default, page.uptime_weight) == ("Australia/Sydney", True, 0.3)
    assert PageHost.objects.get().host == "status.sipcity.test"
    post(staff, f"/console/pages/{page.code}/edit", name="SIPcity AU", hosts="", uptime_weight="50")
    page.refresh_from_db()
    assert (page.name, page.uptime_weight) == ("SIPcity AU", 0.5)
    assert not PageHost.objects.exists()


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Another"}, "name"),
        ({"zone_name": "AEDT"}, "zone_name"),
        ({"zone_name": "../../etc/passwd"}, "zone_name"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"hosts": "a..b"}, "hosts"),
        ({"hosts": "https://a.example"}, "hosts"),
        ({"hosts": "a.example:80"}, "hosts"),
        ({"hosts": "другой.example"}, "hosts"),
        ({"hosts": "taken.example"}, "hosts"),
        ({"hosts": "\n".join(f"h{n}.example" for n in range(21))}, "hosts"),
        ({"uptime_weight": "101"}, "uptime_weight"),
        ({"uptime_weight": "-1"}, "uptime_weight"),
    ],
)
def test_what_sets_no_page_up_is_said_beside_its_field(
    staff: Client, page: Page, words: dict[str, str], field: str
) -> None:
    PageHost.objects.create(page=make_page("Another"), host="taken.example")
    address = f"/console/pages/{page.code}/edit"
    response = staff.post(address, fields(staff.get(address)) | words)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Page.objects.get(pk=page.pk).name == "SIPcity"


def test_a_host_that_the_installation_refuses_is_named(staff: Client, page: Page) -> None:
    staff_url = f"/console/pages/{page.code}/edit"
    response = staff.post(staff_url, fields(staff.get(staff_url)) | {"hosts": "far.example"}, follow=True)
    assert b"far.example is not in ALLOWED_HOSTS" in response.content


def test_a_look_is_worn_shown_and_taken_off(staff: Client, page: Page) -> None:
    url = f"/console/pages/{page.code}/look"
    staff.post(
        url, fields(staff.get(url)) | {"accent": "#0b57d0", "logo": SimpleUploadedFile("a.png", picture())}
    )
    look = Look.objects.get()
    assert look.accent == "#0b57d0"
    assert look.logo
    assert staff.get(f"/console/pages/{page.code}/logo.png").content.startswith(b"\x89PNG")
    assert b"#0b57d0" in staff.get(f"/console/pages/{page.code}/look.css").content
    post(staff, url, remove_logo="on")
    assert not Look.objects.get().logo


def test_a_hostile_logo_is_said_beside_its_field(staff: Client, page: Page) -> None:
    url = f"/console/pages/{page.code}/look"
    response = staff.post(url, {"logo": SimpleUploadedFile("a.png", b"<svg onload='alert(1)'/>")})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["logo"]


def names(page: Page) -> list[str]:
    return list(
        Component.objects.filter(page=page, group=None).order_by("position").values_list("name", flat=True)
    )


def move(client: Client, page: Page, item: str, way: str, **more: str) -> object:
    seen = fields(client.get(components(page)), "order-moves")["seen"]
    return client.post(components(page), {"seen": seen, "item": item, "way": way, **more}, follow=True)


def test_buttons_move_one_place_and_keep_the_focus(staff: Client, page: Page) -> None:
    first, second = make_component(page, "Fax"), make_component(page, "PBX")
    response = move(staff, page, second.code, "up")
    assert names(page) == ["PBX", "Fax"]
    content = response.content.decode()  # type: ignore[attr-defined]
    assert (
        content.index(f'id="item-{second.code}"')
        < content.index("autofocus")
        < content.index(first.code + '"')
    )
    move(staff, page, second.code, "up")
    assert names(page) == ["PBX", "Fax"]
    move(staff, page, second.code, "down")
    assert names(page) == ["Fax", "PBX"]


def test_a_component_moves_into_a_group_and_out(staff: Client, page: Page) -> None:
    fax, group = make_component(page, "Fax"), make_group(page, "Platform")
    move(staff, page, fax.code, "into", group=group.code)
    assert Component.objects.get().group == group
    move(staff, page, fax.code, "into", group="")
    assert Component.objects.get().group is None


def test_dragging_sends_the_whole_order(staff: Client, page: Page) -> None:
    fax, pbx, group = make_component(page, "Fax"), make_component(page, "PBX"), make_group(page, "Platform")
    order = json.dumps([[group.code, [pbx.code]], [fax.code, []]])
    staff.post(components(page), {"order": order, "item": pbx.code})
    assert Component.objects.get(pk=pbx.pk).group == group


def test_two_who_order_at_once_are_told(staff: Client, colleague: Client, page: Page) -> None:
    make_component(page, "Fax")
    second = make_component(page, "PBX")
    mine = fields(staff.get(components(page)), "order-moves")
    move(colleague, page, second.code, "up")
    response = staff.post(components(page), mine | {"item": second.code, "way": "down"})
    assert response.status_code == 409
    assert b"Somebody changed the order while you did" in response.content
    assert names(page) == ["PBX", "Fax"]


@pytest.mark.parametrize("order", ["", "[", "[1]", '[["x", []]]', "[" * 50_000, '{"a": 1}', "null"])
def test_an_order_that_is_none_is_refused_in_words(staff: Client, page: Page, order: str) -> None:
    make_component(page, "Fax")
    assert staff.post(components(page), {"order": order}).status_code == 422


def test_a_component_is_made_changed_retired_and_brought_back(staff: Client, page: Page) -> None:
    new = f"{components(page)}/new"
    assert post(staff, new, name="Fax", start_date="2021-01-01").status_code == 302
    fax = Component.objects.get()
    assert (fax.start_date, fax.showcase) == (date(2021, 1, 1), True)
    assert post(staff, new, name="Fax").status_code == 422
    post(staff, f"/console/components/{fax.code}", name="Faxes", showcase=None)
    fax.refresh_from_db()
    assert (fax.name, fax.showcase) == ("Faxes", False)
    post(staff, f"/console/components/{fax.code}/retire")
    content = staff.get(components(page)).content.decode()
    assert "Bring Faxes back" in content
    assert b"Faxes" not in staff.get(f"/console/pages/{page.code}/incidents/new").content
    staff.post(f"/console/components/{fax.code}/revive")
    assert Component.objects.get().retired_at is None


def test_a_start_moves_earlier_and_never_past_an_outage(
    staff: Client, page: Page, network: Component
) -> None:
    url = f"/console/components/{network.code}"
    assert post(staff, url, start_date="2020-01-01").status_code == 302
    assert StatusChange.objects.filter(component=network).earliest("at").at.date() == date(2019, 12, 31)
    assert post(staff, url, start_date="2999-01-01").status_code == 422


def test_a_group_goes_only_when_it_is_empty(staff: Client, page: Page, network: Component) -> None:
    group = ComponentGroup.objects.get()
    post(staff, f"/console/groups/{group.code}", name="Platform")
    assert ComponentGroup.objects.get().name == "Platform"
    response = staff.post(f"/console/groups/{group.code}/delete", follow=True)
    assert b"still has components" in response.content
    post(staff, f"/console/pages/{page.code}/groups/new", name="Extras")
    extra = ComponentGroup.objects.get(name="Extras")
    staff.post(f"/console/groups/{extra.code}/delete")
    assert not ComponentGroup.objects.filter(name="Extras").exists()
