"""One component's set-up, one group's, and how one is retired."""

from typing import Any

from django import forms
from django.http import QueryDict

from incidents.console.forms.components import by_group
from incidents.console.forms.pages import RefusingForm
from incidents.domain.texts import NAME_LIMIT
from incidents.models import Component, ComponentGroup, Page


class LeafForm(RefusingForm):
    """A component. Its group is chosen when it is made; later it is moved in the list."""

    name = forms.CharField(max_length=NAME_LIMIT, error_messages={"required": "What do customers call it?"})
    description = forms.CharField(max_length=500, required=False)
    group = forms.ChoiceField(required=False)
    start_date = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Days before it show as no data.",
    )
    upstream = forms.ChoiceField(
        label="Depends on",
        required=False,
        help_text="When both fail, one incident tells of both.",
    )
    showcase = forms.BooleanField(label="Show 90 days of history on the page", required=False, initial=True)
    only_show_if_degraded = forms.BooleanField(label="Show it only while it is in trouble", required=False)

    def __init__(
        self, page: Page, data: QueryDict | None = None, *, component: Component | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if component:
            names = ("name", "description", "start_date", "showcase", "only_show_if_degraded")
            initial = {name: getattr(component, name) for name in names}
            initial["upstream"] = component.upstream.code if component.upstream else ""
        super().__init__(data, initial=initial)
        others = Component.objects.in_use().filter(page=page).select_related("group")
        self.others = {each.code: each for each in others if each != component}
        self.groups = {each.code: each for each in ComponentGroup.objects.filter(page=page)}
        nothing = [("", "Nothing of this page"), *by_group(self.others.values())]
        self.fields["upstream"].choices = nothing  # type: ignore[attr-defined]
        if component:
            del self.fields["group"]
        else:
            named = [
                ("", "None: it stands alone"),
                *((code, each.name) for code, each in self.groups.items()),
            ]
            self.fields["group"].choices = named  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What both operations take, after validation."""
        names = ("name", "description", "start_date")
        return {name: self.cleaned_data[name] for name in names}

    def more(self) -> dict[str, Any]:
        """What only a change takes, after validation."""
        return {
            "showcase": self.cleaned_data["showcase"],
            "only_show_if_degraded": self.cleaned_data["only_show_if_degraded"],
            "upstream": self.others.get(self.cleaned_data["upstream"]),
        }


class GroupForm(RefusingForm):
    """A group."""

    name = forms.CharField(max_length=NAME_LIMIT, error_messages={"required": "Give the group a name."})
    description = forms.CharField(max_length=500, required=False)


class RetiringForm(RefusingForm):
    """What takes a component's place."""

    replaced_by = forms.ChoiceField(
        label="Replaced by",
        required=False,
        help_text="Who had chosen the old one alone hears of the new one.",
    )

    def __init__(self, component: Component, data: QueryDict | None = None) -> None:
        super().__init__(data)
        others = Component.objects.in_use().filter(page=component.page_id).select_related("group")
        self.others = {each.code: each for each in others if each != component}
        self.fields["replaced_by"].choices = [("", "Nothing"), *by_group(self.others.values())]  # type: ignore[attr-defined]

    def successor(self) -> Component | None:
        """What was chosen, after validation."""
        return self.others.get(self.cleaned_data["replaced_by"])
