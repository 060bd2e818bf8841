"""The second factor: who must have one, how it is made and shown, and that no door leads around it."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import AuditLine, Page
from tests.console.conftest import signed_in
from tests.console.forms import fields
from tests.factories import make_member, make_page


@pytest.fixture(autouse=True)
def required(settings: Any) -> Iterator[None]:
    settings.STAFF_MFA_REQUIRED = True
    cache.clear()
    yield
    cache.clear()


def sign_in(name: str, password: str = "a long password") -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": password})
    return client


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def with_app(client: Client) -> str:
    """Set up an authenticator app; its secret."""
    page = client.get("/accounts/2fa/totp/activate/")
    found = re.search(r'id="authenticator_secret"[^>]*value="([A-Z2-7]+)"', page.content.decode())
    assert found, page.content
    response = client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1])})
    assert response.status_code == 302, response.content
    return found[1]


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_opens_before_a_second_factor_is_made(
    dana: User, addresses: dict[str, str], method: str
) -> None:
    client = signed_in(dana)
    for name, address in addresses.items():
        response = getattr(client, method)(address)
        assert response.status_code == 302, name
        assert response.headers["Location"] == "/accounts/2fa/", name


@pytest.mark.django_db(transaction=True)
def test_whoever_made_one_is_in_and_is_asked_for_a_code_the_next_time(dana: User) -> None:
    client = sign_in("dana")
    secret = with_app(client)
    assert client.get("/console/").status_code == 200

    again = sign_in("dana")
    assert again.get("/console/").headers["Location"].startswith("/accounts/login/")
    assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert again.get("/console/").status_code == 302
    Authenticator.objects.filter(user=dana).update(last_used_at=None)
    cache.clear()  # a code counts once; the first use of this one was its activation
    again.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert again.get("/console/").status_code == 200


def test_a_recovery_code_lets_in_once(dana: User) -> None:
    with_app(sign_in("dana"))
    codes = Authenticator.objects.get(user=dana, type="recovery_codes").wrap().get_unused_codes()
    for expected in (200, 302):
        client = sign_in("dana")
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert client.get("/console/").status_code == expected


def test_secrets_are_sealed_at_rest(dana: User) -> None:
    secret = with_app(sign_in("dana"))
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_a_factor_that_another_key_sealed_lets_nobody_in(dana: User, settings: Any) -> None:
    with_app(sign_in("dana"))
    settings.CREDENTIALS_KEY = "another key"
    cache.clear()
    client = sign_in("dana")
    for code in ("000000", code_of("")):
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert client.get("/console/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_last_factor_cannot_be_taken_off_by_its_owner(dana: User) -> None:
    client = sign_in("dana")
    with_app(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=dana, type="totp").exists()


def test_a_session_from_before_the_factor_was_made_has_to_show_it(dana: User) -> None:
    earlier, client = sign_in("dana"), sign_in("dana")
    with_app(client)
    response = earlier.get("/console/")
    assert response.headers["Location"].startswith("/accounts/2fa/reauthenticate/?next=%2Fconsole%2F")


def waive(*pages: Page) -> None:
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(viewers_without_second_factor=True)


def test_a_viewer_needs_one_too(page: Page, frank: User) -> None:
    make_member(frank, Role.VIEWER, page)
    assert sign_in("frank").get("/console/").headers["Location"] == "/accounts/2fa/"


def test_a_viewer_does_without_only_where_every_page_of_theirs_waives_it(page: Page, frank: User) -> None:
    other = make_page("Another")
    make_member(make_member(frank, Role.VIEWER, page), Role.VIEWER, other)
    for waived, expected in (([page], 302), ([page, other], 200)):
        waive(*waived)
        assert sign_in("frank").get("/console/").status_code == expected, waived
    frank.memberships.filter(page=other).update(role=Role.RESPONDER)  # type: ignore[attr-defined]
    assert sign_in("frank").get("/console/").status_code == 302


def test_a_viewer_of_every_page_needs_the_waiver_of_each_and_of_those_to_come(
    page: Page, frank: User
) -> None:
    make_member(frank, Role.VIEWER)
    waive(page)
    client = sign_in("frank")
    assert client.get("/console/").status_code == 200
    make_page("Another")
    assert client.get("/console/").status_code == 302


def test_staff_without_any_role_need_one_at_the_admins_door_as_well(frank: User) -> None:
    User.objects.filter(pk=frank.pk).update(is_staff=True)
    response = sign_in("frank").get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/"


def test_an_admin_of_the_page_waives_it_and_the_audit_says_so(
    page: Page, dana: User, frank: User, settings: Any
) -> None:
    settings.STAFF_MFA_REQUIRED = False
    url, client = f"/console/pages/{page.code}/edit", signed_in(dana)
    assert signed_in(make_member(frank, Role.PUBLISHER, page)).get(url).status_code == 403
    for wanted in (True, False):
        words = fields(client.get(url)) | {"viewers_without_second_factor": "on"}
        if not wanted:
            del words["viewers_without_second_factor"]
        assert client.post(url, words).status_code == 302
        page.refresh_from_db()
        assert page.viewers_without_second_factor is wanted
        line = AuditLine.objects.filter(kind="page.viewers_second_factor").latest("pk")
        assert (line.actor, json.loads(line.data)["waived"]) == ("dana", wanted)
    assert AuditLine.objects.filter(kind="page.viewers_second_factor").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_admin_is_behind_the_same_door(dana: User) -> None:
    client = sign_in("dana")
    response = client.get("/admin/incidents/page/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/"
    with_app(client)
    assert client.get("/admin/incidents/page/").status_code == 200


def test_the_account_for_emergencies_comes_in_with_what_was_printed(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("break_glass")
    printed = capsys.readouterr().out
    password = re.search(r"password: (\S+)", printed)
    code = re.search(r"^  (\d{8})$", printed, re.MULTILINE)
    assert password
    assert code
    client = sign_in("break-glass", password[1])
    door = client.get("/console/").headers["Location"]
    assert door.startswith("/accounts/2fa/reauthenticate/")
    assert client.post(door, {"code": code[1], "next": "/console/"}).headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200

    call_command("break_glass")
    assert (
        sign_in("break-glass", password[1])
        .get("/console/")
        .headers["Location"]
        .startswith("/accounts/login/")
    )
    assert client.get("/console/").status_code == 302


def test_guessing_from_one_address_locks_out_nobody_else(dana: User) -> None:
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(12):
        guesser.post("/accounts/login/", {"login": "dana", "password": "a wrong one"})
    guesser.post("/accounts/login/", {"login": "dana", "password": "a long password"})
    assert "_auth_user_id" not in guesser.session
    owner = Client(REMOTE_ADDR="198.51.100.7")
    owner.post("/accounts/login/", {"login": "dana", "password": "a long password"})
    assert "_auth_user_id" in owner.session


def test_guessing_codes_is_slowed_down(dana: User) -> None:
    secret = with_app(sign_in("dana"))
    cache.clear()
    client = sign_in("dana")
    for _ in range(12):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/console/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_new_password_ends_the_other_sessions(dana: User) -> None:
    thief, client = sign_in("dana"), sign_in("dana")
    with_app(client)
    words = {
        "oldpassword": "a long password",
        "password1": "quite another one",
        "password2": "quite another one",
    }
    client.post("/accounts/password/change/", words)
    assert thief.get("/console/").headers["Location"].startswith("/accounts/login/")
    assert client.get("/console/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "2fa/webauthn/", "sessions/"]
)
def test_the_screens_of_the_account_wear_the_consoles_look(dana: User, path: str) -> None:
    client = sign_in("dana")
    if path in {"2fa/webauthn/", "sessions/"}:
        with_app(client)
    response = client.get(f"/accounts/{path}")
    assert response.status_code == 200
    assert b"/static/console.css" in response.content
    assert b" style=" not in response.content
