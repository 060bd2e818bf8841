"""The cookie that keeps a place for staff: given to staff alone, forged by nobody, and worth nothing else."""

import pytest
from django.contrib.auth.models import User
from django.core.signing import TimestampSigner
from django.test import Client
from pytest_django import Settings

from incidents.web.staff_cookie import VALID, cookie_name, is_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(settings: Settings) -> User:
    settings.STAFF_MFA_REQUIRED = False
    return User.objects.create_user(
        "dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True
    )


def header(client: Client) -> str:
    return "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())


def test_signing_in_gives_it_and_signing_out_leaves_it(client: Client, dana: User) -> None:
    client.post("/accounts/login/", {"login": "dana", "password": "correct horse"})
    cookie = client.cookies["staff"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert int(cookie["max-age"]) == VALID.total_seconds()
    assert is_staff(header(client))
    client.logout()
    client.get("/console/")
    assert is_staff(f"staff={cookie.value}")


def test_it_is_not_given_again_with_every_answer(client: Client, dana: User) -> None:
    client.force_login(dana)
    assert "staff" in client.get("/console/").cookies
    assert "staff" not in client.get("/console/").cookies


def test_strangers_and_public_pages_get_none(client: Client, dana: User) -> None:
    for path in ("/accounts/login/", "/console/", "/help/"):
        assert "staff" not in client.get(path).cookies
    client.post("/accounts/login/", {"login": "dana", "password": "wrong"})
    assert "staff" not in client.cookies
    client.force_login(dana)
    assert "staff" not in client.get("/help/").cookies


def test_an_account_that_is_no_staff_gets_none(client: Client) -> None:
    client.force_login(User.objects.create_user("eve"))
    client.get("/console/")
    assert "staff" not in client.cookies


@pytest.mark.parametrize("value", ["", "staff", "staff:1:x", "staff:zzzzzz:aaaa", '"', "é", "staff" * 500])
def test_nothing_else_is_taken_for_it(value: str) -> None:
    assert not is_staff(f"staff={value}")
    assert not is_staff(f"csrftoken=staff; xstaff={value}")


def test_another_signature_of_ours_and_an_old_one_are_worth_nothing() -> None:
    assert not is_staff("staff=" + TimestampSigner(salt="other").sign("staff"))
    assert not is_staff("staff=" + TimestampSigner(salt="incidents.web.staff_cookie").sign("other"))

    class Old(TimestampSigner):
        def timestamp(self) -> str:
            return "1lF000"

    assert not is_staff("staff=" + Old(salt="incidents.web.staff_cookie").sign("staff"))


def test_over_https_it_is_bound_to_the_host(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert cookie_name() == "__Host-staff"
