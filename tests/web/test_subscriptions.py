"""The subscription pages as a person walks through them, without an account and without JavaScript."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from incidents.domain.subscribers import SubscriberState
from incidents.models import Component, Event, Page, Subscriber
from incidents.operations.credentials import unseal
from incidents.operations.tokens import Purpose, make_token
from tests.factories import make_component, make_group, make_page

pytestmark = pytest.mark.django_db
HOST = "status.sipcity.test"
FORM = "/subscriptions/"


@pytest.fixture(autouse=True)
def quiet_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network", group=make_group(page, "SIPcity Calling Platform"))


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True, HTTP_HOST=HOST)


def post(visitor: Client, path: str, **facts: object) -> tuple[int, str]:
    """Open the page, fill in its form and send it, as a browser does."""
    opened = visitor.get(path).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opened)
    if token:
        facts["csrfmiddlewaretoken"] = token[1]
    answer = visitor.post(path.partition("?")[0], facts, follow=True)
    return answer.status_code, unescape(answer.content.decode())


def link(purpose: Purpose) -> str:
    subscriber = Subscriber.objects.latest("pk")
    where = "unsubscribe" if purpose == Purpose.LEAVE else purpose.value
    return f"{FORM}{where}/{make_token(subscriber, purpose, at=datetime.now(UTC))}"


def state() -> str:
    return Subscriber.objects.get().state


def test_a_person_subscribes_confirms_chooses_and_leaves(
    visitor: Client, page: Page, network: Component
) -> None:
    status, text = post(visitor, FORM, channel="email", address="Ada@Example.com", components=network.code)
    assert (status, "Check your mail" in text) == (200, True)
    assert state() == SubscriberState.PENDING

    opened = visitor.get(link(Purpose.CONFIRM)).content.decode()
    assert "Ada@example.com" in opened
    assert "SIPcity Calling Platform - Network" in opened
    status, text = post(visitor, link(Purpose.CONFIRM))
    assert (status, "You are subscribed" in text) == (200, True)
    assert state() == SubscriberState.ACTIVE

    assert re.search(rf'value="{network.code}"\s+checked', visitor.get(link(Purpose.MANAGE)).content.decode())
    status, text = post(visitor, link(Purpose.MANAGE))
    assert "Your choice is saved." in text
    assert not Subscriber.objects.get().components.exists()

    status, text = post(visitor, link(Purpose.LEAVE))
    assert (status, "You are unsubscribed" in text) == (200, True)
    assert state() == SubscriberState.ENDED


def test_a_webhook_has_its_own_form_and_its_secret_is_shown_once(visitor: Client, page: Page) -> None:
    form = visitor.get(f"{FORM}?channel=webhook").content.decode()
    assert 'name="contact_email"' in form
    status, _ = post(
        visitor,
        f"{FORM}?channel=webhook",
        channel="webhook",
        address="https://hooks.example.com/a",
        contact_email="ops@example.com",
    )
    assert status == 200
    _, text = post(visitor, link(Purpose.CONFIRM))
    secret = unseal(Subscriber.objects.get().secret)
    assert secret in text
    Subscriber.objects.update(confirmed_at=datetime(2021, 10, 9, tzinfo=UTC))
    for path in (link(Purpose.CONFIRM), link(Purpose.MANAGE), link(Purpose.LEAVE)):
        assert secret not in visitor.get(path).content.decode()
    token = visitor.cookies["csrftoken"].value
    again = visitor.post(link(Purpose.CONFIRM), {"csrfmiddlewaretoken": token}).content.decode()
    assert "whsec_" not in again
    assert "was shown" in again


def test_a_double_click_on_confirm_still_shows_the_secret(visitor: Client, page: Page) -> None:
    post(
        visitor,
        FORM,
        channel="webhook",
        address="https://hooks.example.com/a",
        contact_email="ops@example.com",
    )
    path = link(Purpose.CONFIRM)
    visitor.get(path)
    facts = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    first, second = (visitor.post(path, facts).content.decode() for _ in range(2))
    shown = re.findall(r"whsec_[\w+/=]+", unescape(first))
    assert shown
    assert shown == re.findall(r"whsec_[\w+/=]+", unescape(second))
    assert Event.objects.filter(kind="subscriber.confirmed").count() == 1


def test_opening_any_page_changes_nothing(visitor: Client, page: Page) -> None:
    post(visitor, FORM, channel="email", address="ada@example.com")
    before = list(Subscriber.objects.values()), Event.objects.count()
    for path in (FORM, f"{FORM}requested", *(link(purpose) for purpose in Purpose)):
        for method in (visitor.get, visitor.head):
            assert method(path).status_code == 200
    assert (list(Subscriber.objects.values()), Event.objects.count()) == before


def test_one_click_needs_neither_cookie_nor_csrf_token_and_nothing_else_does(page: Page) -> None:
    bare = Client(enforce_csrf_checks=True, HTTP_HOST=HOST)
    post(Client(enforce_csrf_checks=True, HTTP_HOST=HOST), FORM, channel="email", address="ada@example.com")
    for path in (FORM, link(Purpose.CONFIRM), link(Purpose.MANAGE)):
        assert bare.post(path, {"channel": "email", "address": "eve@example.com"}).status_code == 403
    answer = bare.post(
        link(Purpose.LEAVE), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert (state(), Subscriber.objects.count()) == (SubscriberState.ENDED, 1)
    assert bare.post(link(Purpose.LEAVE)).status_code == 200


def test_the_reply_is_the_same_bytes_for_known_and_unknown_addresses(visitor: Client, page: Page) -> None:
    addresses = {"new@example.com": None, **{f"{each}@example.com": each for each in SubscriberState}}
    for address, its in addresses.items():
        if its:
            Subscriber.objects.create(
                page=page,
                channel="email",
                address=address,
                state=its,
                nonce="n",
                created_at=datetime.now(UTC),
            )
    opened = visitor.get(FORM).content.decode()
    facts = {"channel": "email", "csrfmiddlewaretoken": _token(opened)}
    replies = set()
    for address in [*addresses, *addresses]:
        answer = visitor.post(FORM, {**facts, "address": address})
        after = visitor.get(answer["Location"])
        head = tuple(sorted((name, value) for name, value in answer.items() if name != "Expires"))
        replies.add((answer.status_code, answer.content, head, after.content))
    assert len(replies) == 1


def test_the_page_is_chosen_by_host(settings: Settings, page: Page) -> None:
    settings.ALLOWED_HOSTS = [HOST, "status.2talk.test"]
    other = make_page("2talk", hosts=("status.2talk.test",))
    visitor = Client(enforce_csrf_checks=True, HTTP_HOST="status.2talk.test")
    assert '<b dir="auto">2talk</b>' in visitor.get(FORM).content.decode()
    post(visitor, FORM, channel="email", address="ada@example.com")
    assert Subscriber.objects.get().page == other
    assert Client(HTTP_HOST="evil.example").get(FORM).status_code == 400


def test_without_any_page_there_is_nothing_to_subscribe_to(visitor: Client) -> None:
    assert visitor.get(FORM).status_code == 404


def test_components_are_offered_by_group_in_the_order_of_the_page(
    visitor: Client, page: Page, network: Component
) -> None:
    make_component(page, "SIPcity Cloud PBX")
    make_component(page, "Queues", group=network.group)
    text = visitor.get(FORM).content.decode()
    names = re.findall(r'<p class="group" dir="auto">([^<]+)|<span dir="auto">([^<]+)', text)
    assert ["".join(pair) for pair in names] == [
        "SIPcity Calling Platform",
        "Network",
        "Queues",
        "SIPcity Cloud PBX",
    ]


def test_a_page_without_components_offers_no_choice(visitor: Client, page: Page) -> None:
    assert "Only these services" not in visitor.get(FORM).content.decode()


def test_the_pages_are_never_cached_indexed_or_referred_to(visitor: Client, page: Page) -> None:
    post(visitor, FORM, channel="email", address="ada@example.com")
    for path in (FORM, *(link(purpose) for purpose in Purpose)):
        answer = visitor.get(path)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        body = answer.content.decode()
        assert not re.search(r"<style|<script(?! src)|\sstyle=|\son\w+=|javascript:", body)
        assert path == FORM or path.rpartition("/")[2] not in re.sub(r'action="[^"]*"', "", body)


def _token(text: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert found
    return found[1]
