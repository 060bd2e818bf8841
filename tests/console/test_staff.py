"""Staff: added by a link, given roles, switched off; and nobody can leave the house without an admin."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from incidents.domain.roles import Role
from incidents.models import ApiKey, AuditLine, Membership, Page, SignalSource
from incidents.models.keys import Scope
from incidents.notifying.account_mails import send_account_mails
from incidents.operations.actors import SHELL
from incidents.operations.actors import staff as actor
from incidents.operations.alerts import add_alert_address
from incidents.operations.keys import make_key
from incidents.operations.signals import make_source
from tests.console.conftest import signed_in
from tests.console.forms import fields
from tests.factories import make_member

ADD = "/console/staff/new"


def add(client: Client, **more: str) -> object:
    return client.post(
        ADD, fields(client.get(ADD)) | {"username": "gina", "email": "gina@sipcity.test"} | more
    )


def test_a_new_person_chooses_a_password_by_the_link_and_comes_in(
    staff: Client, page: Page, mailoutbox: list[mail.EmailMessage]
) -> None:
    add(staff, **{f"page-{page.code}": "responder"})
    send_account_mails(at=now())
    assert [each.to for each in mailoutbox] == [["gina@sipcity.test"]]
    (invitation,) = mailoutbox
    said = str(invitation.body)
    assert invitation.subject == f"Invitation to the status page {page}: choose a password"
    assert f"dana invited you to the status page {page}.\n\nYour role:\n- Responder on {page}\n" in said
    assert "Two-factor authentication is required" not in said  # STAFF_MFA is optional in these tests
    link = next(word for word in said.split() if "/accounts/password/reset/key/" in word)
    assert link.startswith("http://status.sipcity.test/")
    gina = Client()
    form = gina.get(link.removeprefix("http://status.sipcity.test"), follow=True)
    path = form.redirect_chain[-1][0]
    assert "<h1>Choose a password</h1>" in form.content.decode()
    done = gina.post(path, {"password1": "some good words", "password2": "some good words"}, follow=True)
    assert "<h1>Password saved</h1>" in done.content.decode()
    assert 'href="/accounts/login/"' in done.content.decode()
    gina.post("/accounts/login/", {"login": "gina", "password": "some good words"})
    assert gina.get(f"/console/pages/{page.code}/incidents/new").status_code == 200
    assert gina.get("/console/staff").status_code == 403


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"username": "dana"}, "username"),
        ({"username": "DANA"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "<script>"}, "username"),
        ({"username": "g" * 151}, "username"),
        ({"email": "dana@sipcity.test"}, "email"),
        ({"email": "nobody"}, "email"),
        ({}, "everywhere"),
    ],
)
def test_what_makes_no_account_is_said_beside_its_field(
    staff: Client, page: Page, words: dict[str, str], field: str
) -> None:
    given = {"everywhere": "viewer"} if words else {}
    response = add(staff, **given, **words)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert list(response.context["form"].errors) == [field]  # type: ignore[attr-defined]
    assert User.objects.count() == 1


def test_roles_change_and_are_taken_away(staff: Client, frank: User, page: Page) -> None:
    url = f"/console/staff/{frank.pk}"
    values = fields(staff.get(url))
    staff.post(url, values | {f"page-{page.code}": "admin", "everywhere": "viewer"})
    held = set(Membership.objects.filter(user=frank).values_list("page", "role"))
    assert held == {(None, "viewer"), (page.pk, "admin")}
    staff.post(url, values | {f"page-{page.code}": "", "everywhere": ""})
    assert not Membership.objects.exists()


def test_nobody_changes_an_account_of_their_own(staff: Client, dana: User) -> None:
    url = f"/console/staff/{dana.pk}"
    response = staff.post(url, fields(staff.get(url)) | {"everywhere": "viewer"})
    assert b"This is your own account. Ask another admin." in response.content
    staff.post(f"{url}/switch", {"to": "off"})
    assert User.objects.get(pk=dana.pk).is_active


def test_the_last_admin_of_every_page_stays(dana: User, frank: User) -> None:
    make_member(frank, Role.ADMIN)
    User.objects.filter(pk=dana.pk).update(is_superuser=False)
    make_member(dana, Role.ADMIN)
    client = signed_in(frank)
    client.post(f"/console/staff/{dana.pk}/switch", {"to": "off"})
    assert not User.objects.get(pk=dana.pk).is_active
    User.objects.filter(pk=frank.pk).update(is_active=False)
    User.objects.filter(pk=dana.pk).update(is_active=True)
    other = User.objects.create_user("gina", is_staff=True, is_superuser=False)
    make_member(other, Role.ADMIN)
    url = f"/console/staff/{dana.pk}"
    User.objects.filter(pk=other.pk).update(is_active=True)
    acting = signed_in(other)
    Membership.objects.filter(user=frank).delete()
    assert acting.post(f"{url}/switch", {"to": "off"}).status_code == 302
    assert not User.objects.get(pk=dana.pk).is_active


def test_somebody_who_is_switched_off_is_out_at_once(staff: Client, frank: User, page: Page) -> None:
    client = signed_in(make_member(frank, Role.RESPONDER, page))
    assert client.get("/console/").status_code == 200
    staff.post(f"/console/staff/{frank.pk}/switch", {"to": "off"})
    assert client.get("/console/").status_code == 302
    staff.post(f"/console/staff/{frank.pk}/switch", {"to": "on"})
    assert User.objects.get(pk=frank.pk).is_active


@pytest.fixture
def keyholder(frank: User, page: Page) -> User:
    """Somebody with two keys that run, one that has ended, and an event source; another key belongs to nobody."""
    make_member(frank, Role.ADMIN, page)
    for name in ("Terraform", "NOC", "Old"):
        key = make_key(name=name, page=page, scopes=[Scope.INCIDENTS], by=actor(frank), at=now())[0]
    ApiKey.objects.filter(pk=key.pk).update(expires_at=now())
    make_key(name="Of the installation", page=None, scopes=[Scope.READ], by=SHELL, at=now())
    make_source(page, name="Nagios", by=actor(frank), at=now())
    return frank


def test_before_a_deactivation_the_screen_says_what_ends_with_the_account(
    staff: Client, keyholder: User
) -> None:
    said = " ".join(staff.get(f"/console/staff/{keyholder.pk}").content.decode().split())
    assert "Deactivating this account revokes 2 API keys: Terraform (dt_" in said
    assert "It also ends 1 event source: Nagios (SIPcity)." in said
    assert "Of the installation" not in said
    for name in ("Terraform", "NOC", "Old"):
        assert f"<strong>{name}</strong>" in said


def test_the_screen_says_where_staff_alerts_still_go_to_the_person(
    staff: Client, frank: User, page: Page
) -> None:
    url = f"/console/staff/{frank.pk}"
    assert b"Staff alerts go to" not in staff.get(url).content
    add_alert_address(page, channel="email", address="Frank@Example.net", by=SHELL, at=now())
    said = " ".join(staff.get(url).content.decode().split())
    assert "Staff alerts go to frank@example.net whether the account is active or not." in said
    assert f'<a href="/console/pages/{page.code}/alerts">SIPcity</a>' in said


def test_a_deactivation_ends_the_keys_with_a_line_in_the_audit_for_each(
    staff: Client, dana: User, keyholder: User
) -> None:
    url = f"/console/staff/{keyholder.pk}/switch"
    answer = staff.post(url, {"to": "off"}, follow=True)
    assert (
        b"Account deactivated. Signed out everywhere. API keys revoked: 2. Event sources ended: 1."
        in answer.content
    )
    ended = AuditLine.objects.filter(kind__in=["key.revoked", "source.ended"], person=dana.pk)
    assert ended.count() == 3
    assert set(ApiKey.objects.filter(revoked_at=None).values_list("name", flat=True)) == {
        "Old",
        "Of the installation",
    }
    assert SignalSource.objects.get().ended_at
    staff.post(url, {"to": "off"})
    answer = staff.post(url, {"to": "on"}, follow=True)
    assert b"Account activated." in answer.content
    assert ApiKey.objects.filter(made_by=keyholder, revoked_at=None).count() == 1
    assert ended.count() == 3


def test_the_last_admin_keeps_keys_when_the_deactivation_is_refused(
    staff: Client, dana: User, page: Page
) -> None:
    make_key(name="NOC", page=page, scopes=[Scope.READ], by=actor(dana), at=now())
    staff.post(f"/console/staff/{dana.pk}/switch", {"to": "off"})
    assert ApiKey.objects.get().revoked_at is None


def test_who_is_staff_no_more_in_djangos_tables_has_no_keys_either(staff: Client, keyholder: User) -> None:
    assert staff.post(f"/admin/auth/user/{keyholder.pk}/change/", {}).status_code == 302
    assert not User.objects.get(pk=keyholder.pk).is_staff
    assert not ApiKey.objects.filter(
        made_by=keyholder, name__in=["Terraform", "NOC"], revoked_at=None
    ).exists()
    assert AuditLine.objects.filter(kind="key.revoked").count() == 2


def test_an_invitation_says_that_a_second_factor_is_required_where_it_is(
    staff: Client, page: Page, mailoutbox: list[mail.EmailMessage], settings: Settings
) -> None:
    add(staff, everywhere="admin")
    settings.STAFF_MFA_REQUIRED = True
    send_account_mails(at=now())
    said = str(mailoutbox[0].body)
    assert "Two-factor authentication is required" in said
    assert "- Admin on every status page" in said
    assert mailoutbox[0].subject == "Invitation to the status pages of status.sipcity.test: choose a password"


def test_a_link_that_was_used_says_how_to_get_another(client: Client, db: None) -> None:
    said = client.get("/accounts/password/reset/key/1-set-password/").content.decode()
    assert "This link no longer works" in said
    assert 'href="/accounts/password/reset/"' in said
