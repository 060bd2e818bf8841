"""What people see when a request fails: plain words, and whether to try again."""

import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

RETRY_SECONDS = 10


def show(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, called while the error is handled. Without its database a door is closed, not broken."""
    if not isinstance(sys.exc_info()[1], DatabaseError):
        return render(request, "500.html", status=500)
    response = render(request, "503.html", status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
