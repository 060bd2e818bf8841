"""Words of an update that is public already, put right."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import described
from incidents.api.errors import Unprocessable
from incidents.api.incidents import IncidentFrame
from incidents.api.shapes.incidents import UpdateBody, UpdateIn, UpdateOut
from incidents.models import IncidentUpdate
from incidents.operations.revisions import revise_update


class OneUpdate(IncidentFrame):
    """One update of an incident."""

    @described("Correct an update", sends=UpdateBody, answers=UpdateOut)
    def patch(self, request: Request, page_id: str, incident_id: str, update_id: str) -> Response:  # noqa: ARG002
        """What it said before stays with it, for everybody to read; it speaks for the instant it always did."""
        incident, sent = self.incident(incident_id), self.body(UpdateIn, "incident_update")
        rows = IncidentUpdate.objects.filter(incident=incident).select_related("incident__page")
        update = self.one(rows, update_id, "update")
        display = sent.get("display_at")
        if display and display.replace(microsecond=0) != update.at.replace(microsecond=0):
            raise Unprocessable(
                "display_at: an update keeps its instant. Post another one that tells of the other."
            )
        body = sent.get("body")
        revise_update(
            update,
            body=update.body if body is None else body,
            notify=sent.get("deliver_notifications") is True,
            by=self.by,
            at=self.at,
        )
        return Response(self._printed(incident.pk, update_id))

    put = described("Correct an update", sends=UpdateBody, answers=UpdateOut)(patch)

    def _printed(self, incident: int, code: str) -> dict[str, Any]:
        told = self.told(self.rows().filter(pk=incident))[0]
        view = next(each for each in told.view.updates if each.code == code)
        shape = UpdateOut()
        shape.incident = told.view.code
        return shape.to_representation(view)
