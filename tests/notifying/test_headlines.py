"""What a NOC sorts by: state first, one thread, next update by, each component's state, the page's brand."""

import io
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from PIL import Image

from incidents.channels.messages import Notice
from incidents.channels.slack import message as slack_message
from incidents.channels.teams import message as teams_message
from incidents.domain.colours import AA_TEXT, contrast
from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Component, Event, Look, Page, Subscriber
from incidents.models.trees import look_view, page_view
from incidents.notifying.composer import compose
from incidents.notifying.headlines import MAX_COMPONENTS, MAX_LOGO_BYTES, branding_of
from incidents.notifying.relay import relay_due
from incidents.operations.journal import record
from incidents.operations.looks import set_look
from incidents.operations.maintenances import advance_due, update_maintenance
from incidents.operations.versions import withdraw_rfo
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_incident,
    make_maintenance,
    make_rfo,
    make_update,
    resolve,
)
from tests.notifying.people import hook_reader, mail_reader
from tests.peers.mail import MailSink
from tests.peers.sink import HookSink

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def notices() -> list[Notice]:
    events = Event.objects.filter(notifies=True, component=None).order_by("pk")
    return [compose(event, at=BEGAN + 48 * HOUR) for event in events]


def words(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def png(width: int = 480, height: int = 120) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "#0b57d0").save(drawn, "PNG")
    return drawn.getvalue()


def test_real_mails_of_one_thread_differ_in_state_and_share_their_references(
    page: Page, network: Component, mail: MailSink
) -> None:
    mail_reader(page)
    incident = make_incident(
        page,
        "Outbound calls failing",
        components={network: S.PARTIAL_OUTAGE},
        next_update_by=BEGAN + HOUR,
    )
    relay_due(at=BEGAN)
    make_update(
        incident, "Calls work again.", status=IncidentStatus.MONITORING, components={network: S.OPERATIONAL}
    )
    resolve(incident)
    make_rfo(incident)
    relay_due(at=BEGAN + 29 * 24 * HOUR)
    make_rfo(incident, "Better.", change_summary="A time was wrong.", at=BEGAN + 30 * 24 * HOUR)
    relay_due(at=BEGAN + 30 * 24 * HOUR)
    withdraw_rfo(incident.rfos.get(), reason="It was another cause.", by=DEMO, at=BEGAN + 31 * 24 * HOUR)
    relay_due(at=BEGAN + 31 * 24 * HOUR)
    found = mail.to("ada@example.com")
    assert [each["Subject"] for each in found] == [
        f"{state}: Outbound calls failing [SIPcity]"
        for state in ("Investigating", "Monitoring", "Resolved", "RFO v1", "RFO v2", "RFO withdrawn")
    ]
    root = f"<incident-{incident.code}@{page.code}.dialtone.invalid>"
    assert {(each["References"], each["In-Reply-To"]) for each in found} == {(root, root)}
    assert len({each["Message-ID"] for each in found}) == 6
    first, monitoring, resolved, rfo = (words(each, "plain") for each in found[:4])
    promise = "Next update by Oct 09, 2021 - 09:22 AEDT (Oct 08, 2021 - 22:22 UTC)"
    assert promise in first
    assert "This incident affects:\n- SIPcity Calling Platform - Network: Partial outage\n" in first
    assert "No next-update time set" in monitoring
    assert "- SIPcity Calling Platform - Network: Operational\n" in monitoring
    assert "This incident affected:\n- SIPcity Calling Platform - Network: Operational\n" in resolved
    assert "ext update" not in resolved.partition("Earlier\n")[0]
    assert f"Open the incident:\nhttp://status.sipcity.test/incidents/{incident.code}\n" in resolved
    assert "Read RFO-2021-0001 v1:\nhttp://status.sipcity.test/rfo/RFO-2021-0001/v1\n" in rfo
    for line in (promise, "Partial outage", "Open the incident"):
        assert line in words(found[0], "html")


def test_an_open_incident_affects_and_one_that_is_over_affected(page: Page, network: Component) -> None:
    resolve(make_incident(page, components={network: S.MAJOR_OUTAGE}))
    opened, over = notices()
    assert opened.affected == "This incident affects: SIPcity Calling Platform (Network)."
    assert over.affected == "This incident affected: SIPcity Calling Platform (Network)."


def test_a_mail_that_is_sent_late_says_the_states_of_its_own_update(page: Page, network: Component) -> None:
    other = make_component(page, "Portal")
    incident = make_incident(page, components={network: S.MAJOR_OUTAGE})
    make_update(incident, components={network: S.DEGRADED_PERFORMANCE, other: S.PARTIAL_OUTAGE})
    first, second = notices()
    assert [state for _, state in first.components] == ["Major outage"]
    assert [state for _, state in second.components] == ["Degraded performance", "Partial outage"]


