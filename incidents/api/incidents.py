"""Incidents and maintenances: an update is added by changing the incident, as Statuspage has it."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import named
from incidents.api.described import PARTS, described
from incidents.api.errors import Unprocessable
from incidents.api.paging import part, several
from incidents.api.posts import DRY_RUN, PostFrame
from incidents.api.shapes.fields import given
from incidents.api.shapes.incidents import IncidentBody, IncidentIn, IncidentOut, Told
from incidents.api.words import FOLLOWING, MOVED, OPENING
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.models import Component, Incident
from incidents.models.trees import component_views, incident_view, page_view, thread_of, with_updates
from incidents.operations.backfills import backfill_incident
from incidents.operations.corrections import correct_incident, correct_plan, delete_incident
from incidents.operations.incidents import open_incident, update_incident
from incidents.operations.journal import lock
from incidents.operations.maintenances import schedule_maintenance, update_maintenance
from incidents.operations.updates import affected_components, restored_status

SEARCH = OpenApiParameter("q", OpenApiTypes.STR, description="Part of a name, of words, or a whole status.")
MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='Ours: the ETag that you read. 412 where somebody has written since. "*" for whatever it is.',
)


class Stale(APIException):
    """The incident is not what the client has read."""

    status_code = 412
    default_detail = (
        "Somebody wrote to this incident since you read it. Read theirs first, then send yours again."
    )


class IncidentFrame(PostFrame):
    """Views that look incidents up."""

    called = {
        "title": "name",
        "happened_at": "backfill_date",
        "version": "If-Match",
        "component": "components",
    }

    def rows(self) -> "QuerySet[Incident]":
        """All of the page."""
        return Incident.objects.filter(page=self.page).select_related("maintenance", "page")

    def told(self, rows: "QuerySet[Incident]", order: Sequence[Incident] | None = None) -> list[Told]:
        """The rows with all that is told of them, in a fixed number of queries."""
        components = component_views(self.page, at=self.at)
        page = page_view(self.page, site_url=settings.SITE_URL)
        found = list(with_updates(rows)) if order is None else list(order)
        return [Told(each, incident_view(each, components, thread_of(each)), page) for each in found]

    def answer(self, incident: Incident, *, status: int = 200) -> Response:
        """One incident as it is now, with its version as ETag; of a post who is notified of it and who is not."""
        told = self.told(self.rows().filter(pk=incident.pk))[0]
        headers = {"ETag": f'"{told.row.version}"'}
        if self.request.method not in SAFE_METHODS:
            headers |= self.recipients(incident)
        if self.is_dry_run:
            transaction.set_rollback(True)
            status = 200
        return Response(IncidentOut(told, context={"page": self.page}).data, status=status, headers=headers)

    def listed(self, request: Request, rows: "QuerySet[Incident]") -> Response:
        """A part of the rows."""
        found = part(request, with_updates(rows))
        shown = self.told(rows, found.rows)
        data = several(IncidentOut, shown, page=self.page)
        return Response(data, headers=found.headers)

    def incident(self, code: str) -> Incident:
        """Raises NotFound."""
        return self.one(self.rows(), code, "incident")


class Incidents(IncidentFrame):
    """All incidents and maintenances of a page."""

    takes_dry_runs = True

    @described("List incidents", answers=IncidentOut, many=True, asks=(SEARCH, *PARTS))
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first, maintenances among them."""
        rows, words = self.rows(), request.query_params.get("q", "")[:255]
        if words:
            spoken = Q(title__icontains=words) | Q(updates__body__icontains=words) | Q(code=words)
            rows = self.rows().filter(pk__in=rows.filter(spoken | Q(status=words)).values("pk"))
        return self.listed(request, rows)

    @described(
        "Create an incident or a maintenance",
        sends=IncidentBody,
        answers=IncidentOut,
        status=201,
        asks=(DRY_RUN,),
    )
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """With `scheduled_for` a maintenance; with `backfilled` one of the past, of which nobody is told."""
        sent = self.body(IncidentIn, "incident")
        status = IncidentStatus(sent.get("status") or IncidentStatus.INVESTIGATING)
        if sent.get("scheduled_for") or sent.get("scheduled_until") or status.is_planned:
            made = self._schedule(sent, status)
        elif sent.get("backfilled") or sent.get("backfill_date") or status == IncidentStatus.RESOLVED:
            made = self._backfill(sent)
        else:
            made = self._open(sent, status)
        extra = given(sent, "metadata", "impact_override")
        if any(extra.values()):
            correct_incident(made, **extra, by=self.by, at=self.at)
        return self.answer(made, status=201)

    def _open(self, sent: dict[str, Any], status: IncidentStatus) -> Incident:
        return open_incident(
            self.page,
            title=sent.get("name") or "",
            body=_words(sent) or OPENING.get(status, ""),
            status=status,
            components=named(self.page, sent.get("components"), sent.get("component_ids")),
            next_update_by=sent.get("next_update_by"),
            notify=sent.get("deliver_notifications") is not False,
            hold=settings.NOTIFY_HOLD,
            by=self.by,
            at=self.at,
        )

    def _backfill(self, sent: dict[str, Any]) -> Incident:
        day = sent.get("backfill_date")
        happened = datetime.combine(day, time(12), tzinfo=self.page.zone) if day else self.at
        if sent.get("components") or sent.get("component_ids"):
            raise Unprocessable("components: what is told of the past as over changes no component.")
        return backfill_incident(
            self.page,
            title=sent.get("name") or "",
            body=_words(sent) or FOLLOWING[IncidentStatus.RESOLVED],
            happened_at=min(happened, self.at)
            if day == self.at.astimezone(self.page.zone).date()
            else happened,
            by=self.by,
            at=self.at,
        )

    def _schedule(self, sent: dict[str, Any], status: IncidentStatus) -> Incident:
        begins, ends = sent.get("scheduled_for"), sent.get("scheduled_until")
        if not begins or not ends:
            missing = "scheduled_for" if not begins else "scheduled_until"
            raise Unprocessable(f"{missing}: a maintenance needs both a beginning and an end.")
        if not status.is_planned and sent.get("status"):
            raise Unprocessable(f"status: a maintenance is never {status.value}.")
        chosen = named(self.page, sent.get("components"), sent.get("component_ids"))
        notify = sent.get("deliver_notifications") is not False
        made = schedule_maintenance(
            self.page,
            title=sent.get("name") or "",
            body=_words(sent) or OPENING[IncidentStatus.SCHEDULED],
            scheduled_for=begins,
            scheduled_until=ends,
            components=list(chosen),
            **plan_of(sent, {"starts_itself": True, "ends_itself": True, "remind_hours": None}),
            notify=notify,
            hold=settings.NOTIFY_HOLD,
            by=self.by,
            at=self.at,
        )
        if status.is_planned and status != IncidentStatus.SCHEDULED:
            update_maintenance(
                made, status=status, body=FOLLOWING[status], notify=notify, by=self.by, at=self.at
            )
        return made


