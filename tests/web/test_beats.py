"""Heartbeats: calls are noted, silence is found, and strangers learn nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from incidents.models import Component, Event, Probe
from incidents.monitoring.batches import probe_due
from incidents.operations.actors import DEMO
from incidents.operations.beats import note_beat
from incidents.operations.probes import create_probe
from incidents.probes.results import Result
from incidents.probes.running import run
from tests.factories import make_component, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> Component:
    return make_component(make_page("SIPcity"), "Network")


@pytest.fixture
def probe(network: Component) -> Probe:
    return create_probe(
        network,
        name="Nightly job",
        kind="heartbeat",
        target="jobs.example",
        config={"period_seconds": 60, "grace_seconds": 5},
        by=DEMO,
        at=datetime.now(UTC),
    )


def outcome(probe: Probe) -> str:
    Probe.objects.filter(pk=probe.pk).update(next_due=datetime.now(UTC) - timedelta(seconds=1))
    probe_due()
    probe.refresh_from_db()
    return str(probe.last_outcome)


def test_before_the_first_call_nothing_is_claimed(probe: Probe) -> None:
    assert outcome(probe) == "internal"
    assert probe.verdict == "unknown"


@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_call_by_any_method_is_a_sign_of_life(probe: Probe, client: Client, method: str) -> None:
    before = Event.objects.count()
    reply = getattr(Client(enforce_csrf_checks=True), method)(f"/beats/{probe.code}")
    assert (reply.status_code, "no-store" in reply["Cache-Control"]) == (200, True)
    assert Event.objects.count() == before
    assert outcome(probe) == "ok"


@pytest.mark.parametrize(("path", "status"), [("/fail", 1), ("?status=7", 7), ("/fail?status=255", 255)])
def test_a_call_that_says_it_failed_is_an_error_with_its_status(
    probe: Probe, client: Client, path: str, status: int
) -> None:
    assert client.get(f"/beats/{probe.code}{path}").status_code == 200
    assert (outcome(probe), probe.confirmed_code) == ("error_code", status)
    client.get(f"/beats/{probe.code}")
    assert outcome(probe) == "ok"


def test_silence_beyond_its_period_and_grace_is_found(probe: Probe) -> None:
    note_beat(probe.code, status=0, at=datetime.now(UTC) - timedelta(seconds=66))
    assert outcome(probe) == "timeout"


def test_a_call_that_comes_late_does_not_hide_a_newer_one(probe: Probe) -> None:
    now = datetime.now(UTC)
    assert note_beat(probe.code, status=0, at=now)
    assert note_beat(probe.code, status=9, at=now - timedelta(seconds=5))
    probe.refresh_from_db()
    assert (probe.beaten_at, probe.beat_status) == (now, 0)


@pytest.mark.parametrize("code", ["nosuchprobe1", "x" * 5000, "a"])
def test_a_stranger_s_code_gets_a_404_and_learns_nothing(client: Client, code: str) -> None:
    reply = client.get(f"/beats/{code}")
    assert (reply.status_code, reply.content) == (404, b"no heartbeat is called that\n")


def test_a_probe_of_another_kind_takes_no_calls(network: Component, client: Client) -> None:
    other = create_probe(
        network,
        name="UDP",
        kind="sip_options",
        target="sip:a.example",
        config={},
        by=DEMO,
        at=datetime.now(UTC),
    )
    assert client.get(f"/beats/{other.code}").status_code == 404


@pytest.mark.parametrize("status", ["-1", "256", "nine", "", "9" * 5000, "٣", "1.5"])
def test_a_status_that_is_none_is_refused(probe: Probe, client: Client, status: str) -> None:
    assert client.get(f"/beats/{probe.code}", {"status": status}).status_code == 400
    probe.refresh_from_db()
    assert probe.beaten_at is None


def test_other_methods_are_refused(probe: Probe, client: Client) -> None:
    assert client.delete(f"/beats/{probe.code}").status_code == 405


async def _asked(**options: object) -> Result:
    return await run("heartbeat", "jobs.example", options)


@pytest.mark.parametrize("beaten_at", ["yesterday", "2021-10-08T21:22:00", "9" * 200])
async def test_an_instant_that_is_none_is_our_own_fault(beaten_at: str) -> None:
    assert (await _asked(beaten_at=beaten_at)).outcome == "internal"


async def test_a_call_that_another_hosts_clock_dates_a_little_ahead_is_fresh() -> None:
    ahead = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    assert (await _asked(beaten_at=ahead)).outcome == "ok"


async def test_a_call_from_before_the_clock_was_set_back_says_nothing() -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    found = await _asked(beaten_at=ahead)
    assert (found.outcome, found.health) == ("internal", "inconclusive")
    assert "the clock was set back" in found.detail
