"""The product as a Django application."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Publishing listens for committed changes, and slow work for transactions, in every process."""

    name = "incidents"
    verbose_name = "Dialtone"

    def ready(self) -> None:
        from incidents.formatting.bounded import call_before  # noqa: PLC0415
        from incidents.monitoring import deploy_checks, private_files  # noqa: F401, PLC0415  (register checks)
        from incidents.operations.slow import note_inside_transaction  # noqa: PLC0415
        from incidents.publishing import checks  # noqa: F401, PLC0415  (models are loaded only now)
        from incidents.publishing.listening import register  # noqa: PLC0415  (as above)

        register()
        call_before(note_inside_transaction)
