"""Wrong codes: they lock whoever enters them, never the owner; and owners learn what happens to their factors."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidents.domain.account_mails import AccountMailKind
from incidents.models import AccountMail, AuditLine, SignInNetwork
from incidents.operations.second_factors import FROM_ALL_NETWORKS, note_network, purge_networks
from incidents.operations.staff import reset_second_factor
from tests.console.sessions import SECRET, by_password, shown, with_factor

CODE = "/accounts/2fa/authenticate/"
OWNER, THIEF = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def required(settings: Any) -> Iterator[None]:
    settings.STAFF_MFA_REQUIRED = True
    cache.clear()
    yield
    cache.clear()


def right() -> str:
    cache.clear()  # a code counts once
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))


def at_the_code(address: str) -> Client:
    """Somebody who has typed the right password, from an address."""
    client = Client(REMOTE_ADDR=address)
    cache.clear()
    client.post("/accounts/login/", {"login": "dana", "password": "a long password"})
    return client


def is_in(client: Client) -> bool:
    return client.get("/console/").status_code == 200


def guess(client: Client, times: int) -> None:
    for _ in range(times):
        client.post(CODE, {"code": "000000"})


def test_wrong_codes_from_one_address_do_not_lock_the_owner_at_another(dana: User) -> None:
    with_factor(dana)
    thief = at_the_code(THIEF)
    guess(thief, 12)
    thief.post(CODE, {"code": right()})
    assert not is_in(thief)
    owner = at_the_code(OWNER)
    owner.post(CODE, {"code": right()})
    assert is_in(owner)


def test_wrong_codes_from_everywhere_are_bounded_and_the_owners_own_network_stays_open(dana: User) -> None:
    with_factor(dana)
    owner = at_the_code(OWNER)
    owner.post(CODE, {"code": right()})
    assert is_in(owner)
    for number in range(FROM_ALL_NETWORKS.uses // 5 + 5):
        guess(at_the_code(f"203.0.113.{number}"), 5)
    elsewhere = at_the_code("192.0.2.1")
    elsewhere.post(CODE, {"code": right()})
    assert not is_in(elsewhere)
    again = at_the_code(OWNER)
    guess(again, 2)
    again.post(CODE, {"code": right()})
    assert is_in(again)


def test_right_codes_are_not_counted(dana: User) -> None:
    with_factor(dana)
    for number in range(8):
        client = at_the_code(OWNER if number % 2 else f"203.0.113.{number}")
        client.post(CODE, {"code": right()})
        assert is_in(client), number


def test_a_thief_cannot_lock_the_enrolment_either(dana: User) -> None:
    thief = by_password(Client(REMOTE_ADDR=THIEF), dana)
    thief.get("/accounts/2fa/totp/activate/")
    for _ in range(12):
        thief.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    owner = by_password(Client(REMOTE_ADDR=OWNER), dana)
    page = owner.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert owner.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert Authenticator.objects.filter(user=dana, type="totp").exists()


def test_the_owner_is_warned_once_a_day_of_somebody_who_knows_the_password(dana: User) -> None:
    with_factor(dana)
    guess(at_the_code(THIEF), 12)
    guess(at_the_code("203.0.113.10"), 12)
    (warning,) = AccountMail.objects.filter(kind=AccountMailKind.CODES_GUESSED)
    assert (warning.address, warning.facts["from"]) == (dana.email, THIEF)


def test_whoever_changes_networks_before_each_limit_is_warned_of_as_well(dana: User) -> None:
    with_factor(dana)
    for number in range(FROM_ALL_NETWORKS.uses // 4 + 1):
        guess(at_the_code(f"203.0.113.{number}"), 4)
    assert AccountMail.objects.filter(kind=AccountMailKind.CODES_GUESSED).count() == 1


def test_no_network_is_kept_in_the_open_and_none_for_ever(dana: User) -> None:
    note_network(dana, OWNER, at=now())
    assert OWNER not in str(list(SignInNetwork.objects.values_list()))
    assert purge_networks(at=now()) == 0
    assert purge_networks(at=now() + timedelta(days=91)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_session_gets_a_new_key_when_its_second_factor_is_shown_or_made(dana: User) -> None:
    client = by_password(Client(), dana)
    before = client.session.session_key
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    made = client.session.session_key
    assert made not in {None, before}
    assert is_in(client)
    later = by_password(Client(), dana)
    before = later.session.session_key
    cache.clear()
    later.post("/accounts/2fa/reauthenticate/", {"code": code, "next": "/console/"})
    assert later.session.session_key not in {None, before}
    assert is_in(later)


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_told_of_each_change_of_a_factor_and_the_audit_keeps_it(dana: User, erin: User) -> None:
    client = by_password(Client(REMOTE_ADDR=OWNER), dana)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    client.post("/accounts/2fa/recovery-codes/generate/")
    reset_second_factor(dana, by=_staff(erin), at=now())
    rows = [(each.kind, each.facts.get("factor", "")) for each in AccountMail.objects.order_by("pk")]
    assert rows == [
        ("factor_added", "authenticator app"),
        ("recovery_codes", "recovery codes"),
        ("recovery_codes", "recovery codes"),
        ("factor_removed", "all of them, by erin"),
    ]
    kinds = list(AuditLine.objects.filter(subject="person dana").order_by("pk").values_list("kind", "actor"))
    added = [("staff.second_factor_added", "dana")] * 3
    assert kinds[-4:] == [*added, ("staff.second_factor_reset", "erin")]


def test_taking_a_factor_off_is_told_too(dana: User, settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = False
    client = shown(Client(REMOTE_ADDR=OWNER), with_factor(dana))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=dana).exists()
    (row,) = AccountMail.objects.all()
    assert (row.kind, row.facts["factor"], row.facts["from"]) == (
        "factor_removed",
        "authenticator app",
        OWNER,
    )


def _staff(user: User) -> Any:
    from incidents.operations.actors import staff  # noqa: PLC0415  (the fixture of the tests has this name)

    return staff(user)
