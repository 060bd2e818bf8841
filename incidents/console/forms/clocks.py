"""A page's copy of a clock's preset, as a form (DESIGN 12)."""

from dataclasses import replace
from typing import Any

from django import forms
from django.forms import formset_factory
from django.http import QueryDict

from incidents.console.forms.pages import RefusingForm
from incidents.domain.clocks import Anchor, Certainty, Duty, Obligation, Preset

MONTH = 60 * 24 * 366


def _plain(value: str) -> str:
    return value.replace("_", " ")


class PresetForm(RefusingForm):
    """What it is called and where it is from."""

    title = forms.CharField(max_length=255)
    applies = forms.CharField(label="Applies to", max_length=500, required=False)
    source = forms.CharField(max_length=500, required=False, help_text="The rule, with its number.")
    checked_on = forms.DateField(
        label="Read and checked on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    certainty = forms.ChoiceField(choices=[(each.value, _plain(each.value)) for each in Certainty])
    enabled = forms.BooleanField(label="Offer it on incidents of this page", required=False)


class ObligationForm(forms.Form):
    """One thing owed."""

    key = forms.SlugField(max_length=40)
    title = forms.CharField(max_length=255)
    duty = forms.ChoiceField(choices=[(each.value, _plain(each.value)) for each in Duty])
    anchor = forms.ChoiceField(
        label="Runs from", choices=[(each.value, _plain(each.value)) for each in Anchor]
    )
    minutes = forms.IntegerField(label="Minutes", min_value=0, max_value=MONTH, required=False)
    workdays = forms.IntegerField(label="Or business days", min_value=0, max_value=366, required=False)
    every = forms.IntegerField(label="Or every so many minutes", min_value=1, max_value=MONTH, required=False)
    every_minor = forms.IntegerField(
        label="While the impact is minor", min_value=1, max_value=MONTH, required=False
    )


class PresetForms:
    """A preset with its obligations."""

    def __init__(self, preset: Preset, *, enabled: bool, data: QueryDict | None = None) -> None:
        self.preset = preset
        names = ("title", "applies", "source", "checked_on")
        initial: dict[str, Any] = {name: getattr(preset, name) for name in names}
        initial |= {"certainty": preset.certainty.value, "enabled": enabled}
        self.form = PresetForm(data, initial=initial)
        rows = formset_factory(ObligationForm, extra=1, can_delete=True, max_num=30, absolute_max=40)
        self.rows = rows(data, prefix="obligations", initial=[self._row(each) for each in preset.obligations])

    def _row(self, one: Obligation) -> dict[str, Any]:
        names = ("key", "title", "minutes", "workdays", "every", "every_minor")
        return {name: getattr(one, name) for name in names} | {
            "duty": one.duty.value,
            "anchor": one.anchor.value,
        }

    def is_valid(self) -> bool:
        """All of it."""
        return all([self.form.is_valid(), self.rows.is_valid()])

    def made(self) -> Preset:
        """The preset as it was typed; what no field shows stays."""
        words = self.form.cleaned_data
        known = {each.key: each for each in self.preset.obligations}
        found = []
        for row in self.rows.forms:
            typed = row.cleaned_data
            if not typed.get("key") or typed.get("DELETE"):
                continue
            key, title = typed["key"], typed["title"]
            duty, anchor = Duty(typed["duty"]), Anchor(typed["anchor"])
            base = known.get(key) or Obligation(key, duty, anchor, title)
            numbers = {name: typed[name] for name in ("minutes", "workdays", "every", "every_minor")}
            found.append(replace(base, title=title, duty=duty, anchor=anchor, **numbers))
        return replace(
            self.preset,
            title=words["title"],
            applies=words["applies"],
            source=words["source"],
            checked_on=words["checked_on"],
            certainty=Certainty(words["certainty"]),
            obligations=tuple(found),
        )
