"""Setting a probe up in the console: the form that its kind describes, and what is wrong said beside its field."""

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.models import Component, Event, Page, Probe
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe, edit_probe, secrets_of
from incidents.probes.config import fields as options
from incidents.probes.kinds import KINDS
from tests.console.forms import fields, post, send
from tests.factories import make_component, make_page

SECRET = "hunter2hunter2"


def url(page: Page, kind: str = "sip_options") -> str:
    return f"/console/pages/{page.code}/probes/new?kind={kind}"


@pytest.fixture
def register(network: Component) -> Probe:
    return create_probe(
        network,
        name="Register",
        kind="sip_register",
        target="sip:voice.example.net",
        config={"username": "probe", "password": SECRET, "transport": "tls"},
        by=DEMO,
        at=now(),
    )


def edited(probe: Probe) -> str:
    return f"/console/probes/{probe.code}/edit"


def test_every_kind_is_on_offer(staff: Client, page: Page) -> None:
    content = staff.get(f"/console/pages/{page.code}/probes/new").content.decode()
    for kind in KINDS.values():
        assert f'href="?kind={kind.name}"' in content
        assert kind.label in content


@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_has_a_form_of_all_its_options(staff: Client, page: Page, name: str) -> None:
    shown = fields(staff.get(url(page, name)))
    content = staff.get(url(page, name)).content.decode()
    for option in options(KINDS[name].config):
        assert (f'name="option_{option.name}"' in content) != option.hidden
        if option.secret:
            assert shown[f"option_{option.name}"] == ""


@pytest.mark.parametrize("name", ["sip_telepathy", "", "a" * 3000])
def test_a_kind_that_is_none_is_not_found(staff: Client, page: Page, name: str) -> None:
    assert staff.get(url(page, name)).status_code == 404


def test_a_probe_is_made_with_what_was_typed_and_runs_at_once(
    staff: Client, page: Page, network: Component
) -> None:
    response = post(
        staff,
        url(page),
        component=network.code,
        name="TLS from outside",
        target=" sip:voice.example.net ",
        option_transport="tls",
        option_deadline_seconds="2.5",
        option_verify_tls=None,
        interval_seconds="60",
    )
    probe = Probe.objects.get()
    assert response.headers["Location"] == f"/console/probes/{probe.code}"
    assert (probe.name, probe.target) == ("TLS from outside", "sip:voice.example.net")
    assert probe.config == {"transport": "tls", "deadline_seconds": 2.5, "verify_tls": False}
    assert (probe.interval_seconds, probe.threshold, probe.settle_seconds) == (60, 3, 300)
    assert probe.component == network
    assert probe.next_due <= now()


def test_the_component_of_the_link_is_chosen_already(staff: Client, page: Page, network: Component) -> None:
    assert fields(staff.get(f"{url(page)}&component={network.code}"))["component"] == network.code


def test_a_list_is_typed_by_lines(staff: Client, page: Page, network: Component) -> None:
    names = [field.name for field in options(KINDS["tls_certificate"].config) if field.type == "list"]
    typed = {f"option_{name}": "a.example\r\n\r\nb.example, a.example" for name in names[:1]}
    post(
        staff,
        url(page, "tls_certificate"),
        component=network.code,
        name="TLS",
        target="voice.example.net:5061",
        **typed,
    )
    probe = Probe.objects.get()
    assert probe.config[names[0]] == ["a.example", "b.example"]
    assert fields(staff.get(edited(probe)))[f"option_{names[0]}"] == "a.example\nb.example"


def test_a_double_tap_makes_one_probe(staff: Client, page: Page, network: Component) -> None:
    values = fields(staff.get(url(page)))
    for _ in range(2):
        response = send(
            staff, url(page), values, component=network.code, name=" TLS  one", target="sip:voice.example.net"
        )
        assert response.status_code == 302
    assert Probe.objects.count() == 1
    again = post(staff, url(page), component=network.code, name="TLS one", target="sip:voice.example.net")
    assert again.status_code == 302
    assert Probe.objects.count() == 2


