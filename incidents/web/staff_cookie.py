"""A signed cookie that keeps a place for staff: it opens nothing, and is read without the database.

A browser gets it with a staff session and keeps it for a month, so that somebody whose session has ended gets to the
login form while strangers take every other place.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponseBase, parse_cookie

VALID = timedelta(days=30)
RENEWED_AFTER = timedelta(days=1)
PATHS = ("/console/", "/admin/", "/accounts/")
_SIGNER = TimestampSigner(salt="incidents.web.staff_cookie")
_VALUE = "staff"


def cookie_name() -> str:
    """Over https a name that browsers take from this host alone."""
    return "__Host-staff" if settings.SESSION_COOKIE_SECURE else "staff"


def is_staff(cookie_header: str, *, within: timedelta = VALID) -> bool:
    """Whether a Cookie header holds our signature of that age at most; False for anything else."""
    name = cookie_name()
    if name not in cookie_header:
        return False
    try:
        return _SIGNER.unsign(parse_cookie(cookie_header).get(name, ""), max_age=within) == _VALUE
    except BadSignature:
        return False


class StaffCookieMiddleware:
    """Sets the cookie where a signed-in member of staff is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        is_ours = request.path.startswith(PATHS) and response.status_code < 500  # noqa: PLR2004  (a database that is down)
        if is_ours and request.user.is_authenticated and request.user.is_staff:
            given = request.META.get("HTTP_COOKIE", "")
            if not is_staff(given, within=RENEWED_AFTER):
                response.set_cookie(
                    cookie_name(),
                    _SIGNER.sign(_VALUE),
                    max_age=VALID,
                    secure=settings.SESSION_COOKIE_SECURE,
                    httponly=True,
                    samesite="Lax",
                )
        return response