def test_maintenance_is_told_apart_at_each_step(page: Page, network: Component) -> None:
    work = make_maintenance(page, "Core switch", components=[network])
    advance_due(at=BEGAN + 48 * HOUR)
    advance_due(at=BEGAN + 50 * HOUR)
    told = notices()
    assert [each.subject.partition(":")[0] for each in told] == [
        "Maintenance",
        "Maintenance in progress",
        "Maintenance completed",
    ]
    assert told[0].components == ()
    assert told[1].components == (("SIPcity Calling Platform - Network", "Under maintenance"),)
    assert {each.next_update for each in told} == {""}
    assert [each.body for each in told[1:]] == [
        "The scheduled maintenance window has begun.",
        "The scheduled maintenance window has ended.",
    ]
    assert {each.open_label for each in told} == {"Open the maintenance"}
    assert work.code in told[0].url


def test_work_that_was_called_off_is_not_said_to_be_completed(page: Page, network: Component) -> None:
    work = make_maintenance(page, "Core switch", components=[network])
    update_maintenance(work, status=IncidentStatus.COMPLETED, body="Called off.", by=DEMO, at=BEGAN + HOUR)
    assert notices()[-1].subject == "Maintenance ended: Core switch [SIPcity]"


def test_machines_read_the_same_words(page: Page, network: Component, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    make_incident(page, "Calls fail", components={network: S.PARTIAL_OUTAGE}, next_update_by=BEGAN + HOUR)
    relay_due(at=BEGAN)
    payload = next(hook.json for hook in hooks.hooks if "incident" in hook.json)
    assert payload["notification"] == {
        "subject": "Investigating: Calls fail [SIPcity]",
        "state": "Investigating",
        "next_update_by": "2021-10-09T09:22:00.000+11:00",
    }
    (notice,) = notices()
    for made in (slack_message(notice), teams_message(notice)):
        for line in ("Investigating: Calls fail", "Next update by Oct 09", "Network: Partial outage"):
            assert line in str(made).replace("\\", "")


def test_the_logo_goes_with_the_mail_and_calls_no_server(
    page: Page, network: Component, mail: MailSink
) -> None:
    set_look(page, accent="#ffe08a", home_url="", support="", logo=png(), by=DEMO, at=BEGAN)
    mail_reader(page), mail_reader(page, "bob@example.com")
    make_incident(page, "Calls fail", components={network: S.PARTIAL_OUTAGE})
    relay_due(at=BEGAN)
    assert len(mail.messages) == 2
    for message in mail.messages:
        assert message.get_content_type() == "multipart/related"
        (picture,) = [part for part in message.walk() if part.get_content_maintype() == "image"]
        cid = str(picture["Content-ID"]).strip("<>")
        html = words(message, "html")
        assert f'src="cid:{cid}"' in html
        assert 'src="http' not in html
        assert 'width="240"' in html
        assert picture.get_content() == bytes(Look.objects.get().logo)
        assert "Calls fail" in words(message, "plain")


def test_a_logo_too_large_for_every_mail_is_left_out(page: Page) -> None:
    Look.objects.create(page=page, accent="", logo=b"x" * (MAX_LOGO_BYTES + 1))
    make_incident(page)
    assert notices()[0].brand.logo == b""


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#767676", "#ffe08a", "#1b212b", "#0b57d0", ""])
def test_words_on_the_button_can_be_read_on_every_accent(page: Page, accent: str) -> None:
    Look.objects.create(page=page, accent=accent)
    view = replace(page_view(page, site_url="http://status.test"), look=look_view(page))
    brand = branding_of(view)
    assert contrast(brand.accent, brand.ink) >= AA_TEXT
    assert max(contrast(brand.accent, "#ffffff"), contrast(brand.edge, "#ffffff")) >= 3
    assert max(contrast(brand.accent, "#1b212b"), contrast(brand.edge_dark, "#1b212b")) >= 3


def test_addresses_in_our_own_words_are_links_and_in_a_strangers_words_never(
    page: Page, mail: MailSink
) -> None:
    mail_reader(page)
    hook = hook_reader(page, "https://hooks.example.com/x")
    make_incident(page, body="See https://help.sipcity.test/now & <b>wait</b>.")
    Subscriber.objects.filter(pk=hook.pk).update(
        state="disabled", disabled_for="go to https://evil.test/login"
    )
    record(page, EventKind.SUBSCRIBER_DISABLED, by=DEMO, at=BEGAN, subscriber=hook, notify=True)
    relay_due(at=BEGAN)
    (told,) = mail.to("ada@example.com")
    html = words(told, "html")
    assert '<a href="https://help.sipcity.test/now"' in html
    assert "&lt;b&gt;wait&lt;/b&gt;" in html
    (given_up,) = mail.to("ops@example.com")
    assert "https://evil.test/login" in words(given_up, "html")
    assert 'href="https://evil.test' not in words(given_up, "html")


def test_hundreds_of_components_are_cut_and_counted(page: Page) -> None:
    many = {
        make_component(page, f"Trunk {number:03}"): S.MAJOR_OUTAGE for number in range(MAX_COMPONENTS + 7)
    }
    make_incident(page, components=many)
    components = notices()[0].components
    assert len(components) == MAX_COMPONENTS + 1
    assert components[-1] == ("7 more", "see the status page")
