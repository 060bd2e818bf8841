"""People and what they may do. Whoever loses everything else can still get in: `break_glass` makes an admin."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from incidents.channels.kinds import KINDS
from incidents.domain.account_mails import AccountMailKind
from incidents.domain.roles import Right, Role
from incidents.models import Membership, Page
from incidents.models.staff import rights_of
from incidents.operations.account_mails import queue_account_mail
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.errors import Refused
from incidents.operations.keys import revoke_keys_of
from incidents.operations.sessions import end_sessions_of
from incidents.operations.signals import end_sources_of

Roles = Mapping[Page | None, Role | None]
"""The role on each page, under None on every page; a role of None is taken away."""


@dataclass(frozen=True, slots=True)
class Glass:
    """An account for the day when nothing else works, shown once."""

    user: User
    password: str
    codes: list[str]


@dataclass(frozen=True, slots=True)
class Ended:
    """How many of a person's API keys and event sources ended with the account."""

    keys: int
    sources: int


def must_have_second_factor(user: User) -> bool:
    """Everybody of staff, unless STAFF_MFA says that it is optional. A viewer may do without where every page that the
    role is on waives it; a role on all pages, those to come too, needs the waiver of each page that there is."""
    if not settings.STAFF_MFA_REQUIRED:
        return False
    rights = rights_of(user)
    if rights.top is None or rights.may_somewhere(Right.RESPOND):
        return user.is_staff
    return rights.pages().filter(viewers_without_second_factor=False).exists()


def asks_for_factor(user: User) -> bool:
    """Whether an approval or the like asks for a second factor: of whoever must have one, and of whoever has one."""
    return must_have_second_factor(user) or Authenticator.objects.filter(user=user).exists()


