"""The order of a page: said as a whole, in few queries, and never behind a colleague's back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Component, Page
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.errors import Conflict, Refused
from incidents.operations.ordering import fingerprint, inside_of, order_components, tops_of
from tests.factories import BEGAN, make_component, make_group, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    page = make_page("SIPcity")
    platform = make_group(page, "Platform")
    for name in ("Network", "TLS"):
        make_component(page, name, group=platform)
    for name in ("Fax", "PBX"):
        make_component(page, name)
    return page


def code(page: Page, name: str) -> str:
    return next(each.code for each in (*page.components.all(), *page.groups.all()) if each.name == name)


def shown(page: Page) -> list[str | list[str]]:
    inside = inside_of(page)
    found: list[str | list[str]] = []
    for top in tops_of(page):
        found.append(top.name)
        if top.code in inside:
            found.append([each.name for each in inside[top.code]])
    return found


def order(page: Page, tops: list[str], inside: list[str], expected: str | None = None) -> None:
    order_components(
        page,
        tops=[code(page, each) for each in tops],
        inside={code(page, "Platform"): [code(page, each) for each in inside]},
        expected=expected,
        by=DEMO,
        at=BEGAN,
    )


def test_everything_stands_as_it_was_said(page: Page) -> None:
    order(page, ["PBX", "Platform"], ["TLS", "Fax", "Network"])
    assert shown(page) == ["PBX", "Platform", ["TLS", "Fax", "Network"]]


def test_an_order_over_a_newer_one_is_a_conflict_and_changes_nothing(page: Page) -> None:
    seen = fingerprint(page)
    order(page, ["Fax", "Platform", "PBX"], ["TLS", "Network"], seen)
    with pytest.raises(Conflict, match="Somebody changed the order"):
        order(page, ["PBX", "Platform", "Fax"], ["Network", "TLS"], seen)
    assert shown(page) == ["Fax", "Platform", ["TLS", "Network"], "PBX"]


@pytest.mark.parametrize(
    ("tops", "inside"),
    [
        (["Platform", "Fax"], ["Network", "TLS"]),
        (["Platform", "Fax", "PBX", "PBX"], ["Network", "TLS"]),
        (["Platform", "Fax", "PBX"], ["Network", "TLS", "Fax"]),
        (["Fax", "PBX"], ["Network", "TLS", "Platform"]),
    ],
)
def test_nothing_may_be_missing_or_stand_twice(page: Page, tops: list[str], inside: list[str]) -> None:
    before = shown(page)
    with pytest.raises(Refused):
        order(page, tops, inside)
    assert shown(page) == before


def test_a_component_of_another_page_is_refused(page: Page) -> None:
    foreign = make_component(make_page("Another"), "Faxes")
    with pytest.raises(Refused):
        order_components(page, tops=[foreign.code], inside={}, by=DEMO, at=BEGAN)


def test_two_of_one_name_do_not_meet_in_a_group(page: Page) -> None:
    make_component(page, "TLS")
    top = next(each for each in page.components.filter(group=None) if each.name == "TLS")
    inner = page.components.get(group__isnull=False, name="TLS")
    names = ["Platform", "Fax", "PBX"]
    with pytest.raises(Refused, match="TLS would stand twice"):
        order_components(
            page,
            tops=[code(page, each) for each in names],
            inside={code(page, "Platform"): [code(page, "Network"), inner.code, top.code]},
            by=DEMO,
            at=BEGAN,
        )


def test_three_hundred_components_cost_no_more_queries_than_four(page: Page) -> None:
    def queries() -> int:
        tops = [each.code for each in tops_of(page)]
        inside = {group: [each.code for each in rows] for group, rows in inside_of(page).items()}
        with CaptureQueriesContext(
            connection,
        ) as found:
            order_components(page, tops=tops[::-1], inside=inside, by=DEMO, at=BEGAN)
        return len(found)

    few = queries()
    for number in range(300):
        create_component(page, name=f"Line {number}", by=DEMO, at=BEGAN)
    assert queries() <= few + 6
    assert Component.objects.count() == 304
