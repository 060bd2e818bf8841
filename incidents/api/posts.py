"""Views that post: who is notified is in the answer, and a dry run says so without posting."""

from functools import cached_property
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.domain.journal import TOLD
from incidents.models import Event, Incident
from incidents.operations.recipients import recipients_of

DRY_RUN = OpenApiParameter(
    "dry_run",
    OpenApiTypes.BOOL,
    description="Ours: answered as if it were done, with the headers Dialtone-Notified and Dialtone-Not-Notified, and "
    "not done.",
)


class PostFrame(PageFrame):
    """Views whose requests may notify subscribers."""

    takes_dry_runs: ClassVar[bool] = False

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

    def recipients(self, incident: Incident) -> dict[str, str]:
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
