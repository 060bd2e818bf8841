"""A time without a zone: refused wherever a script says one, since it would be read on a clock that nobody named."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Component, Incident, Page, Signal
from tests.api.asking import Script
from tests.factories import make_component, make_incident, make_page

pytestmark = pytest.mark.django_db
YEAR = datetime.now(UTC).year + 1
"""Work is planned ahead, whatever year it is."""
NAIVE = f"{YEAR}-06-10T10:00:00"
SAYS = "Say the zone of the time"
TODAY = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("zone", ["Europe/London", "UTC", "Pacific/Auckland"])
@pytest.mark.parametrize("field", ["scheduled_for", "scheduled_until", "next_update_by"])
def test_a_time_of_an_incident_needs_its_zone_on_every_page(field: str, zone: str) -> None:
    script = Script(make_page("London", zone=zone))
    times = {"scheduled_for": f"{YEAR}-06-10T10:00:00Z", "scheduled_until": f"{YEAR}-06-10T12:00:00+01:00"}
    sent = {"name": "Work", "body": "We work.", **(times if field in times else {}), field: NAIVE}
    reply = script.post("/incidents", {"incident": sent})
    assert (reply.status, [each.partition(":")[0] for each in reply.errors]) == (422, [field])
    assert SAYS in reply.errors[0]
    assert not Incident.objects.exists()


def test_a_time_with_any_zone_is_that_instant(script: Script) -> None:
    sent = {"name": "Work", "body": "We work.", "scheduled_for": f"{YEAR}-06-10T10:00:00+01:00"}
    made = script.post(
        "/incidents", {"incident": {**sent, "scheduled_until": f"{YEAR}-06-10T10:00:00Z"}}
    ).body
    assert (made["scheduled_for"], made["scheduled_until"]) == (
        f"{YEAR}-06-10T09:00:00Z",
        f"{YEAR}-06-10T10:00:00Z",
    )
    reply = script.patch(f"/incidents/{made['id']}", {"incident": {"scheduled_until": NAIVE}})
    assert reply.status == 422
    assert SAYS in reply.errors[0]


def test_an_update_s_and_a_range_s_times_need_it_too(script: Script, page: Page) -> None:
    make_component(page, "Fax")
    incident = make_incident(page)
    update = incident.updates.get()
    path = f"/incidents/{incident.code}/incident_updates/{update.code}"
    reply = script.patch(path, {"incident_update": {"body": "Better words.", "display_at": NAIVE}})
    assert (reply.status, SAYS in reply.errors[0]) == (422, True)
    component = page.components.get()
    assert script.ask("GET", f"/components/{component.code}/uptime?start={NAIVE}").status == 422
    assert (
        script.ask("GET", f"/components/{component.code}/uptime?start=2026-01-01&end=2026-01-02").status
        == 200
    )


def test_a_recurring_time_is_on_the_page_s_clock_and_takes_no_zone(script: Script) -> None:
    facts = {"name": "Patches", "body": "We patch.", "rule": "FREQ=WEEKLY", "minutes": 60}
    begins = f"{TODAY.year + 1}-04-05T02:00"
    for zone, status in (("", 201), ("Z", 422), ("+01:00", 422)):
        assert (
            script.post("/maintenance_series", {"series": {**facts, "begins": f"{begins}{zone}"}}).status
            == status
        ), zone


def test_an_alert_is_not_lost_for_its_clock(script: Script, calls: Component) -> None:
    began = TODAY - timedelta(hours=1)
    alert = {
        "status": "firing",
        "labels": {"component": calls.code},
        "startsAt": f"{began:%Y-%m-%dT%H:%M:%S}",
    }
    reply = script.post("/alerts/alertmanager", {"alerts": [alert], "groupKey": "g", "status": "firing"})
    assert reply.status == 200
    assert Signal.objects.count() == 1
    assert Incident.objects.count() == 1


def test_a_new_component_has_no_percentage_until_a_day_is_known(script: Script, page: Page) -> None:
    new = make_component(page, "New", at=TODAY - timedelta(hours=23))
    found = script.get(f"/components/{new.code}/uptime")
    assert found["uptime_percentage"] is None
    assert found["warnings"] == ["Less than a day of this range is known, so there is no percentage yet."]
    since = TODAY - timedelta(hours=2)
    hour = f"start={since:%Y-%m-%dT%H:%M:%SZ}&end={since + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert script.get(f"/components/{new.code}/uptime?{hour}")["uptime_percentage"] == 100.0
    old = make_component(page, "Old", at=TODAY - timedelta(hours=25))
    assert script.get(f"/components/{old.code}/uptime")["uptime_percentage"] == 100.0