class IncidentsOf(IncidentFrame):
    """Those of a kind, newest first."""

    kind = ""

    @described("List incidents of a kind", answers=IncidentOut, many=True, asks=PARTS)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Which kind is in the path."""
        kinds = {
            "unresolved": self.rows().filter(pk__in=Incident.objects.open().filter(page=self.page)),
            "scheduled": self.rows().filter(
                pk__in=Incident.objects.pending().planned().filter(page=self.page)
            ),
            "upcoming": self.rows().filter(status=IncidentStatus.SCHEDULED),
            "active_maintenance": self.rows().filter(
                status__in=[IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING]
            ),
        }
        return self.listed(request, kinds[self.kind])


class OneIncident(IncidentFrame):
    """One incident or maintenance."""

    takes_dry_runs = True

    @described("Get an incident", answers=IncidentOut)
    def get(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """With all its updates."""
        return self.answer(self.incident(incident_id))

    @described(
        "Update an incident", sends=IncidentBody, answers=IncidentOut, asks=(MATCH, DRY_RUN), also=(412,)
    )
    def patch(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """Words, a status or components make an update; a name, an impact or metadata are only corrected.

        A resolved incident lets go of its components: those that are not named come back to what they were.
        """
        sent = self.body(IncidentIn, "incident")
        lock(self.page)  # so that the incident still is what it is found to be
        incident = self.incident(incident_id)
        _check_match(incident, request.headers.get("If-Match", ""))
        if incident.state.is_planned:
            self._update_plan(incident, sent)
        else:
            if sent.get("scheduled_for") or sent.get("scheduled_until"):
                raise Unprocessable("scheduled_for: this is an incident. Only a maintenance has a plan.")
            self._update(incident, sent)
        override = sent.get("impact_override")
        words = {"title": sent.get("name"), "impact_override": override, "metadata": sent.get("metadata")}
        if override is None and "impact_override" in sent:
            words["impact_override"] = ""
        if words["impact_override"]:
            words["impact_override"] = Impact(words["impact_override"])
        correct_incident(incident, **words, by=self.by, at=self.at)
        return self.answer(incident)

    put = described(
        "Update an incident", sends=IncidentBody, answers=IncidentOut, asks=(MATCH, DRY_RUN), also=(412,)
    )(patch)

    @described("Delete an incident", answers=IncidentOut, writes=True)
    def delete(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """It leaves the page for good; the journal keeps that there was one."""
        incident = self.incident(incident_id)
        response = self.answer(incident)
        delete_incident(incident, by=self.by, at=self.at)
        return response

    def _update(self, incident: Incident, sent: dict[str, Any]) -> None:
        words, status = _words(sent), sent.get("status")
        chosen = named(self.page, sent.get("components"), sent.get("component_ids"))
        if not (words or chosen or (status and status != incident.status)):
            return
        becomes = IncidentStatus(status or incident.status)
        if incident.state == becomes == IncidentStatus.POSTMORTEM:
            raise Unprocessable(
                "body: the RFO has been published. Publish its next version, or reopen the incident."
            )
        if becomes == IncidentStatus.RESOLVED and incident.state.is_open:
            chosen = self._restored(incident) | chosen
        update_incident(
            incident,
            status=becomes,
            body=words or FOLLOWING.get(becomes, ""),
            components=chosen,
            next_update_by=sent.get("next_update_by"),
            notify=sent.get("deliver_notifications") is not False,
            hold=settings.NOTIFY_HOLD,
            by=self.by,
            at=self.at,
        )

    def _restored(self, incident: Incident) -> dict[Component, Any]:
        return {each: restored_status(each, without=incident) for each in affected_components(incident)}

    def _update_plan(self, incident: Incident, sent: dict[str, Any]) -> None:
        correct_plan(incident, **plan_of(sent, {}), by=self.by, at=self.at)
        words, status = _words(sent), sent.get("status")
        chosen = named(self.page, sent.get("components"), sent.get("component_ids"))
        plan = incident.maintenance
        window = {
            name: sent[name]
            for name in ("scheduled_for", "scheduled_until")
            if sent.get(name) and sent[name] != getattr(plan, name).replace(microsecond=0)
        }
        if not (words or chosen or window or (status and status != incident.status)):
            return
        becomes = IncidentStatus(status or incident.status)
        update_maintenance(
            incident,
            status=becomes,
            body=words or (MOVED if window else FOLLOWING.get(becomes, "")),
            components=chosen,
            **window,
            notify=sent.get("deliver_notifications") is not False,
            hold=settings.NOTIFY_HOLD,
            by=self.by,
            at=self.at,
        )


def _words(sent: dict[str, Any]) -> str:
    return str(sent.get("body") or sent.get("message") or "")


def plan_of(sent: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """How a maintenance goes by itself; what was not said is as in `default`."""
    found = dict(default)
    for name, words in {
        "starts_itself": ("scheduled_auto_in_progress", "auto_transition_to_maintenance_state"),
        "ends_itself": ("scheduled_auto_completed", "auto_transition_to_operational_state"),
    }.items():
        said = [sent[word] for word in words if sent.get(word) is not None]
        if said:
            found[name] = any(said)
    if sent.get("scheduled_remind_prior") is not None:
        found["remind_hours"] = 1 if sent["scheduled_remind_prior"] else None
    return found


def _check_match(incident: Incident, expected: str) -> None:
    if expected and expected.strip() not in {"*", f'"{incident.version}"', f'W/"{incident.version}"'}:
        raise Stale
