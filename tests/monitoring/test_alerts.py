"""Staff are called once for each cause, and again when it comes back; the public hears nothing of it."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.alerts import Cause
from incidents.domain.components import ComponentStatus as S
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Alert, Component, Delivery, Event, Incident, Page, Probe
from incidents.monitoring.alerts import alert_due
from incidents.notifying.composer import compose
from incidents.operations.actors import SIGNALS, staff
from incidents.operations.fanout import expand, expandable, readers
from incidents.operations.holds import follow, open_automatic
from incidents.operations.incidents import update_incident
from incidents.operations.maintenances import update_maintenance
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_probe,
    make_update,
    resolve,
)
from tests.notifying.people import mail_reader

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def look(at: datetime, times: int = 2) -> list[str]:
    """What is called for, looked at twice as two beats would."""
    before = set(Alert.objects.values_list("pk", flat=True))
    for _ in range(times):
        alert_due(at=at)
    fresh = Alert.objects.exclude(pk__in=before).order_by("pk")
    assert Event.objects.filter(kind=EventKind.ALERT_RAISED).count() == Alert.objects.count()
    return [f"{each.cause}: {each.title}" for each in fresh]


def opened(network: Component) -> Incident:
    incident = open_automatic(
        network.page,
        title="Network: SIP over TLS is not answering",
        body="SIP over TLS fails since 08:14 AEDT: connection refused.",
        components={network: S.PARTIAL_OUTAGE},
        at=BEGAN,
    )
    assert incident
    return incident


def test_nothing_calls_nobody(page: Page, network: Component) -> None:
    assert look(BEGAN) == []


def test_an_incident_that_probes_opened_calls_until_somebody_speaks(network: Component) -> None:
    incident = opened(network)
    assert look(BEGAN) == ["opened: Probes opened: Network: SIP over TLS is not answering"]
    event = Event.objects.get(kind=EventKind.ALERT_RAISED)
    assert event.data["path"] == f"/console/incidents/{incident.code}?draft=alert#say"
    assert "connection refused" in event.data["body"]
    assert look(BEGAN + MINUTE) == []
    dana = User.objects.create_user("dana")
    update_incident(
        incident, status=IncidentStatus.IDENTIFIED, body="We know.", by=staff(dana), at=BEGAN + MINUTE
    )
    assert look(BEGAN + 2 * MINUTE) == []
    assert Alert.objects.get().ended_at == BEGAN + 2 * MINUTE


def test_what_probes_may_not_say_any_more_is_said_to_staff(network: Component) -> None:
    incident = opened(network)
    dana = User.objects.create_user("dana")
    update_incident(
        incident, status=IncidentStatus.IDENTIFIED, body="We know.", by=staff(dana), at=BEGAN + MINUTE
    )
    hold = incident.holds.get()
    follow(hold, body="SIP over UDP fails too.", status=S.MAJOR_OUTAGE, at=BEGAN + 2 * MINUTE)
    assert look(BEGAN + 2 * MINUTE) == [
        "suggested: Probes now say something about Network: SIP over TLS is not answering"
    ]
    follow(hold, body="SIP over TLS answers.", status=S.PARTIAL_OUTAGE, at=BEGAN + 3 * MINUTE)
    assert len(look(BEGAN + 3 * MINUTE)) == 1


def test_a_probe_for_staff_alone_calls_them_once_a_spell(page: Page, network: Component) -> None:
    make_probe(network, "tls", verdict=Verdict.DOWN, last_at=BEGAN, detail="connection refused")
    assert look(BEGAN) == []
    Probe.objects.update(announces=False, trouble_since=BEGAN)
    (said,) = look(BEGAN)
    assert said.startswith("suggested: Probe says: Network: ")
    assert (
        Event.objects.latest("pk").data["path"].startswith(f"/console/pages/{page.code}/incidents/new?probe=")
    )
    Probe.objects.update(verdict=Verdict.UP, trouble_since=None)
    assert look(BEGAN + MINUTE) == []
    Probe.objects.update(verdict=Verdict.DOWN, trouble_since=BEGAN + 2 * MINUTE, last_at=BEGAN + 2 * MINUTE)
    assert len(look(BEGAN + 2 * MINUTE)) == 1


def test_a_muted_probe_and_one_whose_trouble_is_told_call_nobody(page: Page, network: Component) -> None:
    make_probe(network, "tls", verdict=Verdict.DOWN, last_at=BEGAN)
    Probe.objects.update(announces=False, trouble_since=BEGAN, muted_until=BEGAN + MINUTE)
    assert look(BEGAN) == []
    Probe.objects.update(muted_until=None)
    make_incident(page, "Calls fail", components={network: S.MAJOR_OUTAGE})
    assert look(BEGAN) == []


def test_a_promise_calls_when_it_is_due_and_once_more_when_it_is_broken(page: Page) -> None:
    incident = make_incident(page, "Calls fail")
    make_update(incident, at=BEGAN + MINUTE, next_update_by=BEGAN + 31 * MINUTE)
    assert look(BEGAN + 25 * MINUTE) == []
    assert look(BEGAN + 27 * MINUTE) == ["due: Words are due: Calls fail"]
    assert look(BEGAN + 32 * MINUTE) == ["broken: Words are overdue: Calls fail"]
    assert look(BEGAN + 60 * MINUTE) == []
    make_update(incident, at=BEGAN + 61 * MINUTE, next_update_by=BEGAN + 90 * MINUTE)
    assert look(BEGAN + 62 * MINUTE) == []
    assert not Alert.objects.filter(ended_at=None).exists()


def test_without_a_promise_half_an_hour_of_silence_calls(page: Page) -> None:
    make_incident(page, "Calls fail")
    assert look(BEGAN + 29 * MINUTE) == []
    assert look(BEGAN + 31 * MINUTE) == ["due: Words are due: Calls fail"]


def test_nobody_is_called_for_what_is_resolved(page: Page) -> None:
    resolve(make_incident(page, "Calls fail"))
    assert look(BEGAN + 300 * MINUTE) == []


def test_work_that_waits_for_a_person_calls_at_its_instants(page: Page) -> None:
    work = make_maintenance(page, "Switch", starts_itself=False, ends_itself=False)
    plan = work.maintenance
    assert look(plan.scheduled_for - MINUTE) == []
    assert look(plan.scheduled_for) == ["work: To be begun: Switch"]
    update_maintenance(
        work, status=IncidentStatus.IN_PROGRESS, body="Begun.", by=DEMO, at=plan.scheduled_for + MINUTE
    )
    assert look(plan.scheduled_for + 2 * MINUTE) == []
    assert look(plan.scheduled_until) == ["work: To be ended: Switch"]


def test_silence_of_the_probes_calls_once_and_again_when_it_comes_back(network: Component) -> None:
    make_probe(network, last_at=BEGAN)
    assert look(BEGAN + timedelta(seconds=100)) == []
    assert look(BEGAN + timedelta(seconds=110)) == ["silent: Nothing is measured any more on SIPcity"]
    assert look(BEGAN + 9 * MINUTE) == []
    Probe.objects.update(last_at=BEGAN + 10 * MINUTE)
    assert look(BEGAN + 10 * MINUTE) == []
    assert len(look(BEGAN + 20 * MINUTE)) == 1


def test_words_that_nobody_sends_call(page: Page) -> None:
    mail_reader(page)
    make_incident(page, "Calls fail", components={make_component(page): S.MAJOR_OUTAGE})
    expand(expandable(BEGAN)[0], at=BEGAN)
    assert look(BEGAN + 4 * MINUTE) == []
    assert look(BEGAN + 6 * MINUTE) == ["unsent: Subscribers of SIPcity are not being told"]
    Delivery.objects.update(state="sent")
    assert look(BEGAN + 7 * MINUTE) == []


def test_one_page_that_cannot_be_looked_at_leaves_the_others(page: Page, network: Component) -> None:
    opened(network)
    broken = make_page("Another")
    incident = make_incident(broken, "Faxes fail")
    incident.events.update(update=None)
    incident.updates.all().delete()
    assert look(BEGAN) == ["opened: Probes opened: Network: SIP over TLS is not answering"]


def test_the_public_hears_no_alert(page: Page, network: Component) -> None:
    mail_reader(page)
    opened(network)
    alert_due(at=BEGAN)
    event = Event.objects.get(kind=EventKind.ALERT_RAISED)
    assert event.notifies
    assert not readers(event).exists()


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_fits_its_column(page: Page, cause: Cause) -> None:
    Alert.objects.create(page=page, cause=cause.value, key="k" * 120, title="t", path="/", raised_at=BEGAN)


def subjects() -> list[str]:
    events = Event.objects.filter(kind=EventKind.ALERT_RAISED).order_by("pk")
    return [compose(each, at=BEGAN).subject for each in events]


@pytest.mark.parametrize(
    ("status", "state"),
    [(S.MAJOR_OUTAGE, "DOWN"), (S.PARTIAL_OUTAGE, "PARTLY DOWN"), (S.DEGRADED_PERFORMANCE, "DEGRADED")],
)
def test_the_subject_begins_with_the_state_that_the_incident_records(
    network: Component, status: S, state: str
) -> None:
    assert open_automatic(network.page, title="Calls fail", body="B.", components={network: status}, at=BEGAN)
    look(BEGAN)
    assert subjects() == [f"{state}: Calls fail [SIPcity]"]


def test_an_incident_that_inbound_alerts_opened_is_not_said_to_come_from_probes(network: Component) -> None:
    make_incident(network.page, "Calls fail", components={network: S.MAJOR_OUTAGE}, by=SIGNALS)
    assert look(BEGAN) == ["opened: Inbound alerts opened: Calls fail"]
    assert subjects() == ["DOWN: Calls fail [SIPcity]"]


def test_a_probe_for_staff_alone_says_in_the_subject_what_it_found(network: Component) -> None:
    probe = make_probe(network, "tls", verdict=Verdict.DOWN, last_at=BEGAN)
    Probe.objects.filter(pk=probe.pk).update(announces=False)
    look(BEGAN)
    assert subjects() == ["DOWN: Network: SIP is not answering [SIPcity]"]
