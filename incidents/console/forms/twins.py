"""The same outage on other pages: a tick and, where they differ, words for each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from incidents.console.forms.words import WordsField
from incidents.models import Incident, Subscriber

AS_ABOVE = "Empty: the same words as above."


@dataclass(frozen=True, slots=True)
class Block:
    """What the form asks about one other page."""

    incident: Incident
    tick: BoundField
    words: BoundField
    version: BoundField

    @property
    def is_open(self) -> bool:
        """Whether there is something to see in it: a choice, words, or what is wrong with them."""
        return bool(self.tick.value() or self.words.value() or self.words.errors)

    @property
    def told(self) -> int:
        """How many subscribers would be told there."""
        return Subscriber.objects.told_of(self.incident).count()


class TwinsForm(forms.Form):
    """Adds a block for each other page that tells of the outage, with the version of it that the author saw."""

    twins: tuple[Incident, ...] = ()

    def add_twins(self, twins: Iterable[Incident]) -> None:
        """Declare the fields; call it at the end of `__init__`.

        Of a form that came back those whose version came with it: so nothing typed is lost when one ends meanwhile,
        and one that began meanwhile is not asked for.
        """
        self.twins = tuple(
            each
            for each in twins
            if (version_name(each) in self.data if self.is_bound else each.state.is_open)
        )
        for each in self.twins:
            self.fields[tick_name(each)] = forms.BooleanField(
                label=f"Say it on {each.page} too", required=False
            )
            self.fields[words_name(each)] = WordsField(
                label=f"Words for {each.page}", rows=4, hint=AS_ABOVE, required=False
            )
            self.fields[version_name(each)] = forms.IntegerField(
                widget=forms.HiddenInput, initial=each.version
            )

    @property
    def blocks(self) -> list[Block]:
        """For the template, in the order of the pages."""
        return [
            Block(each, self[tick_name(each)], self[words_name(each)], self[version_name(each)])
            for each in self.twins
        ]

    @property
    def ticked(self) -> dict[Incident, str]:
        """Where else it is to be said, and what, after validation; empty words are those of this page."""
        return {
            each: self.cleaned_data[words_name(each)]
            for each in self.twins
            if self.cleaned_data[tick_name(each)]
        }

    def clean(self) -> dict[str, Any]:
        """Words without their tick would be lost without a sound."""
        cleaned = super().clean() or self.cleaned_data
        for each in self.twins:
            if cleaned.get(words_name(each)) and not cleaned.get(tick_name(each)):
                self.add_error(
                    words_name(each), f"Tick that it is said on {each.page}, or take these words away."
                )
        return cleaned


def tick_name(twin: Incident) -> str:
    """The field that says whether it is said there."""
    return f"twin-{twin.code}"


def words_name(twin: Incident) -> str:
    """The field of the words for that page."""
    return f"twin-{twin.code}-words"


def version_name(twin: Incident) -> str:
    """The field of what the author saw of it."""
    return f"twin-{twin.code}-version"
