"""The description of the API: OpenAPI 3.1 at `/v1/schema`, browsable at `/v1/docs` with nothing from elsewhere."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a key is shown, for the description."""

    target_class = "incidents.api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  (its shape)
        """A header; `Bearer <key>` does as well."""
        words = "`OAuth <key>` or `Bearer <key>`; make keys in the console, or by `manage.py create_api_key`."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": words}


class Schema(SpectacularAPIView):
    """The description itself; there is nothing secret in it."""

    authentication_classes = []


class Docs(SpectacularSwaggerSplitView):
    """The description for people; its script stands apart, as our policy for scripts wants it."""

    authentication_classes = []
    template_name = "api/docs.html"


urlpatterns: list[URLPattern] = [
    path("schema", Schema.as_view(), name="schema"),
    path("docs", Docs.as_view(url_name="api:schema"), name="docs"),
]
