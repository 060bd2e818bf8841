"""Alerts arrive where staff asked for them, signed, with the one link; public words never go there."""

import json

import pytest
from django.contrib.auth.models import User
from standardwebhooks import Webhook

from incidents.domain.components import ComponentStatus as S
from incidents.models import Component, Delivery, Page, Subscriber
from incidents.monitoring.alerts import alert_due
from incidents.notifying.relay import relay_due
from incidents.operations.actors import staff
from incidents.operations.alerts import add_alert_address
from incidents.operations.errors import Refused
from incidents.operations.holds import open_automatic
from incidents.operations.rosters import export_roster
from incidents.operations.subscribers import request_subscription
from tests.factories import BEGAN, DEMO, make_incident
from tests.notifying.people import mail_reader
from tests.peers.mail import MailSink
from tests.peers.sink import HookSink

pytestmark = pytest.mark.django_db


def alarm(network: Component, title: str = "SIP over TLS is not answering", body: str = "Refused.") -> str:
    incident = open_automatic(
        network.page, title=title, body=body, components={network: S.PARTIAL_OUTAGE}, at=BEGAN
    )
    assert incident
    alert_due(at=BEGAN)
    relay_due(at=BEGAN)
    return f"http://status.sipcity.test/console/incidents/{incident.code}?draft=alert#say"


def test_a_mail_says_what_since_when_and_leads_to_the_words(
    page: Page, network: Component, mail: MailSink
) -> None:
    add_alert_address(page, channel="email", address="noc@sipcity.test", by=DEMO, at=BEGAN)
    link = alarm(network)
    (message,) = mail.to("noc@sipcity.test")
    assert message["Subject"] == "PARTLY DOWN: SIP over TLS is not answering [SIPcity]"
    text, page_of_mail = (part.get_content() for part in message.iter_parts())
    for each in (text, page_of_mail):
        assert link in each
        assert "Tell customers now" in each
        assert "Refused." in each
        assert "Oct 09, 2021 - 08:22 AEDT (2021-10-08 21:22 UTC)" in each
        assert "staff are alerted at this address" in " ".join(each.split())


def test_a_machine_gets_it_signed(page: Page, network: Component, hooks: HookSink) -> None:
    _, secret = add_alert_address(page, channel="webhook", address=hooks.url(), by=DEMO, at=BEGAN)
    link = alarm(network)
    ping, hook = hooks.hooks
    assert ping.json["type"] == "ping"
    told = Webhook(secret).verify(hook.body, dict(hook.headers))
    assert told["type"] == "alert.raised"
    assert told["data"]["url"] == link
    assert told["data"]["what"] == "opened"


def test_slack_gets_a_link_with_its_words(page: Page, network: Component, hooks: HookSink) -> None:
    add_alert_address(page, channel="slack", address=hooks.url(), by=DEMO, at=BEGAN)
    link = alarm(network)
    told = json.dumps(hooks.hooks[-1].json)
    assert f"<{link}|Tell customers now>" in told


def test_public_words_never_go_to_staff_addresses(page: Page, network: Component, mail: MailSink) -> None:
    add_alert_address(page, channel="email", address="noc@sipcity.test", by=DEMO, at=BEGAN)
    mail_reader(page)
    make_incident(page, "Calls fail", components={network: S.MAJOR_OUTAGE})
    relay_due(at=BEGAN)
    assert not mail.to("noc@sipcity.test")
    assert len(mail.to("ada@example.com")) == 1


def test_hostile_words_are_words(page: Page, network: Component, mail: MailSink) -> None:
    add_alert_address(page, channel="email", address="noc@sipcity.test", by=DEMO, at=BEGAN)
    alarm(network, title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    (message,) = mail.to("noc@sipcity.test")
    page_of_mail = list(message.iter_parts())[1].get_content()
    assert "<script>alert" not in page_of_mail
    assert "<img src=x" not in page_of_mail


def test_the_same_address_may_be_the_publics_as_well(page: Page, mail: MailSink) -> None:
    add_alert_address(page, channel="email", address="noc@sipcity.test", by=DEMO, at=BEGAN)
    request_subscription(page, channel="email", address="noc@sipcity.test", at=BEGAN)
    assert sorted(Subscriber.objects.values_list("is_staff", "state")) == [
        (False, "pending"),
        (True, "active"),
    ]


def test_a_double_tap_adds_it_once_and_an_ended_one_begins_anew(page: Page) -> None:
    first, secret = add_alert_address(
        page, channel="webhook", address="https://a.example/x", by=DEMO, at=BEGAN
    )
    again, nothing = add_alert_address(
        page, channel="webhook", address="https://a.example/x", by=DEMO, at=BEGAN
    )
    assert (again, bool(secret), nothing) == (first, True, "")
    Subscriber.objects.update(state="ended", ended_at=BEGAN)
    anew, other = add_alert_address(page, channel="webhook", address="https://a.example/x", by=DEMO, at=BEGAN)
    assert anew == first
    assert other not in {"", secret}


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "nobody"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("webhook", "http://127.0.0.1/"),
        ("webhook", "file:///etc/passwd"),
        ("pigeon", "x"),
    ],
)
def test_what_is_no_address_is_refused(page: Page, channel: str, address: str) -> None:
    with pytest.raises(Refused):
        add_alert_address(page, channel=channel, address=address, by=DEMO, at=BEGAN)


def test_rosters_hold_no_staff_address(page: Page) -> None:
    dana = User.objects.create_user("dana", "dana@sipcity.test")
    add_alert_address(page, channel="email", address="noc@sipcity.test", by=staff(dana), at=BEGAN)
    assert "noc@" not in "".join(export_roster(page))


def test_a_killed_expansion_tells_everybody_once(page: Page, network: Component, mail: MailSink) -> None:
    for number in range(3):
        add_alert_address(page, channel="email", address=f"noc{number}@sipcity.test", by=DEMO, at=BEGAN)
    alarm(network)
    alert_due(at=BEGAN)
    relay_due(at=BEGAN)
    assert Delivery.objects.count() == 3
