"""What ends the sessions of an account ends them for good: nothing that is done later brings one back."""

from datetime import UTC, datetime

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Page
from incidents.operations.actors import SHELL
from incidents.operations.staff import switch_person
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def sign_in(name: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": "a long password"})
    assert client.get("/console/").status_code == 200
    return client


def test_an_account_that_is_activated_again_has_none_of_its_old_sessions(
    staff: Client, frank: User, page: Page
) -> None:
    make_member(frank, Role.RESPONDER, page)
    old = [sign_in("frank"), sign_in("frank")]
    keys = [client.session.session_key for client in old]
    for wanted in ("off", "on"):
        staff.post(f"/console/staff/{frank.pk}/switch", {"to": wanted})
    assert [client.get("/console/").status_code for client in old] == [302, 302]
    assert not Session.objects.filter(session_key__in=keys).exists()
    assert not UserSession.objects.filter(user=frank).exists()
    assert staff.get(f"/console/staff/{frank.pk}").context["sessions"] == 0
    assert staff.get("/console/").status_code == 200


def test_the_sessions_of_whoever_was_deactivated_by_another_way_end_when_activated(
    page: Page, frank: User
) -> None:
    old = sign_in(make_member(frank, Role.RESPONDER, page).username)
    User.objects.create_superuser("root")
    User.objects.filter(pk=frank.pk).update(is_active=False)
    switch_person(frank, is_active=True, by=SHELL, at=datetime.now(UTC))
    assert old.get("/console/").status_code == 302


def test_break_glass_ends_the_sessions_of_its_account(page: Page, frank: User) -> None:
    old = sign_in(make_member(frank, Role.RESPONDER, page).username)
    key = old.session.session_key
    call_command("break_glass", "frank")
    assert old.get("/console/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(user=frank).exists()
