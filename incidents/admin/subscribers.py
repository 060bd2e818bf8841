"""Subscribers, to be found when one asks for help; they subscribe and leave by themselves."""

from django.contrib import admin

from incidents.admin.set_up import ReadOnlyAdmin
from incidents.models import Subscriber


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """Who is told. Signing keys and link nonces are shown to nobody."""

    fields = (
        "page",
        "channel",
        "shown_address",
        "contact_email",
        "state",
        "components",
        "only_major",
        "incident",
        "created_at",
        "confirmed_at",
        "ended_at",
        "failing_since",
        "disabled_for",
    )
    list_display = ("shown_address", "channel", "state", "page", "created_at")
    list_filter = ("state", "channel", "page")
    search_fields = ("address", "contact_email")

    @admin.display(description="address", ordering="address")
    def shown_address(self, row: Subscriber) -> str:
        """A person's in full; of a machine no more than its host."""
        return row.hint
