"""Which door a path leads to (DESIGN 6). Public documents are answered in front of all this."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("console/", include("incidents.console.urls")),
    path("", include("incidents.web.urls")),
]
handler500 = "incidents.web.failures.show"
