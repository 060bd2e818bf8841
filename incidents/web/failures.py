"""What people and scripts see when a request fails: plain words, and whether to try again."""

import sys

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from incidents.operations.errors import DISK_FULL, is_disk_full
from incidents.web.refusals import BROKEN, NO_DATABASE

RETRY_SECONDS = 10
DATABASE_WORDS = (
    "This needs the database, which does not answer. Try again in a moment. If you sent a form, check first whether it "
    "was saved. The status page is still shown."
)


def show(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, called while the error is handled. Without its database a door is closed, not broken."""
    error = sys.exc_info()[1]
    is_full = is_disk_full(error)
    is_closed = is_full or isinstance(error, Error)
    if request.path.startswith("/v1/"):
        refusal = NO_DATABASE if is_closed else BROKEN
        words = DISK_FULL if is_full else refusal.words
        response: HttpResponse = JsonResponse({"error": words}, status=refusal.status)
    elif is_closed:
        response = render(
            request, "503.html", {"words": DISK_FULL if is_full else DATABASE_WORDS}, status=503
        )
    else:
        response = render(request, "500.html", status=500)
    if is_closed:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
