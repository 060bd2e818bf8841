"""A stopwatch at the login learns nothing: the password hasher runs once, whatever is true of the account."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Page
from tests.console.sessions import by_password
from tests.factories import make_member


class CountedHasher(PBKDF2PasswordHasher):
    """The product's own hasher with fewer rounds, which counts how often it runs."""

    iterations = 1000
    runs = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        CountedHasher.runs += 1
        return super().encode(password, salt, iterations)


@pytest.fixture(autouse=True)
def people(page: Page, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountedHasher"]
    cache.clear()
    for name in ("known", "inactive", "doubled", "twin"):
        mail = "doubled@sipcity.test" if name == "twin" else f"{name}@sipcity.test"
        make_member(User.objects.create_user(name, mail, "a long password"), Role.VIEWER, page)
    invited = make_member(User.objects.create_user("invited", "invited@sipcity.test"), Role.VIEWER, page)
    EmailAddress.objects.create(user=invited, email="beside@sipcity.test", verified=True)
    User.objects.filter(username="inactive").update(is_active=False)


def runs(login: str, password: str, path: str = "/accounts/login/") -> int:
    cache.clear()
    CountedHasher.runs = 0
    client = Client()
    client.post(path, {"login": login, "username": login, "password": password})
    assert ("_auth_user_id" in client.session) == (
        login.lower() in {"known", "known@sipcity.test", "doubled"} and password == "a long password"
    )
    return CountedHasher.runs


@pytest.mark.parametrize("password", ["a wrong password", "a long password"])
def test_every_name_and_every_address_costs_one_run(password: str) -> None:
    names = ("known", "KNOWN", "unknown", "inactive", "invited", "doubled", "x" * 150)
    addresses = (
        *(f"{name}@sipcity.test" for name in names[:-1]),
        "beside@sipcity.test",
        "known@elsewhere.test",
    )
    found = {login: runs(login, password) for login in (*names, *addresses)}
    assert set(found.values()) == {1}, found


def test_the_admins_login_hashes_nothing_and_a_passkey_neither() -> None:
    assert runs("known", "a wrong password", "/admin/login/") == 0
    assert runs("unknown", "a wrong password", "/admin/login/") == 0
    CountedHasher.runs = 0
    answers = {
        Client().post("/accounts/2fa/webauthn/login/", {"credential": credential}).headers["Location"]
        for credential in ("", "{}", "null", '{"response": {"userHandle": "MQ"}}', '{"id": "x"}')
    }
    assert answers == {"/accounts/login/"}
    assert CountedHasher.runs == 0


@pytest.mark.parametrize("path", ["add", "login", "reauthenticate"])
@pytest.mark.parametrize(
    "credential", ["{}", "null", "[]", "1", '{"id": "x"}', '{"response": 1}', "{" * 5000]
)
def test_what_is_no_answer_of_a_passkey_is_refused(path: str, credential: str) -> None:
    client = by_password(Client(), User.objects.get(username="known"))
    asking = Client() if path == "login" else client
    asking.get(f"/accounts/2fa/webauthn/{path}/", headers={"Accept": "application/json"})
    assert asking.post(f"/accounts/2fa/webauthn/{path}/", {"credential": credential}).status_code in {
        200,
        302,
    }


def test_an_inactive_account_with_its_right_password_says_what_a_wrong_one_says() -> None:
    said = []
    for login, password in (("inactive", "a long password"), ("inactive", "wrong"), ("unknown", "wrong")):
        cache.clear()
        answer = Client().post("/accounts/login/", {"login": login, "password": password})
        said.append((answer.status_code, answer.context["form"].non_field_errors()))
    assert said[0] == said[1] == said[2]


def test_an_address_of_two_accounts_signs_nobody_in_and_their_names_do() -> None:
    for login in ("doubled@sipcity.test", "beside@sipcity.test"):
        client = Client()
        client.post("/accounts/login/", {"login": login, "password": "a long password"})
        assert "_auth_user_id" not in client.session
    for login in ("doubled", "twin"):
        client = Client()
        client.post("/accounts/login/", {"login": login, "password": "a long password"})
        assert client.session["_auth_user_id"] == str(User.objects.get(username=login).pk)


def test_a_session_gets_a_new_key_at_the_sign_in(client: Client) -> None:
    client.get("/accounts/login/")
    client.session.save()
    session = client.session
    session["before"] = "1"
    session.save()
    before = session.session_key
    client.post("/accounts/login/", {"login": "known", "password": "a long password"})
    assert client.session.session_key != before
