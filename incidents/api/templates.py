"""Incident templates."""

from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import named
from incidents.api.described import PAGE_NUMBER, PER_PAGE, described
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.templates import TemplateBody, TemplateIn, TemplateOut
from incidents.domain.incidents import IncidentStatus
from incidents.models import IncidentTemplate
from incidents.models.keys import Scope
from incidents.operations.templates import save_template


class Templates(PageFrame):
    """All templates of a page."""

    writes = (Scope.ADMIN,)
    called = {"components": "component_ids", "status": "update_status"}

    @described("List incident templates", answers=TemplateOut, many=True, asks=(PAGE_NUMBER, PER_PAGE))
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        rows = IncidentTemplate.objects.filter(page=self.page).prefetch_related("components")
        found = part(request, rows)
        return found.answer(TemplateOut)

    @described("Create an incident template", sends=TemplateBody, answers=TemplateOut, status=201)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Words kept ready for the next outage."""
        sent = self.body(TemplateIn, "template")
        status = sent.get("update_status")
        made = save_template(
            None,
            page=self.page,
            name=sent.get("name") or "",
            title=sent.get("title") or "",
            body=sent.get("body") or "",
            status=IncidentStatus(status) if status else None,
            components=list(named(self.page, None, sent.get("component_ids"))),
            notify=sent.get("should_send_notifications") is not False,
            by=self.by,
            at=self.at,
        )
        return Response(TemplateOut(made).data, status=201)
