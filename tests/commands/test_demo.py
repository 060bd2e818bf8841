"""The demo: complete, true to the instants, and harmless when loaded twice."""

import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from incidents.domain.journal import EventKind
from incidents.domain.rfos import RfoState
from incidents.models import Component, Event, Incident, Page, Probe, RfoVersion
from incidents.operations.probes import options_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo() -> None:
    call_command("demo", "--sip-port", "25060", "--sip-tls-port", "25061")


def test_it_shows_the_page_of_the_outage() -> None:
    page = Page.objects.get(is_default=True)
    names = {each.full_name for each in Component.objects.filter(page=page).select_related("group")}
    assert (page.name, page.zone_name) == ("SIPcity", "Australia/Sydney")
    assert {"SIPcity Calling Platform - Network", "SIPcity Cloud PBX"} <= names


def test_the_october_2021_incident_stands_at_its_true_instants_with_a_signed_role_and_a_document() -> None:
    incident = Incident.objects.order_by("started_at").first()
    assert incident is not None
    assert [f"{update.at:%Y-%m-%d %H:%M}" for update in incident.updates.all()] == [
        "2021-10-08 21:22",
        "2021-10-08 22:26",
        "2021-10-09 00:11",
        "2021-10-09 01:58",
        "2021-10-10 01:49",
        "2021-10-29 03:12",
    ]
    version = RfoVersion.objects.get()
    assert (version.state, version.signatory_name) == (RfoState.PUBLISHED, "The Chief Executive")
    assert version.attachments.get().media_type == "application/pdf"


def test_every_component_is_operational_today_and_has_a_past() -> None:
    assert set(Component.objects.values_list("status", flat=True)) == {"operational"}
    assert Incident.objects.count() >= 5


def test_loading_it_again_changes_nothing_but_the_ports() -> None:
    told = Event.objects.exclude(kind=EventKind.PROBE_CHANGED)
    before = [Page.objects.count(), Incident.objects.count(), told.count(), Probe.objects.count()]
    call_command("demo", "--sip-port", "35060", "--sip-tls-port", "35061")
    assert [
        Page.objects.count(),
        Incident.objects.count(),
        told.count(),
        Probe.objects.count(),
    ] == before
    assert Probe.objects.get(name="Network over UDP").target == "sip:127.0.0.1:35060"
    assert Probe.objects.get(name="Network over TLS").target == "sip:localhost:35061"


def test_registrations_are_probed_with_the_responder_s_own_account() -> None:
    kept = (Path(settings.DATA_DIR) / "demo" / "sip-password").read_text()
    registrations = Probe.objects.filter(component__name="Registration")
    assert {probe.kind for probe in registrations} == {"sip_register"}
    assert {options_of(probe)["password"] for probe in registrations} == {kept}
    assert kept not in str([probe.config for probe in registrations])


def test_three_or_more_probes_watch_the_platform() -> None:
    assert Probe.objects.filter(enabled=True).count() >= 3


def test_the_staff_login_is_random_and_readable_by_its_owner_only() -> None:
    file = Path(settings.DATA_DIR) / "demo-login.txt"
    username, password = file.read_text().split()
    assert User.objects.get(username=username).check_password(password)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_is_told() -> None:
    assert not Event.objects.filter(notifies=True).exists()
