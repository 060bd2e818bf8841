"""The two forms of an incident's life: opening it, and saying something more (DESIGN 8)."""

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.core import signing
from django.http import QueryDict

from incidents.console.forms.components import ComponentsForm
from incidents.console.forms.times import HappenedAtForm
from incidents.console.once import issued_at, new_key
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import OPEN_STATUSES, IncidentStatus
from incidents.domain.texts import NAME_LIMIT, UncleanText, clean
from incidents.formatting.words import INCIDENT
from incidents.models import Incident, Page
from incidents.operations.errors import Refused
from incidents.operations.updates import affected_components, restored_status

PROMISES = [("", "None"), ("15", "15 min"), ("30", "30 min"), ("60", "60 min")]
OPENING = [(status.value, INCIDENT[status]) for status in IncidentStatus if status in OPEN_STATUSES]
UPDATING = [*OPENING, (IncidentStatus.RESOLVED.value, INCIDENT[IncidentStatus.RESOLVED])]


class StatementForm(HappenedAtForm, ComponentsForm):
    """Public words with a status, component states and a promise of the next ones."""

    field_order = ("title", "status", "body", "next_update", "happened_at")

    status = forms.ChoiceField(widget=forms.RadioSelect)
    body = forms.CharField(
        label="Words for customers",
        widget=forms.Textarea(attrs={"rows": 6, "data-submit": True}),
        error_messages={"required": "Say at least one sentence: customers are reading this."},
    )
    next_update = forms.ChoiceField(
        label="Next update in", choices=PROMISES, widget=forms.RadioSelect, required=False, initial="30"
    )
    notify = forms.BooleanField(label="Tell the subscribers", required=False, initial=True)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, page: Page, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.page = page
        self.zone = page.zone
        self.issued: datetime | None = None

    def clean_body(self) -> str:
        """What no feed can carry is said together with everything else that is wrong."""
        try:
            return clean(self.cleaned_data["body"])
        except UncleanText as error:
            raise forms.ValidationError(str(error), code="unclean") from error

    def clean_key(self) -> str:
        """Read when the form was handed out. A form that we did not hand out is shown again with a key of ours."""
        try:
            self.issued = issued_at(self.cleaned_data["key"])
        except signing.BadSignature as error:
            raise forms.ValidationError(
                "This form had grown too old. Your words are kept: send it again."
            ) from error
        return str(self.cleaned_data["key"])

    def promise(self, *, at: datetime) -> datetime | None:
        """The promised instant, counted from the moment of posting."""
        minutes = self.cleaned_data["next_update"]
        return at + timedelta(minutes=int(minutes)) if minutes else None

    def refuse(self, error: Refused) -> None:
        """Show what an operation refused beside its field."""
        names = {"next_update_by": "next_update"}
        field = names.get(error.field, error.field)
        self.add_error(field if field in self.fields else None, str(error))

    def handed_out(self, *, at: datetime) -> str:
        """The key to print: the one that came back if it is ours, so that a second tap is still recognised."""
        return str(self.data["key"]) if self.issued else new_key(at=at)


class OpeningForm(StatementForm):
    """The first words about an incident."""

    title = forms.CharField(
        max_length=NAME_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a title: what do customers notice?"},
    )

    def __init__(self, page: Page, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(page, data, **options)
        status = self.fields["status"]
        status.choices = OPENING  # type: ignore[attr-defined]
        status.initial = IncidentStatus.INVESTIGATING.value
        self.add_components(page)


class UpdateForm(StatementForm):
    """More words. `version` is what the author saw of the incident; resolving may restore what it affected."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    shown_status = forms.CharField(widget=forms.HiddenInput, required=False)
    restore = forms.BooleanField(
        label="Restore the affected components (another open incident keeps its own)",
        required=False,
        initial=True,
    )

    def __init__(self, incident: Incident, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(incident.page, data, **options)
        self.incident = incident
        choices = [each for each in UPDATING if incident.state.may_become(IncidentStatus(each[0]))]
        self.fields["status"].choices = choices  # type: ignore[attr-defined]
        self.fields["version"].initial = incident.version
        self.fields["shown_status"].initial = self.fields["status"].initial = incident.status
        if not incident.state.is_open:
            self.fields["next_update"].initial = ""
        self.add_components(incident.page, affected=affected_components(incident))

    def clean(self) -> dict[str, Any]:
        """A resolved incident promises nothing more, and its components come back when asked."""
        cleaned = super().clean()
        if cleaned.get("status") == IncidentStatus.RESOLVED:
            cleaned["next_update"] = ""
        return cleaned

    def statuses(self) -> dict[Any, ComponentStatus]:
        """What the author chose, and the restored status of all that the incident affected when it resolves so."""
        chosen = super().statuses()
        if self.cleaned_data["status"] == IncidentStatus.RESOLVED and self.cleaned_data["restore"]:
            affected = (self.components[name] for name in self.affected)
            chosen |= {each: restored_status(each, without=self.incident) for each in affected}
        return chosen

    def rebased(self) -> "UpdateForm":
        """The same words over the incident as it is now: what the author had not touched follows the other's post."""
        fresh = cast(QueryDict, self.data).copy()
        incident = Incident.objects.select_related("page").get(pk=self.incident.pk)
        now = UpdateForm(incident)
        if fresh.get("status") == fresh.get("shown_status"):
            fresh["status"] = incident.status
        fresh["shown_status"] = incident.status
        fresh["version"] = str(incident.version)
        for name in now.components:
            if fresh.get(name, "") == fresh.get(f"initial-{name}", ""):
                fresh[name] = now.shown(name)
            fresh[f"initial-{name}"] = now.shown(name)
        return UpdateForm(incident, fresh)
