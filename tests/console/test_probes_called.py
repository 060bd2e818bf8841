"""A heartbeat in the console: where the thing that it waits for calls, and when it last did."""

import re

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.models import Component, Page, Probe
from tests.console.forms import post
from tests.console.test_probes_one import words


@pytest.fixture
def probe(staff: Client, page: Page, network: Component) -> Probe:
    response = post(
        staff,
        f"/console/pages/{page.code}/probes/new?kind=heartbeat",
        component=network.code,
        name="Nightly export",
        target="export.example.net",
    )
    assert response.status_code == 302
    return Probe.objects.get()


def test_its_page_says_where_to_call(staff: Client, probe: Probe) -> None:
    content = staff.get(f"/console/probes/{probe.code}").content.decode()
    assert "It has not called yet." in words(content)
    address = re.search(r"curl -fsS (http\S+)/fail", content)
    assert address
    assert address[1].endswith(f"/beats/{probe.code}")


def test_a_call_to_that_address_is_shown(staff: Client, client: Client, probe: Probe) -> None:
    assert client.get(f"/beats/{probe.code}?status=3").status_code == 200
    assert "Last called" in words(staff.get(f"/console/probes/{probe.code}").content.decode())
    assert "with exit status 3" in words(staff.get(f"/console/probes/{probe.code}").content.decode())


def test_there_is_nothing_to_try(staff: Client, page: Page) -> None:
    content = staff.get(f"/console/pages/{page.code}/probes/new?kind=heartbeat").content.decode()
    assert "Try once" not in content
    assert "beaten_at" not in content


def test_other_kinds_are_called_nowhere(staff: Client, network: Component) -> None:
    other = Probe.objects.create(
        component=network, name="UDP", kind="sip_options", target="sip:voice.example.net", next_due=now()
    )
    assert "Where it calls" not in staff.get(f"/console/probes/{other.code}").content.decode()
