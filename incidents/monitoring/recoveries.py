"""When an automatic incident may end by itself, and in which words: only what the probes' rows prove."""

from datetime import datetime, timedelta

from django.db.models import Q

from incidents.domain.outcomes import Health
from incidents.formatting import evidence
from incidents.models import AutomaticHold, Incident, Probe, ProbeResult
from incidents.models.trees import check_view
from incidents.operations import holds


def settle_recovered(incident: Incident, *, at: datetime) -> bool:
    """Resolve it once it has been watched long enough, or let go of it where a person leads it; False where not yet."""
    probes = Probe.objects.filter(component__holds__incident=incident, enabled=True)
    watch = max(probes.values_list("settle_seconds", flat=True), default=0)
    is_ours = incident.state.is_open and not incident.taken_over_at
    words = _last_words(incident, at=at) if is_ours else ""
    if words is None:
        return False
    return holds.settle(incident, body=words, watched_for=timedelta(seconds=watch), at=at)


def _last_words(incident: Incident, *, at: datetime) -> str | None:
    """None while a component has no check that speaks, or one of them is not up, or its last result is too old.

    A worker that has died must not end an incident: what nobody measures any more is unknown, not well.
    """
    held = AutomaticHold.objects.filter(incident=incident, released_at=None, recovered_at__isnull=False)
    found = list(held.values_list("component", "recovered_at"))
    if not found:
        return None
    probes = list(Probe.objects.speaking(at).filter(component__in=[pk for pk, _ in found]))
    checks = [check_view(probe) for probe in probes]
    is_watched = {pk for pk, _ in found} == {probe.component_id for probe in probes}
    is_fresh = all(check.fresh_until is None or check.fresh_until >= at for check in checks)
    if not is_watched or not is_fresh or not evidence.is_recovered(checks):
        return None
    since = max(recovered_at for _, recovered_at in found if recovered_at)
    is_bad = Q(health__in=(Health.DEGRADED, Health.FAILED))
    blips = ProbeResult.objects.filter(is_bad, probe__in=probes, at__gt=since)
    return evidence.resolved(checks, since, stayed_green=not blips.exists(), zone=incident.page.zone, at=at)
