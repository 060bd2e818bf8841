"""Setting probes up, running what is due for real, and forgetting old evidence."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from incidents.models import Component, Event, Probe, ProbeResult
from incidents.models.trees import check_view
from incidents.monitoring.batches import probe_due
from incidents.operations.actors import Actor
from incidents.operations.components import create_component
from incidents.operations.errors import Refused
from incidents.operations.hours import forget_old
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
from tests.peers.programs import free_port

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DANA = Actor("dana")


@pytest.fixture
def network() -> Component:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)
    return create_component(page, name="Network", by=DANA, at=T0)


def set_up(component: Component, **facts: object) -> Probe:
    usual: dict[str, object] = {"name": "UDP", "kind": "sip_options", "target": "sip:127.0.0.1", "config": {}}
    return create_probe(component, **{**usual, **facts}, by=DANA, at=T0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("kind", {"kind": "sip_telepathy"}),
        ("target", {"target": "not a target"}),
        ("target", {"target": ""}),
        ("config", {"config": {"transport": "pigeon"}}),
        ("config", {"config": {"colour": "green"}}),
        ("config", {"config": {"deadline_seconds": -1}}),
        ("name", {"name": "a\x00b"}),
        ("interval_seconds", {"interval_seconds": 0}),
        ("interval_seconds", {"interval_seconds": 10**12}),
        ("threshold", {"threshold": 21}),
        ("settle_seconds", {"settle_seconds": 86_401}),
    ],
)
def test_a_probe_that_could_not_run_is_refused_naming_the_field(
    network: Component, field: str, facts: dict[str, object]
) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused) as refused:
        set_up(network, **facts)
    assert refused.value.field == field
    assert (Probe.objects.count(), Event.objects.count()) == (0, before)


def test_a_closed_port_is_kept_as_refused_with_its_evidence(network: Component) -> None:
    probe = set_up(network, target=f"sip:127.0.0.1:{free_port()}")
    assert probe_due(at=T0) == 1
    probe.refresh_from_db()
    row = ProbeResult.objects.get()
    assert (row.outcome, row.health) == ("refused", "failed")
    assert (probe.last_outcome, probe.failures, probe.leased_until) == ("refused", 1, None)
    assert row.trace


def test_a_target_that_does_not_resolve_is_a_dns_failure_and_not_a_crash(network: Component) -> None:
    set_up(network, target=f"sip:{'x' * 64}.example")
    probe_due(at=T0)
    assert ProbeResult.objects.get().outcome == "dns"


def test_nothing_due_still_shows_that_monitoring_lives(network: Component) -> None:
    heartbeat = Path(settings.PUBLISH_DIR) / "heartbeat"
    heartbeat.unlink(missing_ok=True)
    assert probe_due(at=T0) == 0
    assert heartbeat.exists()


def test_one_broken_probe_does_not_keep_the_others_from_running(network: Component) -> None:
    broken = set_up(network, name="broken")
    Probe.objects.filter(pk=broken.pk).update(kind="sip_telepathy", config={"x": 1})
    set_up(network, name="fine", target=f"sip:127.0.0.1:{free_port()}")
    assert probe_due(at=T0) == 2
    assert set(ProbeResult.objects.values_list("outcome", flat=True)) == {"internal", "refused"}
    assert [check.label for check in map(check_view, Probe.objects.order_by("name"))] == ["broken", "UDP"]


def test_evidence_is_forgotten_after_fourteen_days(network: Component) -> None:
    set_up(network, target=f"sip:127.0.0.1:{free_port()}")
    probe_due(at=T0)
    assert forget_old(at=T0 + timedelta(days=13)) == 0
    assert forget_old(at=T0 + timedelta(days=15)) == 1
