"""Subscribers of another status page come along with what they chose, and never with more."""

import pytest

from incidents.domain.archives import Archive, OldSubscriber
from incidents.models import Subscriber
from incidents.operations.archived_people import add_subscribers
from incidents.operations.archives import Moved
from tests.factories import BEGAN, make_component, make_page
from tests.operations.queue import reader

pytestmark = pytest.mark.django_db


def old(code: str, *components: str, address: str = "") -> OldSubscriber:
    where = address or f"{code}@example.com"
    return OldSubscriber(
        code=code,
        channel="email",
        address=where,
        contact="",
        state="active",
        components=components,
        created_at=BEGAN,
    )


def test_a_choice_of_which_nothing_came_along_is_left_out_and_never_means_all() -> None:
    page = make_page()
    calls = make_component(page)
    rows = (old("all"), old("some", "c1", "gone"), old("none", "gone"))
    archive, moved = Archive(subscribers={each.code: each for each in rows}), Moved(page)
    add_subscribers(archive, page, {"c1": calls}, moved, at=BEGAN)
    found = {each.address: list(each.components.all()) for each in Subscriber.objects.all()}
    assert found == {"all@example.com": [], "some@example.com": [calls]}
    assert moved.problems == [
        "subscriber some: chose components that did not come along: gone",
        "subscriber none: none of the components that it chose came along; left out, since no choice would mean all "
        "components",
    ]


def test_who_is_here_in_another_case_is_not_added_again() -> None:
    page = make_page()
    reader(page, "Ada")
    archive = Archive(subscribers={"x": old("x", address="ADA@example.com")})
    add_subscribers(archive, page, {}, Moved(page), at=BEGAN)
    assert Subscriber.objects.count() == 1
