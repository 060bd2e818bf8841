"""The journal: everything that was done to a page, for whoever keeps their own record."""

from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import AFTER, PER_PAGE, described
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.deliveries import EventOut
from incidents.models import Event
from incidents.models.keys import Scope


class Journal(PageFrame):
    """All its lines."""

    reads = (Scope.ADMIN,)

    @described("List the journal", answers=EventOut, many=True, asks=(PER_PAGE, AFTER), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        rows = Event.objects.filter(page=self.page).select_related("incident", "component")
        found = part(request, rows, by_code=False)
        return found.answer(EventOut)
