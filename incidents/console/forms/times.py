"""A local time of the page, as people type it, to the one instant it stands for (DESIGN 7)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

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


class HappenedAtForm(forms.Form):
    """Adds `happened_at`: empty for now, else the instant (UTC) of a local time in `zone`.

    Where that time does not exist or happened twice, `readings` holds what to offer and `reading` brings the answer.
    """

    happened_at = WallClockField(required=False, label="Happened at")
    reading = forms.CharField(required=False, widget=forms.HiddenInput)

    zone: ZoneInfo
    readings: tuple[datetime, ...] = ()

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Value and words of each reading on offer."""
        return [
            (each.isoformat(), f"{posted(each, self.zone)} ({offset_name(each, self.zone)})")
            for each in self.readings
        ]

    def clean(self) -> dict[str, Any]:
        """Put the instant in the place of the local time."""
        cleaned = super().clean() or self.cleaned_data
        local = cleaned.get("happened_at")
        if local is not None:
            cleaned["happened_at"] = self._instant(local, str(cleaned.get("reading", "")))
        return cleaned

    def _instant(self, local: datetime, reading: str) -> datetime | None:
        try:
            return resolve_local(local, self.zone)
        except LocalTimeError as error:
            self.readings = _readings(error)
            chosen = next((each for each in self.readings if each.isoformat() == reading), None)
            if chosen is None:
                self.add_error("happened_at", str(error))
            return chosen


def _readings(error: LocalTimeError) -> tuple[datetime, ...]:
    if isinstance(error, AmbiguousTime):
        return error.options
    return (error.shifted,) if isinstance(error, NonexistentTime) else ()
