"""The two forms of an incident's life: opening it, and saying something more (DESIGN 8)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict

from incidents.console.family import elsewhere
from incidents.console.forms.components import ComponentsForm
from incidents.console.forms.posting import PostingForm
from incidents.console.forms.times import HappenedAtForm
from incidents.console.forms.twins import TwinsForm, tick_name, version_name, words_name
from incidents.console.forms.words import check_filled
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import OPEN_STATUSES, IncidentStatus
from incidents.domain.roles import Right
from incidents.domain.texts import NAME_LIMIT
from incidents.domain.waiting import promised
from incidents.formatting.words import INCIDENT
from incidents.models import Component, Incident, Page
from incidents.models.staff import Rights
from incidents.operations.errors import Refused
from incidents.operations.twins import Telling
from incidents.operations.updates import affected_components, restored_status

PROMISES = [("", "None"), ("15", "15 min"), ("30", "30 min"), ("60", "60 min")]
OPENING = [(status.value, INCIDENT[status]) for status in IncidentStatus if status in OPEN_STATUSES]
UPDATING = [*OPENING, (IncidentStatus.RESOLVED.value, INCIDENT[IncidentStatus.RESOLVED])]


class StatementForm(PostingForm, HappenedAtForm, ComponentsForm):
    """Public words with a status, component states and a promise of the next ones."""

    field_order = ("title", "status", "body", "next_update", "happened_at")
    refused: ClassVar[Mapping[str, str]] = {"next_update_by": "next_update"}

    status = forms.ChoiceField(widget=forms.RadioSelect)
    next_update = forms.ChoiceField(
        label="Next update in", choices=PROMISES, widget=forms.RadioSelect, required=False, initial="30"
    )

    def promise(self, *, at: datetime) -> datetime | None:
        """The promised instant, counted from the moment of posting, as a round one."""
        minutes = self.cleaned_data["next_update"]
        return promised(at, minutes=int(minutes)) if minutes else None


class OpeningForm(StatementForm):
    """The first words about an incident."""

    title = forms.CharField(
        max_length=NAME_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a title: what do customers notice?"},
    )

    def clean_title(self) -> str:
        """A title from a template has its places filled."""
        check_filled(self.cleaned_data["title"])
        return str(self.cleaned_data["title"])

    def __init__(self, page: Page, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(page, data, **options)
        status = self.fields["status"]
        status.choices = OPENING  # type: ignore[attr-defined]
        status.initial = IncidentStatus.INVESTIGATING.value
        self.add_components(page)


class UpdateForm(StatementForm, TwinsForm):
    """More words, here and perhaps on other pages too.

    `version` is what the author saw of the incident; resolving may restore what it affected.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    shown_status = forms.CharField(widget=forms.HiddenInput, required=False)
    restore = forms.BooleanField(
        label="Restore the affected components (another open incident keeps its own)",
        required=False,
        initial=True,
    )

    def __init__(
        self, incident: Incident, data: QueryDict | None = None, *, rights: Rights, **options: Any
    ) -> None:
        super().__init__(incident.page, data, **options)
        self.incident, self.rights = incident, rights
        choices = [each for each in UPDATING if incident.state.may_become(IncidentStatus(each[0]))]
        self.fields["status"].choices = choices  # type: ignore[attr-defined]
        self.fields["version"].initial = incident.version
        self.fields["shown_status"].initial = self.fields["status"].initial = incident.status
        if not incident.state.is_open:
            self.fields["next_update"].initial = ""
        self.add_components(incident.page, affected=affected_components(incident))
        self.elsewhere = elsewhere([incident], rights=rights)[incident.pk]
        self.add_twins(each for each in self.elsewhere if rights.may(Right.RESPOND, each.page))

    def clean(self) -> dict[str, Any]:
        """A resolved incident promises nothing more, and its components come back when asked."""
        cleaned = super().clean()
        if cleaned.get("status") == IncidentStatus.RESOLVED:
            cleaned["next_update"] = ""
        return cleaned

    def statuses(self) -> dict[Component, ComponentStatus]:
        """What the author chose, and the restored status of all that the incident affected when it resolves so."""
        affected = (self.components[name] for name in self.affected)
        return super().statuses() | self._restored(affected, self.incident)

    def tellings(self) -> list[Telling]:
        """What is said, after validation: here, then on each other page that was ticked.

        Ask inside the transaction that says it, with the pages locked.
        """
        status, body = IncidentStatus(self.cleaned_data["status"]), self.cleaned_data["body"]
        here = Telling(self.incident, status, body, self.statuses(), self.cleaned_data["version"])
        return [here] + [
            Telling(
                twin,
                status,
                words or body,
                self._restored(affected_components(twin), twin),
                self.cleaned_data[version_name(twin)],
            )
            for twin, words in self.ticked.items()
        ]

    def _restored(
        self, affected: Iterable[Component], incident: Incident
    ) -> dict[Component, ComponentStatus]:
        if self.cleaned_data["status"] != IncidentStatus.RESOLVED or not self.cleaned_data["restore"]:
            return {}
        return {each: restored_status(each, without=incident) for each in affected}

    def refuse(self, error: Refused) -> None:
        """What was refused of another page is said beside the words for it."""
        twin = next((each for each in self.twins if each.code == error.about), None)
        if twin and error.field in ("status", "body", "components"):
            self.add_error(words_name(twin), str(error))
        else:
            super().refuse(error)

    def overtaken(self) -> list[Incident]:
        """Of those that were to say it, the ones that others have written to since; each as it is now."""
        seen = {self.incident.pk: self.cleaned_data["version"]}
        seen |= {twin.pk: self.cleaned_data[version_name(twin)] for twin in self.ticked}
        now = Incident.objects.filter(pk__in=seen).select_related("page")
        return [each for each in now if each.version != seen[each.pk]]

    def rebased(self) -> "UpdateForm":
        """The same words over the incidents as they are now: what the author had not touched follows the other's post.

        A twin that has ended keeps its words and loses its tick, so that nobody reopens it unawares.
        """
        fresh = cast(QueryDict, self.data).copy()
        incident = Incident.objects.select_related("page").get(pk=self.incident.pk)
        now = UpdateForm(incident, rights=self.rights)
        if fresh.get("status") == fresh.get("shown_status"):
            fresh["status"] = incident.status
        fresh["shown_status"] = incident.status
        fresh["version"] = str(incident.version)
        for name in now.components:
            if fresh.get(name, "") == fresh.get(f"initial-{name}", ""):
                fresh[name] = now.shown(name)
            fresh[f"initial-{name}"] = now.shown(name)
        for twin in now.elsewhere:
            if twin in (*self.twins, *now.twins):
                fresh[version_name(twin)] = str(twin.version)
            if not twin.state.is_open:
                fresh.pop(tick_name(twin), None)
        form = UpdateForm(incident, fresh, rights=self.rights)
        form.is_valid()
        return form
