"""Options that name a file of the prober or an address to ask: for those with the right, wherever they are set."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Component, Probe
from incidents.models.keys import Scope
from incidents.operations.actors import DEMO, Actor, staff
from incidents.operations.errors import Refused
from incidents.operations.probes import check_right, create_probe, edit_probe
from incidents.probes.config import Names, fields
from incidents.probes.kinds import KINDS
from tests.api.asking import Script
from tests.console.conftest import signed_in
from tests.console.forms import post
from tests.factories import make_component, make_member, make_page

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
TARGETS = {
    "sip_register": "sip:1001@voice.example.net",
    "http_get": "https://voice.example.net/",
    "certificate_store": "/etc/kamailio/certs",
    "sip_dns": "voice.example.net",
    "sni_sweep": "voice.example.net:5061",
}
FILES = [
    (kind, field.name) for kind in KINDS for field in fields(KINDS[kind].config) if field.names == Names.FILE
]
ADDRESSES = [
    (kind, field.name)
    for kind in KINDS
    for field in fields(KINDS[kind].config)
    if field.names == Names.ADDRESS
]

WHOLE = "certificate_store"
"""The whole kind needs the right."""


@pytest.fixture
def network() -> Component:
    return make_component(make_page("SIPcity"), "Network")


@pytest.fixture
def grace() -> User:
    """An admin of the page, without the right to probe private networks."""
    return make_member(User.objects.create_user("grace", is_staff=True), Role.ADMIN)


@pytest.fixture
def admin(grace: User) -> Actor:
    return staff(grace)


def target_of(kind: str) -> str:
    return TARGETS.get(kind, "sip:voice.example.net")


def refused(kind: str, config: dict[str, object], *, by: Actor) -> str:
    with pytest.raises(Refused) as caught:
        check_right(kind, "sip:voice.example.net", config, by=by)
    return f"{caught.value.field}: {caught.value}"


def test_every_option_that_names_a_file_or_an_address_is_known_as_one() -> None:
    assert len(FILES) >= 6
    for kind in KINDS.values():
        for field in fields(kind.config):
            suspicious = re.search("file|path|folder|directory|key$", field.name) or re.search(
                "PEM file|on the prober", field.help
            )
            assert bool(suspicious) == (field.names == Names.FILE) or field.name == "check_keys", field.name
            asked = re.search("resolver|server_address|proxy|served_at", field.name)
            assert bool(asked) == (field.names == Names.ADDRESS), field.name


@pytest.mark.parametrize(("kind", "name"), [each for each in FILES if each[0] != WHOLE])
@pytest.mark.parametrize("path", ["/etc/shadow", "/nonexistent", "relative.pem", "~/.ssh/id_rsa"])
def test_a_file_of_the_prober_needs_the_right_and_the_answer_tells_nothing_of_it(
    admin: Actor, kind: str, name: str, path: str
) -> None:
    words = refused(kind, {name: path}, by=admin)
    assert words == (
        f"config: {name}: names a file of this machine; ask somebody who may probe private networks."
    )


@pytest.mark.parametrize(("kind", "name"), [each for each in ADDRESSES if each[0] != WHOLE])
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.53", "[::1]:5353", "169.254.169.254:53"])
def test_an_address_of_a_private_network_needs_the_right(
    admin: Actor, kind: str, name: str, address: str
) -> None:
    assert "is on a private network" in refused(kind, {name: address}, by=admin)
    check_right(kind, "sip:voice.example.net", {name: "9.9.9.9"}, by=admin)


def test_with_the_right_and_for_ourselves_both_may_be_named(grace: User) -> None:
    grace.user_permissions.add(Permission.objects.get(codename="probe_private"))
    for by in (staff(User.objects.get(pk=grace.pk)), DEMO):
        check_right("sip_options", "sip:voice.example.net", {"ca_file": "/etc/ssl/own.pem"}, by=by)


def test_what_somebody_with_the_right_has_named_may_stay(network: Component, admin: Actor) -> None:
    """An edit of something else does not name the file again; another file does."""
    probe = create_probe(
        network,
        name="TLS",
        kind="sip_options",
        target="sip:voice.example.net",
        config={"transport": "tls", "ca_file": "/etc/ssl/own.pem"},
        by=DEMO,
        at=T0,
    )
    later = T0 + timedelta(minutes=5)
    kept = {"transport": "tls", "ca_file": "/etc/ssl/own.pem", "verify_tls": False}
    assert edit_probe(probe, config=kept, by=admin, at=later).config == kept
    with pytest.raises(Refused, match="names a file"):
        edit_probe(probe, config={**kept, "ca_file": "/etc/shadow"}, by=admin, at=later)
    assert "ca_file" not in edit_probe(probe, config={"transport": "tls"}, by=admin, at=later).config


@pytest.mark.parametrize("sent", [{"try": "1"}, {}], ids=["tried", "saved"])
def test_the_console_refuses_it_beside_its_field(
    network: Component, grace: User, sent: dict[str, str]
) -> None:
    response = post(
        signed_in(grace),
        f"/console/pages/{network.page.code}/probes/new?kind=sip_options",
        component=network.code,
        name="TLS",
        target="sip:voice.example.net",
        option_transport="tls",
        option_ca_file="/etc/shadow",
        **sent,
    )
    assert response.status_code == 422
    assert "names a file of this machine" in response.content.decode()
    assert not Probe.objects.exists()


def test_the_api_refuses_it_for_a_key_of_somebody_without_the_right(network: Component, grace: User) -> None:
    script = Script(network.page, Scope.ADMIN, user=grace)
    made = script.post(
        "/probes",
        {
            "probe": {
                "component_id": network.code,
                "name": "TLS",
                "kind": "sip_options",
                "target": "sip:voice.example.net",
                "config": {"ca_file": "/etc/shadow"},
            }
        },
    )
    assert made.status == 422
    assert "names a file of this machine" in made.errors[0]
    assert not Probe.objects.exists()


def test_the_admin_site_refuses_it(network: Component, grace: User) -> None:
    for codename in ("add_probe", "change_probe", "view_probe"):
        grace.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(User.objects.get(pk=grace.pk))
    assert client.get("/admin/incidents/probe/add/").status_code == 200
    facts = {"component": network.pk, "name": "TLS", "kind": "sip_options", "target": "sip:voice.example.net"}
    numbers = {"interval_seconds": 30, "threshold": 3, "settle_seconds": 300}
    reply = client.post(
        "/admin/incidents/probe/add/", {**facts, **numbers, "config": '{"ca_file": "/etc/shadow"}'}
    )
    assert b"names a file of this machine" in reply.content
    assert not Probe.objects.exists()
