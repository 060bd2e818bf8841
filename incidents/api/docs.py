"""The description of the API: OpenAPI 3.1 at `/v1/schema`, browsable at `/v1/docs` with nothing from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern, path
from django.utils.cache import get_conditional_response
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from incidents.api import reference

RETRY_SECONDS = 5


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a key is shown, for the description."""

    target_class = "incidents.api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  (its shape)
        """A header; `Bearer <key>` does as well."""
        words = "`OAuth <key>` or `Bearer <key>`; make keys in the console, or by `manage.py create_api_key`."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": words}


class Schema(APIView):
    """The description itself; there is nothing secret in it. YAML, or JSON for whoever prefers it."""

    authentication_classes = []
    permission_classes = []
    renderer_classes = SpectacularAPIView.renderer_classes
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        """As negotiated."""
        media_type: str = request.accepted_renderer.media_type
        address = reference.SCHEMA_JSON if "json" in media_type else reference.SCHEMA
        return _answer(request._request, address, media_type)


class Docs(APIView):
    """The description for people; its script stands apart, as our policy for scripts wants it."""

    authentication_classes = []
    permission_classes = []
    renderer_classes = [StaticHTMLRenderer]
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        """The page, or its script."""
        address = reference.SCRIPT if "script" in request.query_params else reference.DOCS
        return _answer(request._request, address)


def _answer(request: HttpRequest, address: str, media_type: str = "") -> HttpResponseBase:
    try:
        found = reference.document(address)
    except reference.NotReady:
        words = "The description is being prepared. Try again in a moment."
        return JsonResponse({"error": words}, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    response = HttpResponse(found.fresh.bodies["identity"], content_type=media_type or found.media_type)
    response["Cache-Control"] = "public, max-age=5"
    response["Vary"] = "Accept"
    response["ETag"] = found.fresh.etag("identity")
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


urlpatterns: list[URLPattern] = [
    path("schema", Schema.as_view(), name="schema"),
    path("docs", Docs.as_view(), name="docs"),
]
