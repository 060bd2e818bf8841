"""The journal, to be read: who did what and when."""

from django.contrib import admin

from incidents.admin.set_up import ReadOnlyAdmin
from incidents.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Every change of a page, newest first."""

    list_display = ("at", "kind", "actor", "page", "incident", "notifies")
    list_filter = ("kind", "page")
    list_select_related = ("page", "incident")
    ordering = ("-id",)
    search_fields = ("actor", "incident__title", "incident__code")
