"""Forms of probes: muting one, and its name, target and schedule; its options are in `probe_options`."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core import signing
from django.http import QueryDict

from incidents.console.forms.components import by_group
from incidents.console.forms.probe_options import OptionsForm
from incidents.console.forms.times import LocalTimesForm, WallClockField
from incidents.console.once import issued_at, new_key
from incidents.domain.zones import in_zone
from incidents.models import Component, Page, Probe
from incidents.operations.errors import Refused
from incidents.operations.probes import SCHEDULE
from incidents.probes.config import ConfigError
from incidents.probes.kind import Kind

HOURS: Mapping[str, int] = {"1h": 1, "4h": 4}
TOMORROW, UNMUTE = "tomorrow", "unmute"
MORNING = time(9)
COLUMNS = ("name", "target", *SCHEDULE, "announces")
"""What an edit may write besides the options."""


class MuteForm(LocalTimesForm):
    """Until when a probe opens nothing: a button's few words, or a time on the page's clocks."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"until": "reading"}

    quick = forms.ChoiceField(choices=[(each, each) for each in (*HOURS, TOMORROW, UNMUTE)], required=False)
    until = WallClockField(required=False, label="Or until")
    reading = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, zone: ZoneInfo, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """One of the two is needed; a button wins over a time that was left in the field."""
        if self.cleaned_data.get("quick"):
            self.errors.pop("until", None)
            return self.cleaned_data
        cleaned = super().clean()
        if not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", "Say until when.")
        return cleaned

    def ends(self, *, at: datetime) -> datetime | None:
        """When it speaks again, after validation; None for at once."""
        quick = self.cleaned_data["quick"]
        if quick == UNMUTE:
            return None
        if quick in HOURS:
            return at + timedelta(hours=HOURS[quick])
        if quick == TOMORROW:
            day = in_zone(at, self.zone).date() + timedelta(days=1)
            return in_zone(datetime.combine(day, MORNING, self.zone), ZoneInfo("UTC"))
        until: datetime = self.cleaned_data["until"]
        return until


class ProbeForm(OptionsForm):
    """A probe as it is set up. Without a `probe` it is a new one, which also needs its component.

    What an author left as it was shown is not sent, so that a change made meanwhile is never undone by a stale form.
    """

    name = forms.CharField(max_length=255)
    target = forms.CharField(max_length=255)
    interval_seconds = forms.IntegerField(label="Interval", help_text="Seconds between two runs.")
    threshold = forms.IntegerField(help_text="So many results in a row make a verdict, down as well as up.")
    settle_seconds = forms.IntegerField(
        label="Settle",
        help_text="Seconds for which a recovered service is watched before its automatic incident resolves.",
    )
    announces = forms.BooleanField(
        required=False, label="Its failures open incidents", help_text="Without the tick only staff see them."
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        kind: Kind,
        data: QueryDict | None = None,
        *,
        page: Page,
        probe: Probe | None = None,
        component: str = "",
    ) -> None:
        super().__init__(data, initial=_shown(kind, probe))
        self.page, self.probe = page, probe
        self.issued: datetime | None = None
        self.is_trying = data is not None and "try" in data
        if probe is None:
            self._add_component(component)
        for name in COLUMNS:
            self.fields[name].show_hidden_initial = probe is not None
        self.add_options(kind, probe)
        self.fields["target"].required = not _aims_at_nothing(kind)
        self.relaxed = {name for name, field in self.fields.items() if field.required and name != "target"}
        self._require(self.relaxed, is_needed=not self.is_trying)

    def _add_component(self, chosen: str) -> None:
        rows = Component.objects.in_use().filter(page=self.page).select_related("group")
        self.components = {row.code: row for row in rows}
        field = forms.ChoiceField(label="Component", choices=[("", "Choose one"), *by_group(rows)])
        field.initial = chosen
        self.fields = {"component": field, **self.fields}

    def _require(self, names: Iterable[str], *, is_needed: bool) -> None:
        for name in names:
            self.fields[name].required = is_needed

    def clean(self) -> dict[str, Any]:
        """As the options are read; what a try did without is asked for again."""
        cleaned = super().clean()
        self._require(self.relaxed, is_needed=True)
        return cleaned

    def clean_key(self) -> str:
        """Read when the form was handed out. One that we did not hand out is shown again with a key of ours."""
        try:
            self.issued = issued_at(self.cleaned_data["key"])
        except signing.BadSignature as error:
            raise forms.ValidationError("This form had grown too old. Send it again.") from error
        return str(self.cleaned_data["key"])

    def clean_target(self) -> str:
        """What the kind says of it."""
        target = str(self.cleaned_data["target"]).strip()
        try:
            self.kind.check_target(target)
        except ConfigError as error:
            raise forms.ValidationError(error.message[:1].upper() + error.message[1:] + ".") from error
        return target

    def chosen(self) -> Component:
        """The chosen component, after validation."""
        return self.components[self.cleaned_data["component"]]

    def columns(self) -> dict[str, Any]:
        """What the author changed besides the options, after validation."""
        return {name: self.cleaned_data[name] for name in COLUMNS if name in self.changed_data}

    def refuse(self, error: Refused) -> None:
        """Show what an operation refused beside its field."""
        cause = error.__cause__
        field = self.field_of(cause.field) if isinstance(cause, ConfigError) else error.field
        self.add_error(field if field in self.fields else None, str(error))

    def handed_out(self, *, at: datetime) -> str:
        """The key to print: the one that came back if it is ours, so that a second tap is still recognised."""
        return str(self.data["key"]) if self.issued else new_key(at=at)


def _aims_at_nothing(kind: Kind) -> bool:
    """Whether the kind can do without a target, as one that waits to be called."""
    try:
        kind.check_target("")
    except ConfigError:
        return False
    return True


def _shown(kind: Kind, probe: Probe | None) -> dict[str, Any]:
    if probe is None:
        usual = Probe()
        schedule = {name: getattr(usual, name) for name in SCHEDULE}
        return {**schedule, "interval_seconds": kind.interval, "announces": kind.announces}
    return {name: getattr(probe, name) for name in COLUMNS}
