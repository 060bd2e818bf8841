"""The two forms of a maintenance's life: planning it, and saying something more (DESIGN 8)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict

from incidents.console.forms.components import TicksForm
from incidents.console.forms.posting import PostingForm
from incidents.console.forms.series import ReminderField
from incidents.console.forms.times import LocalTimesForm, WallClockField
from incidents.domain.incidents import IncidentStatus
from incidents.domain.texts import NAME_LIMIT
from incidents.domain.zones import in_zone
from incidents.formatting.words import INCIDENT
from incidents.models import Incident, Page
from incidents.operations.updates import affected_components

NEXT: Mapping[IncidentStatus, IncidentStatus] = {
    IncidentStatus.SCHEDULED: IncidentStatus.IN_PROGRESS,
    IncidentStatus.IN_PROGRESS: IncidentStatus.VERIFYING,
    IncidentStatus.VERIFYING: IncidentStatus.COMPLETED,
    IncidentStatus.COMPLETED: IncidentStatus.COMPLETED,
}
"""What a maintenance becomes when all goes as planned."""
STATES = [(status.value, INCIDENT[status]) for status in NEXT]
SOON = timedelta(minutes=15)
"""This long before its beginning a maintenance is suggested as in progress; earlier words only announce it."""


class WindowForm(LocalTimesForm):
    """When the work begins and ends, as local times of the page."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"begins": "begins_reading", "ends": "ends_reading"}

    begins = WallClockField(label="Begins", error_messages={"required": "Say when the work begins."})
    begins_reading = forms.CharField(required=False, widget=forms.HiddenInput)
    ends = WallClockField(label="Ends", error_messages={"required": "Say when the work ends."})
    ends_reading = forms.CharField(required=False, widget=forms.HiddenInput)


class PlanningForm(PostingForm, WindowForm, TicksForm):
    """The first words about a maintenance, and its plan."""

    field_order = ("title", "body", "begins", "ends")
    refused: ClassVar[Mapping[str, str]] = {"scheduled_for": "begins", "scheduled_until": "ends"}

    title = forms.CharField(
        max_length=NAME_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a title: what do you work on?"},
    )
    starts_itself = forms.BooleanField(label="Begins by itself at its time", required=False, initial=True)
    ends_itself = forms.BooleanField(label="Is completed by itself at its time", required=False, initial=True)
    remind_hours = ReminderField()

    def __init__(self, page: Page, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(page, data, **options)
        self.add_ticks(page)


class WorkForm(PostingForm, WindowForm, TicksForm):
    """More words, perhaps another window and further components. `version` is what the author saw."""

    field_order = ("status", "body", "begins", "ends")
    refused: ClassVar[Mapping[str, str]] = PlanningForm.refused

    status = forms.ChoiceField(choices=STATES, widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)
    shown_status = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, incident: Incident, data: QueryDict | None = None, *, at: datetime, **options: Any
    ) -> None:
        super().__init__(incident.page, data, **options)
        self.incident, self.at = incident, at
        self.fields["version"].initial = incident.version
        self.fields["shown_status"].initial = self.fields["status"].initial = suggested(incident, at=at).value
        for name, planned in self._planned().items():
            self.fields[name].initial = planned
            self.fields[name].show_hidden_initial = True
        self.add_ticks(incident.page, without=affected_components(incident))

    def _planned(self) -> dict[str, datetime]:
        """The window as it stands, on the page's clocks, in whole minutes as the fields have them."""
        plan = self.incident.maintenance
        window = {"begins": plan.scheduled_for, "ends": plan.scheduled_until}
        return {
            name: in_zone(each, self.zone).replace(tzinfo=None, second=0, microsecond=0)
            for name, each in window.items()
        }

    def moved(self) -> dict[str, datetime]:
        """What the author changed of the window, after validation; the end of the work is no new window."""
        if self.cleaned_data["status"] == IncidentStatus.COMPLETED:
            return {}
        return {
            planned: self.cleaned_data[name]
            for planned, name in self.refused.items()
            if name in self.changed_data
        }

    def rebased(self) -> "WorkForm":
        """The same words over the maintenance as it is now: what the author had not touched follows the other's post.

        The status that was only suggested becomes the present one: a step further is taken knowingly.
        """
        fresh = cast(QueryDict, self.data).copy()
        incident = Incident.objects.select_related("page", "maintenance").get(pk=self.incident.pk)
        now = WorkForm(incident, at=self.at)
        if fresh.get("status") == fresh.get("shown_status"):
            fresh["status"] = incident.status
        fresh["shown_status"] = incident.status
        fresh["version"] = str(incident.version)
        for name, planned in now._planned().items():
            shown = planned.isoformat(timespec="minutes")
            if name not in self.changed_data:
                fresh[name] = shown
            fresh[f"initial-{name}"] = shown
        return WorkForm(incident, fresh, at=self.at)


def suggested(incident: Incident, *, at: datetime) -> IncidentStatus:
    """The status that the next words probably have."""
    if incident.state == IncidentStatus.SCHEDULED and at < incident.maintenance.scheduled_for - SOON:
        return IncidentStatus.SCHEDULED
    return NEXT[incident.state]
