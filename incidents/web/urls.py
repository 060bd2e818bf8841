"""Paths of this door."""

from django.urls import URLPattern, URLResolver, path

from incidents.web import attachments
from incidents.web import help as help_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("attachments/<slug:code>/<str:name>", attachments.download, name="attachment"),
    path("help/", help_pages.show, name="help"),
    path("help/<slug:slug>/", help_pages.show, name="help-page"),
]
