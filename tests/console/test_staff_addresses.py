"""Addresses of staff: changed by another admin alone, told to both mailboxes, and never two of one."""

from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidents.models import AccountMail, AuditLine
from incidents.notifying.account_mails import send_account_mails
from tests.console.conftest import signed_in

NEW = "frank.new@sipcity.test"


def change(staff: Client, user: User, address: str) -> Any:
    return staff.post(f"/console/staff/{user.pk}/address", {"email": address})


def test_an_admin_changes_an_address_and_both_mailboxes_are_told(
    staff: Client, frank: User, mailoutbox: list[Any]
) -> None:
    EmailAddress.objects.create(user=frank, email=frank.email, primary=True)
    session = signed_in(frank)
    token = default_token_generator.make_token(frank)
    assert change(staff, frank, " Frank.New@SIPCITY.test ").status_code == 302
    frank.refresh_from_db()
    assert frank.email == "Frank.New@sipcity.test"
    assert not EmailAddress.objects.exists()
    assert session.get("/accounts/sessions/").status_code == 200
    assert not default_token_generator.check_token(frank, token)
    send_account_mails(at=now())
    assert [each.to for each in mailoutbox] == [["frank@example.net"], ["Frank.New@sipcity.test"]]
    assert "changed by dana" in mailoutbox[0].body
    line = AuditLine.objects.get(kind="staff.address")
    assert (line.actor, line.subject) == ("dana", "person frank")
    cache.clear()
    client = Client()
    client.post("/accounts/login/", {"login": NEW, "password": "a long password"})
    assert client.session["_auth_user_id"] == str(frank.pk)


@pytest.mark.parametrize(
    "address",
    [
        "dana@sipcity.test",
        "DANA@SIPCITY.TEST",
        "beside@sipcity.test",
        "name@sipcity.test",
        "",
        "frank",
        "a@b",
        "x@y.example\r\nBcc: v@y.example",
    ],
)
def test_an_address_that_is_none_or_somebody_elses_is_refused_beside_its_field(
    staff: Client, dana: User, frank: User, address: str
) -> None:
    User.objects.create_user("name@sipcity.test")
    EmailAddress.objects.create(user=dana, email="beside@sipcity.test")
    response = change(staff, frank, address)
    assert response.status_code == 422
    assert list(response.context["address_form"].errors) == ["email"]
    frank.refresh_from_db()
    assert frank.email == "frank@example.net"
    assert not AccountMail.objects.exists()


def test_nobody_changes_the_own_address_and_the_same_one_changes_nothing(
    staff: Client, dana: User, frank: User
) -> None:
    assert change(staff, dana, "other@sipcity.test").status_code == 422
    assert change(staff, frank, "frank@example.net").status_code == 302
    dana.refresh_from_db()
    assert dana.email == "dana@sipcity.test"
    assert not AccountMail.objects.exists()


def test_the_screen_shows_what_became_of_the_last_mails(staff: Client, frank: User) -> None:
    change(staff, frank, NEW)
    AccountMail.objects.filter(address=NEW).update(state="dead", detail="550 No such user", finished_at=now())
    text = " ".join(staff.get(f"/console/staff/{frank.pk}").content.decode().split())
    assert "address changed to frank@example.net" in text
    assert "failed: 550 No such user" in text
    assert "queued" in text


def test_the_migration_takes_away_addresses_that_were_added_beside_an_account(
    dana: User, frank: User
) -> None:
    EmailAddress.objects.create(user=frank, email="frank@example.net", primary=True, verified=True)
    EmailAddress.objects.create(user=frank, email=dana.email)
    import_module("incidents.migrations.0015_accounts").drop_other_addresses(apps, None)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["frank@example.net"]
