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
from incidents.domain.roles import Right
from incidents.models import AccountMail, Membership
from incidents.operations.account_mails import send_password_link
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.staff import (
    add_person,
    change_address,
    give_roles,
    reset_second_factor,
    switch_person,
)

UNPROCESSABLE = 422
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
    """One person: roles, address, second factor, sessions, and the switch."""
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
    context = {
        "person": user,
        "form": form,
        "factors": list(Authenticator.objects.filter(user=user).order_by("type")),
        "sessions": UserSession.objects.filter(user=user).count(),
        "mails": list(AccountMail.objects.filter(user=user).order_by("-pk")[:MAILS_SHOWN]),
        "address_form": address_form or AddressForm(initial={"email": user.email}),
        "is_self": user == request.user,
        "at": now(),
    }
    has_errors = bool(form.errors or (address_form and address_form.errors))
    return render(request, "console/staff_person.html", context, status=UNPROCESSABLE if has_errors else 200)


@_admins
def change_mail_address(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Another mail address for somebody; both mailboxes are told."""
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

    def act(user: User) -> None:
        switch_person(user, is_active=wanted, by=staff(request.user), at=now())

    return _act(request, pk, act, "They can sign in again." if wanted else "They are out, on every device.")


@_admins
def reset_factor(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Somebody has lost the telephone."""

    def act(user: User) -> None:
        reset_second_factor(user, by=staff(request.user), at=now())

    return _act(request, pk, act, "A new second factor is asked for at the next sign-in.")


@_admins
def send_link(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The link to choose a password, once more."""

    def act(user: User) -> None:
        send_password_link(user, by=staff(request.user), at=now())

    return _act(request, pk, act, "A link to choose a password is on its way.")


def _act(request: StaffRequest, pk: int, operation: Callable[[User], None], done: str) -> HttpResponseBase:
    user = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        try:
            operation(user)
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
    return redirect("console:person-of-staff", pk)
