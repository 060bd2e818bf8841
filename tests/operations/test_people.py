"""What is forgotten by itself: requests nobody confirmed, subscriptions long ended, incidents long over."""

from datetime import timedelta

import pytest

from incidents.models import Event, Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.people import (
    KEPT_ENDED,
    KEPT_FOLLOWING,
    KEPT_PENDING,
    erase_person,
    export_person,
    forget_subscriptions,
)
from incidents.operations.subscribers import end_subscription, request_subscription
from tests.factories import BEGAN, make_incident, make_page, resolve
from tests.notifying.people import hook_reader, mail_reader
from tests.operations.queue import expand_all

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_a_request_that_nobody_confirmed_is_forgotten_and_one_that_was_asked_anew_is_not(page: Page) -> None:
    for name in ("old", "anew"):
        request_subscription(page, channel="email", address=f"{name}@example.com", at=BEGAN)
    request_subscription(page, channel="email", address="anew@example.com", at=BEGAN + 20 * DAY)
    assert forget_subscriptions(at=BEGAN + KEPT_PENDING) == 0
    assert forget_subscriptions(at=BEGAN + KEPT_PENDING + DAY) == 1
    assert Subscriber.objects.get().address == "anew@example.com"


def test_an_ended_subscription_is_forgotten_after_a_year_and_an_active_one_never(page: Page) -> None:
    ada = mail_reader(page)
    mail_reader(page, "bob@example.com")
    end_subscription(ada, at=BEGAN)
    assert forget_subscriptions(at=BEGAN + KEPT_ENDED) == 0
    assert forget_subscriptions(at=BEGAN + KEPT_ENDED + DAY) == 1
    assert Subscriber.objects.get().address == "bob@example.com"


def test_following_an_incident_ends_long_after_it_is_over(page: Page) -> None:
    incident = make_incident(page)
    ada = mail_reader(page)
    Subscriber.objects.update(incident=incident)
    forget_subscriptions(at=BEGAN + 1000 * DAY)
    ada.refresh_from_db()
    assert ada.state == "active"
    resolve(incident, at=BEGAN + DAY)
    forget_subscriptions(at=BEGAN + DAY + KEPT_FOLLOWING)
    ada.refresh_from_db()
    assert ada.state == "active"
    forget_subscriptions(at=BEGAN + 2 * DAY + KEPT_FOLLOWING)
    ada.refresh_from_db()
    assert ada.state == "ended"
    assert Event.objects.get(kind="subscriber.ended").actor == "clock"


def test_erasing_takes_the_receivers_of_an_owner_too_and_leaves_everybody_else(page: Page) -> None:
    mail_reader(page, "ops@example.com"), hook_reader(page, "https://hooks.example.com/a")
    mail_reader(make_page("2talk"), "OPS@example.com"), mail_reader(page, "ops+tag@example.com")
    make_incident(page)
    expand_all()
    assert len(export_person("ops@example.com")["subscriptions"]) == 3
    assert erase_person("ops@example.com", by=DEMO, at=BEGAN) == 3
    assert Subscriber.objects.get().address == "ops+tag@example.com"
    assert erase_person("ops@example.com", by=DEMO, at=BEGAN) == 0
    assert export_person("ops@example.com") == {
        "address": "ops@example.com",
        "suppressed": None,
        "subscriptions": [],
    }


def test_of_no_address_nothing_is_handed_over() -> None:
    mail_reader(make_page(), "ada@example.com")
    assert export_person("")["subscriptions"] == []
    assert len(export_person("ada@example.com")["subscriptions"]) == 1