def was_second_factor_shown(records: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a session has shown a second factor, by what it keeps of how it was signed in."""
    return any(record.get("method") == "mfa" for record in records)


@transaction.atomic
def add_person(*, username: str, email: str, roles: Roles, by: Actor, at: datetime) -> User:
    """A new account without a password, and the mail by whose link its owner chooses one. Raises Refused."""
    username, email = username.strip(), _checked_mail(email)
    _check_name(username)
    if not any(roles.values()):
        raise Refused("roles", "Give a role on at least one page.")
    user = User.objects.create_user(username, email, is_staff=True)
    note("staff.added", by=by, at=at, subject=f"person {username}")
    queue_account_mail(user, AccountMailKind.INVITATION, facts={"by": by.name}, at=at)
    _write(user, roles, by=by, at=at)
    return user


def _check_name(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Refused("username", "Letters, digits and @ . + - _ make a name.") from error
    if len(username) > 150:  # noqa: PLR2004  (the column's length)
        raise Refused("username", "A name has 150 characters at most.")
    if User.objects.filter(Q(username__iexact=username) | Q(email__iexact=username)).exists():
        raise Refused("username", "Somebody has this name already.")


def _checked_mail(email: str, *, of: User | None = None) -> str:
    """The address in the form that we keep; else Refused. Nobody has the address or the name of somebody else."""
    try:
        email = KINDS["email"].normalise(email)
    except ValueError as error:
        raise Refused("email", str(error)) from error
    others = User.objects.exclude(pk=of.pk) if of else User.objects.all()
    is_taken = others.filter(Q(email__iexact=email) | Q(username__iexact=email)).exists()
    if is_taken or EmailAddress.objects.filter(email__iexact=email).exclude(user=of).exists():
        raise Refused("email", "An account has this address already.")
    return email


@transaction.atomic
def change_address(user: User, *, email: str, by: Actor, at: datetime) -> None:
    """Give an account another mail address, and tell both mailboxes. Sessions go on; links to choose a password that
    were sent before open nothing any more. Raises Refused."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_other(user, by=by, field="email")
    old, new = user.email, _checked_mail(email, of=user)
    if new == old:
        return
    user.email = new
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    facts = {"old": old, "new": new}
    note("staff.address", by=by, at=at, subject=f"person {user.get_username()}", data=facts)
    for address in filter(None, (old, new)):
        queue_account_mail(
            user, AccountMailKind.ADDRESS_CHANGED, address=address, facts=facts | {"by": by.name}, at=at
        )


@transaction.atomic
def give_roles(user: User, *, roles: Roles, by: Actor, at: datetime) -> None:
    """Change what somebody may do. Raises Refused for one's own account and for the last admin of every page."""
    user = _locked(user)
    _check_other(user, by=by)
    _write(user, roles, by=by, at=at)
    _check_admins()


def _write(user: User, roles: Roles, *, by: Actor, at: datetime) -> None:
    for page, role in roles.items():
        held = Membership.objects.filter(user=user, page=page).first()
        old = held.role if held else ""
        if old == (role or ""):
            continue
        if role is None:
            Membership.objects.filter(user=user, page=page).delete()
        else:
            values = {"role": role.value, "given_at": at}
            Membership.objects.update_or_create(user=user, page=page, defaults=values)
        note(
            "staff.role",
            by=by,
            at=at,
            subject=f"person {user.get_username()}",
            data={"page": page.name if page else "every page", "old": old, "new": role or ""},
            page=page,
        )


@transaction.atomic
def switch_person(user: User, *, is_active: bool, by: Actor, at: datetime) -> Ended:
    """Deactivate an account at once and on every device, or activate it; what ended with it.

    The person's sessions, API keys and event sources end with the account, each key and source with a line in the
    audit. Activating it brings none back: one that is left, because the account was deactivated by another way, ends
    then. Raises Refused as `give_roles` does.
    """
    user = _locked(user)
    _check_other(user, by=by)
    changes = user.is_active != is_active
    if changes:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        what = "staff.switched_on" if is_active else "staff.switched_off"
        note(what, by=by, at=at, subject=f"person {user.get_username()}")
    _check_admins()
    return end_access(user, by=by, at=at) if changes or not is_active else Ended(0, 0)


@transaction.atomic
def end_access(user: User, *, by: Actor, at: datetime) -> Ended:
    """End what a person has given to scripts and other systems, and every session. Roles that are taken away end none:
    rights are looked up at each request."""
    end_sessions_of(user)
    return Ended(revoke_keys_of(user, by=by, at=at), end_sources_of(user, by=by, at=at))


def check_permissions(user: User, *, is_staff: bool, is_superuser: bool, by: Actor) -> None:
    """Whether an account may get these permissions. Raises Refused as `give_roles` does.

    Call it in the transaction that writes them: the accounts concerned stay locked until it ends.
    """
    user = _locked(user)
    _check_other(user, by=by)
    is_everywhere = Membership.objects.filter(user=user, page=None, role=Role.ADMIN).exists()
    if not (user.is_active and is_staff and (is_superuser or is_everywhere)):
        _check_admins(without=user)


@transaction.atomic
def reset_second_factor(user: User, *, by: Actor, at: datetime) -> None:
    """Forget somebody's second factors, so that a new one is asked for at the next sign-in. Raises Refused."""
    _check_other(user, by=by)
    Authenticator.objects.filter(user=user).delete()
    note("staff.second_factor_reset", by=by, at=at, subject=f"person {user.get_username()}")
    queue_account_mail(
        user, AccountMailKind.FACTOR_REMOVED, facts={"factor": f"all of them, by {by.name}"}, at=at
    )


def _locked(user: User) -> User:
    """The account's row, after those of all admins of every page are locked with it.

    Two admins who remove each other lock different accounts, and each would still see the other as the one who stays.
    With all admins' rows locked, in one order so that neither waits for ever, the second of them begins after the
    first has ended, and `_check_admins` sees what is left.
    """
    everywhere = Membership.objects.filter(page=None, role=Role.ADMIN).values("user")
    concerned = Q(pk=user.pk) | Q(is_superuser=True) | Q(pk__in=everywhere)
    list(User.objects.select_for_update().filter(concerned).order_by("pk"))
    return User.objects.get(pk=user.pk)


def _check_other(user: User, *, by: Actor, field: str = "roles") -> None:
    if by.user is not None and by.user.pk == user.pk:
        raise Refused(field, "This is your own account. Ask another admin.")


def _check_admins(*, without: User | None = None) -> None:
    """Somebody who can sign in must stay an admin of every page, somebody else than `without`."""
    active = User.objects.filter(is_active=True, is_staff=True)
    if without is not None:
        active = active.exclude(pk=without.pk)
    everywhere = Membership.objects.filter(page=None, role=Role.ADMIN).values("user")
    if not active.filter(is_superuser=True).exists() and not active.filter(pk__in=everywhere).exists():
        raise Refused("roles", "Nobody would be left who is an admin of every page. Make another one first.")


@transaction.atomic
def break_glass(*, username: str, by: Actor, at: datetime) -> Glass:
    """An admin with a new password and ten codes as second factor; what was made under the name before ends.

    It needs nothing but this machine's shell: no mail, no DNS, no other service.
    """
    user, _ = User.objects.get_or_create(username=username)
    password = secrets.token_urlsafe(18)
    user.is_active = user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()
    Authenticator.objects.filter(user=user).delete()
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    note("staff.break_glass", by=by, at=at, subject=f"person {username}")
    end_access(user, by=by, at=at)
    return Glass(user, password, codes)
