"""Accounts in the admin: permissions, and no way around the console to become somebody else."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import AuditLine
from tests.factories import make_member


def test_permissions_are_given_and_audited_and_nothing_else_is_written(staff: Client) -> None:
    grace = User.objects.create_user("grace", "grace@sipcity.test", "a long password", is_staff=True)
    path = f"/admin/auth/user/{grace.pk}/change/"
    page = staff.get(path).content.decode()
    assert "grace@sipcity.test" in page
    assert grace.password not in page
    words = {
        "is_staff": "on",
        "is_superuser": "on",
        "email": "x@sipcity.test",
        "username": "x",
        "password": "x",
    }
    assert staff.post(path, words).status_code == 302
    changed = User.objects.get(pk=grace.pk)
    assert changed.is_superuser
    assert (changed.username, changed.email, changed.password) == ("grace", grace.email, grace.password)
    assert AuditLine.objects.filter(kind="staff.permissions", subject="person grace").exists()


def test_nobody_chooses_a_password_for_somebody_else(staff: Client) -> None:
    grace = User.objects.create_user("grace", "grace@sipcity.test", "a long password", is_staff=True)
    words = {"password1": "quite another one", "password2": "quite another one", "usable_password": "true"}
    assert staff.post(f"/admin/auth/user/{grace.pk}/password/", words).status_code == 403
    assert User.objects.get(pk=grace.pk).password == grace.password


@pytest.mark.parametrize(
    "table",
    ["account/emailaddress", "mfa/authenticator", "usersessions/usersession", "account/emailconfirmation"],
)
def test_the_tables_of_sessions_factors_and_addresses_are_opened_to_nobody(staff: Client, table: str) -> None:
    assert staff.get(f"/admin/{table}/").status_code == 404
    assert staff.get(f"/admin/{table}/add/").status_code == 404


REFUSED_OWN = "This is your own account. Ask another admin."
REFUSED_LAST = "Nobody would be left who is an admin of every page. Make another one first."


def test_nobody_is_added_here(staff: Client) -> None:
    words = {"username": "gina", "password1": "a long password", "password2": "a long password"}
    for method in ("get", "post"):
        assert getattr(staff, method)("/admin/auth/user/add/", words).status_code == 403
    assert not User.objects.filter(username="gina").exists()


@pytest.mark.parametrize("words", [{}, {"is_staff": "on"}, {"is_superuser": "on"}])
def test_an_admin_takes_away_no_permission_of_their_own(staff: Client, words: dict[str, str]) -> None:
    dana = User.objects.get(username="dana")
    User.objects.create_superuser("root")
    response = staff.post(f"/admin/auth/user/{dana.pk}/change/", words)
    assert response.status_code == 200
    assert REFUSED_OWN in response.content.decode()
    dana.refresh_from_db()
    assert (dana.is_staff, dana.is_superuser) == (True, True)
    assert not AuditLine.objects.filter(kind="staff.permissions").exists()


def test_whoever_may_change_people_does_not_make_an_admin_of_themselves(client: Client, db: None) -> None:
    User.objects.create_superuser("root")
    grace = User.objects.create_user("grace", is_staff=True)
    grace.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    client.force_login(grace)
    words = {"is_staff": "on", "is_superuser": "on"}
    assert REFUSED_OWN in client.post(f"/admin/auth/user/{grace.pk}/change/", words).content.decode()
    assert not User.objects.get(pk=grace.pk).is_superuser


@pytest.mark.parametrize("words", [{}, {"is_staff": "on"}])
def test_the_last_admin_of_every_page_stays(client: Client, db: None, words: dict[str, str]) -> None:
    root = User.objects.create_superuser("root")
    grace = User.objects.create_user("grace", is_staff=True)
    grace.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    client.force_login(grace)
    response = client.post(f"/admin/auth/user/{root.pk}/change/", words)
    assert response.status_code == 200
    assert REFUSED_LAST in response.content.decode()
    root.refresh_from_db()
    assert (root.is_staff, root.is_superuser) == (True, True)
    make_member(User.objects.create_user("frank", is_staff=True), Role.ADMIN)
    assert client.post(f"/admin/auth/user/{root.pk}/change/", words).status_code == 302
    assert not User.objects.get(pk=root.pk).is_superuser


def test_an_admin_by_role_who_is_the_last_one_stays_staff(client: Client, db: None) -> None:
    frank = make_member(User.objects.create_user("frank", is_staff=True), Role.ADMIN)
    grace = User.objects.create_user("grace", is_staff=True)
    grace.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    client.force_login(grace)
    assert REFUSED_LAST in client.post(f"/admin/auth/user/{frank.pk}/change/", {}).content.decode()
    assert User.objects.get(pk=frank.pk).is_staff


def test_an_own_account_that_is_saved_unchanged_is_no_change(staff: Client) -> None:
    dana = User.objects.get(username="dana")
    words = {"is_staff": "on", "is_superuser": "on"}
    assert staff.post(f"/admin/auth/user/{dana.pk}/change/", words).status_code == 302
