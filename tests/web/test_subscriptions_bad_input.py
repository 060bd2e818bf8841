"""What strangers send to the subscription pages: malformed, huge, hostile, twice, late."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from incidents.models import Event, Page, Subscriber
from incidents.operations.subscribers import confirm_subscription, end_subscription, request_subscription
from incidents.operations.tokens import WITHIN, Purpose, make_token
from incidents.web.subscriptions import EACH_AN_HOUR
from tests.factories import make_component, make_page

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
def visitor() -> Client:
    return Client(HTTP_HOST=HOST)


@pytest.fixture
def subscriber(page: Page) -> Subscriber:
    request_subscription(page, channel="email", address="ada@example.com", at=datetime.now(UTC))
    return Subscriber.objects.get()


def beside(text: str, name: str) -> str:
    """The words beside a field."""
    found = re.search(rf'id="id_{name}_help">(?:<b class="error">)?([^<]+)', text)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "user@localhost",
        "ada@example.com\r\nBcc: victim@example.com",
        "ada\x0b@example.com",
        "ada\x00@example.com",
        '"><script>alert(1)</script>@example.com',
        "a" * 600 + "@example.com",
        "ada@[169.254.169.254]",
    ],
)
def test_a_bad_address_is_told_beside_its_field_and_kept(visitor: Client, page: Page, address: str) -> None:
    answer = visitor.post(FORM, {"channel": "email", "address": address})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text
    assert len(beside(text, "address")) > 10
    assert "<script>alert" not in text
    if address and address.isprintable():
        assert f'value="{address}"' in unescape(text) or "&quot;" in text
    assert not Subscriber.objects.exists()


def test_an_international_domain_is_kept_as_it_is_looked_up(visitor: Client, page: Page) -> None:
    visitor.post(FORM, {"channel": "email", "address": "ada@münchen.example"})
    assert Subscriber.objects.get().address == "ada@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"address": "http://169.254.169.254/latest/meta-data"}, "address"),
        ({"address": "http://localhost:6379/"}, "address"),
        ({"address": "gopher://example.com/"}, "address"),
        ({"contact_email": ""}, "contact_email"),
        ({"contact_email": "ops@localhost"}, "contact_email"),
    ],
)
def test_a_bad_webhook_names_its_field_and_keeps_the_rest(
    visitor: Client, page: Page, facts: dict[str, str], field: str
) -> None:
    good = {"channel": "webhook", "address": "https://h.example.com/x", "contact_email": "ops@example.com"}
    answer = visitor.post(FORM, {**good, **facts})
    text = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f'name="{field}"' in text
    assert (
        "We do not send" in beside(text, field)
        or "not an" in beside(text, field)
        or "begins" in beside(text, field)
    )
    for name, value in {**good, **facts}.items():
        assert not value or f'value="{value}"' in text, name
    assert not Subscriber.objects.exists()


def test_an_unknown_channel_or_component_is_an_error_and_no_crash(visitor: Client, page: Page) -> None:
    foreign = make_component(make_page("2talk"))
    for facts in (
        {"channel": "pigeon"},
        {"components": foreign.code},
        {"components": "x" * 5000},
        {"channel": ""},
    ):
        answer = visitor.post(FORM, {"channel": "email", "address": "ada@example.com", **facts})
        assert answer.status_code == 422
        assert 'class="error"' in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_what_was_ticked_stays_ticked_beside_an_error(visitor: Client, page: Page) -> None:
    component = make_component(page)
    answer = visitor.post(FORM, {"channel": "email", "address": "x", "components": component.code})
    assert re.search(rf'value="{component.code}"\s+checked', answer.content.decode())


@pytest.mark.parametrize("path", [FORM, "/subscriptions/unsubscribe/x", "/subscriptions/confirm/x"])
def test_two_megabytes_are_refused_before_they_are_read(visitor: Client, page: Page, path: str) -> None:
    answer = visitor.post(path, {"channel": "email", "address": "a" * 2_000_000})
    assert answer.status_code == 413
    assert "64 kB" in answer.content.decode()
    many = visitor.post(
        path,
        "&".join(f"f{number}=" for number in range(5000)),
        content_type="application/x-www-form-urlencoded",
    )
    assert many.status_code in {400, 404, 413}


def test_other_methods_are_refused(visitor: Client, page: Page) -> None:
    for method in (visitor.put, visitor.delete, visitor.patch):
        assert method(FORM).status_code == 405


def test_a_program_that_fills_in_every_field_is_thanked_and_forgotten(visitor: Client, page: Page) -> None:
    answer = visitor.post(FORM, {"channel": "email", "address": "ada@example.com", "fax": "1"})
    assert (answer.status_code, answer["Location"]) == (302, "/subscriptions/requested")
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("where", ["confirm", "manage", "unsubscribe"])
@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "ü", "x" * 3000, "..%2f..%2fetc"])
def test_an_unknown_link_says_so_and_offers_the_way_back(
    visitor: Client, page: Page, where: str, token: str
) -> None:
    for method in (visitor.get, visitor.post):
        answer = method(f"/subscriptions/{where}/{token}")
        assert answer.status_code == 404
    assert "This link" in visitor.get(f"/subscriptions/{where}/x").content.decode()


@pytest.mark.parametrize(
    ("where", "purpose"), [("confirm", "leave"), ("manage", "leave"), ("unsubscribe", "confirm")]
)
def test_a_link_of_another_purpose_opens_nothing(
    visitor: Client, subscriber: Subscriber, where: str, purpose: str
) -> None:
    token = make_token(subscriber, Purpose(purpose), at=datetime.now(UTC))
    before = Subscriber.objects.values().get()
    for method in (visitor.get, visitor.post):
        answer = method(f"/subscriptions/{where}/{token}")
        assert answer.status_code == 404
        assert subscriber.address not in answer.content.decode()
    assert Subscriber.objects.values().get() == before


def test_a_confirmation_that_is_too_old_asks_for_a_new_one(visitor: Client, subscriber: Subscriber) -> None:
    token = make_token(
        subscriber, Purpose.CONFIRM, at=datetime.now(UTC) - WITHIN[Purpose.CONFIRM] - timedelta(minutes=1)
    )
    answer = visitor.post(f"/subscriptions/confirm/{token}")
    assert answer.status_code == 404
    assert "good for 7 days" in answer.content.decode()
    assert Subscriber.objects.get().state == "pending"


def test_leaving_twice_and_confirming_after_leaving_are_told_apart(
    visitor: Client, subscriber: Subscriber
) -> None:
    now = datetime.now(UTC)
    confirm_subscription(subscriber, at=now)
    leave = f"/subscriptions/unsubscribe/{make_token(subscriber, Purpose.LEAVE, at=now)}"
    assert [visitor.post(leave).status_code for _ in range(2)] == [200, 200]
    assert Event.objects.filter(kind="subscriber.ended").count() == 1
    confirm = f"/subscriptions/confirm/{make_token(subscriber, Purpose.CONFIRM, at=now)}"
    assert "not active" in visitor.get(confirm).content.decode()
    assert visitor.post(confirm).status_code == 410
    assert Subscriber.objects.get().state == "ended"


def test_an_ended_subscription_cannot_be_managed(visitor: Client, subscriber: Subscriber) -> None:
    now = datetime.now(UTC)
    end_subscription(subscriber, at=now)
    answer = visitor.post(f"/subscriptions/manage/{make_token(subscriber, Purpose.MANAGE, at=now)}")
    assert "not active" in answer.content.decode()


def test_one_caller_gets_so_many_requests_an_hour_and_keeps_what_was_typed(
    visitor: Client, page: Page
) -> None:
    for number in range(EACH_AN_HOUR):
        facts = {"channel": "email", "address": f"a{number}@example.com"}
        assert visitor.post(FORM, facts, REMOTE_ADDR="8.8.8.8").status_code == 302
    answer = visitor.post(FORM, {"channel": "email", "address": "late@example.com"}, REMOTE_ADDR="8.8.8.8")
    assert answer.status_code == 429
    assert 'value="late@example.com"' in answer.content.decode()
    assert "Try again in an hour" in answer.content.decode()
    other = visitor.post(FORM, {"channel": "email", "address": "other@example.com"}, REMOTE_ADDR="8.8.4.4")
    assert other.status_code == 302
    assert Subscriber.objects.count() == EACH_AN_HOUR + 1


def test_a_thousand_callers_for_one_victim_are_three_mails(
    visitor: Client, page: Page, settings: Settings
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }
    answers, bodies = set(), set()
    for number in range(1000):
        address = f"2600:{number:x}::1"
        facts = {"channel": "email", "address": f"victim+{number}@example.com"}
        response = visitor.post(FORM, facts, REMOTE_ADDR=address)
        answers.add((response.status_code, response.headers["Location"])), bodies.add(response.content)
    assert answers == {(302, "/subscriptions/requested")}
    assert bodies == {b""}
    assert Event.objects.filter(kind="subscriber.requested").count() == 3


def test_all_callers_together_are_bounded(
    visitor: Client, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incidents.web.subscriptions.ALL_AN_HOUR", 30)
    codes = [
        visitor.post(
            FORM, {"channel": "email", "address": f"r{number}@example.com"}, REMOTE_ADDR=f"2600:{number:x}::1"
        ).status_code
        for number in range(35)
    ]
    assert codes == [302] * 30 + [429] * 5


def test_a_cache_that_is_gone_keeps_nobody_out(visitor: Client, page: Page, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert visitor.post(FORM, {"channel": "email", "address": "ada@example.com"}).status_code == 302
    assert Subscriber.objects.count() == 1
