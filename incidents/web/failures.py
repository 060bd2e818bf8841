"""What people see when a request fails: plain words, and whether to try again."""

import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from incidents.operations.errors import DISK_FULL, is_disk_full

RETRY_SECONDS = 10
NO_DATABASE = (
    "This needs the database, which does not answer. Nothing of what you sent was saved: try again in a moment. "
    "The status page is still shown."
)


def show(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, called while the error is handled. Without its database a door is closed, not broken."""
    error = sys.exc_info()[1]
    is_full = is_disk_full(error)
    if not is_full and not isinstance(error, DatabaseError):
        return render(request, "500.html", status=500)
    response = render(request, "503.html", {"words": DISK_FULL if is_full else NO_DATABASE}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
