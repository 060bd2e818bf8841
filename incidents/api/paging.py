"""Lists in parts: Statuspage's page numbers, and a cursor over the whole history.

Statuspage says neither how many there are nor where the next part is; its clients stop at a short one. We add a `Link`
header with the next part's address (RFC 8288), by cursor: `after` names the last row that was seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db import models
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.errors import Unprocessable

M = TypeVar("M", bound=models.Model)
MOST = 100
FURTHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Part(Generic[M]):
    """Some rows, newest first unless they have an order of their own, and where there are more."""

    rows: list[M]
    headers: dict[str, str]

    def answer(self, shape: Any, **context: Any) -> Response:
        """The rows, printed."""
        return Response(several(shape, self.rows, **context), headers=self.headers)


def several(shape: Any, rows: Iterable[Any], **context: Any) -> Any:
    """Many of a shape, printed."""
    return shape(rows, many=True, context=context).data


def part(request: Request, rows: "models.QuerySet[M]", *, first: int = 1, by_code: bool = True) -> Part[M]:
    """The part that a request asks for, the newest rows first. Raises Unprocessable, NotFound."""
    size = number(request, "per_page", number(request, "limit", MOST, least=1), least=1)
    size = min(size, MOST)
    key = "code" if by_code else "pk"
    rows = rows.order_by("-pk")
    if after := request.query_params.get("after", ""):
        last = _row(rows, key, after)
        found = list(rows.filter(pk__lt=last.pk)[: size + 1])
    else:
        skipped = (number(request, "page", first, least=first) - first) * size
        found = list(rows[skipped : skipped + size + 1])
    headers = {}
    if len(found) > size:
        found = found[:size]
        kept = {name: value for name, value in request.query_params.items() if name not in {"page", "after"}}
        query = urlencode({**_public(kept), "after": getattr(found[-1], key)})
        headers["Link"] = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
    return Part(found, headers)


def ordered_part(request: Request, rows: list[Any]) -> list[Any]:
    """A part of what is in memory in an order of its own; all of it where no part is asked for."""
    if not {"page", "per_page"} & set(request.query_params):
        return rows
    size = min(number(request, "per_page", MOST, least=1), MOST)
    skipped = (number(request, "page", 1, least=1) - 1) * size
    return rows[skipped : skipped + size]


def number(request: Request, name: str, default: int, *, least: int = 0) -> int:
    """A whole number of the query. Raises Unprocessable."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text[:12]) <= FURTHEST:
        raise Unprocessable(f"{name}: has to be a whole number from {least} to {FURTHEST:,}.")
    return int(text)


def _row(rows: "models.QuerySet[M]", key: str, value: str) -> M:
    found = None
    if key == "code" or (value.isascii() and value.isdigit() and len(value) < 19):  # noqa: PLR2004  (of 64 bits)
        found = rows.filter(**{key: value}).first()
    if found is None:
        raise NotFound(f"after: there is no row {value[:40]} in this list.")
    return found


def _public(query: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in query.items() if name != "api_key"}
