"""Paths of this door: a row of the site table is a path, so that a new document needs no line here."""

import re

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from incidents.publishing.site import DOCUMENTS
from incidents.web import attachments, beats, documents, editions, health, metrics, security_txt
from incidents.web import help as help_pages


def route(pattern: str) -> str:
    """The pattern of a site row as Django writes routes."""
    return re.sub(r"\{(\w+)\}", r"<slug:\1>", pattern.removeprefix("/"))


urlpatterns: list[URLPattern | URLResolver] = [
    *(path(route(each.pattern), documents.document, {"document": each}) for each in DOCUMENTS),
    path("i/<slug:code>", RedirectView.as_view(url="/incidents/%(code)s"), name="short"),
    path("subscriptions/", include("incidents.web.subscription_urls")),
    path("attachments/<slug:code>/<str:name>", attachments.download, name="attachment"),
    path("customers/<slug:edition>", editions.edition, name="edition"),
    path("customers/<slug:edition>.<slug:form>", editions.edition, name="edition-form"),
    path("beats/<slug:code>", beats.beat, name="beat"),
    path("beats/<slug:code>/fail", beats.beat, {"failed": True}, name="failed-beat"),
    path(security_txt.PATH, security_txt.show, name="security-txt"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("help/", help_pages.show, name="help"),
    path("help/<slug:slug>/", help_pages.show, name="help-page"),
]
