"""The second factor at the console's door: who must have one, and whether this session has shown it."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import secure_admin_login
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from incidents.operations.staff import must_have_second_factor, was_second_factor_shown


def is_missing(request: HttpRequest) -> bool:
    """Whether this session has yet to show the second factor that its user must have."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (the door has decided)
    return must_have_second_factor(user) and not was_shown(request)


def was_shown(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor: a code, a passkey, a recovery code."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (the door has decided)
    return was_second_factor_shown(get_authentication_records(request, user))


def ask(request: HttpRequest, *, then: str = "") -> HttpResponse:
    """To the screen on which a second factor is made or, where there is one, shown."""
    owned = set(Authenticator.objects.filter(user=request.user.pk).values_list("type", flat=True))
    if not owned:
        return redirect("mfa_index")
    coded = owned & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}
    door = reverse("mfa_reauthenticate" if coded else "mfa_reauthenticate_webauthn")
    return redirect(f"{door}?{urlencode({'next': then or request.get_full_path()})}")


@receiver(authenticator_added)
def count_as_shown(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever has just made a factor has shown it: making one takes a code or the key itself."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def guard_admin(site: AdminSite) -> None:
    """Put the set-up tables behind the console's door: its login, its second factor, its screen for the password.

    Django's own form changes a password without the audit's line, the mail to its owner and a limit on wrong ones.
    """
    may_enter = site.has_permission

    def has_permission(request: HttpRequest) -> bool:
        return may_enter(request) and not is_missing(request)

    def login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG001
        if request.user.is_authenticated and may_enter(request):
            return ask(request, then=request.GET.get("next") or reverse("admin:index"))
        answer: HttpResponse = to_login(request)
        return answer

    def to_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG001
        return redirect("account_change_password")

    to_login = secure_admin_login(site.login)
    site.has_permission = has_permission  # type: ignore[method-assign]
    site.login = login  # type: ignore[method-assign]
    site.password_change = to_own_password  # type: ignore[method-assign,assignment]
    site.password_change_done = to_own_password  # type: ignore[method-assign,assignment]
