"""`/metrics` for Prometheus: to whoever knows METRICS_TOKEN, or asks from this machine itself."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from incidents.domain.system_clocks import MAX_SKEW
from incidents.models import Delivery, Event, Incident, Probe
from incidents.monitoring.readiness import ages
from incidents.operations.heads import current_heads, digest_of, published_versions
from incidents.operations.system_clock import is_clock_doubted

SHOWN_DIGITS = 12
"""Of a digest, as hexadecimal digits: a number would be rounded and printed as 2.4e+14."""


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The figures as they are now, in a few queries."""
    if not _is_allowed(request):
        return HttpResponse("Give METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_allowed(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return secrets.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy on this machine everybody seems to ask from here.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _Figures(Collector):
    """Read at each scrape; nothing is kept in memory, so that all workers say the same."""

    def collect(self) -> Iterator[Metric]:
        """prometheus_client's."""
        at = datetime.now(UTC)
        pulse = GaugeMetricFamily(
            "dialtone_pulse_age_seconds", "Since an engine last gave a sign of life.", labels=["role"]
        )
        for role, age in ages(at=at).items():
            if age is not None and age >= -MAX_SKEW:  # of the future: unknown
                pulse.add_metric([role.value], age.total_seconds())
        yield pulse
        yield GaugeMetricFamily(
            "dialtone_clock_doubted",
            "1 while the system clock was set by more than an hour and is not confirmed.",
            value=int(is_clock_doubted(at=at)),
        )
        enabled = Probe.objects.filter(enabled=True)
        yield _counted("dialtone_probes", "Enabled probes by verdict.", "verdict", enabled)
        late = enabled.filter(next_due__lt=at).count()
        yield GaugeMetricFamily("dialtone_probes_due", "Enabled probes that are due now.", value=late)
        yield _counted("dialtone_probe_outcomes", "Enabled probes by last outcome.", "last_outcome", enabled)
        yield _counted("dialtone_deliveries", "Notices by state.", "state", Delivery.objects.all())
        waiting = Event.objects.to_expand(at).count()
        yield GaugeMetricFamily(
            "dialtone_events_waiting", "Events people are yet to be told of.", value=waiting
        )
        yield from _integrity()
        yield GaugeMetricFamily(
            "dialtone_incidents_open", "Open incidents.", value=Incident.objects.open().count()
        )


def _integrity() -> Iterator[Metric]:
    """Where the audit ends, so that a recorder elsewhere keeps it: lengths that only grow, and digests."""
    lines = GaugeMetricFamily("dialtone_audit_lines", "Lines of a chain of the audit.", labels=["chain"])
    heads = GaugeMetricFamily(
        "dialtone_audit_head",
        "Always 1: the label has the first 12 hexadecimal digits of a chain's last digest.",
        labels=["chain", "digest"],
    )
    for head in current_heads():
        lines.add_metric([head.chain or "installation"], head.number)
        heads.add_metric([head.chain or "installation", head.digest[:SHOWN_DIGITS]], 1)
    yield lines
    yield heads
    versions = published_versions()
    yield GaugeMetricFamily("dialtone_rfo_versions", "Published RFO versions.", value=len(versions))
    of_versions = GaugeMetricFamily(
        "dialtone_rfo_versions_head",
        "Always 1: the label has the first 12 hexadecimal digits of the digest of all their checksums.",
        labels=["digest"],
    )
    of_versions.add_metric([digest_of(versions)[:SHOWN_DIGITS]], 1)
    yield of_versions


def _counted(name: str, words: str, column: str, rows: "QuerySet[Probe] | QuerySet[Delivery]") -> Metric:
    family = GaugeMetricFamily(name, words, labels=[column])
    for value, count in rows.order_by().values_list(column).annotate(Count("pk")):
        family.add_metric([value or "none"], count)
    return family
