"""Probes: made, changed, run at once, and what they measured."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import ComponentFrame
from incidents.api.described import AFTER, PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.paging import part
from incidents.api.shapes.fields import given
from incidents.api.shapes.probes import ProbeBody, ProbeIn, ProbeOut, ResultOut
from incidents.domain.field_rights import FieldClass, scopes_to
from incidents.models import Component, Probe, ProbeResult
from incidents.models.keys import Scope
from incidents.operations.probes import create_probe, edit_probe, run_now

SCHEDULE = ("interval_seconds", "threshold", "settle_seconds", "announces")


class ProbeFrame(ComponentFrame):
    """Views that look probes up. Targets and traces are for staff, so a key that may only read sees none."""

    reads: ClassVar[Sequence[Scope]] = (Scope.INCIDENTS,)
    writes = (Scope.ADMIN,)

    def rows(self) -> "QuerySet[Probe]":
        """Those of the page."""
        return Probe.objects.filter(component__page=self.page).select_related("component__page")

    def probe(self, code: str) -> Probe:
        """Raises NotFound."""
        return self.one(self.rows(), code, "probe")

    def printed_probe(self, code: str, *, status: int = 200) -> Response:
        """As it is now."""
        return Response(ProbeOut(self.probe(code)).data, status=status)


class Probes(ProbeFrame):
    """All probes of a page."""

    @described("List probes", answers=ProbeOut, many=True, asks=(PER_PAGE, AFTER), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        found = part(request, self.rows())
        return found.answer(ProbeOut)

    @described("Create a probe", sends=ProbeBody, answers=ProbeOut, status=201, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """It runs for the first time at once."""
        sent = self.body(ProbeIn, "probe")
        component = (
            Component.objects.in_use().filter(page=self.page, code=sent.get("component_id", "")).first()
        )
        if component is None:
            raise Unprocessable("component_id: there is no such component on this page.")
        made = create_probe(
            component,
            name=sent.get("name") or "",
            kind=sent.get("kind") or "",
            target=sent.get("target") or "",
            config=sent.get("config") or {},
            **given(sent, *SCHEDULE),
            by=self.by,
            at=self.at,
        )
        return self.printed_probe(made.code, status=201)


class OneProbe(ProbeFrame):
    """One probe."""

    @described("Get a probe", answers=ProbeOut, ours=True)
    def get(self, request: Request, page_id: str, probe_id: str) -> Response:  # noqa: ARG002
        """As it is."""
        return self.printed_probe(probe_id)

    @described("Change a probe", sends=ProbeBody, answers=ProbeOut, ours=True)
    def patch(self, request: Request, page_id: str, probe_id: str) -> Response:  # noqa: ARG002
        """What is missing stays; with `config` all options are replaced, but for secrets that it leaves out."""
        probe, sent = self.probe(probe_id), self.body(ProbeIn, "probe")
        changes: dict[str, Any] = given(sent, "name", "target", "enabled", *SCHEDULE)
        if sent.get("kind") not in {None, probe.kind}:
            raise Unprocessable("kind: a probe keeps its kind. Make another one.")
        edit_probe(probe, config=sent.get("config"), **changes, by=self.by, at=self.at)
        return self.printed_probe(probe_id)


class RunProbe(ProbeFrame):
    """It is due at once."""

    writes = (Scope.INCIDENTS,)

    @described("Run a probe now", answers=ProbeOut, status=202, writes=True, ours=True)
    def post(self, request: Request, page_id: str, probe_id: str) -> Response:  # noqa: ARG002
        """The result is among its results within seconds."""
        run_now(self.probe(probe_id), by=self.by, at=self.at)
        return self.printed_probe(probe_id, status=202)


class ProbeResults(ProbeFrame):
    """What it measured."""

    reads: ClassVar[Sequence[Scope]] = scopes_to(FieldClass.PROBE_TRACE)

    @described("List a probe's results", answers=ResultOut, many=True, asks=(PER_PAGE, AFTER), ours=True)
    def get(self, request: Request, page_id: str, probe_id: str) -> Response:  # noqa: ARG002
        """Newest first, with evidence."""
        found = part(request, ProbeResult.objects.filter(probe=self.probe(probe_id)), by_code=False)
        return found.answer(ResultOut)
