"""Links in mails: good for one purpose, one subscriber and, of confirmations, one week."""

from datetime import timedelta

import pytest

from incidents.models import Subscriber
from incidents.operations.subscribers import request_subscription
from incidents.operations.tokens import WITHIN, LostToken, Purpose, make_token, read_token
from tests.factories import BEGAN, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscriber() -> Subscriber:
    request_subscription(make_page(), channel="email", address="ada@example.com", at=BEGAN)
    return Subscriber.objects.get()


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_opens_its_purpose_and_no_other(subscriber: Subscriber, purpose: Purpose) -> None:
    token = make_token(subscriber, purpose, at=BEGAN)
    assert read_token(token, purpose, at=BEGAN) == subscriber
    for other in set(Purpose) - {purpose}:
        with pytest.raises(LostToken, match="not one of ours"):
            read_token(token, other, at=BEGAN)


def test_all_but_the_way_out_expires(subscriber: Subscriber) -> None:
    late = BEGAN + WITHIN[Purpose.CONFIRM] + timedelta(seconds=1)
    tokens = {purpose: make_token(subscriber, purpose, at=BEGAN) for purpose in Purpose}
    assert (
        read_token(tokens[Purpose.CONFIRM], Purpose.CONFIRM, at=BEGAN + WITHIN[Purpose.CONFIRM]) == subscriber
    )
    with pytest.raises(LostToken, match="7 days"):
        read_token(tokens[Purpose.CONFIRM], Purpose.CONFIRM, at=late)
    with pytest.raises(LostToken, match="90 days"):
        read_token(tokens[Purpose.MANAGE], Purpose.MANAGE, at=late + WITHIN[Purpose.MANAGE])
    assert read_token(tokens[Purpose.LEAVE], Purpose.LEAVE, at=late + timedelta(days=3650)) == subscriber


def test_a_new_nonce_kills_every_token(subscriber: Subscriber) -> None:
    token = make_token(subscriber, Purpose.LEAVE, at=BEGAN)
    Subscriber.objects.update(nonce="another")
    with pytest.raises(LostToken, match="newer"):
        read_token(token, Purpose.LEAVE, at=BEGAN)


@pytest.mark.parametrize("change", ["", "x", "{}x", "x{}", "{}" * 50, "\x00", "ü", "a.b.c", "..", "{}\r\n"])
def test_what_was_tampered_with_opens_nothing(subscriber: Subscriber, change: str) -> None:
    token = change.format(*[make_token(subscriber, Purpose.LEAVE, at=BEGAN)] * 50)
    with pytest.raises(LostToken):
        read_token(token, Purpose.LEAVE, at=BEGAN)


def test_a_token_is_safe_in_an_address(subscriber: Subscriber) -> None:
    for purpose in Purpose:
        token = make_token(subscriber, purpose, at=BEGAN)
        assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
