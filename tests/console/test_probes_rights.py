"""Who may aim a probe where: private networks and files of this machine are for those with the right."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.timezone import now

from incidents.domain.roles import Role
from incidents.models import Component, Page, Probe
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
from tests.console.answering import answering
from tests.console.conftest import signed_in
from tests.console.forms import fields, post
from tests.console.measured import measure
from tests.factories import make_member


@pytest.fixture
def grace(db: None) -> User:
    """Staff, and without the right."""
    grace = User.objects.create_user("grace", "grace@sipcity.test", "a long password", is_staff=True)
    return make_member(grace, Role.ADMIN)


@pytest.fixture
def limited(grace: User) -> Client:
    return signed_in(grace)


def url(page: Page, kind: str = "sip_options") -> str:
    return f"/console/pages/{page.code}/probes/new?kind={kind}"


@pytest.mark.parametrize(
    "target", ["sip:127.0.0.1", "sip:10.0.0.1:5060", "sip:169.254.169.254:80", "sip:[::1]", "sip:[fe80::1]"]
)
@pytest.mark.parametrize("button", ["try", "save"])
def test_without_the_right_no_private_address_is_probed(
    limited: Client, page: Page, network: Component, target: str, button: str
) -> None:
    sent = {"try": "1"} if button == "try" else {}
    response = post(limited, url(page), component=network.code, name="UDP", target=target, **sent)
    assert response.status_code == 422
    assert "ask somebody who may probe private networks" in response.content.decode()
    assert list(response.context["form"].errors) == ["target"]
    assert not Probe.objects.exists()


def test_a_name_that_leads_into_our_own_network_is_not_followed(limited: Client, page: Page) -> None:
    with answering() as server:
        response = post(limited, url(page), target=f"sip:localhost:{server.port}", **{"try": "1"})
        assert not server.requests
    assert "private network" in response.content.decode()


def test_files_of_this_machine_are_not_read_without_the_right(
    limited: Client, page: Page, network: Component, tmp_path: Path
) -> None:
    content = limited.get(f"/console/pages/{page.code}/probes/new").content.decode()
    assert "only for who may probe private networks" in content
    for sent in ({"try": "1"}, {}):
        response = post(
            limited,
            url(page, "certificate_store"),
            component=network.code,
            name="Files",
            target=str(tmp_path),
            **sent,
        )
        assert response.status_code == 422
        assert "It reads files of this machine" in response.content.decode()
    assert not Probe.objects.exists()


def test_with_the_right_it_is(grace: User, page: Page, network: Component) -> None:
    grace.user_permissions.add(Permission.objects.get(codename="probe_private"))
    client = signed_in(grace)
    assert "only for who" not in client.get(f"/console/pages/{page.code}/probes/new").content.decode()
    with answering() as server:
        usual = {"component": network.code, "name": "UDP", "target": server.target}
        assert post(client, url(page), **usual, **{"try": "1"}).context["tried"].outcome == "ok"
        assert post(client, url(page), **usual).status_code == 302
    assert Probe.objects.get().allows_private


def test_a_rename_by_somebody_without_the_right_keeps_it(limited: Client, network: Component) -> None:
    probe = create_probe(
        network, name="UDP", kind="sip_options", target="sip:10.0.0.1", config={}, by=DEMO, at=now()
    )
    edit = f"/console/probes/{probe.code}/edit"
    assert post(limited, edit, name="UDP inside").status_code == 302
    probe.refresh_from_db()
    assert (probe.name, probe.allows_private) == ("UDP inside", True)
    assert post(limited, edit, option_transport="tcp").status_code == 422
    assert post(limited, edit, target="sip:10.0.0.2").status_code == 422
    probe.refresh_from_db()
    assert (probe.target, probe.config, probe.allows_private) == ("sip:10.0.0.1", {}, True)


def test_any_staff_may_look_run_mute_and_switch(limited: Client, network: Component) -> None:
    probe = measure(network, "udp")
    assert limited.get("/console/probes").status_code == 200
    assert limited.get(f"/console/probes/{probe.code}").status_code == 200
    for what, sent in (("run", {}), ("mute", {"quick": "1h"}), ("switch", {"enabled": "off"})):
        assert limited.post(f"/console/probes/{probe.code}/{what}", sent).status_code == 302
    probe.refresh_from_db()
    assert probe.muted_until
    assert not probe.enabled


def test_strangers_and_outsiders_learn_nothing_of_a_probe(
    client: Client, outsider: Client, network: Component
) -> None:
    probe = measure(network, "udp")
    for path in ("/console/probes", f"/console/probes/{probe.code}", f"/console/probes/{probe.code}/edit"):
        assert client.get(path).status_code == 302
        response = outsider.get(path)
        assert response.status_code == 403
        assert b"voice.example.net" not in response.content


@pytest.mark.parametrize("path", ["run", "mute", "switch", "edit"])
def test_without_its_token_a_post_does_nothing(dana: User, network: Component, path: str) -> None:
    probe = measure(network, "udp")
    before = Probe.objects.values().get()
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    response = client.post(f"/console/probes/{probe.code}/{path}", {"quick": "1h", "enabled": "off"})
    assert response.status_code == 403
    assert Probe.objects.values().get() == before


def test_with_its_token_it_does(dana: User, network: Component) -> None:
    probe = measure(network, "udp")
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    token = fields(client.get(f"/console/probes/{probe.code}"), "/mute")["csrfmiddlewaretoken"]
    sent = {"quick": "1h", "csrfmiddlewaretoken": token}
    assert client.post(f"/console/probes/{probe.code}/mute", sent).status_code == 302
    assert Probe.objects.get().muted_until
