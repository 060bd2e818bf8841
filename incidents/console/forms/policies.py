"""How a page's RFOs are made, as a form (DESIGN 12)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict

from incidents.console.forms.pages import RefusingForm
from incidents.domain.texts import NAME_LIMIT
from incidents.models import Holiday, Page
from incidents.operations.clocks import presets_of
from incidents.operations.faults import policy_of

APPROVALS = (
    ("0", "Nobody: whoever writes it may publish it"),
    ("1", "One person who did not write it"),
    ("2", "Two people who did not write it"),
)


class PolicyForm(RefusingForm):
    """The rules of one brand."""

    approvals = forms.ChoiceField(label="Who must approve a version", choices=APPROVALS)
    needs_signature = forms.BooleanField(label="A signatory must sign each version", required=False)
    letterhead = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lines below the name on paper: legal name, number, address. The logo is that of the look.",
    )
    terms = forms.CharField(
        label="Names and their spelling",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One a line, wrong spellings after a colon, such as: OpenSIPS: Open SIPS, OpenSIP. "
        "Names of this trade are known.",
    )
    internal_words = forms.CharField(
        label="Words that must not leave the house",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One a line: host names, customers, projects. Private addresses are found without.",
    )
    clock = forms.ChoiceField(
        label="The clock of every new incident",
        required=False,
        help_text="What it owes is counted down in the console; its cadence is the public “next update by”.",
    )
    holidays = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One a line, such as: 2026-12-25 Christmas Day. They are no business days.",
    )

    def __init__(self, data: QueryDict | None = None, *, page: Page) -> None:
        policy = policy_of(page)
        names = ("approvals", "needs_signature", "letterhead", "terms", "internal_words", "clock")
        initial: dict[str, Any] = {name: getattr(policy, name) for name in names}
        days = Holiday.objects.filter(page=page)
        initial["holidays"] = "\n".join(f"{each.day} {each.name}".strip() for each in days)
        super().__init__(data, initial=initial)
        offered = [(key, preset.title) for key, (preset, enabled) in presets_of(page).items() if enabled]
        choice = self.fields["clock"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (it is declared above)
        choice.choices = [("", "None"), *offered]

    def clean_holidays(self) -> dict[date, str]:
        """Days with their names."""
        found: dict[date, str] = {}
        for number, line in enumerate(self.cleaned_data["holidays"].splitlines(), start=1):
            if not line.strip():
                continue
            day, _, name = line.strip().partition(" ")
            try:
                found[date.fromisoformat(day)] = name.strip()
            except ValueError as error:
                raise forms.ValidationError(
                    f"Line {number} does not begin with a day such as 2026-12-25.", code="invalid"
                ) from error
        return found


class SignatoryForm(RefusingForm):
    """Somebody of staff who signs."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who", empty_label=None)
    name = forms.CharField(max_length=NAME_LIMIT, help_text="As it stands below a letter.")
    title = forms.CharField(
        label="Title line", max_length=NAME_LIMIT, required=False, help_text="Such as: CEO | SIPcity."
    )

    def __init__(self, data: QueryDict | None = None, *, page: Page) -> None:
        super().__init__(data)
        choice = self.fields["user"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101  (it is declared above)
        member = Q(memberships__page=page) | Q(memberships__page=None, memberships__isnull=False)
        staff = User.objects.filter(is_staff=True, is_active=True)
        choice.queryset = staff.filter(member | Q(is_superuser=True)).distinct().order_by("username")
