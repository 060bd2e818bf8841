"""The screens below `/accounts/`: those of allauth that we use, each with the session that it takes.

allauth's own list of addresses is not included, so that what a new version brings stays closed until it is decided
here.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, re_path, reverse
from django.utils.http import urlencode

from incidents.operations.staff import must_have_second_factor, was_second_factor_shown
from incidents.web import account_notices
from incidents.web.limits import missed

account_notices.listen()

View = Callable[..., HttpResponseBase]


class Session(StrEnum):
    """What kind of session a screen takes."""

    NONE = "none: it is for strangers"
    PASSWORD = "any: it shows a factor that there is, or ends the session"  # noqa: S105  (words)
    ENROLLING = "any, as long as there is no factor yet; then one that has shown it"
    WHOLE = "one that has shown the second factor where there is one or must be one"


def _screen(view: View, session: Session, *, whole: bool = False) -> View:
    """The view behind its door; with `whole` all that one request changes happens in one transaction."""
    in_one = transaction.atomic(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and session in {Session.ENROLLING, Session.WHOLE}:
            barred = _barred(request, user, session)
            if barred is not None:
                return barred
        acting = in_one if whole and request.method == "POST" else view
        return acting(request, *args, **kwargs)

    return guarded


def _barred(request: HttpRequest, user: User, session: Session) -> HttpResponseBase | None:
    """To where a factor is shown or, where there is none, made; None for whoever may go on."""
    if was_second_factor_shown(get_authentication_records(request, user)):
        return None
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if not types:
        is_open = session == Session.ENROLLING or not must_have_second_factor(user)
        return None if is_open else redirect("mfa_index")
    is_typed = bool(types & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES})
    name = "mfa_reauthenticate" if is_typed else "mfa_reauthenticate_webauthn"
    return redirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")


def no_sign_up(request: HttpRequest) -> HttpResponseBase:
    """Nobody signs up: an account is made by an admin."""
    return render(request, "account/signup_closed.html")


def choose_password(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    """The link of a mail. Every try counts, the right one too: nobody opens many links to choose a password."""
    is_typed = key != account.PasswordResetFromKeyView.reset_url_key
    refused = missed(request, "password-link") if is_typed else None
    return refused or account.password_reset_from_key(request, uidb36=uidb36, key=key)


_KEY = r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[^/]{1,100})/$"
_N, _P, _E, _W = Session.NONE, Session.PASSWORD, Session.ENROLLING, Session.WHOLE

urlpatterns = [
    path("login/", _screen(account.login, _N), name="account_login"),
    path("logout/", _screen(account.logout, _P), name="account_logout"),
    path("inactive/", _screen(account.account_inactive, _N), name="account_inactive"),
    path("signup/", _screen(no_sign_up, _N), name="account_signup"),
    path("reauthenticate/", _screen(account.reauthenticate, _P), name="account_reauthenticate"),
    path("password/change/", _screen(account.password_change, _W), name="account_change_password"),
    path("password/set/", _screen(account.password_set, _W), name="account_set_password"),
    path("password/reset/", _screen(account.password_reset, _N), name="account_reset_password"),
    path(
        "password/reset/done/", _screen(account.password_reset_done, _N), name="account_reset_password_done"
    ),
    re_path(_KEY, _screen(choose_password, _N), name="account_reset_password_from_key"),
    path(
        "password/reset/key/done/",
        _screen(account.password_reset_from_key_done, _N),
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", _screen(mfa.index, _E), name="mfa_index"),
    path("2fa/authenticate/", _screen(mfa.authenticate, _N), name="mfa_authenticate"),
    path("2fa/reauthenticate/", _screen(mfa.reauthenticate, _P), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", _screen(totp.activate_totp, _E, whole=True), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", _screen(totp.deactivate_totp, _W, whole=True), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", _screen(codes.view_recovery_codes, _W), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        _screen(codes.generate_recovery_codes, _W, whole=True),
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/webauthn/", _screen(passkeys.list_webauthn, _W), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", _screen(passkeys.add_webauthn, _E, whole=True), name="mfa_add_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        _screen(passkeys.reauthenticate_webauthn, _P),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        _screen(passkeys.remove_webauthn, _W, whole=True),
        name="mfa_remove_webauthn",
    ),
    path("2fa/webauthn/keys/<int:pk>/edit/", _screen(passkeys.edit_webauthn, _W), name="mfa_edit_webauthn"),
    path("2fa/webauthn/login/", _screen(passkeys.login_webauthn, _N), name="mfa_login_webauthn"),
    path("sessions/", _screen(sessions.list_usersessions, _W), name="usersessions_list"),
]
