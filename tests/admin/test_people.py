"""Accounts in the admin: permissions, and no way around the console to become somebody else."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import AuditLine


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
