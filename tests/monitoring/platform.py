"""A component watched over three transports, and rounds of made-up results for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from incidents.domain.outcomes import Outcome, health_of
from incidents.models import Component, Probe
from incidents.monitoring.verdicts import judge
from incidents.operations.actors import Actor
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
from incidents.operations.results import Measured, record_results
from incidents.probes.results import Result

T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DANA = Actor("dana")
STEP = timedelta(seconds=5)


def make_network() -> Component:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)
    component = create_component(page, name="Network", by=DANA, at=T0)
    for transport in ("udp", "tcp", "tls"):
        create_probe(
            component,
            name=transport,
            kind="sip_options",
            target="sip:127.0.0.1:5060",
            config={"transport": transport},
            settle_seconds=60,
            by=DANA,
            at=T0,
        )
    return component


def result(outcome: Outcome) -> Result:
    detail = {Outcome.OK: "200 OK", Outcome.REFUSED: "connection refused"}.get(outcome, outcome.value)
    return Result(outcome=outcome, health=health_of(outcome), detail=detail)


def measure(component: Component, clock: Iterator[datetime], *rounds: str) -> datetime:
    """Each round names the transports that fail, such as "tcp tls"; the others answer."""
    at = T0
    for failing in rounds:
        at = next(clock)
        probes = Probe.objects.filter(component=component)
        outcomes = {p.pk: Outcome.REFUSED if p.name in failing.split() else Outcome.OK for p in probes}
        record_results([Measured(p, result(outcomes[p.pk])) for p in probes], at=at)
        judge([component.pk], at=at)
    return at
