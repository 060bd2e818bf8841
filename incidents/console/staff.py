"""Staff and their roles: for admins of every page."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console.access import StaffRequest, door
from incidents.console.forms.staff import AddressForm, PersonForm, RolesForm
from incidents.console.key_rows import key_rows
from incidents.domain.roles import Right
from incidents.models import AccountMail, ApiKey, Membership
from incidents.operations.account_mails import send_password_link
from incidents.operations.actors import staff
from incidents.operations.alerts import pages_alerting
from incidents.operations.errors import Refused
from incidents.operations.keys import keys_to_revoke
from incidents.operations.signals import sources_to_end
from incidents.operations.staff import (
    Ended,
    add_person,
    change_address,
    give_roles,
    reset_second_factor,
    switch_person,
)

UNPROCESSABLE = 422
KEYS_SHOWN = 200
MAILS_SHOWN = 5
_admins = door(everywhere=True, read=Right.SET_UP, write=Right.SET_UP)


@dataclass(frozen=True, slots=True)
class Person:
    """One account as the list shows it."""

    user: User
    roles: list[Membership]
    has_factor: bool


@_admins
def show_all(request: StaffRequest) -> HttpResponse:
    """Everybody who has an account, those who can come in first."""
    users = User.objects.order_by("-is_active", "username")
    held: dict[int, list[Membership]] = {}
    for each in Membership.objects.select_related("page").order_by("page__name"):
        held.setdefault(each.user_id, []).append(each)
    factors = set(Authenticator.objects.values_list("user", flat=True))
    people = [Person(user, held.get(user.pk, []), user.pk in factors) for user in users]
    return render(request, "console/staff.html", {"people": people, "at": now()})


@_admins
def add(request: StaffRequest) -> HttpResponseBase:
    """A new account; its owner chooses a password by the link of a mail."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            user = add_person(
                username=words["username"],
                email=words["email"],
                roles=form.roles(),
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, f"A link to choose a password is on its way to {user.email}.")
            return redirect("console:person-of-staff", user.pk)
    context = {"form": form}
    return render(request, "console/add_person.html", context, status=UNPROCESSABLE if form.errors else 200)


@_admins
def show(request: StaffRequest, pk: int) -> HttpResponseBase:
    """One person: roles, address, second factor, sessions, API keys, and the switch."""
    user = get_object_or_404(User, pk=pk)
    form = RolesForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            give_roles(user, roles=form.roles(), by=staff(request.user), at=now())
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, f"{user.get_username()}'s roles hold from now on.")
            return redirect("console:person-of-staff", pk)
    return _person(request, user, form)


def _person(
    request: StaffRequest, user: User, form: RolesForm, *, address_form: AddressForm | None = None
) -> HttpResponse:
    at = now()
    context = {
        "person": user,
        "form": form,
        "factors": list(Authenticator.objects.filter(user=user).order_by("type")),
        "sessions": UserSession.objects.filter(user=user).count(),
        "mails": list(AccountMail.objects.filter(user=user).order_by("-pk")[:MAILS_SHOWN]),
        "address_form": address_form or AddressForm(initial={"email": user.email}),
        "is_self": user == request.user,
        "keys": key_rows(
            ApiKey.objects.filter(made_by=user).select_related("page", "made_by")[:KEYS_SHOWN], at=at
        ),
        "ending": keys_to_revoke(user, at=at),
        "sources": sources_to_end(user),
        "alerting": pages_alerting(user.email),
        "at": at,
    }
    has_errors = bool(form.errors or (address_form and address_form.errors))
    return render(request, "console/staff_person.html", context, status=UNPROCESSABLE if has_errors else 200)


@_admins
def change_mail_address(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Another mail address for somebody; both mailboxes are notified."""
    user = get_object_or_404(User, pk=pk)
    form = AddressForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            change_address(user, email=form.cleaned_data["email"], by=staff(request.user), at=now())
        except Refused as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, "Address changed. A notice goes to the old and to the new address.")
    if request.method == "POST" and form.errors:
        return _person(request, user, RolesForm(user=user), address_form=form)
    return redirect("console:person-of-staff", pk)


@_admins
def switch(request: StaffRequest, pk: int) -> HttpResponseBase:
    """In or out, as the button said: a second tap changes nothing."""
    wanted = request.POST.get("to") == "on"

    def act(user: User) -> str:
        ended = switch_person(user, is_active=wanted, by=staff(request.user), at=now())
        said = "Account activated." if wanted else "Account deactivated. Signed out everywhere."
        return f"{said}{_ended(ended)}"

    return _act(request, pk, act)


@_admins
def reset_factor(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Somebody has lost the telephone."""

    def act(user: User) -> str:
        reset_second_factor(user, by=staff(request.user), at=now())
        return "A new second factor is asked for at the next sign-in."

    return _act(request, pk, act)


@_admins
def send_link(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The link to choose a password, once more."""

    def act(user: User) -> str:
        send_password_link(user, by=staff(request.user), at=now())
        return "A link to choose a password is on its way."

    return _act(request, pk, act)


def _ended(ended: Ended) -> str:
    revoked = f" API keys revoked: {ended.keys}." if ended.keys else ""
    return revoked + (f" Event sources ended: {ended.sources}." if ended.sources else "")


def _act(request: StaffRequest, pk: int, operation: Callable[[User], str]) -> HttpResponseBase:
    user = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        try:
            messages.success(request, operation(user))
        except Refused as error:
            messages.error(request, str(error))
    return redirect("console:person-of-staff", pk)
