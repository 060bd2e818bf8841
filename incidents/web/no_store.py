"""Nothing below `/accounts/` is kept by a browser or a proxy: pages, redirects, refusals and errors alike."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

ACCOUNTS = "/accounts/"


class NoStoreMiddleware:
    """In front of the checks that answer themselves, such as that of CSRF."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.path_info.startswith(ACCOUNTS):
            add_never_cache_headers(response)
        return response
