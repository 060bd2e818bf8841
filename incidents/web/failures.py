"""What people and scripts see when a request fails: plain words, and whether to try again."""

import sys

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from incidents.web.refusals import BROKEN, NO_DATABASE

RETRY_SECONDS = 10


def show(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, called while the error is handled. Without its database a door is closed, not broken."""
    is_closed = isinstance(sys.exc_info()[1], Error)
    if request.path.startswith("/v1/"):
        refusal = NO_DATABASE if is_closed else BROKEN
        response: HttpResponse = JsonResponse({"error": refusal.words}, status=refusal.status)
    elif is_closed:
        response = render(request, "503.html", status=503)
    else:
        response = render(request, "500.html", status=500)
    if is_closed:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
