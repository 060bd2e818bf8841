"""People and what they may do. Whoever loses everything else can still get in: `break_glass` makes an admin."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from incidents.domain.roles import Right, Role
from incidents.models import Membership, Page
from incidents.models.staff import rights_of
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.errors import Refused

Roles = Mapping[Page | None, Role | None]
"""The role on each page, under None on every page; a role of None is taken away."""


@dataclass(frozen=True, slots=True)
class Glass:
    """An account for the day when nothing else works, shown once."""

    user: User
    password: str
    codes: list[str]


def must_have_second_factor(user: User) -> bool:
    """Everybody of staff, unless STAFF_MFA says that it is optional. A viewer may do without where every page that the
    role is on waives it; a role on all pages, those to come too, needs the waiver of each page that there is."""
    if not settings.STAFF_MFA_REQUIRED:
        return False
    rights = rights_of(user)
    if rights.top is None or rights.may_somewhere(Right.RESPOND):
        return user.is_staff
    return rights.pages().filter(viewers_without_second_factor=False).exists()


@transaction.atomic
def add_person(*, username: str, email: str, roles: Roles, by: Actor, at: datetime) -> User:
    """A new account without a password: its owner chooses one by the link of a mail. Raises Refused."""
    username, email = username.strip(), email.strip()
    _check_name(username)
    _check_mail(email)
    if not any(roles.values()):
        raise Refused("roles", "Give a role on at least one page.")
    user = User.objects.create_user(username, email, is_staff=True)
    note("staff.added", by=by, at=at, subject=f"person {username}")
    _write(user, roles, by=by, at=at)
    return user


def _check_name(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Refused("username", "Letters, digits and @ . + - _ make a name.") from error
    if len(username) > 150:  # noqa: PLR2004  (the column's length)
        raise Refused("username", "A name has 150 characters at most.")
    if User.objects.filter(username__iexact=username).exists():
        raise Refused("username", "Somebody has this name already.")


def _check_mail(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("email", "Write a mail address, such as dana@example.net.") from error
    if User.objects.filter(email__iexact=email).exists():
        raise Refused("email", "An account has this address already.")


@transaction.atomic
def give_roles(user: User, *, roles: Roles, by: Actor, at: datetime) -> None:
    """Change what somebody may do. Raises Refused for one's own account and for the last admin of every page."""
    user = User.objects.select_for_update().get(pk=user.pk)
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
def switch_person(user: User, *, is_active: bool, by: Actor, at: datetime) -> None:
    """Let somebody in no more, at once and on every device, or in again. Raises Refused as `give_roles` does."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_other(user, by=by)
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        what = "staff.switched_on" if is_active else "staff.switched_off"
        note(what, by=by, at=at, subject=f"person {user.get_username()}")
    _check_admins()


@transaction.atomic
def reset_second_factor(user: User, *, by: Actor, at: datetime) -> None:
    """Forget somebody's second factors, so that a new one is asked for at the next sign-in. Raises Refused."""
    _check_other(user, by=by)
    Authenticator.objects.filter(user=user).delete()
    note("staff.second_factor_reset", by=by, at=at, subject=f"person {user.get_username()}")


def _check_other(user: User, *, by: Actor) -> None:
    if by.user is not None and by.user.pk == user.pk:
        raise Refused("roles", "This is your own account. Ask another admin.")


def _check_admins() -> None:
    """Somebody who can sign in must stay an admin of every page."""
    active = User.objects.filter(is_active=True, is_staff=True)
    everywhere = Membership.objects.filter(page=None, role=Role.ADMIN).values("user")
    if not active.filter(is_superuser=True).exists() and not active.filter(pk__in=everywhere).exists():
        raise Refused("roles", "Nobody would be left who is an admin of every page. Make another one first.")


@transaction.atomic
def break_glass(*, username: str, by: Actor, at: datetime) -> Glass:
    """An admin with a new password and ten codes as second factor, whatever was there under the name before.

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
    return Glass(user, password, codes)