def test_everything_that_is_wrong_is_said_beside_its_field(staff: Client, page: Page) -> None:
    response = post(
        staff,
        url(page),
        component="nowhere",
        name="",
        target="not a target",
        option_transport="pigeon",
        option_deadline_seconds="-1",
        option_expected_codes="banana",
        interval_seconds="x",
    )
    assert response.status_code == 422
    form = response.context["form"]
    assert set(form.errors) == {
        "component",
        "name",
        "target",
        "option_transport",
        "option_deadline_seconds",
        "option_expected_codes",
        "interval_seconds",
    }
    assert form.errors["option_deadline_seconds"] == ["Must be 0.5 or more."]
    assert "Nothing is saved." in response.content.decode()
    assert 'value="banana"' in response.content.decode()
    assert not Probe.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("interval_seconds", "0"),
        ("interval_seconds", "9" * 30),
        ("threshold", "21"),
        ("settle_seconds", "-1"),
        ("name", "a\x00b"),
        ("name", "n" * 256),
        ("target", "sip:" + "t" * 3000),
        ("option_deadline_seconds", "nan"),
        ("option_deadline_seconds", "9" * 400),
        ("option_server_name", "a\x00b"),
        ("option_server_name", "s" * 256),
    ],
)
def test_bad_input_makes_nothing(
    staff: Client, page: Page, network: Component, field: str, value: str
) -> None:
    usual = {"component": network.code, "name": "TLS", "target": "sip:voice.example.net"}
    response = post(staff, url(page), **{**usual, field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Probe.objects.exists()


def test_a_required_option_is_asked_for(staff: Client, page: Page, network: Component) -> None:
    response = post(
        staff, url(page, "sip_register"), component=network.code, name="R", target="sip:voice.example.net"
    )
    assert list(response.context["form"].errors) == ["option_username"]


def test_a_component_of_another_page_is_no_choice(staff: Client, page: Page, network: Component) -> None:
    elsewhere = make_component(make_page("Brand two"), "Trunks")
    response = post(staff, url(page), component=elsewhere.code, name="TLS", target="sip:voice.example.net")
    assert list(response.context["form"].errors) == ["component"]
    assert not Probe.objects.exists()


def test_a_form_whose_key_we_did_not_hand_out_is_shown_again(
    staff: Client, page: Page, network: Component
) -> None:
    values = {"component": network.code, "name": "TLS", "target": "sip:voice.example.net", "key": "forged"}
    response = post(staff, url(page), **values)
    assert response.status_code == 422
    assert "This form had grown too old." in response.content.decode()
    assert fields(response)["key"] != "forged"


def test_a_secret_is_never_filled_back(staff: Client, page: Page, register: Probe) -> None:
    assert SECRET not in staff.get(edited(register)).content.decode()
    refused = post(staff, edited(register), option_password="typed just now", target="")
    assert refused.status_code == 422
    assert "typed just now" not in refused.content.decode()


def test_a_secret_left_blank_stays_and_a_typed_one_replaces_it(staff: Client, register: Probe) -> None:
    post(staff, edited(register), name="Register here", option_expires_seconds="90")
    register.refresh_from_db()
    assert (register.name, register.config["expires_seconds"]) == ("Register here", 90)
    assert secrets_of(register) == {"password": SECRET}
    post(staff, edited(register), option_password=" a new one ")
    register.refresh_from_db()
    assert secrets_of(register) == {"password": " a new one "}
    assert "password" not in register.config


def test_an_edit_touches_only_what_was_changed(staff: Client, register: Probe) -> None:
    values = fields(staff.get(edited(register)))
    edit_probe(
        register,
        name="Renamed meanwhile",
        config={**register.config, "domain": "meanwhile.example"},
        threshold=5,
        by=DEMO,
        at=now(),
    )
    send(staff, edited(register), values, interval_seconds="45", option_transport="udp")
    register.refresh_from_db()
    assert (register.name, register.threshold, register.interval_seconds) == ("Renamed meanwhile", 5, 45)
    assert register.config == {"username": "probe", "transport": "udp", "domain": "meanwhile.example"}


def test_an_edit_that_changes_nothing_keeps_the_options_as_they_are(staff: Client, register: Probe) -> None:
    before = register.config
    assert post(staff, edited(register)).status_code == 302
    register.refresh_from_db()
    assert register.config == before
    assert secrets_of(register) == {"password": SECRET}


def test_ticks_are_read_as_they_stand(staff: Client, register: Probe) -> None:
    post(staff, edited(register), option_verify_tls=None, announces=None)
    register.refresh_from_db()
    assert register.config["verify_tls"] is False
    assert register.announces is False
    shown = fields(staff.get(edited(register)))
    assert "option_verify_tls" not in shown
    post(staff, edited(register), option_verify_tls="on")
    register.refresh_from_db()
    assert register.config["verify_tls"] is True


def test_a_lost_key_is_said_and_nothing_written(
    staff: Client, register: Probe, settings: pytest.FixtureRequest
) -> None:
    settings.CREDENTIALS_KEY = "another key"  # type: ignore[attr-defined]
    response = post(staff, edited(register), name="Another name")
    assert response.status_code == 422
    assert "encrypted with another key" in response.content.decode()
    assert staff.get(f"/console/probes/{register.code}").status_code == 200
    register.refresh_from_db()
    assert register.name == "Register"


def test_looking_at_the_forms_writes_nothing(staff: Client, page: Page, register: Probe) -> None:
    before = (Event.objects.count(), Probe.objects.values().get())
    for address in (url(page), edited(register), f"{url(page)}&try=1&name=x"):
        assert staff.get(address).status_code == 200
    assert (Event.objects.count(), Probe.objects.values().get()) == before
