"""Groups of components."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import ComponentFrame
from incidents.api.described import PAGE_NUMBER, PER_PAGE, described
from incidents.api.errors import Unprocessable
from incidents.api.paging import ordered_part, several
from incidents.api.shapes.components import GroupBody, GroupIn, GroupOut
from incidents.domain.tree import GroupView
from incidents.models import Component, ComponentGroup
from incidents.models.keys import Scope
from incidents.models.trees import group_views
from incidents.operations.components import create_group, edit_group
from incidents.operations.ordering import disband_group, set_members


class GroupFrame(ComponentFrame):
    """Views that look groups up."""

    writes = (Scope.ADMIN,)
    called = {"group": "component_group"}

    def groups(self) -> list[GroupView]:
        """Those that hold something, in their order."""
        return list(group_views(self.page, self.views().values()))

    def shown(self, code: str) -> dict[str, Any]:
        """One of them as the client reads it."""
        found = next(each for each in self.groups() if each.code == code)
        return dict(GroupOut(found, context={"page": self.page}).data)

    def row(self, code: str) -> ComponentGroup:
        """Raises NotFound, also for one that holds nothing."""
        rows = ComponentGroup.objects.filter(page=self.page, components__retired_at=None).distinct()
        return self.one(rows.filter(components__isnull=False), code, "component group")

    def words(self) -> dict[str, Any]:
        """What was said of it, wherever the description stood."""
        whole = dict(self.request.data)
        name = (
            "components_group" if "components_group" in whole else "component_group"
        )  # as one client has it
        sent, outside = dict(self.body(GroupIn, name)), whole.get("description")
        if name in whole and outside is not None:
            sent.setdefault("description", GroupIn().fields["description"].run_validation(outside))
        return sent

    def members(self, codes: list[str] | None) -> list[Component]:
        """The components of those codes, in their order. Raises Unprocessable."""
        codes = list(dict.fromkeys(codes or ()))
        found = {
            each.code: each for each in Component.objects.in_use().filter(page=self.page, code__in=codes)
        }
        groups = set(
            ComponentGroup.objects.filter(page=self.page, code__in=codes).values_list("code", flat=True)
        )
        wrong = [
            f"components: {code[:40]} is a group; a group holds components only."
            if code in groups
            else f"components: there is no component {code[:40]} on this page."
            for code in codes
            if code not in found
        ]
        if wrong:
            raise Unprocessable(*wrong[:20])
        return [found[code] for code in codes]


class Groups(GroupFrame):
    """All groups of a page."""

    @described("List component groups", answers=GroupOut, many=True, asks=(PAGE_NUMBER, PER_PAGE))
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """In the order of the page."""
        rows = ordered_part(request, self.groups())
        return Response(several(GroupOut, rows, page=self.page))

    @described("Create a component group", sends=GroupBody, answers=GroupOut, status=201)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """With at least one component, which moves into it."""
        sent = self.words()
        made = create_group(
            self.page,
            name=sent.get("name") or "",
            description=sent.get("description") or "",
            by=self.by,
            at=self.at,
        )
        set_members(made, components=self.members(sent.get("components")), by=self.by, at=self.at)
        return Response(self.shown(made.code), status=201)


class OneGroup(GroupFrame):
    """One group."""

    @described("Get a component group", answers=GroupOut)
    def get(self, request: Request, page_id: str, group_id: str) -> Response:  # noqa: ARG002
        """As it is."""
        return Response(self.shown(self.row(group_id).code))

    @described("Change a component group", sends=GroupBody, answers=GroupOut)
    def patch(self, request: Request, page_id: str, group_id: str) -> Response:  # noqa: ARG002
        """What is missing stays; `components` are all that it holds from now on."""
        group, sent = self.row(group_id), self.words()
        name, description = sent.get("name"), sent.get("description")
        edit_group(
            group,
            name=group.name if name is None else name,
            description=group.description if description is None else description,
            by=self.by,
            at=self.at,
        )
        if sent.get("components") is not None:
            set_members(group, components=self.members(sent["components"]), by=self.by, at=self.at)
        return Response(self.shown(group_id))

    put = described("Change a component group", sends=GroupBody, answers=GroupOut)(patch)

    @described("Delete a component group", answers=GroupOut, writes=True)
    def delete(self, request: Request, page_id: str, group_id: str) -> Response:  # noqa: ARG002
        """What was in it stands alone from now on."""
        group, before = self.row(group_id), self.shown(group_id)
        disband_group(group, by=self.by, at=self.at)
        return Response(before)
