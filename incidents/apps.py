"""The product as a Django application."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Publishing listens for committed changes in every process that can make one."""

    name = "incidents"
    verbose_name = "Dialtone"

    def ready(self) -> None:
        from incidents.publishing import checks  # noqa: F401, PLC0415  (models are loaded only now)
        from incidents.publishing.listening import register  # noqa: PLC0415  (as above)

        register()
