"""The states of components as one select or one tick each, grouped as on the page; and one component's alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from incidents.domain.components import ComponentStatus
from incidents.formatting.words import COMPONENT
from incidents.models import Component, Page

FEW = 8
"""Up to this many components all groups stand open."""
STATES = [(status.value, COMPONENT[status]) for status in ComponentStatus]


@dataclass(frozen=True, slots=True)
class Group:
    """A group's fields; the stand-alone components come under an empty name."""

    name: str
    fields: tuple[tuple[Component, BoundField], ...]
    is_open: bool


class GroupedForm(forms.Form):
    """One field a component, in page order; the `affected` ones are always in view."""

    components: dict[str, Component]
    affected: frozenset[str] = frozenset()

    @property
    def groups(self) -> list[Group]:
        """The fields in page order, groups together."""
        found: dict[str, list[str]] = {}
        for name, component in sorted(self.components.items(), key=lambda item: _place(item[1])):
            found.setdefault(component.group.name if component.group else "", []).append(name)
        few = len(self.components) <= FEW
        return [
            Group(
                group,
                tuple((self.components[name], self[name]) for name in names),
                few or any(self._is_chosen(name) for name in names),
            )
            for group, names in found.items()
        ]

    def _is_chosen(self, name: str) -> bool:
        return name in self.affected or bool(self[name].value()) or name in self.errors


class ComponentsForm(GroupedForm):
    """One select a component. An affected one shows its state; of the others only the chosen ones are told of.

    What the author left as it was shown is not sent, so that a change made meanwhile is never undone by a stale form.
    """

    def add_components(self, page: Page, *, affected: Iterable[Component] = ()) -> None:
        """Declare the fields; call it at the end of `__init__`."""
        rows = Component.objects.in_use().filter(page=page).select_related("group")
        self.components = {field_name(component): component for component in rows}
        self.affected = frozenset(field_name(component) for component in affected)
        for name, component in self.components.items():
            self.fields[name] = forms.ChoiceField(
                label=component.name,
                choices=STATES if name in self.affected else [("", _left_alone(component)), *STATES],
                initial=self.shown(name),
                required=False,
                show_hidden_initial=True,
            )

    def shown(self, name: str) -> str:
        """What the select of a component begins with."""
        return self.components[name].status if name in self.affected else ""

    def statuses(self) -> dict[Component, ComponentStatus]:
        """What the author chose, after validation."""
        return {
            component: ComponentStatus(self.cleaned_data[name])
            for name, component in self.components.items()
            if name in self.changed_data and self.cleaned_data[name]
        }


class TicksForm(GroupedForm):
    """One tick a component."""

    def add_ticks(self, page: Page, *, without: Collection[Component] = ()) -> None:
        """Declare the fields; call it at the end of `__init__`."""
        rows = Component.objects.in_use().filter(page=page).select_related("group")
        self.components = {field_name(component): component for component in rows if component not in without}
        for name, component in self.components.items():
            self.fields[name] = forms.BooleanField(label=component.name, required=False)

    def ticked(self) -> list[Component]:
        """What the author chose, after validation."""
        return [component for name, component in self.components.items() if self.cleaned_data[name]]


class StatusForm(forms.Form):
    """One component of a page and what it becomes."""

    target = forms.ChoiceField(label="Component")
    state = forms.ChoiceField(label="New status", choices=STATES)

    def __init__(self, page: Page, data: QueryDict | None = None) -> None:
        super().__init__(data)
        rows = Component.objects.in_use().filter(page=page).select_related("group")
        self.components = {row.code: row for row in sorted(rows, key=_place)}
        named = [(code, f"{row} ({COMPONENT[row.state].lower()})") for code, row in self.components.items()]
        self.fields["target"].choices = [("", "Choose one"), *named]  # type: ignore[attr-defined]

    def component(self) -> Component:
        """The chosen component, after validation."""
        return self.components[self.cleaned_data["target"]]

    def status(self) -> ComponentStatus:
        """What it becomes, after validation."""
        return ComponentStatus(self.cleaned_data["state"])


def by_group(components: Iterable[Component]) -> list[tuple[str, Any]]:
    """The choices of a select: code and name in page order, the members of a group under its name."""
    found: list[tuple[str, Any]] = []
    for component in sorted(components, key=_place):
        choice = (component.code, component.name)
        if component.group is None:
            found.append(choice)
        elif found and found[-1][0] == component.group.name and isinstance(found[-1][1], list):
            found[-1][1].append(choice)
        else:
            found.append((component.group.name, [choice]))
    return found


def field_name(component: Component) -> str:
    """The form field of a component."""
    return f"component-{component.code}"


def _left_alone(component: Component) -> str:
    if component.state == ComponentStatus.OPERATIONAL:
        return "Not affected"
    return "No change"


def _place(component: Component) -> tuple[int, str, int]:
    group = component.group
    return (group.position if group else component.position, group.name if group else "", component.position)
