"""Which door a path leads to (DESIGN 6). Public documents are answered in front of all this."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from incidents.console.second_factor import guard_admin

guard_admin(admin.site)
urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("incidents.web.account_urls")),
    path("admin/", admin.site.urls),
    path("console/", include("incidents.console.urls")),
    path("v1/", include("incidents.api.urls")),
    path("", include("incidents.web.urls")),
]
if settings.EMAIL_SERVICE:
    from anymail.urls import urlpatterns as service_urls

    from incidents.web.mail_events import listen

    listen()
    # Bounces and complaints; mail that comes in is nothing that we read.
    tracking = [each for each in service_urls if "tracking" in (each.name or "")]
    urlpatterns.insert(0, path("mail-events/", include((tracking, "anymail"))))
handler500 = "incidents.web.failures.show"
