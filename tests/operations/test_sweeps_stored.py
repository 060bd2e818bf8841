"""Every stored kind with a poisonous row, written by SQL: the sweep goes on, and so does posting an incident."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.sweeps import SweepKind
from incidents.models import (
    AutomaticHold,
    Clock,
    ClockDuty,
    Delivery,
    Event,
    Incident,
    Maintenance,
    Page,
    Probe,
    RfoVersion,
    Series,
    SweepFailure,
)
from incidents.monitoring.batches import _job
from incidents.monitoring.verdicts import settle_due
from incidents.notifying.relay import relay_due
from incidents.operations.actors import DEMO
from incidents.operations.clocks import keep_clocks, start_clock
from incidents.operations.holds import open_automatic
from incidents.operations.incidents import open_incident
from incidents.operations.maintenances import advance_due
from incidents.operations.reminders import remind_due
from incidents.operations.reviews import release_due
from incidents.operations.rfos import draft_rfo
from incidents.operations.series import make_due, save_series
from incidents.probes.running import run_batch
from tests.factories import (
    BEGAN,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_probe,
    resolve,
)
from tests.notifying.people import mail_reader

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 9, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POISON = [
    {"rule": "FREQ=DAILY;INTERVAL=0"},
    {"rule": "FREQ=WEEKLY;INTERVAL=-1"},
    {"rule": "FREQ=MONTHLY;INTERVAL=0"},
    {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
    {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"},
    {"rule": "FREQ=DAILY;BYSETPOS=366;BYDAY=MO;COUNT=3"},
    {"rule": "FREQ=YEARLY;BYWEEKNO=60;COUNT=5"},
    {"rule": "FREQ=MONTHLY;BYDAY=+99MO"},
    {"rule": "nonsense"},
    {"begins": "9999-01-10T02:00"},
    {"begins": "9999-12-31T23:59"},
    {"begins": "nonsense"},
    {"minutes": 10**6},
    {"lead_days": 32_000, "rule": "FREQ=DAILY", "minutes": 10**6},
    {"body": "\x00"},
]
NEVER = {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"}
NEVER |= {"FREQ=DAILY;BYSETPOS=366;BYDAY=MO;COUNT=3"}


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def weekly(page: Page, title: str) -> Series:
    return save_series(
        None,
        page=page,
        title=title,
        body="We patch.",
        begins=datetime(2027, 9, 5, 2),
        rule="FREQ=WEEKLY;BYDAY=SU",
        minutes=120,
        by=DEMO,
        at=NOW,
    )


@pytest.mark.parametrize(
    "poison", POISON, ids=lambda each: "-".join(f"{key}={value}" for key, value in each.items())
)
def test_a_poisonous_series_stops_neither_the_sweep_nor_an_incident(
    page: Page, poison: dict[str, object]
) -> None:
    worst = weekly(page, "Worst")
    weekly(page, "Good")
    Series.objects.filter(pk=worst.pk).update(**poison)
    for minutes in range(3):
        make_due(at=NOW + minutes * MINUTE)
    assert Maintenance.objects.filter(series__title="Good").count() == 2
    assert not Maintenance.objects.filter(series=worst).exists()
    is_off = SweepFailure.objects.filter(
        sweep=SweepKind.SERIES, row=worst.pk, disabled_at__isnull=False
    ).exists()
    assert is_off == (poison.get("rule") not in NEVER)
    assert open_incident(page, title="Calls fail", body="They do.", components={}, by=DEMO, at=NOW)


def test_a_series_that_was_switched_off_is_tried_again_once_it_is_edited(page: Page) -> None:
    worst = weekly(page, "Worst")
    Series.objects.filter(pk=worst.pk).update(rule="FREQ=DAILY;INTERVAL=0")
    for minutes in range(2):
        make_due(at=NOW + minutes * MINUTE)
    save_series(
        worst,
        page=page,
        title="Worst",
        body="Words.",
        begins=datetime(2027, 9, 5, 2),
        rule="FREQ=WEEKLY;BYDAY=SU",
        minutes=60,
        by=DEMO,
        at=NOW,
    )
    assert not SweepFailure.objects.exists()
    assert make_due(at=NOW + 3 * MINUTE) == 2


def twice(sweep: Callable[..., object], *, at: datetime) -> None:
    for minutes in range(2):
        sweep(at=at + minutes * MINUTE)


def is_off(sweep: SweepKind, row: int) -> bool:
    return SweepFailure.objects.filter(sweep=sweep, row=row, disabled_at__isnull=False).exists()


def test_a_poisonous_maintenance_stops_no_other(page: Page) -> None:
    worst, good = make_maintenance(page, "Worst"), make_maintenance(page, "Good")
    component = make_component(page, "Calls")
    worst.updates.get().affected.create(
        component=component, name="Calls", old_status="x", new_status="nonsense"
    )
    advance_due(at=BEGAN + timedelta(days=2))
    good.refresh_from_db()
    assert good.status == IncidentStatus.IN_PROGRESS


def test_a_poisonous_reminder_stops_no_other(page: Page) -> None:
    for title in ("Worst", "Good"):
        make_maintenance(page, title, remind_hours=24)
    worst = Incident.objects.get(title="Worst")
    Maintenance.objects.filter(incident=worst).update(remind_hours=10**9)
    twice(remind_due, at=BEGAN + timedelta(days=1, hours=12))
    assert Event.objects.filter(kind=EventKind.MAINTENANCE_REMINDED, incident__title="Good").count() == 1
    assert is_off(SweepKind.REMINDER, worst.maintenance.pk)


def test_a_poisonous_deadline_stops_no_other(page: Page) -> None:
    clocks = [
        start_clock(make_incident(page, title), key="rfo-standard", by=DEMO, at=BEGAN)
        for title in ("Worst", "Good")
    ]
    ClockDuty.objects.filter(clock=clocks[0]).update(obligation={"nonsense": True})
    ClockDuty.objects.filter(clock=clocks[1]).update(due_at=None)
    twice(keep_clocks, at=BEGAN + timedelta(hours=1))
    assert ClockDuty.objects.filter(clock=clocks[1], anchor_at__isnull=False).exists()
    assert is_off(SweepKind.DEADLINES, clocks[0].pk)
    assert Clock.objects.count() == 2


def test_a_poisonous_scheduled_rfo_stops_no_other(page: Page) -> None:
    versions = []
    for title in ("Worst", "Good"):
        incident = make_incident(page, title)
        resolve(incident)
        versions.append(draft_rfo(incident, body="Words.", by=DEMO, at=BEGAN))
    at = BEGAN + timedelta(days=30)
    RfoVersion.objects.update(publish_at=at, state="in_review")
    RfoVersion.objects.filter(pk=versions[0].pk).update(content={"timeline": [{"at": "nonsense"}]})
    twice(release_due, at=at)
    good = RfoVersion.objects.get(pk=versions[1].pk)
    assert good.publish_at is None
    assert is_off(SweepKind.RFO, versions[0].pk)


def test_a_poisonous_event_stops_neither_others_nor_the_later_ones_of_its_incident(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = mail_reader(page)
    worst, good = make_incident(page, "Worst"), make_incident(page, "Good")
    Event.objects.filter(incident=worst, notifies=True).update(data={"old_status": []}, kind="nonsense.kind")
    component = make_component(page, "Calls")
    Event.objects.filter(incident=worst, notifies=True).update(component=component, data=[1])
    for minutes in range(2):
        relay_due(at=BEGAN + timedelta(hours=1) + minutes * MINUTE)
    assert Delivery.objects.filter(event__incident=good, subscriber=reader).exists()
    event = Event.objects.get(incident=worst, notifies=True, component=component)
    assert is_off(SweepKind.FAN_OUT, event.pk)


@pytest.mark.parametrize(
    "config",
    [[], {"transport": []}, {"transport": {"a": 1}}, {"nonsense": 1}, "words", {"deadline_seconds": "x"}],
)
async def test_poisonous_options_of_a_probe_are_that_probe_s_fault(config: object) -> None:
    row = Probe(code="worst", kind="sip_options", target="sip:voice.example.net", config=config)
    (result,) = await run_batch([_job(row)])
    assert result.outcome == "internal"


def test_a_hold_of_a_poisonous_incident_lets_others_go(page: Page) -> None:
    holds = []
    for title in ("Worst", "Good"):
        component = make_component(page, title)
        make_probe(component, last_at=BEGAN + timedelta(hours=2))
        incident = open_automatic(
            page, title=title, body="It fails.", components={component: component.state}, at=BEGAN
        )
        assert incident is not None
        holds.append(incident.holds.get())
    AutomaticHold.objects.update(recovered_at=BEGAN)
    Incident.objects.filter(title="Worst").update(status="nonsense")
    twice(settle_due, at=BEGAN + timedelta(hours=2))
    good = Incident.objects.get(title="Good")
    assert good.status == IncidentStatus.RESOLVED
    assert SweepFailure.objects.filter(sweep=SweepKind.RESOLVE, row=holds[0].incident_id).exists()
