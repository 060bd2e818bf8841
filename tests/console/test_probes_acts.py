"""Run now, mute and switch off: what each changes, who hears of it, and what does nothing."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.domain.journal import EventKind
from incidents.domain.zones import in_zone
from incidents.models import Component, Event, Probe
from tests.console.forms import fields
from tests.console.measured import measure


@pytest.fixture
def probe(network: Component) -> Probe:
    return measure(network, "tls")


def act(client: Client, probe: Probe, what: str, **sent: str) -> str:
    response = client.post(f"/console/probes/{probe.code}/{what}", sent, follow=True)
    probe.refresh_from_db()
    return response.content.decode()


def done(probe: Probe) -> list[str]:
    events = Event.objects.filter(kind=EventKind.PROBE_CHANGED, data__probe=probe.name)
    return [str(event.data["what"]) for event in events.order_by("pk")]


def test_run_now_makes_it_due(staff: Client, probe: Probe) -> None:
    assert "It runs within a few seconds." in act(staff, probe, "run")
    assert probe.next_due <= now()
    assert done(probe) == ["run at once"]
    assert Event.objects.latest("pk").actor == "dana"


def test_a_probe_that_is_off_does_not_run_now(staff: Client, probe: Probe) -> None:
    act(staff, probe, "switch", enabled="off")
    due = Probe.objects.get().next_due
    assert "It is off." in act(staff, probe, "run")
    assert probe.next_due == due


def test_looking_at_the_buttons_addresses_changes_nothing(staff: Client, probe: Probe) -> None:
    before = Probe.objects.values().get()
    for what in ("run", "mute", "switch"):
        response = staff.get(f"/console/probes/{probe.code}/{what}?quick=1h&enabled=off")
        assert (response.status_code, response.headers["Location"]) == (302, f"/console/probes/{probe.code}")
    assert Probe.objects.values().get() == before
    assert done(probe) == []


@pytest.mark.parametrize(("quick", "hours"), [("1h", 1), ("4h", 4)])
def test_a_button_mutes_for_hours(staff: Client, probe: Probe, quick: str, hours: int) -> None:
    content = act(staff, probe, "mute", quick=quick)
    assert probe.muted_until
    assert abs(probe.muted_until - now() - timedelta(hours=hours)) < timedelta(minutes=1)
    assert "It opens nothing until" in content
    assert ">Unmute<" in content.replace("\n", "").replace("  ", "")


def test_until_tomorrow_is_nine_on_the_pages_clocks(staff: Client, probe: Probe) -> None:
    act(staff, probe, "mute", quick="tomorrow")
    assert probe.muted_until
    zone = probe.component.page.zone
    until, today = in_zone(probe.muted_until, zone), in_zone(now(), zone)
    assert (until.hour, until.minute, until.date() - today.date()) == (9, 0, timedelta(days=1))


def test_a_time_that_is_typed_is_of_the_pages_zone(staff: Client, probe: Probe) -> None:
    act(staff, probe, "mute", until="2030-01-15T08:00")
    assert probe.muted_until == datetime.fromisoformat("2030-01-14T21:00+00:00")


def test_unmuting_ends_it_at_once(staff: Client, probe: Probe) -> None:
    act(staff, probe, "mute", quick="4h")
    assert "It is heard again" in act(staff, probe, "mute", quick="unmute")
    assert probe.muted_until is None
    assert done(probe)[-1] == "unmuted"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Say until when."),
        ({"until": "2021-01-01T00:00"}, "Choose a time that is still to come."),
        ({"until": "soon"}, "Write the time as"),
        ({"until": "2030-10-06T02:30"}, "does not exist in Australia/Sydney"),
        ({"until": "2031-04-06T02:30"}, "happened twice"),
        ({"quick": "for ever"}, "not one of the available choices"),
        ({"until": "9" * 5000}, "Write the time as"),
    ],
)
def test_a_time_that_means_nothing_mutes_nothing(
    staff: Client, probe: Probe, sent: dict[str, str], said: str
) -> None:
    response = staff.post(f"/console/probes/{probe.code}/mute", sent)
    assert response.status_code == 422
    assert said in response.content.decode()
    probe.refresh_from_db()
    assert probe.muted_until is None


def test_a_time_that_happens_twice_is_asked_about(staff: Client, probe: Probe) -> None:
    url = f"/console/probes/{probe.code}/mute"
    content = staff.post(url, {"until": "2031-04-06T02:30"}).content.decode()
    assert content.count('name="reading"') == 2
    staff.post(url, {"until": "2031-04-06T02:30", "reading": "2031-04-05T16:30:00+00:00"})
    probe.refresh_from_db()
    assert probe.muted_until == datetime.fromisoformat("2031-04-05T16:30+00:00")


def test_switching_off_and_on_is_what_the_button_said(staff: Client, probe: Probe) -> None:
    assert "Nothing is measured." in act(staff, probe, "switch", enabled="off")
    assert not probe.enabled
    act(staff, probe, "switch", enabled="off")
    assert done(probe) == ["changed"]
    assert "It is on" in act(staff, probe, "switch", enabled="on")
    assert probe.enabled
    assert probe.next_due <= now()


@pytest.mark.parametrize("wish", ["", "maybe", "true"])
def test_a_wish_that_is_none_switches_nothing(staff: Client, probe: Probe, wish: str) -> None:
    act(staff, probe, "switch", enabled=wish)
    assert probe.enabled
    assert done(probe) == []


def test_a_probe_that_is_off_offers_no_run(staff: Client, probe: Probe) -> None:
    act(staff, probe, "switch", enabled="off")
    content = staff.get(f"/console/probes/{probe.code}").content.decode()
    assert f"/console/probes/{probe.code}/run" not in content
    assert fields(staff.get(f"/console/probes/{probe.code}"), "/switch")
