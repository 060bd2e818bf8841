"""Every address of the admin that belongs to no table: what it does, decided here, and who gets what there."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

DOORS = {
    "index": ("/admin/", 200, "lists the tables that the person has a permission for"),
    "login": ("/admin/login/", 302, "is the sign-in of the console, and then the second factor"),
    "logout": ("/admin/logout/", 405, "ends the session, by POST"),
    "password_change": ("/admin/password_change/", 302, "is the console's screen: audited, mailed, limited"),
    "password_change_done": ("/admin/password_change/done/", 302, "is the console's screen as well"),
    "autocomplete": ("/admin/autocomplete/", 403, "searches tables for whoever has their permission"),
    "jsi18n": ("/admin/jsi18n/", 200, "is Django's own words for its scripts"),
    "view_on_site": ("/admin/r/1/1/", 404, "leads to a row's public screen; none of our rows has one"),
    "app_list": ("/admin/auth/", 404, "lists the tables of one app that the person has a permission for"),
    None: ("/admin/nothing/", 404, "is the answer to every other address"),
}
"""By name: an address, what a member of staff without any permission gets there, and what it is for."""
PASSWORD, OTHER = "a long password", "quite another one"


@pytest.fixture
def grace(db: None) -> User:
    return User.objects.create_user("grace", "grace@sipcity.test", PASSWORD, is_staff=True)


@pytest.fixture
def client_of_grace(grace: User) -> Client:
    client = Client()
    client.force_login(grace)
    return client


def doors() -> list[URLPattern]:
    """The addresses below /admin/ that belong to no table, as they are served."""
    (admin,) = (
        each
        for each in get_resolver().url_patterns
        if isinstance(each, URLResolver) and each.app_name == "admin"
    )
    return [each for each in admin.url_patterns if isinstance(each, URLPattern)]


def test_every_door_of_the_admin_is_decided_here() -> None:
    assert sorted(str(each.name) for each in doors()) == sorted(map(str, DOORS))


@pytest.mark.parametrize("name", DOORS)
def test_staff_without_a_permission_get_what_was_decided(client_of_grace: Client, name: str | None) -> None:
    address, status, why = DOORS[name]
    assert client_of_grace.get(address).status_code == status, why


@pytest.mark.parametrize("name", DOORS)
def test_a_stranger_gets_to_the_sign_in_and_no_further(client: Client, db: None, name: str | None) -> None:
    response = client.get(DOORS[name][0])
    assert response.status_code == 302
    assert "login/" in response.headers["Location"] or response.headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize("name", ["password_change", "password_change_done"])
def test_a_password_is_changed_on_the_consoles_screen_alone(
    client_of_grace: Client, grace: User, name: str, method: str
) -> None:
    words = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
    response = getattr(client_of_grace, method)(reverse(f"admin:{name}"), words)
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("account_change_password")
    assert User.objects.get(pk=grace.pk).password == grace.password
