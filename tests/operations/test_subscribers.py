"""Subscriptions through the operations: confirmed by their owner, changed, ended, and no tool for mail storms."""

from datetime import datetime, timedelta

import pytest
from standardwebhooks import Webhook

from incidents.domain.deliveries import DeliveryState
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.operations.credentials import LostKey, seal, unseal
from incidents.operations.errors import Refused
from incidents.operations.fanout import expand
from incidents.operations.subscribers import (
    MAILS_A_DAY,
    PAUSE,
    choose_components,
    confirm_subscription,
    end_subscription,
    request_subscription,
)
from tests.factories import BEGAN, make_component, make_page

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def ask(page: Page, address: str = "ada@example.com", *, at: datetime = BEGAN, **facts: object) -> Subscriber:
    channel = str(facts.pop("channel", "email"))
    request_subscription(page, channel=channel, address=address, at=at, **facts)  # type: ignore[arg-type]
    return Subscriber.objects.latest("pk")


def mails_asked() -> int:
    return Event.objects.filter(kind=EventKind.SUBSCRIBER_REQUESTED, notifies=True).count()


def test_a_request_is_pending_and_asks_for_one_mail(page: Page) -> None:
    subscriber = ask(page, " Ada@EXAMPLE.com ")
    assert (subscriber.state, subscriber.address) == (SubscriberState.PENDING, "Ada@example.com")
    event = Event.objects.get(kind=EventKind.SUBSCRIBER_REQUESTED)
    assert (event.subscriber, event.notifies, event.actor) == (subscriber, True, "subscriber")


def test_the_journal_never_holds_an_address(page: Page) -> None:
    subscriber = ask(page)
    confirm_subscription(subscriber, at=BEGAN)
    end_subscription(subscriber, at=BEGAN)
    assert not [event for event in Event.objects.all() if "ada" in str(event.data) + event.actor]


def test_confirming_begins_it_once_and_a_person_gets_no_secret(page: Page) -> None:
    subscriber = ask(page)
    assert confirm_subscription(subscriber, at=BEGAN + MINUTE) is None
    assert confirm_subscription(subscriber, at=BEGAN + DAY) is None
    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.confirmed_at) == (SubscriberState.ACTIVE, BEGAN + MINUTE)
    assert Event.objects.filter(kind=EventKind.SUBSCRIBER_CONFIRMED).count() == 1


def test_a_webhooks_secret_is_shown_once_and_kept_encrypted(page: Page) -> None:
    subscriber = ask(page, "https://hooks.example.com/a", channel="webhook", contact_email="ops@example.com")
    secret = confirm_subscription(subscriber, at=BEGAN)
    assert secret is not None
    assert secret.startswith("whsec_")
    Webhook(secret)
    assert confirm_subscription(subscriber, at=BEGAN + timedelta(seconds=2)) == secret  # a double click
    assert confirm_subscription(subscriber, at=BEGAN + 2 * MINUTE) is None
    subscriber.refresh_from_db()
    assert secret not in subscriber.secret
    assert unseal(subscriber.secret) == secret


def test_a_secret_sealed_with_another_key_names_the_setting(settings: pytest.FixtureRequest) -> None:
    sealed = seal("whsec_x")
    settings.CREDENTIALS_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(LostKey, match="CREDENTIALS_KEY"):
        unseal(sealed)


def test_an_ended_subscription_cannot_be_confirmed_by_its_old_link(page: Page) -> None:
    subscriber = ask(page)
    end_subscription(subscriber, at=BEGAN)
    with pytest.raises(Refused, match="ended"):
        confirm_subscription(subscriber, at=BEGAN + MINUTE)


def test_ending_twice_changes_nothing_and_finishes_what_is_queued(page: Page) -> None:
    subscriber = ask(page)
    expand(Event.objects.get(kind=EventKind.SUBSCRIBER_REQUESTED), at=BEGAN)
    for _ in range(2):
        end_subscription(subscriber, at=BEGAN + MINUTE)
    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.ended_at) == (SubscriberState.ENDED, BEGAN + MINUTE)
    assert Event.objects.filter(kind=EventKind.SUBSCRIBER_ENDED).count() == 1
    assert Delivery.objects.get().state == DeliveryState.DEAD


def test_who_comes_back_gets_new_links_and_a_new_beginning(page: Page) -> None:
    subscriber = ask(page)
    confirm_subscription(subscriber, at=BEGAN)
    end_subscription(subscriber, at=BEGAN + MINUTE)
    before = subscriber.nonce
    subscriber = ask(page, at=BEGAN + DAY)
    assert (subscriber.state, Subscriber.objects.count()) == (SubscriberState.PENDING, 1)
    assert subscriber.nonce != before
    confirm_subscription(subscriber, at=BEGAN + DAY)
    subscriber.refresh_from_db()
    assert (subscriber.confirmed_at, subscriber.ended_at) == (BEGAN + DAY, None)


