"""Rows of what stands beside an RFO's letter, as forms: a time, a window, a decision, a section (DESIGN 12)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from incidents.console.forms.times import LocalTimesForm, WallClockField
from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import LONGEST_LINE, LONGEST_WORDS, Emergency, Precision, SectionKind
from incidents.domain.texts import RFO_LIMIT
from incidents.formatting.words import SECTION

READERS = {
    Audience.PUBLIC: "Everybody",
    Audience.CUSTOMER: "Customers",
    Audience.INTERNAL: "Ourselves",
}


def _audience() -> forms.ChoiceField:
    choices = [(each.value, words) for each, words in READERS.items()]
    return forms.ChoiceField(label="For", choices=choices, initial=Audience.PUBLIC.value)


class RowForm(LocalTimesForm):
    """A row; `initial` keeps the instants beside the local times that are shown, for those that stay as they are."""

    wall_clocks: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        self.zone = zone
        super().__init__(*args, **options)

    def instant(self, field: str) -> datetime | None:
        """The instant of a local time that was typed, or that stayed."""
        if field in self.changed_data:
            found: datetime | None = self.cleaned_data.get(field)
            return found
        kept: datetime | None = self.initial.get(f"kept_{field}")
        return kept

    @property
    def is_wanted(self) -> bool:
        """Whether the row holds something and is not to go."""
        return self.has_changed_or_initial and not self.cleaned_data.get("DELETE")

    @property
    def has_changed_or_initial(self) -> bool:
        """Whether it was there before, or something was typed."""
        return bool(self.initial) or self.has_changed()


class TimeRow(RowForm):
    """One key time; which one is fixed by its place."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"at": "reading"}
    at = WallClockField(required=False, label="When")
    reading = forms.CharField(required=False, widget=forms.HiddenInput)
    precision = forms.ChoiceField(
        label="How well known", choices=[(each.value, each.value) for each in Precision]
    )
    audience = _audience()


class WindowRow(RowForm):
    """A stretch of time in which customers were hit."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"begins": "begins_reading", "ends": "ends_reading"}
    begins = WallClockField(label="From")
    begins_reading = forms.CharField(required=False, widget=forms.HiddenInput)
    ends = WallClockField(required=False, label="Until")
    ends_reading = forms.CharField(required=False, widget=forms.HiddenInput)
    what = forms.CharField(label="What was hit", max_length=LONGEST_LINE, required=False)
    audience = _audience()


class DecisionRow(RowForm):
    """A decision."""

    question = forms.CharField(label="Question", max_length=LONGEST_LINE)
    options = forms.CharField(label="Options", max_length=LONGEST_LINE, required=False)
    decided = forms.CharField(label="Decided", max_length=LONGEST_LINE)
    by = forms.CharField(label="By", max_length=LONGEST_LINE, required=False)
    why = forms.CharField(
        label="Why", max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    audience = _audience()


class SectionRow(RowForm):
    """A section in Markdown."""

    kind = forms.ChoiceField(label="Section", choices=[(each.value, SECTION[each]) for each in SectionKind])
    audience = _audience()
    body = forms.CharField(
        label="Words, in Markdown", max_length=RFO_LIMIT, widget=forms.Textarea(attrs={"rows": 6})
    )


class EntryRow(RowForm):
    """A row of the timeline that a person writes."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"at": "reading"}
    at = WallClockField(label="When")
    reading = forms.CharField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(label="What happened", max_length=LONGEST_WORDS)
    audience = _audience()


class CohortForm(forms.Form):
    """Who was hit."""

    share = forms.CharField(
        label="Who was hit",
        max_length=LONGEST_LINE,
        required=False,
        help_text="In words, such as: less than 1 % of registered users.",
    )
    count = forms.IntegerField(label="How many", min_value=0, max_value=10**10, required=False)
    emergency = forms.ChoiceField(
        label="Calls to emergency services were hit", choices=[(each.value, each.value) for each in Emergency]
    )
    audience = _audience()
