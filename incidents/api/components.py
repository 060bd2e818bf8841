"""Components: listed, made, changed, retired; their status is what `incidents` may set."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import PAGE_NUMBER, PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.keys import demand
from incidents.api.paging import ordered_part, several
from incidents.api.shapes.components import (
    ChangedOut,
    ComponentBody,
    ComponentIn,
    ComponentOut,
    StatusesBody,
)
from incidents.api.shapes.fields import given
from incidents.domain.components import ComponentStatus
from incidents.domain.tree import ComponentView, GroupView
from incidents.models import Component, ComponentGroup, Page
from incidents.models.keys import Scope
from incidents.models.trees import component_view, component_views, group_views
from incidents.operations.components import create_component, edit_component, set_status
from incidents.operations.ordering import move_component
from incidents.operations.retiring import retire_component
from incidents.operations.statuses import set_statuses

FACTS = ("name", "description", "showcase", "only_show_if_degraded", "start_date")


class ComponentFrame(PageFrame):
    """Views that look components up."""

    called = {"upstream": "component", "group": "group_id"}

    def views(self) -> dict[str, ComponentView]:
        """Those in use, by code."""
        found = component_views(self.page, at=self.at).values()
        return {each.code: each for each in found if each.retired_at is None}

    def printed(self, code: str) -> dict[str, Any]:
        """One of them as the client reads it."""
        return dict(ComponentOut(component_view(self.component(code)), context={"page": self.page}).data)

    def component(self, code: str) -> Component:
        """The row of one in use. Raises NotFound."""
        rows = (
            Component.objects.in_use().filter(page=self.page).select_related("group", "page", "replaced_by")
        )
        return self.one(rows, code, "component")

    def group(self, code: str) -> ComponentGroup | None:
        """The group of that code, None for none. Raises Unprocessable."""
        if not code:
            return None
        found = ComponentGroup.objects.filter(page=self.page, code=code).first()
        if found is None:
            raise Unprocessable(f"group_id: there is no group {code[:40]} on this page.")
        return found


class Components(ComponentFrame):
    """All components of a page."""

    writes = (Scope.INCIDENTS,)

    @described("List components", answers=ComponentOut, many=True, asks=(PAGE_NUMBER, PER_PAGE))
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Groups and leaves in the order of the page."""
        leaves = list(self.views().values())
        groups = group_views(self.page, leaves)
        found: list[ComponentView | GroupView] = sorted(
            [*groups, *leaves], key=lambda each: (each.position, each.code)
        )
        rows = [_leaf(each) for each in ordered_part(request, found)]
        return Response(several(ComponentOut, rows, page=self.page))

    @described("Create a component", sends=ComponentBody, answers=ComponentOut, status=201)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """At the end of its group, or of the page."""
        demand(self.key, Scope.ADMIN)
        sent = self.body(ComponentIn, "component")
        made = create_component(
            self.page,
            name=sent.get("name") or "",
            group=self.group(sent.get("group_id") or ""),
            **given(sent, *FACTS[1:]),
            by=self.by,
            at=self.at,
        )
        if sent.get("status"):
            set_status(made, status=ComponentStatus(sent["status"]), by=self.by, at=self.at)
        return Response(self.printed(made.code), status=201)

    @described("Set many statuses at once", sends=StatusesBody, answers=ChangedOut, ours=True)
    def patch(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Up to 10,000, all of them or none; the page is published once."""
        sent = self.body(StatusesBody, "")["components"]
        statuses = {code: ComponentStatus(status) for code, status in sent.items()}
        moved = set_statuses(self.page, statuses=statuses, by=self.by, at=self.at)
        return Response(ChangedOut({"changed": [each.code for each in moved]}).data)


class OneComponent(ComponentFrame):
    """One component."""

    @described("Get a component", answers=ComponentOut)
    def get(self, request: Request, page_id: str, component_id: str) -> Response:  # noqa: ARG002
        """A group too, as Statuspage answers."""
        if not ComponentGroup.objects.filter(page=self.page, code=component_id).exists():
            return Response(self.printed(component_id))
        for group in group_views(self.page, self.views().values()):
            if group.code == component_id:
                return Response(ComponentOut(_leaf(group), context={"page": self.page}).data)
        raise NotFound(f"There is no component {component_id[:40]} on this page.")

    @described("Change a component", sends=ComponentBody, answers=ComponentOut)
    def patch(self, request: Request, page_id: str, component_id: str) -> Response:  # noqa: ARG002
        """What is missing stays. The status alone takes the scope incidents, all else admin."""
        component, sent = self.component(component_id), self.body(ComponentIn, "component")
        if {name for name in sent if name != "status"}:
            demand(self.key, Scope.ADMIN)
        self._set_up(component, sent)
        if sent.get("status"):
            set_status(component, status=ComponentStatus(sent["status"]), by=self.by, at=self.at)
        return Response(self.printed(component_id))

    put = described("Change a component", sends=ComponentBody, answers=ComponentOut)(patch)

    def _set_up(self, component: Component, sent: Mapping[str, Any]) -> None:
        if "group_id" in sent:
            move_component(component, group=self.group(sent["group_id"] or ""), by=self.by, at=self.at)
            component.refresh_from_db()
        before = {name: getattr(component, name) for name in FACTS}
        facts = {**before, **given(dict(sent), *FACTS)}
        if "start_date" in sent:
            facts["start_date"] = sent["start_date"]
        if facts != before:
            edit_component(component, **facts, upstream=component.upstream, by=self.by, at=self.at)

    @described("Retire a component", status=204)
    def delete(self, request: Request, page_id: str, component_id: str) -> Response:  # noqa: ARG002
        """It is shown no longer; its past stays on the page, and its name is free."""
        demand(self.key, Scope.ADMIN)
        retire_component(self.component(component_id), by=self.by, at=self.at)
        return Response(status=204)


def _leaf(view: ComponentView | GroupView) -> Any:
    """A group as a component: Statuspage lists both alike."""
    return GroupAsComponent(view) if isinstance(view, GroupView) else view


class GroupAsComponent:
    """What a group lacks to be printed as a component."""

    group_code = start_date = None
    showcase = only_show_if_degraded = False
    is_group = True

    def __init__(self, group: GroupView) -> None:
        self.code, self.name, self.description = group.code, group.name, group.description
        self.position, self.status = group.position, group.status
        self.created_at, self.updated_at = group.created_at, group.updated_at


def named(page: Page, statuses: Mapping[str, str] | None, codes: list[str] | None) -> dict[Component, Any]:
    """Components by their codes, with the status that is asked for, None where only named. Raises Unprocessable."""
    wanted: dict[str, str | None] = {**dict.fromkeys(codes or ()), **(statuses or {})}
    known = Component.objects.in_use().filter(page=page, code__in=wanted).select_related("group")
    found = {each.code: each for each in known}
    unknown = [
        f"components: there is no component {code[:40]} on this page." for code in wanted if code not in found
    ]
    if unknown:
        raise Unprocessable(*unknown[:20])
    return {found[code]: ComponentStatus(status) if status else None for code, status in wanted.items()}
