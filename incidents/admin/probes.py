"""Probes: their options are those of the kind's `Config`, and checked by it."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from incidents.admin.set_up import AnyForm, SetUpAdmin, actor
from incidents.models import Page, Probe
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.probes import check_right, check_set_up, create_probe, edit_probe
from incidents.probes.config import fields
from incidents.probes.kinds import KINDS

SCHEDULE = ("interval_seconds", "threshold", "settle_seconds", "announces")


def options_help() -> SafeString:
    """Each kind with its options, from the same table that runs them."""
    rows = [(kind.label, ", ".join(field.name for field in fields(kind.config))) for kind in KINDS.values()]
    return format_html_join("; ", "{}: {}", rows)


class ProbeForm(AnyForm):
    """A probe that could run."""

    by: Actor

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
                if {"target", "config"} & set(self.changed_data):
                    known = self.instance.config if self.instance.pk else {}
                    check_right(
                        cleaned["kind"], cleaned["target"], cleaned["config"], known=known, by=self.by
                    )
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

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form knows who fills it in."""
        form = super().get_form(request, obj, change=change, **options)
        return type("ProbeFormOf", (form,), {"by": actor(request)})

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
            announces=row.announces and KINDS[row.kind].announces,
            by=by,
            at=at,
        )

    def write(self, row: Any, names: list[str], *, by: Actor, at: datetime) -> None:
        """By its operation, which seals secrets."""
        edit_probe(row, by=by, at=at, **{name: getattr(row, name) for name in names})
