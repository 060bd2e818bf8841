"""Every address that allauth has, and who gets what there: written down here, not derived."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.urls import urlpatterns as all_of_allauth
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils.http import urlencode

from incidents.domain.roles import Role
from incidents.models import Page
from incidents.web.account_urls import urlpatterns as ours
from tests.console.sessions import by_password, shown, with_factor
from tests.factories import make_member, make_page

OPEN, LOGIN, HOME, ENROL, PROVE = (
    "200",
    "to the login",
    "to the console",
    "to enrolment",
    "to the second factor",
)
BACK, CHANGE, AGAIN, OFF, NOT_THERE = (
    "to /",
    "to password/change",
    "to reauthenticate",
    "to deactivate",
    "404",
)
CLOSED = None
Row = tuple[str, str, str, str] | None
DOORS: dict[str, Row] = {
    # address: a stranger, staff before enrolment, a session that has not shown its factor, one that has
    "login/": (OPEN, HOME, HOME, HOME),
    "logout/": (BACK, OPEN, OPEN, OPEN),
    "inactive/": (OPEN, OPEN, OPEN, OPEN),
    "signup/": (OPEN, OPEN, OPEN, OPEN),
    "reauthenticate/": (LOGIN, OPEN, OPEN, OPEN),
    "email/": CLOSED,
    "confirm-email/": CLOSED,
    "^confirm-email/(?P<key>[-:\\w]+)/$": CLOSED,
    "login/code/confirm/": CLOSED,
    "password/change/": (LOGIN, ENROL, PROVE, OPEN),
    "password/set/": (LOGIN, ENROL, PROVE, CHANGE),
    "password/reset/": (OPEN, OPEN, OPEN, OPEN),
    "password/reset/done/": (OPEN, OPEN, OPEN, OPEN),
    "password/reset/key/done/": (OPEN, OPEN, OPEN, OPEN),
    "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (OPEN, OPEN, OPEN, OPEN),
    "2fa/": (LOGIN, OPEN, PROVE, OPEN),
    "2fa/authenticate/": (LOGIN, HOME, HOME, HOME),
    "2fa/reauthenticate/": (LOGIN, AGAIN, OPEN, OPEN),
    "2fa/totp/activate/": (LOGIN, OPEN, PROVE, OFF),
    "2fa/totp/deactivate/": (LOGIN, ENROL, PROVE, OPEN),
    "2fa/recovery-codes/": (LOGIN, ENROL, PROVE, NOT_THERE),
    "2fa/recovery-codes/generate/": (LOGIN, ENROL, PROVE, OPEN),
    "2fa/recovery-codes/download/": CLOSED,
    "2fa/webauthn/": (LOGIN, ENROL, PROVE, OPEN),
    "2fa/webauthn/add/": (LOGIN, OPEN, PROVE, OPEN),
    "2fa/webauthn/reauthenticate/": (LOGIN, AGAIN, AGAIN, AGAIN),
    "2fa/webauthn/keys/<int:pk>/remove/": (LOGIN, ENROL, PROVE, NOT_THERE),
    "2fa/webauthn/keys/<int:pk>/edit/": (LOGIN, ENROL, PROVE, NOT_THERE),
    "2fa/webauthn/login/": (LOGIN, HOME, HOME, HOME),
    "sessions/": (LOGIN, ENROL, PROVE, OPEN),
}
TARGETS = {
    "/accounts/login/": LOGIN,
    "/console/": HOME,
    "/accounts/2fa/": ENROL,
    "/accounts/2fa/reauthenticate/": PROVE,
    "/accounts/reauthenticate/": AGAIN,
    "/accounts/password/change/": CHANGE,
    "/accounts/2fa/totp/deactivate/": OFF,
    "/": BACK,
}
BARS = {LOGIN, ENROL, PROVE}


def flat(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every route below some patterns, and its name."""
    for each in patterns:
        route = prefix + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from flat(each.url_patterns, route)
        else:
            yield route, each.name


def path_of(route: str) -> str:
    samples = {
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-abc-0123/",
        "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/abc/",
    }
    return "/accounts/" + samples.get(route, route.replace("<int:pk>", "1"))


@pytest.fixture(autouse=True)
def required(settings: Any) -> Iterator[None]:
    settings.STAFF_MFA_REQUIRED = True
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")


def person(page: Page, role: Role, name: str = "grace") -> User:
    user = User.objects.create_user(name, f"{name}@sipcity.test", "a long password", is_staff=True)
    return make_member(user, role, page)


