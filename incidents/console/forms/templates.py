"""A template's own form."""

from typing import Any

from django import forms
from django.http import QueryDict

from incidents.console.forms.words import written
from incidents.domain.incidents import IncidentStatus
from incidents.domain.roles import Right
from incidents.domain.templates import PLACES
from incidents.domain.texts import NAME_LIMIT, BodyFormat
from incidents.formatting.words import INCIDENT
from incidents.models import IncidentTemplate, Page
from incidents.models.staff import Rights

EVERY_PAGE = "*"
STATUSES = [
    IncidentStatus.INVESTIGATING,
    IncidentStatus.IDENTIFIED,
    IncidentStatus.MONITORING,
    IncidentStatus.RESOLVED,
]


class TemplateForm(forms.Form):
    """Name, title, status and words."""

    name = forms.CharField(
        max_length=NAME_LIMIT,
        help_text="For staff, such as Carrier outage, first words.",
        error_messages={"required": "Give it a name, by which it is found at three in the morning."},
    )
    of = forms.ChoiceField(label="Page")
    status = forms.ChoiceField(
        choices=[("", "As it is"), *((each.value, INCIDENT[each]) for each in STATUSES)], required=False
    )
    title = forms.CharField(
        max_length=NAME_LIMIT, required=False, help_text="For a new incident; may be empty."
    )
    body = forms.CharField(
        label="Words for customers",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Places that are filled in: " + ", ".join(f"{{{{ {name} }}}}" for name in PLACES) + ".",
        error_messages={"required": "Say at least one sentence."},
    )

    def __init__(
        self, rights: Rights, data: QueryDict | None = None, *, template: IncidentTemplate | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if template:
            initial = {name: getattr(template, name) for name in ("name", "status", "title")}
            initial["body"] = written(template.body, BodyFormat(template.body_format))
            initial["of"] = template.page.code if template.page else EVERY_PAGE
        super().__init__(data, initial=initial)
        self.pages = {page.code: page for page in rights.pages(Right.PUBLISH)}
        every = [(EVERY_PAGE, "Every page")] if rights.may(Right.PUBLISH, None) else []
        choices = [*((code, page.name) for code, page in self.pages.items()), *every]
        self.fields["of"].choices = choices  # type: ignore[attr-defined]
        self.fields["of"].initial = choices[0][0] if choices else ""

    def page(self) -> Page | None:
        """The chosen page, after validation; None for every one."""
        return self.pages.get(self.cleaned_data["of"])

    def chosen_status(self) -> IncidentStatus | None:
        """The chosen status, after validation."""
        return IncidentStatus(self.cleaned_data["status"]) if self.cleaned_data["status"] else None
