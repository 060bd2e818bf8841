"""Recurring maintenance as people say it: a day, a time, how long, and how it comes round."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from incidents.console.forms.components import TicksForm, field_name
from incidents.console.forms.times import WallClockField
from incidents.console.forms.words import FORMATS, WordsField, written
from incidents.domain.recurrence import BadRule, checked_rule
from incidents.domain.texts import NAME_LIMIT, BodyFormat
from incidents.models import Page, Series
from incidents.operations.errors import Refused

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HOWS = [
    ("weekly", "Every week on the same weekday"),
    ("fortnightly", "Every two weeks"),
    ("monthly-weekday", "Every month on the same weekday, such as the second Sunday"),
    ("monthly-day", "Every month on the same day of the month"),
    ("custom", "By a rule"),
]
REMINDERS = [
    ("", "No reminder"),
    ("1", "1 hour before"),
    ("24", "24 hours before"),
    ("48", "48 hours before"),
]


class ReminderField(forms.ChoiceField):
    """How long before its beginning people are reminded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label="Remind people", choices=REMINDERS, required=False, initial="24", **options)

    def clean(self, value: Any) -> int | None:
        """Hours, or None for no reminder."""
        chosen = super().clean(value)
        return int(chosen) if chosen else None


class SeriesForm(TicksForm):
    """A series; times are the page's own, at every time of the year."""

    field_order = ("title", "body", "first", "minutes", "how", "rule", "until", "lead_days", "remind_hours")

    title = forms.CharField(
        max_length=NAME_LIMIT, error_messages={"required": "Give it a title: what do you work on?"}
    )
    body = WordsField(
        label="Words for customers",
        help_text=FORMATS,
        error_messages={"required": "Say at least one sentence: customers are reading this."},
    )
    first = WallClockField(
        label="First time", error_messages={"required": "Say when it begins the first time."}
    )
    minutes = forms.IntegerField(label="Lasts, in minutes", min_value=1, max_value=7 * 24 * 60, initial=120)
    how = forms.ChoiceField(label="Comes round", choices=HOWS, initial="weekly")
    rule = forms.CharField(
        max_length=500,
        required=False,
        help_text="Only for “By a rule”: RFC 5545, such as FREQ=MONTHLY;BYDAY=2SU.",
    )
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: it goes on.",
    )
    lead_days = forms.IntegerField(label="On the page, days before", min_value=1, max_value=90, initial=14)
    remind_hours = ReminderField()
    starts_itself = forms.BooleanField(label="Begins by itself at its time", required=False, initial=True)
    ends_itself = forms.BooleanField(label="Is completed by itself at its time", required=False, initial=True)
    notify = forms.BooleanField(label="Tell the subscribers", required=False, initial=True)

    def __init__(self, page: Page, data: QueryDict | None = None, *, series: Series | None = None) -> None:
        initial: dict[str, Any] = {}
        if series:
            names = (
                "title",
                "minutes",
                "lead_days",
                "starts_itself",
                "ends_itself",
                "notify",
                "rule",
            )
            initial = {name: getattr(series, name) for name in names} | {
                "first": _first(series),
                "how": "custom",
                "body": written(series.body, BodyFormat(series.body_format)),
            }
            initial["remind_hours"] = str(series.remind_hours or "")
            initial |= {field_name(each): True for each in series.components.all()}
        super().__init__(data, initial=initial)
        self.page, self.zone = page, page.zone
        self.add_ticks(page)

    @property
    def plain(self) -> list[BoundField]:
        """The fields without the components' ticks."""
        return [self[name] for name in self.fields if name not in self.components]

    def clean(self) -> dict[str, Any]:
        """Put the rule of the chosen way in its place."""
        cleaned = super().clean() or self.cleaned_data
        first, how = cleaned.get("first"), cleaned.get("how")
        if first and how:
            text = cleaned.get("rule", "") if how == "custom" else _rule(how, first)
            until: date | None = cleaned.get("until")
            if until and "UNTIL=" not in text and "COUNT=" not in text:
                text = f"{text};UNTIL={until:%Y%m%d}T235959"
            try:
                cleaned["rule"] = checked_rule(text)
            except BadRule as error:
                self.add_error("rule", str(error))
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What the operation takes, after validation."""
        names = ("title", "body", "minutes", "rule", "lead_days", "remind_hours", "notify")
        words = {name: self.cleaned_data[name] for name in (*names, "starts_itself", "ends_itself")}
        return words | {"begins": self.cleaned_data["first"], "components": self.ticked()}

    def refuse(self, error: Refused) -> None:
        """Beside its field."""
        field = "first" if error.field == "begins" else error.field
        self.add_error(field if field in self.fields else None, str(error))


def _first(series: Series) -> datetime | None:
    """None for a stored one that is no time, so that it can be corrected."""
    try:
        return series.first
    except ValueError:
        return None


def _rule(how: str, first: datetime) -> str:
    day = DAYS[first.weekday()]
    if how == "weekly":
        return f"FREQ=WEEKLY;BYDAY={day}"
    if how == "fortnightly":
        return f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}"
    if how == "monthly-day":
        return f"FREQ=MONTHLY;BYMONTHDAY={first.day}"
    return f"FREQ=MONTHLY;BYDAY={(first.day - 1) // 7 + 1}{day}"
