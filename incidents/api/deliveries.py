"""Deliveries: what became of each notice, and sending one again."""

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import AFTER, PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.deliveries import DeliveryOut
from incidents.domain.deliveries import DeliveryState
from incidents.domain.field_rights import FieldClass, scopes_to
from incidents.models import Delivery
from incidents.models.keys import Scope
from incidents.operations.deliveries import replay

FILTERS = (
    OpenApiParameter("state", OpenApiTypes.STR, enum=[each.value for each in DeliveryState]),
    OpenApiParameter("incident_id", OpenApiTypes.STR, description="Of one incident."),
    OpenApiParameter("subscriber_id", OpenApiTypes.STR, description="To one subscriber."),
)


class DeliveryFrame(PageFrame):
    """Views that look deliveries up: they name people, as subscribers do."""

    reads = scopes_to(FieldClass.DELIVERY_ANSWER)
    writes = (Scope.SUBSCRIBERS,)

    def rows(self) -> "QuerySet[Delivery]":
        """Those to the public of the page."""
        rows = Delivery.objects.filter(event__page=self.page, subscriber__is_staff=False)
        return rows.select_related("event__incident", "event__page", "subscriber")


class Deliveries(DeliveryFrame):
    """All of them."""

    @described("List deliveries", answers=DeliveryOut, many=True, asks=(*FILTERS, PER_PAGE, AFTER), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        rows, asked = self.rows(), request.query_params
        if state := asked.get("state"):
            if state not in {each.value for each in DeliveryState}:
                raise Unprocessable(f"state: one of {', '.join(each.value for each in DeliveryState)}.")
            rows = rows.filter(state=state)
        if code := asked.get("incident_id"):
            rows = rows.filter(event__incident__code=code)
        if code := asked.get("subscriber_id"):
            rows = rows.filter(subscriber__code=code)
        found = part(request, rows, by_code=False)
        return found.answer(DeliveryOut)


class ReplayDelivery(DeliveryFrame):
    """Send it again."""

    @described("Replay a delivery", answers=DeliveryOut, status=202, writes=True, ours=True)
    def post(self, request: Request, page_id: str, delivery_id: int) -> Response:  # noqa: ARG002
        """With the same id, whatever became of it."""
        found = self.rows().filter(pk=delivery_id).first()
        if found is None:
            raise NotFound(f"There is no delivery {delivery_id} on this page.")
        replay(found, by=self.by, at=self.at)
        return Response(DeliveryOut(self.rows().get(pk=found.pk)).data, status=202)
