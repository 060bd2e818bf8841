"""Uptime of a component, or of all in a group, within a range of at most six months."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import ComponentFrame
from incidents.api.described import described
from incidents.api.errors import Unprocessable
from incidents.api.shapes.components import UptimeOut
from incidents.api.shapes.fields import Instant
from incidents.domain.components import ComponentStatus
from incidents.domain.uptime import NOT_COUNTED, WHOLE_DAY, spells
from incidents.models import Component, ComponentGroup, Incident, StatusChange

LONGEST = timedelta(days=184)
USUAL = timedelta(days=90)
NOT_KNOWN = "Less than a day of this range is known, so there is no percentage yet."
RANGE = (
    OpenApiParameter("start", OpenApiTypes.STR, description="A day, or an instant; 90 days before the end."),
    OpenApiParameter("end", OpenApiTypes.STR, description="A day, or an instant; now."),
    OpenApiParameter("skip_related_events", OpenApiTypes.BOOL, description="Leave the incidents out."),
)


class UptimeFrame(ComponentFrame):
    """Views that measure."""

    def measured(self, request: Request, name: str, code: str, components: Sequence[Component]) -> Response:
        """The sums over the components; a group's share is the mean of theirs."""
        start, end = self._range(request)
        seconds: Counter[ComponentStatus] = Counter()
        spent = [_seconds(each, start, end) for each in components]
        for each in spent:
            seconds.update(each)
        known = max((sum(each.values()) for each in spent), default=0.0)
        needed = min(WHOLE_DAY, (end - start).total_seconds())
        is_known = round(known) >= int(needed)
        counted = sum(seconds.values()) - seconds[NOT_COUNTED] if is_known else 0.0
        major, partly = seconds[ComponentStatus.MAJOR_OUTAGE], seconds[ComponentStatus.PARTIAL_OUTAGE]
        down = major + self.page.uptime_weight * partly
        related: dict[str, list[str]] = {}
        if request.query_params.get("skip_related_events", "").lower() not in {"1", "true"}:
            related["incidents"] = _incidents(components, start, end)
        said: dict[str, Any] = {
            "id": code,
            "name": name,
            "range_start": start,
            "range_end": end,
            "uptime_percentage": round(100 * (1 - down / counted), 5) if counted else None,
            "major_outage": round(major),
            "partial_outage": round(partly),
            "warnings": [] if counted else [NOT_KNOWN],
            "related_events": related,
        }
        return Response(UptimeOut(said).data)

    def _range(self, request: Request) -> tuple[datetime, datetime]:
        end = min(self._instant(request, "end") or self.at, self.at)
        start = self._instant(request, "start") or end - USUAL
        if start >= end:
            raise Unprocessable("start: the range has to begin before it ends.")
        if end - start > LONGEST:
            raise Unprocessable("start: six months at most. Ask for the parts one by one.")
        return start, end

    def _instant(self, request: Request, name: str) -> datetime | None:
        """A day begins at midnight of the page's zone."""
        text = request.query_params.get(name, "")
        if not text:
            return None
        try:
            if len(text) <= len("2021-10-09"):
                day = serializers.DateField().to_internal_value(text)
                return datetime.combine(day, time(), tzinfo=self.page.zone).astimezone(UTC)
            return Instant().to_internal_value(text)
        except (serializers.ValidationError, OverflowError) as error:
            raise Unprocessable(f"{name}: write 2021-10-09, or 2021-10-08T21:22:00Z.") from error


class ComponentUptime(UptimeFrame):
    """Of one component."""

    @described("Get a component's uptime", answers=UptimeOut, asks=RANGE)
    def get(self, request: Request, page_id: str, component_id: str) -> Response:  # noqa: ARG002
        """Maintenance is not counted; a second of partial outage counts as the page says."""
        component = self.component(component_id)
        return self.measured(request, component.name, component.code, [component])


class GroupUptime(UptimeFrame):
    """Of a group."""

    @described("Get a component group's uptime", answers=UptimeOut, asks=RANGE)
    def get(self, request: Request, page_id: str, group_id: str) -> Response:  # noqa: ARG002
        """Over all that is in it now."""
        group = self.one(ComponentGroup.objects.filter(page=self.page), group_id, "component group")
        return self.measured(
            request, group.name, group.code, list(Component.objects.in_use().filter(group=group))
        )


def _seconds(component: Component, start: datetime, end: datetime) -> dict[ComponentStatus, float]:
    rows = StatusChange.objects.filter(component=component, at__lt=end).order_by("at", "id")
    before = rows.filter(at__lte=start).last()
    changes = [(before.at, before)] if before else []
    changes += [(each.at, each) for each in rows.filter(at__gt=start)]
    found: Counter[ComponentStatus] = Counter()
    known = [(at, ComponentStatus(row.status)) for at, row in changes]
    for each in spells(known, start=start, end=end):
        found[each.status] += (each.end - each.start).total_seconds()  # type: ignore[assignment]
    return dict(found)


def _incidents(components: Sequence[Component], start: datetime, end: datetime) -> list[str]:
    rows = Incident.objects.filter(updates__affected__component__in=components, started_at__lt=end)
    rows = rows.exclude(resolved_at__lt=start).distinct().order_by("-started_at", "-pk")
    return list(rows.values_list("code", flat=True)[:100])
