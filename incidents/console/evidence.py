"""What the probes last saw of a page's components, for a person who decides (DESIGN 9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.safestring import SafeString

from incidents.console.checks import Check, check
from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import LETTERS, Verdict
from incidents.domain.outcomes import Health
from incidents.formatting.strips import strip_svg
from incidents.models import AutomaticHold, Component, Incident, Page, Probe, ProbeResult, Signal

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=1)
"""So long before and after its opening the results of an incident's probes are shown with it."""
MOST_RESULTS = 600
MOST_SIGNALS = 20
PLACES = 30


@dataclass(frozen=True, slots=True)
class Service:
    """A component with its checks."""

    component: Component
    checks: tuple[Check, ...]

    @property
    def is_troubled(self) -> bool:
        """Whether a person should look: not operational, or a check that is not up."""
        return self.component.state != ComponentStatus.OPERATIONAL or any(
            each.state != Verdict.UP for each in self.checks
        )


def services(components: Iterable[Component], *, at: datetime) -> list[Service]:
    """The given components (groups selected with them) with their enabled probes: one query."""
    components = list(components)
    checks: dict[int, list[Check]] = defaultdict(list)
    for probe in Probe.objects.filter(component__in=components, enabled=True):
        checks[probe.component_id].append(check(probe, at=at))
    return [Service(component, tuple(checks[component.pk])) for component in components]


@dataclass(frozen=True, slots=True)
class Opening:
    """What one probe measured while an automatic incident opened, oldest first."""

    component: Component
    check: Check
    results: tuple[ProbeResult, ...]

    @property
    def first(self) -> ProbeResult | None:
        """The first result of those that were not well without a break until the incident opened."""
        found = None
        for result in reversed(self.results):
            if result.health in (Health.OK, Health.WARNING):
                if found:
                    break
            elif result.health != Health.INCONCLUSIVE:
                found = result
        return found

    @property
    def strip(self) -> SafeString:
        """The newest of the results."""
        return strip_svg(
            f"{self.check.probe.name}, around the opening",
            "".join(LETTERS[Health(result.health)] for result in self.results),
            places=PLACES,
        )


def with_signals(incidents: "QuerySet[Incident]") -> "QuerySet[Incident]":
    """Incidents that know whether other monitoring has said anything of them."""
    return incidents.annotate(has_signals=Exists(Signal.objects.filter(incident=OuterRef("pk"))))


def newest_signals(incident: Incident) -> list[Signal]:
    """What other monitoring has said of it: what fires first, then what was over last."""
    if not getattr(incident, "has_signals", True):
        return []
    return list(incident.signals.order_by(F("ended_at").desc(nulls_first=True), "-fired_at")[:MOST_SIGNALS])


def openings(incident: Incident, services: Iterable[Service]) -> list[Opening]:
    """What the probes of the affected services saw when probes opened the incident; one query, and none for others.

    Results are kept for days only: of an old incident there is nothing.
    """
    checks = {each.probe.pk: (service.component, each) for service in services for each in service.checks}
    if not incident.automatic or not checks:
        return []
    window = (incident.started_at - BEFORE, incident.created_at + AFTER)
    rows = ProbeResult.objects.filter(probe__in=checks, at__range=window).defer("trace", "facts")
    found: dict[int, list[ProbeResult]] = defaultdict(list)
    for row in rows.order_by("-at", "-pk")[:MOST_RESULTS]:
        found[row.probe_id].append(row)
    seen = [Opening(*checks[pk], tuple(reversed(results))) for pk, results in found.items()]
    return sorted(seen, key=lambda each: (each.first is None, each.first.at if each.first else window[0]))


def failing(incidents: Collection[Incident], *, at: datetime) -> dict[int, list[Check]]:
    """Of each incident that probes hold open, the probes that fail, the first to fail first: two queries."""
    holds = AutomaticHold.objects.filter(incident__in=incidents, released_at__isnull=True)
    found: dict[int, list[Check]] = defaultdict(list)
    for hold in holds.select_related("component").prefetch_related("component__probes"):
        checks = [check(probe, at=at) for probe in hold.component.probes.all() if probe.enabled]
        found[hold.incident_id] += [each for each in checks if each.is_troubled]
    for checks in found.values():
        checks.sort(key=lambda each: each.since or at)
    return found


def watched_services(page: Page, *, at: datetime) -> list[Service]:
    """What of a page is monitored or not operational; what needs a person comes first."""
    found = services(Component.objects.in_use().filter(page=page).select_related("group"), at=at)
    shown = [each for each in found if each.checks or each.is_troubled]
    return sorted(shown, key=lambda each: not each.is_troubled)
