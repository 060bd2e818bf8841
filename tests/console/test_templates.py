"""Templates: kept by publishers, used by responders, filled with what the hour knows, never published half-filled."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Component, Incident, IncidentTemplate, Page
from incidents.operations.actors import DEMO
from incidents.operations.templates import save_template
from tests.console.conftest import signed_in
from tests.console.forms import fields, post, send
from tests.factories import BEGAN, make_member, make_page

URL = "/console/templates"
BODY = "We are looking into {{ components }} on {{ page }}. More by {{ next_update }}."


def kept(page: Page | None, name: str = "First words", body: str = BODY, title: str = "") -> IncidentTemplate:
    return save_template(None, page=page, name=name, title=title, body=body, status=None, by=DEMO, at=BEGAN)


def opening(page: Page) -> str:
    return f"/console/pages/{page.code}/incidents/new"


def test_a_template_is_kept_changed_and_thrown_away(staff: Client, page: Page) -> None:
    post(staff, f"{URL}/new", name="Carrier", body="Our carrier has a fault.", status="identified")
    template = IncidentTemplate.objects.get()
    assert (template.page, template.status) == (page, "identified")
    post(staff, f"{URL}/{template.code}", body="Our upstream carrier has a fault.")
    assert IncidentTemplate.objects.get().body == "Our upstream carrier has a fault."
    staff.post(f"{URL}/{template.code}/delete")
    assert not IncidentTemplate.objects.exists()


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"name": ""}, "name", "Give it a name"),
        ({"body": ""}, "body", "Say at least one sentence."),
        ({"body": "More by {{ tomorrow }}."}, "body", "Nothing fills {{ tomorrow }}."),
        ({"title": "{{ who }}"}, "title", "Nothing fills {{ who }}."),
        ({"body": "x" * 70_000}, "body", ""),
        ({"status": "scheduled"}, "status", ""),
        ({"of": "nowhere"}, "of", ""),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    staff: Client, page: Page, words: dict[str, str], field: str, said: str
) -> None:
    response = post(staff, f"{URL}/new", **{"name": "Carrier", "body": "Words.", **words})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert said in response.context["form"].errors[field][0]
    assert not IncidentTemplate.objects.exists()


def test_using_one_fills_the_form_and_loses_nothing_else(
    staff: Client, page: Page, network: Component
) -> None:
    template = kept(page, title="{{ components }} not working")
    affected = {f"component-{network.code}": "major_outage"}
    response = post(
        staff,
        opening(page),
        step="use",
        template=template.code,
        body="My own words.",
        next_update="60",
        **affected,
    )
    assert response.status_code == 200
    values = fields(response)
    assert re.fullmatch(
        r"We are looking into Network on SIPcity\. More by \d\d:\d[05] AE[DS]T\.", values["body"]
    )
    assert values["title"] == "Network not working"
    assert (values[f"component-{network.code}"], values["next_update"]) == ("major_outage", "60")
    assert not Incident.objects.exists()
    assert send(staff, opening(page), values).status_code == 302
    assert Incident.objects.get().title == "Network not working"


def test_in_an_update_the_incidents_own_components_are_named(staff: Client, incident: Incident) -> None:
    template = kept(None, body="{{ title }}: {{ components }} since {{ since }}.")
    response = post(staff, f"/console/incidents/{incident.code}", step="use", template=template.code)
    assert fields(response)["body"] == "Calls fail: Network since Oct 09, 2021 - 08:22 AEDT."


def test_a_place_that_is_left_over_is_never_published(staff: Client, page: Page) -> None:
    template = kept(page)
    values = fields(post(staff, opening(page), step="use", template=template.code, next_update=""))
    assert "{{ components }}" in values["body"]
    response = send(staff, opening(page), values, title="Calls fail")
    assert response.status_code == 422
    assert "Fill in {{ components }} first, or take it out." in response.context["form"].errors["body"][0]
    assert not Incident.objects.exists()


def test_another_pages_template_is_neither_offered_nor_used(staff: Client, page: Page) -> None:
    foreign = kept(make_page("Another"), name="Of another page")
    assert b"Of another page" not in staff.get(opening(page)).content
    response = post(staff, opening(page), step="use", template=foreign.code, body="My own words.")
    assert fields(response)["body"] == "My own words."


def test_a_publisher_of_one_page_changes_no_template_of_all(page: Page, frank: User) -> None:
    common = kept(None)
    client = signed_in(make_member(frank, Role.PUBLISHER, page))
    assert client.get(f"{URL}/{common.code}").status_code == 404
    client.post(f"{URL}/{common.code}/delete")
    assert IncidentTemplate.objects.exists()
