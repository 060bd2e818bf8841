"""Components, their groups (two levels) and every change of their status."""

from typing import ClassVar

from django.db import models

from incidents.domain.components import ComponentStatus
from incidents.models.fields import code_field, enum_field, validate_clean
from incidents.models.pages import Page


class ComponentGroup(models.Model):
    """A named set of components; its own status is the worst of theirs and is never stored."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=255, validators=[validate_clean])
    description = models.CharField(max_length=500, blank=True, validators=[validate_clean])
    position = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "name"], name="one_group_of_a_name_on_a_page")
        ]

    def __str__(self) -> str:
        return self.name


class ComponentQuerySet(models.QuerySet["Component"]):
    """Questions that more than one floor asks."""

    def in_use(self) -> "ComponentQuerySet":
        """Those that are part of the service today."""
        return self.filter(retired_at=None)


class Component(models.Model):
    """A service as customers know it. Two groups may each have a component of the same name."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="components")
    group = models.ForeignKey(
        ComponentGroup, on_delete=models.PROTECT, related_name="components", null=True, blank=True
    )
    name = models.CharField(max_length=255, validators=[validate_clean])
    description = models.CharField(max_length=500, blank=True, validators=[validate_clean])
    position = models.PositiveIntegerField(default=1)
    status = enum_field(ComponentStatus, default=ComponentStatus.OPERATIONAL, editable=False)
    showcase = models.BooleanField(default=True, help_text="Show 90 days of history on the page.")
    start_date = models.DateField(null=True, blank=True, help_text="Days before this one show as no data.")
    only_show_if_degraded = models.BooleanField(default=False)
    upstream = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="downstream",
        help_text="What it depends on: when both fail, one incident tells of both.",
    )
    retired_at = models.DateTimeField(
        null=True, editable=False, help_text="No longer part of the service; its past stays."
    )
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "name"],
                condition=models.Q(retired_at__isnull=True),
                name="one_component_of_a_name_in_a_group",
            ),
            models.UniqueConstraint(
                fields=["page", "name"],
                condition=models.Q(group__isnull=True, retired_at__isnull=True),
                name="one_component_of_a_name_outside_groups",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """`Group - Child`, as Statuspage names a grouped component in an update."""
        return f"{self.group.name} - {self.name}" if self.group else self.name

    @property
    def state(self) -> ComponentStatus:
        """The stored status as a domain value."""
        return ComponentStatus(self.status)


class StatusChange(models.Model):
    """From `at` on the component was in `status`; uptime is computed from these rows alone."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="changes")
    status = enum_field(ComponentStatus)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["component", "at"])]

    def __str__(self) -> str:
        return f"{self.component_id} {self.status} from {self.at:%Y-%m-%d %H:%M}Z"
