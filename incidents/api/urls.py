"""Paths of the management API, Statuspage's first; `.json` may follow any of them."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, resolve
from django.views.decorators.csrf import csrf_exempt

from incidents.api import (
    components,
    deliveries,
    docs,
    followers,
    groups,
    incidents,
    journal,
    metrics,
    pages,
    postmortems,
    probes,
    rfos,
    series,
    signals,
    subscribers,
    subscribers_many,
    templates,
    updates,
    uptime,
)


@csrf_exempt
def missing(request: HttpRequest) -> HttpResponseBase:
    """Any other path below `/v1/`."""
    return JsonResponse({"error": f"There is no {request.path[:200]}. See /v1/docs."}, status=404)


@csrf_exempt
def plain(request: HttpRequest, rest: str) -> HttpResponseBase:
    """The same path without `.json`. Raises Http404."""
    path_without = f"/v1/{rest}"
    if path_without.endswith(".json"):
        return missing(request)
    found = resolve(path_without)
    request.path_info = path_without
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer


def kind(name: str) -> Any:
    """Incidents of a kind."""
    return incidents.IncidentsOf.as_view(kind=name)


INCIDENT = "incidents/<str:incident_id>"
OF_PAGE: list[URLPattern | URLResolver] = [
    path("components", components.Components.as_view(), name="components"),
    path("components/<str:component_id>", components.OneComponent.as_view(), name="component"),
    path("components/<str:component_id>/uptime", uptime.ComponentUptime.as_view(), name="component-uptime"),
    path("component-groups", groups.Groups.as_view(), name="groups"),
    path("component-groups/<str:group_id>", groups.OneGroup.as_view(), name="group"),
    path("component-groups/<str:group_id>/uptime", uptime.GroupUptime.as_view(), name="group-uptime"),
    path("incidents", incidents.Incidents.as_view(), name="incidents"),
    path("incidents/unresolved", kind("unresolved"), name="incidents-unresolved"),
    path("incidents/scheduled", kind("scheduled"), name="incidents-scheduled"),
    path("incidents/upcoming", kind("upcoming"), name="incidents-upcoming"),
    path("incidents/active_maintenance", kind("active_maintenance"), name="incidents-active"),
    path(f"{INCIDENT}", incidents.OneIncident.as_view(), name="incident"),
    path(f"{INCIDENT}/incident_updates/<str:update_id>", updates.OneUpdate.as_view(), name="update"),
    path(f"{INCIDENT}/subscribers", followers.Followers.as_view(), name="followers"),
    path(f"{INCIDENT}/subscribers/<str:subscriber_id>", followers.OneFollower.as_view(), name="follower"),
    path(
        f"{INCIDENT}/subscribers/<str:subscriber_id>/resend_confirmation",
        followers.ResendFollower.as_view(),
        name="follower-resend",
    ),
    path(f"{INCIDENT}/postmortem", postmortems.Postmortem.as_view(), name="postmortem"),
    path(
        f"{INCIDENT}/postmortem/publish", postmortems.PublishPostmortem.as_view(), name="postmortem-publish"
    ),
    path(f"{INCIDENT}/postmortem/revert", postmortems.RevertPostmortem.as_view(), name="postmortem-revert"),
    path("incident_templates", templates.Templates.as_view(), name="templates"),
    path("subscribers", subscribers.Subscribers.as_view(), name="subscribers"),
    path("subscribers/count", subscribers_many.CountOf.as_view(), name="subscribers-count"),
    path(
        "subscribers/histogram_by_state", subscribers_many.Histogram.as_view(), name="subscribers-histogram"
    ),
    path("subscribers/unsubscribed", subscribers.Unsubscribed.as_view(), name="subscribers-unsubscribed"),
    path(
        "subscribers/unsubscribe", subscribers_many.UnsubscribeMany.as_view(), name="subscribers-unsubscribe"
    ),
    path("subscribers/reactivate", subscribers_many.ReactivateMany.as_view(), name="subscribers-reactivate"),
    path("subscribers/resend_confirmation", subscribers_many.ResendMany.as_view(), name="subscribers-resend"),
    path("subscribers/<str:subscriber_id>", subscribers.OneSubscriber.as_view(), name="subscriber"),
    path(
        "subscribers/<str:subscriber_id>/resend_confirmation",
        subscribers.ResendConfirmation.as_view(),
        name="subscriber-resend",
    ),
    path(
        "subscribers/<str:subscriber_id>/secret",
        subscribers.RotateSecret.as_view(),
        name="subscriber-secret",
    ),
    path("metrics", metrics.Metrics.as_view(), name="metrics"),
    path("metrics/data", metrics.ManyPoints.as_view(), name="metrics-data"),
    path("metrics/<str:metric_id>", metrics.OneMetric.as_view(), name="metric"),
    path("metrics/<str:metric_id>/data", metrics.Points.as_view(), name="metric-data"),
    path("rfos", rfos.Rfos.as_view(), name="rfos"),
    path("rfos/<str:rfo_id>", rfos.OneRfo.as_view(), name="rfo"),
    path("rfos/<str:rfo_id>/versions/<int:number>", rfos.OneVersion.as_view(), name="rfo-version"),
    path("rfos/<str:rfo_id>/standing", rfos.RfoStanding.as_view(), name="rfo-standing"),
    path("rfos/<str:rfo_id>/review", rfos.ReviewRfo.as_view(), name="rfo-review"),
    path("rfos/<str:rfo_id>/approve", rfos.ApproveRfo.as_view(), name="rfo-approve"),
    path("rfos/<str:rfo_id>/publish", rfos.PublishRfo.as_view(), name="rfo-publish"),
    path("rfos/<str:rfo_id>/withdraw", rfos.WithdrawRfo.as_view(), name="rfo-withdraw"),
    path("rfos/<str:rfo_id>/attachments", rfos.RfoAttachments.as_view(), name="rfo-attachments"),
    path("probes", probes.Probes.as_view(), name="probes"),
    path("probes/<str:probe_id>", probes.OneProbe.as_view(), name="probe"),
    path("probes/<str:probe_id>/run", probes.RunProbe.as_view(), name="probe-run"),
    path("probes/<str:probe_id>/results", probes.ProbeResults.as_view(), name="probe-results"),
    path("deliveries", deliveries.Deliveries.as_view(), name="deliveries"),
    path("deliveries/<int:delivery_id>/replay", deliveries.ReplayDelivery.as_view(), name="delivery-replay"),
    path("maintenance_series", series.AllSeries.as_view(), name="series"),
    path("maintenance_series/<str:series_id>", series.OneSeries.as_view(), name="one-series"),
    path("journal", journal.Journal.as_view(), name="journal"),
    path("alerts/alertmanager", signals.Alertmanager.as_view(), name="alertmanager"),
    path("event_sources", signals.Sources.as_view(), name="sources"),
    path("event_sources/<str:source_id>", signals.OneSource.as_view(), name="source"),
]
app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^(?P<rest>.+)\.json$", plain),
    path("pages", pages.Pages.as_view(), name="pages"),
    path("pages/<str:page_id>", pages.OnePage.as_view(), name="page"),
    path("pages/<str:page_id>/", include(OF_PAGE)),
    path("events/<str:source_id>", signals.Events.as_view(), name="events"),
    *docs.urlpatterns,
    re_path("", missing),
]
