"""A code of an authenticator app opens one door once, for as long as it could be valid."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, validate_totp_code
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests.console.sessions import SECRET, by_password, with_factor

BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
"""Where a period of 30 s begins: the next period's code is valid from here for 90 s."""
LATER = (5, 33, 61, 89)
SHOWN = "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def required(settings: Any, time_machine: Any) -> Iterator[None]:
    settings.STAFF_MFA_REQUIRED = True
    time_machine.move_to(BEGAN, tick=False)
    cache.clear()
    yield
    cache.clear()


def next_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + 1)))


def opens(code: str) -> bool:
    """Whether a sign-in with dana's password and the code gets to the console."""
    client = Client()
    client.post("/accounts/login/", {"login": "dana", "password": "a long password"})
    client.post(SHOWN, {"code": code})
    return client.get("/console/").status_code == 200


@pytest.mark.parametrize("dash", ["", "-"])
def test_a_code_that_was_accepted_is_refused_as_long_as_it_is_valid(
    dana: User, time_machine: Any, dash: str
) -> None:
    with_factor(dana)
    code = next_code(SECRET)
    again = f"{code[:3]}{dash}{code[3:]}"
    assert opens(code)
    for seconds in LATER:
        time_machine.move_to(BEGAN + seconds, tick=False)
        assert validate_totp_code(SECRET, code)
        assert not opens(again), seconds
    assert opens(next_code(SECRET))


def test_the_code_that_set_the_app_up_opens_nothing(dana: User, time_machine: Any) -> None:
    client = by_password(Client(), dana)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = next_code(secret)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    for seconds in (0, 33, 61, 89):
        time_machine.move_to(BEGAN + seconds, tick=False)
        assert validate_totp_code(secret, code)
        assert not opens(code), seconds
    assert opens(next_code(secret))


def test_a_code_of_the_sign_in_is_not_shown_again_in_a_session(dana: User, time_machine: Any) -> None:
    with_factor(dana)
    code = next_code(SECRET)
    assert opens(code)
    time_machine.move_to(BEGAN + 61, tick=False)
    session = by_password(Client(), dana)
    session.post("/accounts/2fa/reauthenticate/", {"code": code, "next": "/console/"})
    assert session.get("/console/").status_code == 302


def test_two_people_with_the_same_code_do_not_use_up_each_others(dana: User, frank: User) -> None:
    with_factor(dana)
    with_factor(frank)
    User.objects.filter(pk=frank.pk).update(is_superuser=True, is_staff=True)
    code = next_code(SECRET)
    other = by_password(Client(), frank)
    other.post("/accounts/2fa/reauthenticate/", {"code": code, "next": "/console/"})
    assert other.get("/console/").status_code == 200
    assert opens(code)
