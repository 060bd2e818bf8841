"""Probes: their options are those of the kind's `Config`, and checked by it."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from incidents.admin.set_up import AnyForm, SetUpAdmin
from incidents.models import Page, Probe
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.probes import check_set_up, create_probe
from incidents.probes.config import fields
from incidents.probes.kinds import KINDS

SCHEDULE = ("interval_seconds", "threshold", "settle_seconds")


def options_help() -> SafeString:
    """Each kind with its options, from the same table that runs them."""
    rows = [(kind.label, ", ".join(field.name for field in fields(kind.config))) for kind in KINDS.values()]
    return format_html_join("; ", "{}: {}", rows)


class ProbeForm(AnyForm):
    """A probe that could run."""

    class Meta:
        model = Probe
        exclude = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["config"].help_text = f"JSON, such as {{}}. {options_help()}. See /help/probes."

    def clean_config(self) -> dict[str, Any]:
        """An object, and an empty one for nothing."""
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            self.add_error("config", 'Write an object, such as {"transport": "tls"}.')
            return {}
        return config

    def clean(self) -> dict[str, Any] | None:
        """What the kind says of target and options."""
        cleaned = super().clean() or self.cleaned_data
        if {"kind", "target", "config"} <= cleaned.keys():
            try:
                check_set_up(cleaned["kind"], cleaned["target"], cleaned["config"])
            except Refused as error:
                self.add_error(error.field, str(error))
        return cleaned


@admin.register(Probe)
class ProbeAdmin(SetUpAdmin):
    """Checks of components; verdict and schedule are the engine's."""

    form = ProbeForm
    fields = ("component", "name", "kind", "target", "config", *SCHEDULE, "enabled")
    stamped = False
    fixed = ("component", "kind")
    later = ("enabled",)
    list_display = ("name", "component", "kind", "target", "enabled", "verdict", "last_outcome", "last_at")
    list_filter = ("enabled", "verdict", "kind", "component__page")
    list_select_related = ("component__group",)
    search_fields = ("name", "target")

    def page_of(self, row: Any) -> Page:
        """The page of its component."""
        page: Page = row.component.page
        return page

    def create(self, row: Any, *, by: Actor, at: datetime) -> Probe:
        """It runs for the first time at once."""
        return create_probe(
            row.component,
            name=row.name,
            kind=row.kind,
            target=row.target,
            config=row.config,
            interval_seconds=row.interval_seconds,
            threshold=row.threshold,
            settle_seconds=row.settle_seconds,
            by=by,
            at=at,
        )

    def write(self, row: Any, names: list[str], *, at: datetime) -> None:
        """A changed probe runs at once, so that nobody waits to see whether it works."""
        row.next_due = at
        super().write(row, [*names, "next_due"], at=at)
