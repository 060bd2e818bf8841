"""The product as a Django application."""

from django.apps import AppConfig
from django.conf import settings


class IncidentsConfig(AppConfig):
    """Publishing listens for committed changes in every process that can make one, and the web for bounces."""

    name = "incidents"
    verbose_name = "Dialtone"

    def ready(self) -> None:
        from incidents.publishing.listening import register  # noqa: PLC0415  (models are loaded only now)

        register()
        if settings.EMAIL_SERVICE:
            from incidents.web.mail_events import listen  # noqa: PLC0415  (as above)

            listen()
