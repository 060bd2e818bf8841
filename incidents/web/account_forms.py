"""allauth's forms with limits of our own: codes are counted by account and network, links by mailbox."""

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import complete_authentication, parse_authentication_response
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.timezone import now

from incidents.operations.account_mails import request_password_link
from incidents.operations.second_factors import may_try_code, note_right_code
from incidents.web.limits import caller, within

T = TypeVar("T")
KEY_TRIES, KEY_SECONDS = 10, 60
"""Answers of a security key from one network: they cannot be guessed, only cost work."""


class PasswordLinkForm(ResetPasswordForm):  # type: ignore[misc]  # allauth carries no types
    """Asks for a link. It looks nothing up before it is saved, and saving is the same for every address."""

    def clean_email(self) -> str:
        """The address as typed."""
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **_: Any) -> str:  # noqa: ARG002  (allauth's shape)
        """Have a link mailed, if there is an account."""
        address = str(self.cleaned_data["email"])
        request_password_link(address, at=now())
        return address


class _Limited:
    """Counts tries of codes by account and network in place of allauth's count, which anybody with the password could
    use up for the owner."""

    user: User
    cleaned_data: dict[str, Any]

    def _count_try(self) -> None:
        if not may_try_code(self.user, caller(context.request), at=now()):
            raise get_adapter().validation_error("too_many_login_attempts")

    def _count_as_right(self) -> None:
        note_right_code(self.user, caller(context.request), at=now())


def _use_up(user: User, code: str) -> bool:
    """Whether an app's code, which is valid, is used for the first time; it is used up from now on.

    It is remembered for as long as it could be valid, MFA_TOTP_TOLERANCE periods on either side of its own: 90 s.
    allauth remembers one for 30 s, and none that has set an app up. Kept in the cache: several web processes share it
    by CACHE_URL.
    """
    seconds = (2 * mfa_settings.TOTP_TOLERANCE + 1) * mfa_settings.TOTP_PERIOD
    return bool(cache.add(f"app-code:{user.pk}:{normalize_user_code(code)}", "used", timeout=seconds))


class _CodeForm(_Limited):
    """One code, of an authenticator app or a recovery code."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code, after it has opened one of the user's factors."""
        self._count_try()
        code = str(self.cleaned_data["code"])
        typed = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for each in typed:
            if each.wrap().validate_code(code) and self._is_first_use(each, code):
                each.user = self.user
                self.authenticator = each
                self._count_as_right()
                return code
        raise get_adapter().validation_error("incorrect_code")

    def _is_first_use(self, factor: Authenticator, code: str) -> bool:
        """A recovery code is struck off by itself."""
        return factor.type != Authenticator.Type.TOTP or _use_up(self.user, code)


class CodeForm(_CodeForm, AuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """At the sign-in."""


class CodeAgainForm(_CodeForm, ReauthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """In a session that goes on."""


class NewAppForm(_Limited, ActivateTOTPForm):  # type: ignore[misc]  # allauth carries no types
    """The first code of a new authenticator app."""

    def clean_code(self) -> str:
        """The code, after it has matched the secret that the screen shows."""
        self._count_try()
        code = str(self.cleaned_data["code"])
        if not validate_totp_code(self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        _use_up(self.user, code)
        self._count_as_right()
        return code


def _refusing(parse: Callable[[], T]) -> T:
    """What a stranger sends in place of a passkey's answer is refused, in whatever way the library trips over it."""
    try:
        return parse()
    except ValidationError:
        raise
    except Exception as error:
        raise get_adapter().validation_error("incorrect_code") from error


class _KeyForm:
    """The signed answer of a passkey."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        """The passkey that has answered."""
        who = f"{self.user.pk} {caller(context.request)}"
        if not within("passkey", who, limit=KEY_TRIES, seconds=KEY_SECONDS):
            raise get_adapter().validation_error("too_many_login_attempts")
        return _refusing(self._opened)

    def _opened(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        parse_authentication_response(credential)
        return complete_authentication(self.user, credential)


class KeyForm(_KeyForm, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """At the sign-in, after the password."""


class KeyAgainForm(_KeyForm, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """In a session that goes on."""


class KeyAloneForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """At the sign-in, in place of a password."""

    def clean_credential(self) -> Authenticator:
        """The passkey that has answered, whosever it is."""
        return _refusing(super().clean_credential)


class NewKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Its name and what it has answered."""
        return _refusing(super().clean)
