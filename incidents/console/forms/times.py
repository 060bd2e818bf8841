"""A local time of the page, as people type it, to the one instant it stands for (DESIGN 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField

from incidents.domain.zones import AmbiguousTime, LocalTimeError, NonexistentTime, offset_name, resolve_local
from incidents.formatting.times import posted

NO_TIME = "Write the time as 2021-10-09 08:22, in the page's own zone."


class WallClockField(forms.Field):
    """A date and time of day without a zone; phones draw their own picker for it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        """The naive time, or None for nothing typed."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            local = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError(NO_TIME, code="invalid") from error
        if local.tzinfo is not None:
            raise forms.ValidationError(NO_TIME, code="invalid")
        return local


@dataclass(frozen=True, slots=True)
class Clock:
    """A wall-clock field, the name of the field for its reading, and value and words of each reading on offer."""

    field: BoundField
    reading: str
    offered: list[tuple[str, str]]


class LocalTimesForm(forms.Form):
    """Puts instants (UTC) of `zone` in the place of the local times that were typed.

    `wall_clocks` names the fields and, for each, the one that brings the answer where its time does not exist or
    happens twice; `readings` then holds what to offer. A field that was left as it was shown keeps its local time: it
    is not read again, so that the second of two alike does not become the first.
    """

    wall_clocks: ClassVar[Mapping[str, str]]
    zone: ZoneInfo
    readings: Mapping[str, tuple[datetime, ...]] = {}

    @property
    def clocks(self) -> dict[str, Clock]:
        """Each field with what is on offer for it."""
        return {
            field: Clock(
                self[field],
                reading,
                [
                    (each.isoformat(), f"{posted(each, self.zone)} ({offset_name(each, self.zone)})")
                    for each in self.readings.get(field, ())
                ],
            )
            for field, reading in self.wall_clocks.items()
        }

    def clean(self) -> dict[str, Any]:
        """Put the instants in the place of the local times."""
        cleaned = super().clean() or self.cleaned_data
        for field, reading in self.wall_clocks.items():
            local = cleaned.get(field)
            if local is not None and field in self.changed_data:
                cleaned[field] = self._instant(field, local, str(cleaned.get(reading, "")))
        return cleaned

    def _instant(self, field: str, local: datetime, reading: str) -> datetime | None:
        try:
            return resolve_local(local, self.zone)
        except LocalTimeError as error:
            found = _readings(error)
            self.readings = {**self.readings, field: found}
            chosen = next((each for each in found if each.isoformat() == reading), None)
            if chosen is None:
                self.add_error(field, str(error))
            return chosen


class HappenedAtForm(LocalTimesForm):
    """Adds `happened_at`: empty for now, else the instant of a local time."""

    wall_clocks: ClassVar[Mapping[str, str]] = {"happened_at": "reading"}

    happened_at = WallClockField(required=False, label="Happened at")
    reading = forms.CharField(required=False, widget=forms.HiddenInput)


def _readings(error: LocalTimeError) -> tuple[datetime, ...]:
    if isinstance(error, AmbiguousTime):
        return error.options
    return (error.shifted,) if isinstance(error, NonexistentTime) else ()
