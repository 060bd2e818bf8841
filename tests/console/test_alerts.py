"""Where staff are alerted: added, shown, stopped; and the form that an alert's link begins with."""

from django.test import Client

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Incident, Page, Probe, Subscriber
from incidents.operations.holds import open_automatic
from tests.console.forms import fields, post, send
from tests.factories import BEGAN, make_page, make_probe


def url(page: Page) -> str:
    return f"/console/pages/{page.code}/alerts"


def test_an_address_is_added_and_its_secret_shown_once(staff: Client, page: Page) -> None:
    response = post(staff, url(page), channel="webhook", address="https://hooks.example.net/a")
    secret = response.context["secret"]
    assert secret.startswith("whsec_")
    assert secret.encode() in response.content
    assert secret.encode() not in staff.get(url(page)).content
    listed = staff.get(url(page)).content.decode()
    assert Subscriber.objects.get(is_staff=True).hint in listed
    assert "hooks.example.net/…" in listed
    assert "https://hooks.example.net/a" not in listed


def test_what_is_no_address_is_said_beside_its_field(staff: Client, page: Page) -> None:
    response = post(staff, url(page), channel="email", address="nobody")
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["address"]
    assert not Subscriber.objects.exists()


def test_it_is_no_subscriber_of_the_public(staff: Client, page: Page) -> None:
    post(staff, url(page), channel="email", address="noc@sipcity.test")
    assert b"noc@" not in staff.get("/console/subscribers").content
    content = staff.get(f"/console/pages/{page.code}/incidents/new").content
    assert b"0 subscribers on this page" in content


def test_it_is_stopped(staff: Client, page: Page) -> None:
    post(staff, url(page), channel="email", address="noc@sipcity.test")
    staff.post(f"/console/subscribers/{Subscriber.objects.get().code}/end")
    assert b"No alert recipients yet" in staff.get(url(page)).content


def test_the_home_says_where_nobody_is_alerted(staff: Client, page: Page) -> None:
    assert b"No alert recipients for SIPcity" in staff.get("/console/").content
    post(staff, url(page), channel="email", address="noc@sipcity.test")
    assert b"No alert recipients" not in staff.get("/console/").content


def test_an_alerts_link_begins_with_words_that_only_need_a_look(
    staff: Client, page: Page, network: Component
) -> None:
    incident = open_automatic(
        page,
        title="SIP over TLS is not answering",
        body="Refused.",
        components={network: ComponentStatus.PARTIAL_OUTAGE},
        at=BEGAN,
    )
    assert incident
    values = fields(staff.get(f"/console/incidents/{incident.code}?draft=alert"))
    assert values["body"].startswith(
        "Our monitoring has found a problem with Network since Oct 09, 2021 - 08:22 AEDT."
    )
    assert "{{" not in values["body"]
    assert values["next_update"] == "30"
    assert send(staff, f"/console/incidents/{incident.code}", values).status_code == 302
    incident.refresh_from_db()
    assert incident.taken_over_at is not None


def test_a_probe_for_staff_alone_begins_an_incident(staff: Client, page: Page, network: Component) -> None:
    probe = make_probe(network, "tls", verdict=Verdict.DOWN, last_at=BEGAN)
    Probe.objects.update(announces=False, trouble_since=BEGAN)
    assert b"Probes suggest an incident on Network" in staff.get("/console/").content
    opening = f"/console/pages/{page.code}/incidents/new"
    response = staff.get(f"{opening}?probe={probe.code}")
    assert b"errorlist" not in response.content
    values = fields(response)
    assert values["title"].startswith("Network: ")
    assert values[f"component-{network.code}"] == "major_outage"
    assert send(staff, opening, values).status_code == 302
    incident = Incident.objects.get()
    assert incident.updates.get().affected.get().new_status == "major_outage"


def test_a_probe_of_another_page_or_none_begins_with_nothing(
    staff: Client, page: Page, network: Component
) -> None:
    probe = make_probe(network, "tls", verdict=Verdict.DOWN, last_at=BEGAN)
    other = make_page("Another")
    for code in (probe.code, "nothing", "<script>"):
        values = fields(staff.get(f"/console/pages/{other.code}/incidents/new", {"probe": code}))
        assert values["title"] == ""
