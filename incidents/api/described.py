"""What each request and answer is, for the OpenAPI description: every status that can come is declared."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers

F = TypeVar("F", bound=Callable[..., Any])
Shape = type[serializers.Serializer[Any]]


class Described(AutoSchema):
    """Names each request by its view and method, which are unique."""

    def get_tags(self) -> list[str]:
        """The noun in the path, under which it is listed."""
        parts = [each for each in self.path.split("/") if each and not each.startswith("{")]
        return [parts[2] if len(parts) > 2 else parts[1]]  # noqa: PLR2004  (after `v1` and `pages`)

    def get_operation_id(self) -> str:
        """Such as `getOneIncident`."""
        return f"{self.method.lower()}{type(self.view).__name__}{getattr(self.view, 'kind', '').title()}"


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class Reason(serializers.JSONField):
    """A sentence, or a list of them."""


class ErrorOut(serializers.Serializer[Any]):
    """Why it was not done."""

    error = Reason()


WHY: Mapping[int, str] = {
    400: "The body or the address could not be read.",
    401: "There is no key, or none that is valid.",
    403: "The key lacks a scope.",
    404: "There is no such thing on this page.",
    409: "Somebody else wrote first.",
    413: "The body is too long.",
    422: "A field is wrong; each sentence names one.",
    429: "One key asks over 3,600 times a minute; Retry-After says how many seconds to wait.",
    503: "The database was busy; try again.",
}
READING = (400, 401, 403, 404, 422, 429, 503)
WRITING = (*READING, 409, 413)

PAGE_NUMBER = OpenApiParameter("page", OpenApiTypes.INT, description="Which part, from 1.")
PER_PAGE = OpenApiParameter("per_page", OpenApiTypes.INT, description="Rows of a part, 100 at most.")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="The same as per_page.")
AFTER = OpenApiParameter(
    "after",
    OpenApiTypes.STR,
    description="Ours: the rows that follow this one. The Link header has the next.",
)
PARTS = (PAGE_NUMBER, PER_PAGE, LIMIT, AFTER)
ONCE = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Ours: the same request under the same key within a day is answered alike, and carried out once.",
)


def described(
    summary: str,
    *,
    sends: Shape | Mapping[str, Any] | None = None,
    answers: Shape | OpenApiTypes | None = None,
    many: bool = False,
    status: int = 200,
    asks: Sequence[OpenApiParameter] = (),
    writes: bool | None = None,
    ours: bool = False,
    also: Sequence[int] = (),
) -> Callable[[F], F]:
    """Describe one method of a view. `ours` marks what Statuspage does not have."""
    is_write = sends is not None or status != 200 if writes is None else writes  # noqa: PLR2004
    found: Any = answers
    if many and isinstance(answers, type):
        found = answers(many=True)
    responses: dict[int, Any] = {status: found}
    for each in (*(WRITING if is_write else READING), *also):
        responses.setdefault(each, OpenApiResponse(ErrorOut, WHY.get(each, "")))
    return extend_schema(
        summary=summary,
        request=sends,
        responses=responses,
        parameters=[*asks, *([ONCE] if is_write else [])],
        extensions={"x-dialtone-extension": True} if ours else None,
    )
