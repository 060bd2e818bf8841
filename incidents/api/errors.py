"""How the API says no: `{"error": …}`, a sentence or, where fields are wrong, a list of them; as Statuspage does."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from incidents.operations.errors import DISK_FULL, Busy, Conflict, Refused, is_disk_full

log = logging.getLogger(__name__)
BUSY_SECONDS, FULL_SECONDS = 2, 60


class Unprocessable(exceptions.APIException):
    """Fields that are wrong, each with the reason: 422."""

    status_code = 422

    def __init__(self, *sentences: str) -> None:
        super().__init__(list(sentences))


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: any refusal as the client reads it; None for a fault of our own."""
    if isinstance(error, Refused):
        if isinstance(error, Busy):
            return Response({"error": str(error)}, status=503, headers={"Retry-After": str(BUSY_SECONDS)})
        called = getattr(context.get("view"), "called", {})
        field = called.get(error.field, error.field)
        status = 409 if isinstance(error, Conflict) else 422
        return Response({"error": [f"{field}: {error}"]}, status=status)
    if isinstance(error, exceptions.ValidationError):
        return Response({"error": list(_sentences(error.detail))}, status=422)
    if isinstance(error, OperationalError) and "locked" in str(error):
        log.warning("the database was busy for too long", exc_info=error)
        words = {"error": "Somebody else writes just now. Nothing was changed; try again."}
        return Response(words, status=503, headers={"Retry-After": str(BUSY_SECONDS)})
    if is_disk_full(error):
        log.error("the disk is full", exc_info=error)
        return Response({"error": DISK_FULL}, status=503, headers={"Retry-After": str(FULL_SECONDS)})
    if isinstance(error, Http404):
        error = exceptions.NotFound(str(error) if error.args else None)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, dict(context))
    if response is not None and isinstance(error, exceptions.APIException):
        response.data = {"error": error.detail}
    return response


def _sentences(detail: Any, place: str = "") -> Iterator[str]:
    """A validator's tree of complaints as `incident.name: …` sentences."""
    if isinstance(detail, dict):
        for name, inside in detail.items():
            step = f"{place}.{name}" if place else str(name)
            yield from _sentences(inside, place if name == "non_field_errors" else step)
    elif isinstance(detail, list):
        for number, inside in enumerate(detail):
            deeper = isinstance(inside, dict | list)
            yield from _sentences(inside, f"{place}[{number}]" if deeper else place)
    else:
        yield f"{place}: {detail}" if place else str(detail)
