"""Signing in and out at `/accounts/`; nobody signs up."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def nobody_is_locked_out() -> None:
    cache.clear()


def sign_in(client: Client, login: str, password: str, **more: str) -> object:
    return client.post(LOGIN, {"login": login, "password": password, **more})


def test_staff_sign_in_and_land_in_the_console(client: Client, dana: User) -> None:
    assert sign_in(client, "dana", "a long password").headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200


def test_staff_sign_in_by_their_mail_address_too(client: Client, dana: User) -> None:
    assert sign_in(client, "dana@sipcity.test", "a long password").headers["Location"] == "/console/"


def test_a_sign_in_goes_on_to_where_it_was_asked_for(client: Client, dana: User) -> None:
    response = sign_in(client, "dana", "a long password", next="/console/incidents/new")
    assert response.headers["Location"] == "/console/incidents/new"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_sign_in_never_leads_to_a_strangers_site(client: Client, dana: User, target: str) -> None:
    assert "evil" not in sign_in(client, "dana", "a long password", next=target).headers["Location"]


def test_a_wrong_password_says_the_same_as_an_unknown_name(client: Client, dana: User) -> None:
    answers = [sign_in(client, name, "wrong password") for name in ("dana", "nobody")]
    errors = [answer.context["form"].non_field_errors() for answer in answers]
    assert errors[0]
    assert errors[0] == errors[1]
    assert "_auth_user_id" not in client.session


def test_guessing_is_slowed_down(client: Client, dana: User) -> None:
    for _ in range(12):
        sign_in(client, "dana", "wrong password")
    sign_in(client, "dana", "a long password")
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_the_button(client: Client, dana: User) -> None:
    client.force_login(dana)
    assert b"<button" in client.get("/accounts/logout/").content
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client, db: None) -> None:
    words = {
        "username": "eve",
        "email": "eve@example.net",
        "password1": "a long password",
        "password2": "a long password",
    }
    assert b"Nobody signs up here" in client.get("/accounts/signup/").content
    client.post("/accounts/signup/", words)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path", ["login/", "signup/", "password/reset/", "inactive/", "password/reset/done/"]
)
def test_the_doors_pages_wear_the_consoles_look(client: Client, db: None, path: str) -> None:
    response = client.get(f"/accounts/{path}")
    assert response.status_code == 200
    assert b"/static/console.css" in response.content
    assert b" style=" not in response.content


@pytest.mark.parametrize("path", ["logout/", "password/change/", "sessions/"])
def test_the_account_pages_wear_the_consoles_look(client: Client, dana: User, path: str) -> None:
    client.force_login(dana)
    assert b"/static/console.css" in client.get(f"/accounts/{path}").content