def outcome(client: Client, method: str, path: str) -> str:
    cache.clear()
    response = getattr(client, method)(path)
    assert "no-store" in response.headers["Cache-Control"], (method, path)
    if response.status_code == 302:
        return TARGETS[response.headers["Location"].partition("?")[0]]
    return str(response.status_code)


def rows() -> list[list[tuple[object, ...]]]:
    kept = (
        User.objects.values_list("pk", "password", "email"),
        Authenticator.objects.values_list("pk", "data"),
    )
    return [list(each.order_by("pk")) for each in (*kept, EmailAddress.objects.values_list("pk"))]


def test_every_address_of_allauth_is_decided_and_no_other_is_open() -> None:
    theirs = dict(flat(all_of_allauth))
    assert sorted(theirs) == sorted(DOORS), "a new version of allauth has other addresses: decide them here"
    open_names = sorted(theirs[route] for route, row in DOORS.items() if row)
    assert sorted(name for _, name in flat(ours)) == open_names


@pytest.mark.parametrize(
    "column", range(4), ids=["stranger", "before enrolment", "factor not shown", "viewer"]
)
def test_each_address_answers_each_session_as_decided(page: Page, column: int) -> None:
    user = person(page, Role.VIEWER if column == 3 else Role.RESPONDER)
    client = Client()
    if column == 1:
        by_password(client, user)
    elif column == 2:
        by_password(client, with_factor(user))
    elif column == 3:
        shown(client, with_factor(user))
    before = rows()
    for route, row in DOORS.items():
        expected = row[column] if row else NOT_THERE
        assert outcome(client, "get", path_of(route)) == expected, route
        if expected in BARS | {NOT_THERE}:
            done = outcome(client, "post", path_of(route))
            assert done in {expected, "405"}, route
        assert rows() == before, route


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.PUBLISHER, Role.ADMIN])
def test_the_account_is_the_same_for_every_role(page: Page, role: Role) -> None:
    client = shown(Client(), with_factor(person(page, role)))
    for route, row in DOORS.items():
        assert outcome(client, "get", path_of(route)) == (row[3] if row else NOT_THERE), route


def test_nobody_gives_himself_the_address_of_somebody_else(page: Page) -> None:
    admin = person(page, Role.ADMIN, "adm1")
    client = shown(Client(), with_factor(person(page, Role.VIEWER, "view")))
    for words in ({"email": admin.email, "action_add": ""}, {"email": admin.email, "action_primary": ""}):
        client.post("/accounts/email/", words)
    assert User.objects.get(username="view").email == "view@sipcity.test"
    assert not EmailAddress.objects.exists()


def test_a_session_before_enrolment_makes_its_first_factor_and_is_whole(page: Page) -> None:
    client = by_password(Client(), person(page, Role.RESPONDER))
    assert outcome(client, "get", "/accounts/2fa/totp/activate/") == OPEN
    assert outcome(client, "get", "/accounts/logout/") == OPEN
    assert outcome(client, "post", "/accounts/logout/") == BACK


def test_a_session_that_has_not_shown_its_factor_adds_no_other_one(page: Page) -> None:
    user = with_factor(person(page, Role.RESPONDER))
    client = by_password(
        Client(), user
    )  # has signed in a moment ago, so that allauth asks for no password again
    for path in ("/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"):
        assert outcome(client, "post", path) == PROVE
    assert Authenticator.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://localhost/",
        "http://status.other.example/",
        "/\\evil.example",
    ],
)
def test_the_way_back_never_leaves_the_site(page: Page, target: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "status.other.example"]
    person(page, Role.VIEWER)
    settings.STAFF_MFA_REQUIRED = False
    words = {"login": "grace", "password": "a long password", "next": target}
    assert Client().post("/accounts/login/", words).headers["Location"] == "/console/"
    assert (
        Client().post(f"/accounts/login/?{urlencode({'next': target})}", words).headers["Location"]
        == "/console/"
    )


@pytest.mark.parametrize("path", ["nothing/", "email/", "login/"])
def test_refusals_below_accounts_are_kept_by_nobody_either(page: Page, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for response in (
        client.post(f"/accounts/{path}"),
        client.get(f"/accounts/{path}", HTTP_HOST="evil.example"),
    ):
        assert response.status_code in {400, 403, 404}
        assert "no-store" in response.headers["Cache-Control"]
