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
        "address",
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
    list_display = ("address", "channel", "state", "page", "created_at")
    list_filter = ("state", "channel", "page")
    search_fields = ("address", "contact_email")
