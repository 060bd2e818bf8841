"""Who may enter the console, what for, and how much they may send: asked before a byte of the body is read (DESIGN 13).

Each screen says in `door` whose page it shows and which right reading and writing take; a page that somebody has no
role on does not exist for them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from incidents.console import second_factor, unsent
from incidents.domain.body_limits import body_limit
from incidents.domain.documents import COUNT_LIMIT, SIZE_LIMIT
from incidents.domain.field_rights import FieldClass
from incidents.domain.roles import Right, needed_for
from incidents.models import Page
from incidents.models.staff import Rights, rights_of

P = ParamSpec("P")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class StaffRequest(HttpRequest):
    """A request whose user has been found to be staff."""

    user: User
    rights: Rights


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Finder = Callable[..., tuple[Page, ...]]
"""The pages that the arguments of an address lead to. Raises Http404."""


def door(
    *,
    of: Finder | None = None,
    read: Right = Right.SEE,
    write: Right = Right.RESPOND,
    everywhere: bool = False,
) -> Callable[[StaffView[P]], View[P]]:
    """Let in who may: strangers go to the login, others get 404 or 403, oversized bodies 413.

    `of` finds the pages concerned, of which all must allow it; with `everywhere` the right must be held on every page.
    With neither it must be held somewhere, and the view asks further. CSRF is checked inside, since the check reads the
    body and a stranger's upload must never reach the disk.
    """

    def guard(view: StaffView[P]) -> View[P]:
        protected = csrf_protect(view)

        @csrf_exempt
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            staff = cast(StaffRequest, request)
            right = read if request.method in SAFE else write
            barred = _barred(staff, right, kwargs, of=of, everywhere=everywhere)
            if barred:
                return barred
            if _length(request) > body_limit(request.path, request.content_type or "").size:
                return _too_big(request)
            if request.method == "GET" and (kept := unsent.take(request)):
                return render(request, "console/unsent.html", {"kept": kept})
            try:
                return protected(staff, *args, **kwargs)
            except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
                return _too_big(request)

        return guarded  # type: ignore[return-value]  # wraps() keeps the names of its arguments

    return guard


def _barred(
    request: StaffRequest, right: Right, kwargs: Any, *, of: Finder | None, everywhere: bool
) -> HttpResponse | None:
    """What whoever may not come in gets to see. Raises Http404 for a page that is nothing to them."""
    user = request.user
    request.rights = rights_of(user)
    if not user.is_staff or request.rights.top is None:
        return render(request, "console/forbidden.html", status=403)
    if second_factor.is_missing(request):
        return second_factor.ask(request)
    pages = of(**kwargs) if of else ()
    if not all(request.rights.may(Right.SEE, page) for page in pages):
        raise Http404
    if everywhere:
        allowed = request.rights.may(right, None)
    else:
        allowed = all(request.rights.may(right, page) for page in pages)
        allowed = allowed and (bool(pages) or request.rights.may_somewhere(right))
    return None if allowed else refuse(request, right, *pages)


def refuse(request: StaffRequest, right: Right, *pages: Page) -> HttpResponse:
    """403 in plain words: what the person is, and what it takes."""
    page = next((each for each in pages if not request.rights.may(right, each)), None)
    context = {
        "page": page,
        "role": request.rights.role_on(page) if page else request.rights.top,
        "needed": needed_for(right),
    }
    return render(request, "console/not_allowed.html", context, status=403)


def require_reading(request: StaffRequest, field: FieldClass, page: Page) -> None:
    """For a view that learns from the row which class of field it shows. Raises Http404."""
    if not request.rights.may_read(field, page):
        raise Http404


def require(request: StaffRequest, right: Right, page: Page) -> None:
    """For a view that learns from the form which further page is concerned. Raises Http404."""
    if not request.rights.may(right, page):
        raise Http404


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """A form that comes in after its session has ended is kept, so that nothing typed is lost.

    What a page asks for by itself every few seconds is no form, and must not take the place of one.
    """
    if "HX-Request" in request.headers:
        return HttpResponse(status=401)
    if unsent.is_kept(request):
        csrf_protect(unsent.keep)(request)
    return redirect_to_login(request.get_full_path())


def _length(request: HttpRequest) -> int:
    value = request.headers.get("Content-Length") or "0"
    return int(value) if value.isdecimal() else 0


def _too_big(request: HttpRequest) -> HttpResponse:
    limits = {"words": settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "file": SIZE_LIMIT, "files": COUNT_LIMIT}
    return render(request, "console/too_big.html", limits, status=413)


staff_only = door()
"""The bare door: for screens that concern no single page."""
