"""Components and their groups. A component's status is not set-up: it is said in an incident."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError

from incidents.admin.set_up import AnyForm, SetUpAdmin
from incidents.models import Component, ComponentGroup
from incidents.operations.actors import Actor
from incidents.operations.components import check_free, create_component, create_group
from incidents.operations.errors import Refused


@admin.register(ComponentGroup)
class ComponentGroupAdmin(SetUpAdmin):
    """Named sets of components."""

    fields = ("page", "name", "description", "position")
    fixed = ("page",)
    later = ("position",)
    list_display = ("name", "page", "position")
    list_editable = ("position",)
    list_filter = ("page",)

    def create(self, row: Any, *, by: Actor, at: datetime) -> ComponentGroup:
        """At the end of the page."""
        return create_group(row.page, name=row.name, description=row.description, by=by, at=at)


class ComponentForm(AnyForm):
    """A component within one page."""

    class Meta:
        model = Component
        exclude = ("created_at", "updated_at")

    def clean(self) -> dict[str, Any] | None:
        """Group and component belong together, and no other in use has the name in that place."""
        cleaned, row = super().clean() or self.cleaned_data, self.instance
        page = cleaned.get("page") or (row.page if row.pk else None)
        group = cleaned.get("group", row.group)
        if page and cleaned.get("name") and row.retired_at is None:
            try:
                check_free(page, group, cleaned["name"], but=row)
            except Refused as error:
                raise ValidationError({error.field: str(error)}) from error
        if page and group and group.page_id != page.pk:
            raise ValidationError({"group": f"{group} is a group of {group.page}, not of {page}."})
        return cleaned


@admin.register(Component)
class ComponentAdmin(SetUpAdmin):
    """Services as customers know them."""

    form = ComponentForm
    fields = (
        "page",
        "group",
        "name",
        "description",
        "position",
        "start_date",
        "showcase",
        "only_show_if_degraded",
    )
    fixed = ("page", "start_date")
    later = ("position",)
    after = ("showcase", "only_show_if_degraded")
    list_display = ("name", "group", "page", "position", "status")
    list_editable = ("position",)
    list_filter = ("page", "group")
    list_select_related = ("group", "page")
    search_fields = ("name", "code")

    def create(self, row: Any, *, by: Actor, at: datetime) -> Component:
        """At the end of its group or of the page, operational from its start date on."""
        return create_component(
            row.page,
            name=row.name,
            group=row.group,
            description=row.description,
            start_date=row.start_date,
            by=by,
            at=at,
        )
