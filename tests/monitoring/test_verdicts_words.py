"""What automation says in public rests on rows: take the row away, and the sentence goes with it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.deliveries import DeliveryState
from incidents.domain.incidents import IncidentStatus
from incidents.domain.outcomes import Outcome
from incidents.models import AutomaticHold, Component, Delivery, Incident, IncidentUpdate, Probe
from incidents.monitoring.alerts import alert_due
from incidents.monitoring.verdicts import judge, settle_due
from incidents.notifying.relay import relay_due
from incidents.operations.alerts import add_alert_address
from incidents.operations.results import Measured, record_results
from tests.channels.conftest import mail
from tests.monitoring.platform import DANA, T0, measure, result
from tests.peers.mail import MailSink

__all__ = ["mail"]
pytestmark = pytest.mark.django_db
ALERTED = "An alert was sent to our staff at 08:22 AEDT."


def bodies() -> list[str]:
    return list(IncidentUpdate.objects.order_by("pk").values_list("body", flat=True))


def outage(network: Component, clock: Iterator[datetime]) -> datetime:
    """TLS has failed three times, staff were looked for, and what could be sent was."""
    at = measure(network, clock, "", *["tls"] * 3)
    alert_due(at=at)
    relay_due(at=at)
    return at


def test_with_nobody_to_alert_no_word_claims_an_alert(network: Component, clock: Iterator[datetime]) -> None:
    outage(network, clock)
    measure(network, clock, *["udp tcp tls"] * 3)
    first, further = bodies()
    assert first.endswith("\n\nDetected automatically.")
    for words in (first, further):
        assert "notified" not in words
        assert "alert" not in words


def test_an_alert_that_got_through_is_told_once_by_the_next_automatic_words(
    network: Component, clock: Iterator[datetime], mail: MailSink
) -> None:
    add_alert_address(network.page, channel="email", address="noc@sipcity.test", by=DANA, at=T0)
    outage(network, clock)
    assert len(mail.to("noc@sipcity.test")) == 1
    measure(network, clock, *["udp tcp tls"] * 3, *["tls"] * 3)
    first, further, more = bodies()
    assert "alert" not in first
    assert further.endswith(f"\n\n{ALERTED}")
    assert "alert" not in more


@pytest.mark.parametrize("state", [DeliveryState.DUE, DeliveryState.FAILED, DeliveryState.DEAD])
def test_an_alert_that_did_not_get_through_is_not_told(
    network: Component, clock: Iterator[datetime], mail: MailSink, state: DeliveryState
) -> None:
    add_alert_address(network.page, channel="email", address="noc@sipcity.test", by=DANA, at=T0)
    outage(network, clock)
    Delivery.objects.update(state=state)
    measure(network, clock, *["udp tcp tls"] * 3)
    assert len(bodies()) == 2
    assert "alert" not in bodies()[-1]


def test_checks_that_stayed_green_are_said_to_have(network: Component, clock: Iterator[datetime]) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "", "")
    assert settle_due(at=at + timedelta(seconds=60)) == 1
    assert bodies()[-1] == "All checks have stayed green since 08:22 AEDT. This incident is resolved."


def test_a_single_failure_during_the_watch_takes_the_word_stayed_away(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "", "tls", "")
    assert settle_due(at=at + timedelta(seconds=60)) == 1
    assert bodies()[-1] == "All checks are green again. This incident is resolved."


def test_nothing_is_resolved_on_results_that_are_too_old(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "")
    assert settle_due(at=at + timedelta(hours=1)) == 0
    assert Incident.objects.get().status == IncidentStatus.MONITORING
    for probe in Probe.objects.all():
        record_results([Measured(probe, result(Outcome.OK))], at=at + timedelta(hours=1))
    assert settle_due(at=at + timedelta(hours=1)) == 1


def test_a_failure_that_is_no_verdict_yet_keeps_the_incident_open(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "", "tls")
    assert settle_due(at=at + timedelta(seconds=60)) == 0


def test_a_check_that_has_measured_nothing_since_it_was_changed_lets_nothing_recover(
    network: Component, clock: Iterator[datetime]
) -> None:
    measure(network, clock, *["tls"] * 3)
    Probe.objects.filter(name="tls").update(verdict="unknown", failures=0, troubles=0, successes=0, answers=0)
    judge([network.pk], at=next(clock))
    network.refresh_from_db()
    assert network.status == S.PARTIAL_OUTAGE
    assert len(bodies()) == 1
    measure(network, clock, "", "", "")
    assert bodies()[-1].startswith("SIP over UDP, TCP and TLS")


def test_probes_for_staff_alone_end_nothing_in_public(network: Component, clock: Iterator[datetime]) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "")
    Probe.objects.update(announces=False)
    assert settle_due(at=at + timedelta(seconds=60)) == 0
    assert Incident.objects.get().status == IncidentStatus.MONITORING
    assert AutomaticHold.objects.get().released_at
