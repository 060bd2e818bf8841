"""What a stranger types to be told of incidents: kept when it is wrong, with the words beside the field."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.boundfield import BoundField

from incidents.channels.kinds import KINDS
from incidents.domain.subscribers import Topics
from incidents.models import Component, Page

ADDRESS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One component to tick."""

    code: str
    name: str
    about: str
    ticked: bool


class ComponentsForm(forms.Form):
    """Which components somebody wants to hear of, none ticked means all; and whether only of what is major."""

    only_major = forms.BooleanField(required=False)
    topics = forms.ChoiceField(
        choices=[
            (Topics.ALL.value, "Incidents, maintenance and the reasons for outages"),
            (Topics.INCIDENTS.value, "Incidents and maintenance only"),
            (Topics.RFOS.value, "Reasons for outages only"),
        ],
        required=False,
    )

    components = forms.ModelMultipleChoiceField(
        Component.objects.none(), to_field_name="code", required=False
    )

    def __init__(self, page: Page, *args: Any, chosen: Collection[Component] = (), **kwargs: Any) -> None:
        """`chosen` may be kept though they are retired: a choice that is gone must not turn into all services."""
        super().__init__(*args, **kwargs)
        offered = Q(retired_at=None) | Q(pk__in=[each.pk for each in chosen])
        rows = Component.objects.filter(offered, page=page).select_related("group")
        self.fields["components"].queryset = rows  # type: ignore[attr-defined]

    def clean_topics(self) -> Topics:
        """Those of before where nothing was said; all of them where there are none of before."""
        return Topics(self.cleaned_data["topics"] or self.initial.get("topics") or Topics.ALL)

    @property
    def groups(self) -> list[tuple[str, list[Choice]]]:
        """The boxes in page order, stand-alone components under an empty name."""
        ticked = {str(code) for code in self["components"].value() or ()}
        found: dict[str, list[Choice]] = {}
        rows = self.fields["components"].queryset  # type: ignore[attr-defined]
        for each in sorted(rows, key=_place):
            name = f"{each.name} (retired)" if each.retired_at else each.name
            choice = Choice(each.code, name, each.description, each.code in ticked)
            found.setdefault(each.group.name if each.group else "", []).append(choice)
        return list(found.items())


class SubscribeForm(ComponentsForm):
    """One channel's form: an address, for a machine also its contact, and the components."""

    channel = forms.ChoiceField(choices=lambda: [(kind.name, kind.label) for kind in KINDS.values()])
    address = forms.CharField(max_length=ADDRESS_LIMIT)
    contact_email = forms.CharField(max_length=254, required=False)
    incident = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    fax = forms.CharField(required=False)
    """Nobody sees this field; programs that fill in every field do."""

    @property
    def is_machine(self) -> bool:
        """Whether the chosen channel needs a contact."""
        kind = KINDS.get(str(self["channel"].value()))
        return kind is not None and kind.is_machine

    @property
    def typed(self) -> list[BoundField]:
        """The fields that a person types into."""
        return [self["address"], self["contact_email"]] if self.is_machine else [self["address"]]


def _place(component: Component) -> tuple[int, str, int, str]:
    group = component.group
    top = (group.position, group.name) if group else (component.position, component.name)
    return *top, component.position, component.name
