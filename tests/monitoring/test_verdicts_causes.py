"""One incident for one cause, few notices for what spreads, and who may not open anything at all."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db.models import Q

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.outcomes import Outcome
from incidents.models import AutomaticHold, Component, Event, Incident, IncidentUpdate, Probe
from incidents.models.trees import component_views
from incidents.monitoring.verdicts import judge, settle_due
from incidents.operations.components import create_component, create_group
from incidents.operations.maintenances import advance_due
from incidents.operations.probes import create_probe, edit_probe, mute_probe
from incidents.operations.results import Measured, record_results
from tests.factories import make_maintenance
from tests.monitoring.platform import DANA, STEP, T0, measure, result

pytestmark = pytest.mark.django_db
ALL = "udp tcp tls"


def service(network: Component, name: str, host: str, **facts: object) -> Component:
    component = create_component(network.page, name=name, by=DANA, at=T0, **facts)  # type: ignore[arg-type]
    create_probe(component, name=name, kind="sip_options", target=f"sip:{host}", config={}, by=DANA, at=T0)
    return component


def round_of(clock: Iterator[datetime], *failing: Component, times: int = 1) -> datetime:
    """So many rounds in which every probe of these components fails and all others answer."""
    at = T0
    pks = {component.pk for component in failing}
    for _ in range(times):
        at = next(clock)
        probes = list(Probe.objects.all())
        record_results(
            [Measured(p, result(Outcome.REFUSED if p.component_id in pks else Outcome.OK)) for p in probes],
            at=at,
        )
        judge({probe.component_id for probe in probes}, at=at)
    return at


def notices() -> int:
    """What people have been or will be told, by now."""
    return Event.objects.filter(component=None, notifies=True, cancelled_at__isnull=True).count()


def due_notices(at: datetime) -> int:
    told = Event.objects.filter(component=None, notifies=True, cancelled_at__isnull=True, hold_until__lte=at)
    return told.count()


def test_components_that_depend_on_one_that_fails_share_its_incident(
    network: Component, clock: Iterator[datetime]
) -> None:
    portal = service(network, "Portal", "127.0.0.9")
    Component.objects.filter(pk=portal.pk).update(upstream=network)
    portal.refresh_from_db()
    round_of(clock, network, portal, times=3)
    assert Incident.objects.count() == 1


def test_components_of_one_group_that_fail_together_share_an_incident_and_later_ones_do_not(
    network: Component, clock: Iterator[datetime]
) -> None:
    group = create_group(network.page, name="Calling", by=DANA, at=T0)
    first, second, third = (service(network, f"s{n}", f"127.0.0.{n}", group=group) for n in (11, 12, 13))
    round_of(clock, first, second, times=3)
    assert Incident.objects.count() == 1
    for _ in range(20):
        round_of(clock, first, second)
    round_of(clock, first, second, third, times=3)
    assert Incident.objects.count() == 2


def test_one_proxy_of_twenty_services_is_one_incident_and_one_notice_in_two_minutes(
    network: Component, clock: Iterator[datetime]
) -> None:
    services = [service(network, f"s{number}", "127.0.0.8") for number in range(20)]
    for count in (5, 10, 15, 20):
        at = round_of(clock, *services[:count], times=3)
    assert Incident.objects.count() == 1
    assert AutomaticHold.objects.count() == 20
    assert {each.status for each in Component.objects.filter(pk__in=[s.pk for s in services])} == {
        "major_outage"
    }
    assert due_notices(at) == 1
    assert notices() == 2
    gathered = Event.objects.filter(component=None, notifies=True, cancelled_at__isnull=True).latest("pk")
    opened = Event.objects.filter(component=None, notifies=True).earliest("pk")
    assert gathered.hold_until == opened.at + timedelta(minutes=10)


def test_what_becomes_worse_is_told_at_once(network: Component, clock: Iterator[datetime]) -> None:
    at = measure(network, clock, "", *["tls"] * 3, *[ALL] * 3)
    assert due_notices(at) == 2


def test_recovery_is_told_at_once_and_takes_the_place_of_what_waits(
    network: Component, clock: Iterator[datetime]
) -> None:
    other = service(network, "Presence", "127.0.0.1:5062")
    round_of(clock, network, times=3)
    round_of(clock, network, other, times=3)
    at = round_of(clock, times=3)
    assert Incident.objects.get().status == IncidentStatus.MONITORING
    assert due_notices(at) == notices() == 2


@pytest.mark.parametrize("how", ["announces", "muted"])
def test_a_probe_for_staff_alone_or_muted_opens_nothing_and_is_not_shown(
    network: Component, clock: Iterator[datetime], how: str
) -> None:
    tls = Probe.objects.get(name="tls")
    if how == "announces":
        edit_probe(tls, announces=False, by=DANA, at=T0)
    else:
        mute_probe(tls, until=T0 + timedelta(hours=1), by=DANA, at=T0)
    at = measure(network, clock, *["tls"] * 6)
    assert Incident.objects.count() == 0
    shown = component_views(network.page, at=at)[network.pk].checks
    assert [check.label for check in shown] == ["UDP", "TCP"]
    assert Probe.objects.get(name="tls").verdict == "down"


def test_a_mute_that_ends_while_it_fails_opens_one_incident_dated_honestly(
    network: Component, clock: Iterator[datetime]
) -> None:
    tls = Probe.objects.get(name="tls")
    mute_probe(tls, until=T0 + STEP * 5, by=DANA, at=T0)
    measure(network, clock, *["tls"] * 8)
    incident = Incident.objects.get()
    assert incident.started_at == T0 + STEP


def test_the_incident_began_with_the_first_failure_and_is_posted_when_it_is_certain(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, "", *["tls"] * 3)
    incident = Incident.objects.get()
    assert incident.started_at == at - STEP * 2
    assert IncidentUpdate.objects.get().created_at == at


def test_what_turns_again_and_again_is_told_as_intermittent_and_few_notices_an_hour(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = T0
    for turn in range(60):
        at = measure(network, clock, *(["tls"] * 3 if turn % 2 else [""] * 3))
    network.refresh_from_db()
    assert network.status == S.DEGRADED_PERFORMANCE
    assert Incident.objects.count() == 1
    assert "works only intermittently" in IncidentUpdate.objects.latest("pk").body
    assert settle_due(at=at + timedelta(minutes=5)) == 0
    within = Q(at__lte=T0 + timedelta(hours=1))
    assert Event.objects.filter(within, component=None, notifies=True, cancelled_at__isnull=True).count() <= 3


def test_an_outage_that_was_known_before_a_maintenance_is_not_told_anew_after_it(
    network: Component, clock: Iterator[datetime]
) -> None:
    hour = timedelta(hours=1)
    measure(network, clock, *[ALL] * 3)
    make_maintenance(network.page, components=[network], begins=T0 + STEP * 4, ends=T0 + hour, at=T0)
    advance_due(at=T0 + STEP * 4)
    measure(network, clock, *[ALL] * 3)
    advance_due(at=T0 + hour)
    measure(network, (T0 + hour + STEP * n for n in range(1, 9)), *[ALL] * 6)
    assert Incident.objects.unplanned().count() == 1
    assert IncidentUpdate.objects.filter(incident__in=Incident.objects.unplanned()).count() == 1
