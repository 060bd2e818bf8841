"""Ended sessions do not stay in the database, with the address that they came from."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import now

from incidents.operations.sessions import KEPT_SESSIONS, forget_sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True)


def signed_in(dana: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": dana.username, "password": "correct horse"})
    return client


def test_an_ended_session_is_deleted_with_its_address(dana: User) -> None:
    signed_in(dana)
    session, known = Session.objects.get(), UserSession.objects.get()
    assert known.ip
    long_ago = now() - KEPT_SESSIONS - timedelta(minutes=1)
    Session.objects.update(expire_date=long_ago)
    UserSession.objects.update(created_at=long_ago - timedelta(hours=8))
    assert forget_sessions(at=now()) == 2
    assert not Session.objects.filter(pk=session.pk).exists()
    assert not UserSession.objects.exists()


def test_a_session_that_was_signed_out_leaves_no_address(dana: User) -> None:
    signed_in(dana)
    Session.objects.all().delete()
    UserSession.objects.update(created_at=now() - KEPT_SESSIONS - timedelta(minutes=1))
    forget_sessions(at=now())
    assert not UserSession.objects.exists()


def test_a_session_that_goes_on_stays_and_so_does_one_that_has_just_begun(dana: User) -> None:
    client = signed_in(dana)
    UserSession.objects.update(created_at=now() - timedelta(days=30))
    assert forget_sessions(at=now()) == 0
    assert client.get("/accounts/sessions/").status_code == 200
    Session.objects.all().delete()
    UserSession.objects.update(created_at=now())
    assert forget_sessions(at=now()) == 0
