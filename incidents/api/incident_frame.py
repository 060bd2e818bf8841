"""What views of incidents share: looking them up, listing them, dry runs, and who is notified of a post."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part, several
from incidents.api.shapes.incidents import IncidentOut, Told
from incidents.domain.journal import TOLD
from incidents.models import Event, Incident
from incidents.models.trees import component_views, incident_view, page_view, thread_of, with_updates
from incidents.operations.recipients import recipients_of

DRY_RUN = OpenApiParameter(
    "dry_run",
    OpenApiTypes.BOOL,
    description="Ours: answered as if it were done, with the headers Dialtone-Notified and Dialtone-Not-Notified, and "
    "not done.",
)


class IncidentFrame(PageFrame):
    """Views that look incidents up."""

    called = {
        "title": "name",
        "happened_at": "backfill_date",
        "version": "If-Match",
        "component": "components",
    }
    takes_dry_runs: ClassVar[bool] = False

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
            headers |= self._recipients(incident)
        if self.is_dry_run:
            transaction.set_rollback(True)
            status = 200
        return Response(IncidentOut(told, context={"page": self.page}).data, status=status, headers=headers)

    @cached_property
    def is_dry_run(self) -> bool:
        """Whether the caller only wants to know what would be. Raises Unprocessable."""
        if self.request.method in SAFE_METHODS or "dry_run" not in self.request.query_params:
            return False
        if not self.takes_dry_runs or self.request.method == "DELETE":
            raise Unprocessable("dry_run: there is none of this request. Nothing was done.")
        if self.request.query_params["dry_run"] not in {"1", "true"}:
            raise Unprocessable("dry_run: true, or leave it out.")
        if "Idempotency-Key" in self.request.headers:
            raise Unprocessable("dry_run: nothing is carried out, so send no Idempotency-Key with it.")
        return True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A dry run that is asked for wrongly is refused before anything is done."""
        super().initial(request, *args, **kwargs)
        _ = self.is_dry_run

    def _recipients(self, incident: Incident) -> dict[str, str]:
        """Headers on what this request posted; none where it posted nothing."""
        posted = Event.objects.filter(
            incident=incident, kind__in=TOLD, at=self.at, update__isnull=False
        ).select_related("incident__page")
        event = posted.order_by("pk").last()
        if event is None:
            return {}
        found = recipients_of(event)
        reasons = "; ".join(f"{why.value}={count}" for why, count in found.not_notified.items() if count)
        headers = {"Dialtone-Notified": str(found.notified), "Dialtone-Not-Notified": reasons or "none"}
        if found.mails_to_a_folder:
            headers["Dialtone-Mail"] = "not sent: EMAIL_URL names no mail server"
        return headers

    def listed(self, request: Request, rows: "QuerySet[Incident]") -> Response:
        """A part of the rows."""
        found = part(request, with_updates(rows))
        shown = self.told(rows, found.rows)
        data = several(IncidentOut, shown, page=self.page)
        return Response(data, headers=found.headers)

    def incident(self, code: str) -> Incident:
        """Raises NotFound."""
        return self.one(self.rows(), code, "incident")
