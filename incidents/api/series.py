"""Recurring maintenance."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import named
from incidents.api.described import PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.series import SeriesBody, SeriesIn, SeriesOut
from incidents.domain.texts import BodyFormat
from incidents.models import Series
from incidents.operations.series import CheckedRule, check_rule, end_series, save_series


class SeriesFrame(PageFrame):
    """Views that look series up."""

    called = {"title": "name", "components": "component_ids"}

    def rows(self) -> "QuerySet[Series]":
        """Those of the page."""
        return Series.objects.filter(page=self.page).select_related("page").prefetch_related("components")

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The body, checked."""
        found: dict[str, Any] = self.body(SeriesIn, "series")
        return found

    def running(self, code: str) -> Series:
        """The series of that code, unless it was ended. Raises NotFound."""
        return self.one(self.rows().filter(ended_at=None), code, "series")

    def check(self, series: Series | None) -> CheckedRule:
        """Its rule and its first time, where something was said of them, else as they were."""
        begins = self.sent.get("begins") or (series.begins if series else "")
        try:
            first = datetime.fromisoformat(begins)
        except ValueError as error:
            raise Unprocessable(
                "begins: write the first time on the page's clock: 2027-04-04T02:00."
            ) from error
        rule = self.sent.get("rule")
        return check_rule(
            (series.rule if series else "") if rule is None else rule, first, self.page, at=self.at
        )

    @cached_property
    def checked(self) -> CheckedRule:
        """The same, of the series in the address where there is one."""
        code = self.kwargs.get("series_id")
        return self.check(self.running(code) if code else None)

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Search for the rule's next time."""
        if request.method != "DELETE":
            _ = self.checked

    def save(self, series: Series | None) -> Series:
        """Made, or changed where something was said."""
        sent = self.sent

        def said(name: str, column: str, default: Any) -> Any:
            value = sent.get(name)
            return (getattr(series, column) if series else default) if value is None else value

        codes = sent.get("component_ids")
        kept = list(series.components.all()) if series and codes is None else None
        return save_series(
            series,
            page=self.page,
            title=said("name", "title", ""),
            body=said("body", "body", ""),
            body_format=BodyFormat(series.body_format)
            if series and sent.get("body") is None
            else BodyFormat.MARKDOWN,
            begins=self.checked.begins,
            rule=self.checked,
            minutes=said("minutes", "minutes", 0),
            lead_days=said("lead_days", "lead_days", 14),
            remind_hours=said("remind_hours", "remind_hours", None),
            notify=said("deliver_notifications", "notify", True),
            components=list(named(self.page, None, codes)) if kept is None else kept,
            by=self.by,
            at=self.at,
        )


class AllSeries(SeriesFrame):
    """All series of a page."""

    @described("List recurring maintenance", answers=SeriesOut, many=True, asks=(PER_PAGE,), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        found = part(request, self.rows())
        return found.answer(SeriesOut)

    @described("Create recurring maintenance", sends=SeriesBody, answers=SeriesOut, status=201, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Each time is put on the page `lead_days` before."""
        return Response(SeriesOut(self.save(None)).data, status=201)


class OneSeries(SeriesFrame):
    """One series."""

    @described("Get recurring maintenance", answers=SeriesOut, ours=True)
    def get(self, request: Request, page_id: str, series_id: str) -> Response:  # noqa: ARG002
        """As it is."""
        return Response(SeriesOut(self.running(series_id)).data)

    @described("Change recurring maintenance", sends=SeriesBody, answers=SeriesOut, ours=True)
    def patch(self, request: Request, page_id: str, series_id: str) -> Response:  # noqa: ARG002
        """The times that are on the page already stay as they are."""
        return Response(SeriesOut(self.save(self.running(series_id))).data)

    @described("End recurring maintenance", answers=SeriesOut, writes=True, ours=True)
    def delete(self, request: Request, page_id: str, series_id: str) -> Response:  # noqa: ARG002
        """Nothing more is made of it."""
        series = self.running(series_id)
        end_series(series, by=self.by, at=self.at)
        series.refresh_from_db()
        return Response(SeriesOut(series).data)
