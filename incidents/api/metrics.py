"""Metrics: numbers that scripts send, one by one or many at once."""

from datetime import UTC, datetime

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import PAGE_NUMBER, PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.metrics import (
    CountedOut,
    MetricBody,
    MetricIn,
    MetricOut,
    OnePointOut,
    PointBody,
    PointIn,
    PointsBody,
    PointsOut,
)
from incidents.models import Metric
from incidents.models.keys import Scope
from incidents.operations.metrics import add_points, clear_points, delete_metric, save_metric

SHOWN = 1000


class MetricFrame(PageFrame):
    """Views that look metrics up."""

    writes = (Scope.ADMIN,)
    called = {"tooltip": "tooltip_description"}

    def rows(self) -> "QuerySet[Metric]":
        """Those of the page."""
        return Metric.objects.filter(page=self.page).select_related("page")

    def metric(self, code: str) -> Metric:
        """Raises NotFound."""
        return self.one(self.rows(), code, "metric")

    def save(self, metric: Metric | None) -> Metric:
        """Made, or changed where something was said."""
        sent = self.body(MetricIn, "metric")
        facts = metric or Metric(name="")
        places = sent.get("decimal_places")
        said = {
            name: facts_of if sent.get(key) is None else sent[key]
            for name, key, facts_of in (
                ("name", "name", facts.name),
                ("suffix", "suffix", facts.suffix),
                ("tooltip", "tooltip_description", facts.tooltip),
            )
        }
        return save_metric(
            metric,
            page=self.page,
            **said,
            decimal_places=facts.decimal_places if places is None else places,
            by=self.by,
            at=self.at,
        )


class Metrics(MetricFrame):
    """All metrics of a page."""

    @described("List metrics", answers=MetricOut, many=True, asks=(PAGE_NUMBER, PER_PAGE))
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        found = part(request, self.rows())
        return found.answer(MetricOut)

    @described("Create a metric", sends=MetricBody, answers=MetricOut, status=201, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Statuspage wants a provider for this; here a metric is the page's own."""
        return Response(MetricOut(self.save(None)).data, status=201)


class OneMetric(MetricFrame):
    """One metric."""

    @described("Get a metric", answers=MetricOut)
    def get(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """What it is called."""
        return Response(MetricOut(self.metric(metric_id)).data)

    @described("Change a metric", sends=MetricBody, answers=MetricOut)
    def patch(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """What is missing stays."""
        return Response(MetricOut(self.save(self.metric(metric_id))).data)

    put = described("Change a metric", sends=MetricBody, answers=MetricOut)(patch)

    @described("Delete a metric", answers=MetricOut, writes=True)
    def delete(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """With all its numbers."""
        metric = self.metric(metric_id)
        said = MetricOut(metric).data
        delete_metric(metric, by=self.by, at=self.at)
        return Response(said)


class Points(MetricFrame):
    """The numbers of one metric."""

    writes = (Scope.INCIDENTS,)

    @described("Get a metric's data", answers=PointsOut, ours=True)
    def get(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """The newest thousand, oldest first."""
        newest = list(self.metric(metric_id).points.order_by("-at")[:SHOWN])[::-1]
        data = [{"timestamp": int(each.at.timestamp()), "value": each.value} for each in newest]
        ends = {"period_start": newest[0].at, "period_end": newest[-1].at} if newest else {}
        return Response(PointsOut({"period_start": None, "period_end": None, **ends, "data": data}).data)

    @described("Add a number to a metric", sends=PointBody, answers=OnePointOut, status=201)
    def post(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """One for a second that has a number replaces it."""
        metric, sent = self.metric(metric_id), self.body(PointIn, "data")
        add_points({metric: [(_instant(sent["timestamp"]), sent["value"])]}, at=self.at)
        return Response(OnePointOut({"data": sent}).data, status=201)

    @described("Delete a metric's data", answers=MetricOut, writes=True)
    def delete(self, request: Request, page_id: str, metric_id: str) -> Response:  # noqa: ARG002
        """The metric stays."""
        metric = self.metric(metric_id)
        clear_points(metric, by=self.by, at=self.at)
        return Response(MetricOut(metric).data)


class ManyPoints(MetricFrame):
    """Numbers of several metrics."""

    writes = (Scope.INCIDENTS,)

    @described("Add numbers to metrics", sends=PointsBody, answers=CountedOut, status=202)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """All of them or none, 10,000 at most."""
        sent = self.body(PointsBody, "")["data"]
        known = {each.code: each for each in self.rows().filter(code__in=list(sent)[:1000])}
        if unknown := [code for code in sent if code not in known]:
            raise Unprocessable(
                *(f"data: there is no metric {code[:40]} on this page." for code in unknown[:20])
            )
        points = {
            known[code]: [(_instant(each["timestamp"]), each["value"]) for each in series]
            for code, series in sent.items()
        }
        return Response(CountedOut({"added": add_points(points, at=self.at)}).data, status=202)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
