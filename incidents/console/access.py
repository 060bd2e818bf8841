"""Who may enter the console, and how much they may send: asked before a byte of the body is read (DESIGN 13)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from incidents.domain.documents import COUNT_LIMIT, SIZE_LIMIT

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request whose user has been found to be staff."""

    user: User


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_only(view: StaffView[P]) -> View[P]:
    """Strangers go to the login, others without the staff flag get 403, oversized bodies 413.

    CSRF is checked inside, since the check reads the body and a stranger's upload must never reach the disk.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            return render(request, "console/forbidden.html", status=403)
        if int(request.headers.get("Content-Length") or 0) > _most_bytes(request):
            return _too_big(request)
        try:
            return protected(cast(StaffRequest, request), *args, **kwargs)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            return _too_big(request)

    return guarded  # type: ignore[return-value]  # wraps() keeps the names of its arguments


def _most_bytes(request: HttpRequest) -> int:
    words: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return words + (SIZE_LIMIT * COUNT_LIMIT if request.content_type == "multipart/form-data" else 0)


def _too_big(request: HttpRequest) -> HttpResponseBase:
    limits = {"words": settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "file": SIZE_LIMIT, "files": COUNT_LIMIT}
    return render(request, "console/too_big.html", limits, status=413)
