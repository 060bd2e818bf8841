"""The safety hatch for set-up tables, behind the same login as the console (DESIGN 2 and 13)."""

from django.contrib import admin

from incidents.admin import components, journal, pages, people, probes, subscribers

__all__ = ["components", "journal", "pages", "people", "probes", "subscribers"]

admin.site.site_title = "Dialtone"
admin.site.site_header = "Dialtone set-up"
admin.site.site_url = "/console/"
admin.site.index_title = "Set-up tables"
