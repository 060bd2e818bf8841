"""API keys: made, shown once, revoked."""

from datetime import UTC, date, datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console.access import StaffRequest, door, require
from incidents.console.key_rows import key_rows
from incidents.domain.roles import Right
from incidents.domain.texts import NAME_LIMIT
from incidents.models import ApiKey, Page
from incidents.models.keys import Scope
from incidents.models.staff import Rights
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.keys import LIFETIME, make_key, revoke_key

UNPROCESSABLE = 422
EVERY_PAGE = "*"
WORDS = {
    Scope.READ: "Read everything that the page says",
    Scope.INCIDENTS: "Incidents, maintenance and the status of components",
    Scope.RFO: "RFOs",
    Scope.SUBSCRIBERS: "Subscribers",
    Scope.ADMIN: "Set-up: components, probes, templates",
}


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        max_length=NAME_LIMIT,
        help_text="Who uses it, such as Terraform or the NOC's script.",
        error_messages={"required": "Give it a name, so that it can be told apart later."},
    )
    of = forms.ChoiceField(label="Page")
    scopes = forms.MultipleChoiceField(
        label="What for",
        choices=[(scope.value, WORDS[scope]) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
        error_messages={"required": "Choose what the key is for."},
    )
    expires_on = forms.DateField(
        label="Expires on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="At the end of that day, UTC. Empty: in a year.",
    )
    never_expires = forms.BooleanField(
        label="No expiry: the key is valid until somebody revokes it", required=False
    )

    def __init__(self, rights: Rights, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["expires_on"].initial = today + LIFETIME
        self.pages = {page.code: page for page in rights.pages(Right.SET_UP)}
        every = [(EVERY_PAGE, "Every page")] if rights.may(Right.SET_UP, None) else []
        named = [(code, page.name) for code, page in self.pages.items()]
        self.fields["of"].choices = [*named, *every]  # type: ignore[attr-defined]
        self.fields["of"].initial = [*named, *every][0][0] if named or every else ""

    def page(self) -> Page | None:
        """The chosen page, after validation; None for every one."""
        return self.pages.get(self.cleaned_data["of"])

    def expires_at(self) -> datetime | None:
        """The end of the chosen day, after validation."""
        day = self.cleaned_data["expires_on"]
        return datetime.combine(day, time.max, tzinfo=UTC) if day else None


@door(read=Right.SET_UP, write=Right.SET_UP)
def show_all(request: StaffRequest) -> HttpResponse:
    """The keys there are, and the form of a new one. Its secret is in the answer to the post and nowhere else."""
    at, secret, made = now(), "", None
    today = at.astimezone(UTC).date()
    form = KeyForm(request.rights, request.POST if request.method == "POST" else None, today=today)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            made, secret = make_key(
                name=words["name"],
                page=form.page(),
                scopes=[Scope(each) for each in words["scopes"]],
                expires_at=form.expires_at(),
                never_expires=words["never_expires"],
                by=staff(request.user),
                at=at,
            )
        except Refused as error:
            form.add_error("expires_on" if error.field == "expires_at" else error.field, str(error))
        else:
            form = KeyForm(request.rights, today=today)
    keys = ApiKey.objects.select_related("page", "made_by")
    if not request.rights.may(Right.SET_UP, None):
        keys = keys.filter(page__in=request.rights.pages(Right.SET_UP))
    context = {
        "form": form,
        "keys": key_rows(keys[:200], at=at),
        "secret": secret,
        "made": made,
        "at": at,
    }
    return render(request, "console/keys.html", context, status=UNPROCESSABLE if form.errors else 200)


@door(read=Right.SET_UP, write=Right.SET_UP)
def revoke(request: StaffRequest, code: str) -> HttpResponseBase:
    """End a key."""
    key = get_object_or_404(ApiKey.objects.select_related("page"), code=code)
    if key.page is not None:
        require(request, Right.SET_UP, key.page)
    elif not request.rights.may(Right.SET_UP, None):
        return redirect("console:keys")
    if request.method == "POST":
        revoke_key(key, by=staff(request.user), at=now())
        messages.success(request, f"{key.name} is revoked.")
    return redirect("console:keys")
