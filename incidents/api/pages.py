"""Pages: those of the key, and their set-up."""

from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import described
from incidents.api.frame import Frame, PageFrame
from incidents.api.paging import several
from incidents.api.shapes.fields import given
from incidents.api.shapes.pages import PageBody, PageIn, PageOut
from incidents.models import Page
from incidents.models.keys import Scope
from incidents.operations.pages import edit_page

ANY = tuple(Scope)


class Pages(Frame):
    """All pages of the key."""

    reads = ANY

    @described("List the pages of this key", answers=PageOut, many=True)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Every page for a key of the whole installation, else the key's own."""
        rows = Page.objects.prefetch_related("hosts").order_by("pk")
        mine = rows.filter(pk=self.key.page_id) if self.key.page_id else rows
        return Response(several(PageOut, mine))


class OnePage(PageFrame):
    """One page."""

    reads = ANY
    writes = (Scope.ADMIN,)
    called = {"zone_name": "time_zone", "hosts": "domain"}

    @described("Get a page", answers=PageOut)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """As it is."""
        return Response(PageOut(self.page).data)

    @described("Change a page", sends=PageBody, answers=PageOut)
    def patch(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """What is missing stays; a `domain` is claimed beside those that the page has."""
        sent, page = given(self.body(PageIn, "page"), *PageIn().fields), self.page
        hosts = tuple(page.hosts.values_list("host", flat=True))
        edited = edit_page(
            page,
            name=sent.get("name", page.name),
            zone_name=sent.get("time_zone", page.zone_name),
            url=sent.get("url", page.url),
            hosts=(*hosts, sent["domain"]) if sent.get("domain") else hosts,
            uptime_weight=sent.get("uptime_weight", page.uptime_weight),
            by=self.by,
            at=self.at,
        )
        edited.refresh_from_db()
        return Response(PageOut(edited).data)

    put = described("Change a page", sends=PageBody, answers=PageOut)(patch)
