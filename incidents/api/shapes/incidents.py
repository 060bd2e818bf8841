"""Incidents and maintenances, which Statuspage calls scheduled incidents."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rest_framework import serializers

from incidents.api.shapes.components import ComponentOut
from incidents.api.shapes.fields import Anything, Body, Choice, Codes, Instant, Millis, Seconds, Words, Yes
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.html import v2_markdown
from incidents.formatting.statuspage import incident_url
from incidents.models import Incident, Maintenance


@dataclass(frozen=True, slots=True)
class Told:
    """An incident as the public reads it, its row, and its page."""

    row: Incident
    view: IncidentView
    page: PageView

    @property
    def plan(self) -> Maintenance | None:
        """When it is a maintenance."""
        return self.row.maintenance if self.view.plan else None

    @property
    def letter(self) -> UpdateView | None:
        """The update that told of the RFO, while that stands."""
        told = next((each for each in self.view.updates if each.rfo), None)
        return told if told and told.rfo and not told.rfo.is_withdrawal else None


class AffectedOut(serializers.Serializer[Any]):
    """What an update said of a component."""

    code = serializers.CharField()
    name = serializers.CharField(source="full_name")
    old_status = serializers.CharField()
    new_status = serializers.CharField()


class UpdateOut(serializers.Serializer[Any]):
    """One update of an incident; whose `incident` it is has to be said."""

    incident = ""
    id = serializers.CharField(source="code")
    incident_id = serializers.SerializerMethodField()
    affected_components = serializers.SerializerMethodField()
    body = serializers.CharField()
    created_at = Millis()
    custom_tweet = serializers.SerializerMethodField()
    deliver_notifications = serializers.BooleanField(source="notify")
    display_at = Millis(source="at")
    status = serializers.CharField()
    tweet_id = serializers.SerializerMethodField()
    twitter_updated_at = serializers.SerializerMethodField()
    updated_at = Millis(source="changed_at")
    wants_twitter_update = serializers.SerializerMethodField()

    def get_incident_id(self, view: object) -> str:  # noqa: ARG002  (DRF's shape)
        """The incident that is printed."""
        return self.incident

    def get_affected_components(self, view: UpdateView) -> list[dict[str, Any]] | None:
        """Null where there are none, never an empty list."""
        shape = self._affected
        return [shape.to_representation(each) for each in view.affected] or None

    @cached_property
    def _affected(self) -> AffectedOut:
        """One for all: a serializer copies its fields each time it is made."""
        return AffectedOut()

    def get_custom_tweet(self, view: object) -> str | None:  # noqa: ARG002  (DRF's shape)
        """We do not tweet."""
        return None

    get_tweet_id = get_twitter_updated_at = get_custom_tweet

    def get_wants_twitter_update(self, view: object) -> bool:  # noqa: ARG002  (DRF's shape)
        """We do not tweet."""
        return False


class IncidentOut(serializers.Serializer[Told]):
    """An incident or a maintenance with all its updates, newest first."""

    id = serializers.CharField(source="view.code")
    components = serializers.SerializerMethodField()
    created_at = Seconds(source="row.created_at")
    started_at = Seconds(source="row.started_at")
    impact = serializers.CharField(source="view.impact")
    impact_override = serializers.CharField(source="view.impact_override", allow_null=True)
    incident_updates = serializers.SerializerMethodField()
    metadata = Anything(source="row.metadata")
    monitoring_at = Seconds(source="row.monitoring_at", allow_null=True)
    name = serializers.CharField(source="row.title")
    page_id = serializers.CharField(source="page.code")
    backfilled = serializers.SerializerMethodField()
    postmortem_body = serializers.SerializerMethodField()
    postmortem_body_last_updated_at = Seconds(source="letter.rfo.published_at", allow_null=True, default=None)
    postmortem_ignored = serializers.SerializerMethodField()
    postmortem_notified_subscribers = serializers.SerializerMethodField()
    postmortem_notified_twitter = serializers.SerializerMethodField()
    postmortem_published_at = Seconds(source="letter.rfo.published_at", allow_null=True, default=None)
    reminder_intervals = serializers.SerializerMethodField()
    resolved_at = Seconds(source="row.resolved_at", allow_null=True)
    scheduled_auto_completed = serializers.BooleanField(source="plan.ends_itself", default=False)
    scheduled_auto_in_progress = serializers.BooleanField(source="plan.starts_itself", default=False)
    auto_transition_to_maintenance_state = serializers.BooleanField(
        source="plan.starts_itself", default=False
    )
    auto_transition_to_operational_state = serializers.BooleanField(source="plan.ends_itself", default=False)
    scheduled_for = Seconds(source="plan.scheduled_for", allow_null=True, default=None)
    scheduled_remind_prior = serializers.SerializerMethodField()
    scheduled_reminded_at = Seconds(source="plan.reminded_at", allow_null=True, default=None)
    scheduled_until = Seconds(source="plan.scheduled_until", allow_null=True, default=None)
    shortlink = serializers.SerializerMethodField()
    status = serializers.CharField(source="view.status")
    updated_at = Seconds(source="row.updated_at")
    version = serializers.IntegerField(source="row.version")

    @cached_property
    def _component(self) -> ComponentOut:
        return ComponentOut(context=self.context)

    @cached_property
    def _update(self) -> UpdateOut:
        return UpdateOut(context=self.context)

    def get_components(self, told: Told) -> list[dict[str, Any]]:
        """Its components at their present status."""
        return [self._component.to_representation(each) for each in told.view.affected]

    def get_incident_updates(self, told: Told) -> list[dict[str, Any]]:
        """Newest first."""
        self._update.incident = told.view.code
        return [self._update.to_representation(each) for each in told.view.updates]

    def get_backfilled(self, told: Told) -> bool:
        """Whether it was over before it was written down."""
        resolved = told.row.resolved_at
        return resolved is not None and resolved < told.row.created_at

    def get_postmortem_body(self, told: Told) -> str | None:
        """The published letter; a draft is nobody's business here."""
        letter = told.letter
        return v2_markdown(letter.rfo.body) if letter and letter.rfo else None

    def get_postmortem_notified_subscribers(self, told: Told) -> bool:
        """Whether they were told of it."""
        return bool(told.letter and told.letter.notify)

    def get_postmortem_ignored(self, told: Told) -> bool:  # noqa: ARG002  (DRF's shape)
        """We have no such reminder."""
        return False

    get_postmortem_notified_twitter = get_postmortem_ignored

    def get_reminder_intervals(self, told: Told) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Null: clocks and promises remind staff here."""
        return None

    def get_scheduled_remind_prior(self, told: Told) -> bool:
        """Whether people are reminded before it begins."""
        return bool(told.plan and told.plan.remind_hours)

    def get_shortlink(self, told: Told) -> str:
        """The public page of it."""
        return incident_url(told.view, told.page)


class IncidentIn(serializers.Serializer[Any]):
    """What may be said of an incident; with `scheduled_for` it is a maintenance. What is missing stays."""

    name = Words()
    status = Choice(IncidentStatus)
    body = Body()
    message = Body(help_text="What `body` was called once; still taken.")
    impact_override = Choice(Impact)
    component_ids = Codes()
    components = serializers.DictField(
        child=serializers.ChoiceField(choices=[each.value for each in ComponentStatus]),
        required=False,
        allow_null=True,
        help_text="Codes of components and what becomes of their status.",
    )
    deliver_notifications = Yes()
    metadata = Anything(required=False, allow_null=True)
    backfilled = Yes()
    backfill_date = serializers.DateField(required=False, allow_null=True)
    scheduled_for = Instant()
    scheduled_until = Instant()
    scheduled_remind_prior = Yes()
    scheduled_auto_in_progress = Yes()
    scheduled_auto_completed = Yes()
    auto_transition_to_maintenance_state = Yes()
    auto_transition_to_operational_state = Yes()
    next_update_by = Instant(help_text="Ours: what is promised.")


class IncidentBody(serializers.Serializer[Any]):
    """The body of an incident's requests."""

    incident = IncidentIn()


class UpdateIn(serializers.Serializer[Any]):
    """Words that are put right; when and how it was stays."""

    body = Body()
    deliver_notifications = Yes()
    display_at = Instant()


class UpdateBody(serializers.Serializer[Any]):
    """The body of an update's correction."""

    incident_update = UpdateIn()
