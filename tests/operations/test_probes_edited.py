"""Editing a probe, muting it, running it at once; its secrets, and who may aim it at a private network."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.core import serializers

from incidents.domain.outcomes import Outcome
from incidents.models import Component, Event, Probe
from incidents.monitoring.batches import probe_due
from incidents.operations import credentials
from incidents.operations.actors import DEMO, Actor, staff
from incidents.operations.errors import Refused
from incidents.operations.probes import create_probe, edit_probe, mute_probe, options_of, run_now
from tests.factories import make_component, make_page
from tests.peers.programs import free_port

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
LATER = T0 + timedelta(minutes=5)


@pytest.fixture
def network() -> Component:
    return make_component(make_page("SIPcity"), "Network")


@pytest.fixture
def responder() -> Actor:
    return staff(User.objects.create_user("rui", is_staff=True))


def aimed(component: Component, target: str = "sip:voice.example.net", *, by: Actor = DEMO) -> Probe:
    return create_probe(component, name="UDP", kind="sip_options", target=target, config={}, by=by, at=T0)


@pytest.mark.parametrize(
    "target",
    ["sip:127.0.0.1", "10.0.0.9:5060", "sip:169.254.169.254", "sip:[::1]", "fe80::1", "sip:[fd00::1]:5080"],
)
def test_a_private_address_needs_the_right_and_says_whom_to_ask(
    network: Component, responder: Actor, target: str
) -> None:
    with pytest.raises(Refused, match="private network; ask somebody who may") as refused:
        aimed(network, target, by=responder)
    assert refused.value.field == "target"
    assert not Probe.objects.exists()


def test_with_the_right_the_probe_may_go_there(network: Component, responder: Actor) -> None:
    assert responder.user is not None
    responder.user.user_permissions.add(Permission.objects.get(codename="probe_private"))
    entitled = staff(User.objects.get(pk=responder.user.pk))
    assert aimed(network, "sip:10.0.0.9", by=entitled).allows_private


def test_a_name_that_leads_into_a_private_network_is_stopped_when_it_is_dialled(
    network: Component, responder: Actor
) -> None:
    probe = aimed(network, "sip:localhost:9", by=responder)
    assert not probe.allows_private
    probe_due(at=T0)
    probe.refresh_from_db()
    assert probe.last_outcome == Outcome.INTERNAL
    assert "private network" in probe.last_detail
    assert probe.confirmed_at is None


def test_whoever_aims_a_probe_anew_answers_for_where(network: Component, responder: Actor) -> None:
    probe = aimed(network, "sip:10.0.0.9")
    renamed = edit_probe(probe, name="Core over UDP", by=responder, at=LATER)
    assert renamed.allows_private
    with pytest.raises(Refused):
        edit_probe(probe, config={"transport": "tcp"}, by=responder, at=LATER)
    moved = edit_probe(probe, target="sip:voice.example.net", by=responder, at=LATER)
    assert not moved.allows_private


def test_an_edit_runs_at_once_and_is_journaled(network: Component) -> None:
    probe = aimed(network)
    Probe.objects.update(next_due=T0 + timedelta(hours=1))
    edited = edit_probe(probe, threshold=5, config={"transport": "tls"}, by=DEMO, at=LATER)
    assert (edited.threshold, edited.config, edited.next_due) == (5, {"transport": "tls"}, LATER)
    assert Event.objects.last().data == {"probe": "UDP", "what": "changed"}  # type: ignore[union-attr]


def test_an_edit_that_could_not_run_changes_nothing(network: Component) -> None:
    probe = aimed(network)
    for changes in ({"config": {"transport": "pigeon"}}, {"target": ""}, {"name": "a\x00b"}):
        with pytest.raises(Refused):
            edit_probe(probe, by=DEMO, at=LATER, **changes)  # type: ignore[arg-type]
    assert Probe.objects.get().target == "sip:voice.example.net"


def test_it_is_muted_for_a_while_and_unmuted(network: Component) -> None:
    probe = aimed(network)
    mute_probe(probe, until=LATER, by=DEMO, at=T0)
    assert Probe.objects.get().muted_until == LATER
    mute_probe(probe, until=None, by=DEMO, at=T0)
    assert Probe.objects.get().muted_until is None
    with pytest.raises(Refused, match="still to come"):
        mute_probe(probe, until=T0, by=DEMO, at=T0)


def test_run_now_makes_it_due_and_never_later_than_it_was(network: Component) -> None:
    probe = aimed(network)
    run_now(probe, by=DEMO, at=LATER)
    assert Probe.objects.get().next_due == T0
    Probe.objects.update(next_due=T0 + timedelta(hours=1))
    run_now(probe, by=DEMO, at=LATER)
    assert Probe.objects.get().next_due == LATER


def secretive(component: Component) -> Probe:
    return create_probe(
        component,
        name="Sign in",
        kind="sip_register",
        target=f"sip:127.0.0.1:{free_port()}",
        config={"username": "probe", "password": "correct horse"},
        by=DEMO,
        at=T0,
    )


def test_a_secret_is_sealed_and_reaches_only_the_run(
    network: Component, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    probe = secretive(network)
    assert options_of(probe)["password"] == "correct horse"
    probe_due(at=T0)
    probe.refresh_from_db()
    assert probe.last_outcome == Outcome.REFUSED
    seen = [
        serializers.serialize("json", [*Probe.objects.all(), *probe.results.all(), *Event.objects.all()]),
        repr(probe.__dict__),
        caplog.text,
    ]
    assert not [text for text in seen if "correct horse" in text]


def test_an_edit_without_the_secret_keeps_it_and_with_another_replaces_it(network: Component) -> None:
    probe = secretive(network)
    kept = edit_probe(probe, config={"username": "probe2", "password": ""}, by=DEMO, at=LATER)
    assert options_of(kept) == {"username": "probe2", "password": "correct horse"}
    changed = edit_probe(probe, config={"username": "probe2", "password": "battery"}, by=DEMO, at=LATER)
    assert options_of(changed)["password"] == "battery"
    assert "password" not in Probe.objects.get().config


def test_a_secret_is_not_sent_to_another_machine_by_somebody_who_does_not_know_it(network: Component) -> None:
    probe = secretive(network)
    with pytest.raises(Refused, match="password: is needed again"):
        edit_probe(probe, target="sip:elsewhere.example", by=DEMO, at=LATER)
    with pytest.raises(Refused, match="password: is needed again"):
        edit_probe(
            probe,
            target="sip:elsewhere.example",
            config={"username": "alice", "password": ""},
            by=DEMO,
            at=LATER,
        )
    config = {"username": "alice", "password": "known"}
    edited = edit_probe(probe, target="sip:elsewhere.example", config=config, by=DEMO, at=LATER)
    assert options_of(edited)["password"] == "known"


def test_a_lost_key_is_our_own_fault_and_opens_nothing(network: Component, settings: LazySettings) -> None:
    probe = secretive(network)
    settings.CREDENTIALS_KEY = "another key"
    credentials._fernet.cache_clear()
    probe_due(at=T0)
    probe.refresh_from_db()
    assert probe.last_outcome == Outcome.INTERNAL
    assert "CREDENTIALS_KEY" in probe.last_detail
