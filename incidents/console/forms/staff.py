"""One person of staff: name and address when made, and a role on each page and on all of them."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from incidents.domain.roles import Role
from incidents.models import Membership, Page
from incidents.operations.errors import Refused

NONE = [("", "No role")]
ROLES = [(role.value, role.value.capitalize()) for role in Role]


class RolesForm(forms.Form):
    """A role on every page, and one on each."""

    everywhere = forms.ChoiceField(label="On every page", choices=[*NONE, *ROLES], required=False)

    def __init__(self, data: QueryDict | None = None, *, user: User | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        rows = Membership.objects.filter(user=user) if user else Membership.objects.none()
        held = dict(rows.exclude(page=None).values_list("page", "role"))
        everywhere = rows.filter(page=None).values_list("role", flat=True).first()
        self.fields["everywhere"].initial = everywhere or ""
        self.pages = {f"page-{page.code}": page for page in Page.objects.all()}
        for name, page in self.pages.items():
            self.fields[name] = forms.ChoiceField(
                label=f"On {page}", choices=[*NONE, *ROLES], required=False, initial=held.get(page.pk, "")
            )

    @property
    def role_fields(self) -> list[Any]:
        """For the template: every page first."""
        return [self["everywhere"], *(self[name] for name in self.pages)]

    def roles(self) -> dict[Page | None, Role | None]:
        """What was chosen, after validation."""
        chosen: dict[Page | None, str] = {None: self.cleaned_data["everywhere"]}
        chosen |= {page: self.cleaned_data[name] for name, page in self.pages.items()}
        return {page: Role(role) if role else None for page, role in chosen.items()}

    def refuse(self, error: Refused) -> None:
        """Beside the field that can be mended."""
        self.add_error(error.field if error.field in self.fields else "everywhere", str(error))


class AddressForm(forms.Form):
    """The mail address of an account."""

    email = forms.CharField(
        label="Mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The old and the new address both get a notice.",
        error_messages={"required": "Give an address."},
    )


class PersonForm(RolesForm):
    """A new person."""

    field_order = ("username", "email")

    username = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        help_text="As it stands beside their words in the console; the public never sees it.",
        error_messages={"required": "Give the account a name."},
    )
    email = forms.CharField(
        label="Mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The link to choose a password goes there.",
        error_messages={"required": "Where should the link go?"},
    )
