"""Who sends a file to the console is looked up in the database; the signed cookie alone is worth nothing here."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from incidents.domain.body_limits import Sender
from incidents.web.staff_session import sender_by_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana", password="correct horse", is_staff=True, is_superuser=True)


def cookies(client: Client) -> str:
    return "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())


def sender(header: str) -> Sender:
    return sender_by_session({"HTTP_COOKIE": header})


def test_a_session_of_active_staff_is_staff(client: Client, dana: User) -> None:
    client.force_login(dana)
    assert sender(cookies(client)) is Sender.STAFF


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "another"}])
def test_a_session_of_somebody_dismissed_is_unknown(
    client: Client, dana: User, change: dict[str, object]
) -> None:
    client.force_login(dana)
    User.objects.update(**change)
    assert sender(cookies(client)) is Sender.UNKNOWN


def test_whoever_only_looks_on_sends_no_file(client: Client) -> None:
    client.force_login(User.objects.create_user("vera", is_staff=True))
    assert sender(cookies(client)) is Sender.NOT_ALLOWED


@pytest.mark.parametrize("value", ["", "x", "a" * 32, "\x00", "é" * 5000])
def test_no_session_and_an_invented_one_are_unknown(db: None, value: str) -> None:
    assert sender(f"staff=staff:1:x; {settings.SESSION_COOKIE_NAME}={value}") is Sender.UNKNOWN


def test_looking_leaves_a_session_signed_with_an_older_key_as_it_is(
    client: Client, dana: User, settings: Settings
) -> None:
    client.force_login(dana)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60
    before = list(Session.objects.values_list("session_key", "session_data"))
    assert sender(cookies(client)) is Sender.STAFF
    assert list(Session.objects.values_list("session_key", "session_data")) == before
