"""Probes in the admin: what could not run is refused beside its field."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Event, Page, Probe
from tests.factories import make_component, make_probe

ADD = "/admin/incidents/probe/add/"


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def form(component: Component, **fields: object) -> dict[str, object]:
    return {
        "component": component.pk,
        "name": "Network over TLS",
        "kind": "sip_options",
        "target": "sip:voice.example.net",
        "config": '{"transport": "tls"}',
        "interval_seconds": "30",
        "threshold": "3",
        "settle_seconds": "300",
        **fields,
    }


def test_a_probe_is_made_and_due_at_once(staff: Client, network: Component) -> None:
    assert staff.post(ADD, form(network)).status_code == 302
    probe = Probe.objects.get()
    assert probe.config == {"transport": "tls"}
    assert probe.enabled
    assert abs(probe.next_due - now()) < timedelta(minutes=1)
    assert Event.objects.last().kind == "probe.changed"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("config", '{"transport": "carrier pigeon"}', "transport: must be one of udp, tcp, tls"),
        ("config", '{"transprot": "tls"}', "no such option"),
        ("config", '{"deadline_seconds": 9000}', "30 or less"),
        ("config", "[1, 2]", "Write an object"),
        ("config", "{not json", "valid JSON"),
        ("target", "https://voice.example.net", ""),
        ("target", "sip:", ""),
        ("target", "sip:x\r\nVia: evil", ""),
        ("kind", "smoke_signal", "not one of the available choices"),
        ("interval_seconds", "0", "greater than or equal to 1"),
        ("threshold", "99", "less than or equal to 20"),
        ("name", "a\x00b", "Null characters"),
    ],
)
def test_what_could_not_run_is_refused_beside_its_field(
    staff: Client, network: Component, field: str, value: str, words: str
) -> None:
    response = staff.post(ADD, form(network, **{field: value}))
    assert response.status_code == 200
    assert words in str(response.context["adminform"].form.errors[field]).replace("&quot;", '"')
    assert not Probe.objects.exists()


def test_an_empty_config_means_the_defaults(staff: Client, network: Component) -> None:
    staff.post(ADD, form(network, config=""))
    assert Probe.objects.get().config == {}


def test_a_change_keeps_what_the_engine_wrote_meanwhile_and_runs_soon(
    staff: Client, network: Component
) -> None:
    probe = make_probe(network, "tls", verdict=Verdict.UP, last_at=now())
    sent = form(network, target="sip:other.example.net", config=json.dumps(probe.config), enabled="on")
    Probe.objects.update(verdict="down", failures=3, next_due=now() + timedelta(hours=1))
    assert staff.post(f"/admin/incidents/probe/{probe.pk}/change/", sent).status_code == 302
    probe.refresh_from_db()
    assert (probe.target, probe.verdict, probe.failures) == ("sip:other.example.net", "down", 3)
    assert probe.next_due <= now()
    assert "Network over TLS changed" in Event.objects.last().data["what"]


def test_a_probe_is_switched_off_and_deleted(staff: Client, network: Component) -> None:
    probe = make_probe(network, "tls", last_at=now())
    staff.post(f"/admin/incidents/probe/{probe.pk}/change/", form(network, name=probe.name))
    probe.refresh_from_db()
    assert not probe.enabled
    staff.post(f"/admin/incidents/probe/{probe.pk}/delete/", {"post": "yes"})
    assert not Probe.objects.exists()
    assert "deleted" in Event.objects.last().data["what"]


def test_every_option_is_named_on_the_form(staff: Client) -> None:
    content = staff.get(ADD).content.decode()
    for option in ("transport", "deadline_seconds", "verify_tls"):
        assert option in content