def test_asking_for_an_active_subscription_changes_nothing_and_mails_its_owner(page: Page) -> None:
    component = make_component(page)
    subscriber = ask(page)
    confirm_subscription(subscriber, at=BEGAN)
    ask(page, at=BEGAN + DAY, components=[component])
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.ACTIVE
    assert not subscriber.components.exists()
    assert mails_asked() == 2


def test_a_stranger_cannot_take_over_a_webhook_by_naming_another_contact(page: Page) -> None:
    url = "https://hooks.example.com/a"
    subscriber = ask(page, url, channel="webhook", contact_email="ops@example.com")
    confirm_subscription(subscriber, at=BEGAN)
    ask(page, url, channel="webhook", contact_email="mallory@evil.example", at=BEGAN + DAY)
    subscriber.refresh_from_db()
    assert subscriber.contact_email == "ops@example.com"


def test_another_contact_of_a_pending_webhook_kills_the_first_ones_link(page: Page) -> None:
    url = "https://hooks.example.com/a"
    before = ask(page, url, channel="webhook", contact_email="typo@example.com").nonce
    subscriber = ask(page, url, channel="webhook", contact_email="ops@example.com", at=BEGAN + DAY)
    assert (subscriber.contact_email, subscriber.nonce == before) == ("ops@example.com", False)


def test_a_thousand_requests_for_one_victim_are_at_most_three_mails_a_day(page: Page) -> None:
    for number in range(1000):
        ask(page, at=BEGAN + number * timedelta(seconds=86))
    assert mails_asked() == MAILS_A_DAY
    ask(page, at=BEGAN + DAY + PAUSE)
    assert mails_asked() == MAILS_A_DAY + 1


def test_tags_cases_pages_and_webhooks_do_not_get_around_the_cap(page: Page) -> None:
    other = make_page("2talk")
    for number in range(5):
        at = BEGAN + number * MINUTE
        ask(page, f"ada+{number}@example.com", at=at)
        ask(other, "ADA@example.com" if number % 2 else "Ada@Example.com", at=at)
        ask(
            page,
            f"https://h.example.com/{number}",
            channel="webhook",
            contact_email="ada+x@example.com",
            at=at,
        )
    assert mails_asked() == MAILS_A_DAY
    ask(page, "bob@example.com")
    ask(page, "ada@elsewhere.example.com")
    ask(page, "adam@example.com")
    assert mails_asked() == MAILS_A_DAY + 3


def test_the_same_request_is_mailed_again_only_after_a_pause(page: Page) -> None:
    for wait in (timedelta(0), MINUTE, PAUSE - MINUTE):
        ask(page, at=BEGAN + wait)
    assert mails_asked() == 1
    ask(page, at=BEGAN + PAUSE)
    assert mails_asked() == 2


def test_beyond_the_cap_nothing_at_all_is_written(page: Page) -> None:
    for number in range(MAILS_A_DAY):
        ask(page, f"ada+{number}@example.com")
    before = Event.objects.count(), Subscriber.objects.count()
    ask(page, "ada+again@example.com")
    assert (Event.objects.count(), Subscriber.objects.count()) == before


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"address": "user@localhost"}, "address"),
        ({"address": "ada@example.com\r\nBcc: v@example.com"}, "address"),
        (
            {"channel": "webhook", "address": "http://127.0.0.1/", "contact_email": "ops@example.com"},
            "address",
        ),
        ({"channel": "webhook", "address": "https://h.example.com/"}, "contact_email"),
        ({"channel": "webhook", "address": "https://h.example.com/", "contact_email": "x"}, "contact_email"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(page: Page, facts: dict[str, str], field: str) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught:
        request_subscription(page, at=BEGAN, **{"channel": "email", "address": "ada@example.com", **facts})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert (Event.objects.count(), Subscriber.objects.count()) == (before, 0)


def test_components_of_another_page_are_refused(page: Page) -> None:
    foreign = make_component(make_page("2talk"))
    with pytest.raises(Refused) as caught:
        ask(page, components=[foreign])
    assert caught.value.field == "components"
    subscriber = ask(page)
    confirm_subscription(subscriber, at=BEGAN)
    with pytest.raises(Refused):
        choose_components(subscriber, components=[foreign], at=BEGAN)


def test_a_choice_can_be_changed_while_the_subscription_lives(page: Page) -> None:
    network, queues = make_component(page, "Network"), make_component(page, "Queues")
    subscriber = ask(page, components=[network])
    confirm_subscription(subscriber, at=BEGAN)
    choose_components(subscriber, components=[queues], at=BEGAN + MINUTE)
    assert list(subscriber.components.all()) == [queues]
    end_subscription(subscriber, at=BEGAN + MINUTE)
    with pytest.raises(Refused, match="not active"):
        choose_components(subscriber, components=[], at=BEGAN + MINUTE)
