"""What people are told: the incident as it stood, in the page's zone and in UTC."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.channels.messages import Notice
from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.rfos import RfoKind
from incidents.models import Component, Event, Page, Subscriber
from incidents.notifying.composer import EARLIER, compose
from incidents.operations.subscribers import confirm_subscription, request_subscription
from incidents.operations.versions import withdraw_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, make_rfo, make_update, resolve

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def notices() -> list[Notice]:
    events = Event.objects.filter(notifies=True, component=None).order_by("pk")
    return [compose(event, at=BEGAN + 24 * HOUR) for event in events]


def test_the_notice_says_what_when_and_where(page: Page, network: Component, pbx: Component) -> None:
    incident = make_incident(
        page,
        "Degraded network",
        body="We found it in the TCP stack.",
        status=IncidentStatus.IDENTIFIED,
        components={pbx: S.PARTIAL_OUTAGE, network: S.MAJOR_OUTAGE},
    )
    (notice,) = notices()
    assert (notice.subject, notice.title) == (
        "Identified: Degraded network [SIPcity]",
        "Degraded network",
    )
    assert notice.heading == "Identified"
    assert notice.body == "We found it in the TCP stack."
    assert notice.posted == "Posted Oct 09, 2021 - 08:22 AEDT (2021-10-08 21:22 UTC)"
    assert (
        notice.affected == "This incident affects: SIPcity Calling Platform (Network) and SIPcity Cloud PBX."
    )
    assert notice.url == f"http://status.sipcity.test/incidents/{incident.code}"
    assert notice.root == f"incident-{incident.code}"
    assert notice.generated_at == "2021-10-10T08:22:00.000+11:00"


def test_a_page_that_speaks_utc_says_it_once() -> None:
    make_incident(make_page("London", zone="UTC"))
    assert notices()[0].posted == "Posted Oct 08, 2021 - 21:22 UTC"


def test_every_notice_of_an_incident_has_its_state_first_and_one_root(page: Page) -> None:
    incident = make_incident(page)
    make_update(incident)
    resolve(incident)
    make_rfo(incident)
    told = notices()
    assert [notice.heading for notice in told] == [
        "Investigating",
        "Identified",
        "Resolved",
        "Reason for outage",
    ]
    assert [notice.subject for notice in told] == [
        f"{state}: {incident.title} [SIPcity]"
        for state in ("Investigating", "Identified", "Resolved", "RFO v1")
    ]
    assert len({notice.root for notice in told}) == 1


def test_the_payload_is_statuspages(page: Page, network: Component) -> None:
    incident = make_incident(page, "Degraded network", components={network: S.MAJOR_OUTAGE})
    payload = notices()[0].payload
    assert list(payload) == ["page", "incident", "notification"]
    assert payload["page"]["status_description"] == "Major System Outage"
    assert payload["incident"]["id"] == incident.code
    assert payload["incident"]["status"] == "investigating"
    assert [each["status"] for each in payload["incident"]["incident_updates"]] == ["investigating"]
    assert [each["name"] for each in payload["incident"]["components"]] == ["Network"]


def test_a_queue_that_runs_late_still_tells_things_as_they_were(page: Page) -> None:
    incident = make_incident(page)
    make_update(incident, status=IncidentStatus.MONITORING)
    resolve(incident)
    told = [notice.payload["incident"] for notice in notices()]
    assert [each["status"] for each in told] == ["investigating", "monitoring", "resolved"]
    assert [len(each["incident_updates"]) for each in told] == [1, 2, 3]
    assert [bool(each["resolved_at"]) for each in told] == [False, False, True]
    assert [bool(each["monitoring_at"]) for each in told] == [False, True, True]


def test_a_mail_repeats_what_was_said_before_newest_first(page: Page) -> None:
    incident = make_incident(page, body="First words.")
    for number in range(2, EARLIER + 5):
        make_update(incident, f"Words {number}.", at=BEGAN + number * HOUR)
    told = notices()
    assert told[0].earlier == ()
    assert [each.body for each in told[2].earlier] == ["Words 2.", "First words."]
    assert told[2].earlier[1].heading == "Investigating"
    assert len(told[-1].earlier) == EARLIER


def test_an_rfo_is_announced_and_not_poured_into_the_mail(page: Page) -> None:
    incident = make_incident(page)
    resolve(incident)
    make_rfo(incident, "# Letter\n\n" + "Very long. " * 500, signatory_name="Chief of Voice")
    notice = notices()[-1]
    assert notice.body.startswith(
        "The reason for outage report RFO-2021-0001, version 1 (final), is published"
    )
    assert "is published, in the name of Chief of Voice." in notice.body
    assert "signed" not in notice.body
    assert "Very long" not in notice.body
    assert "Very long" in notice.payload["incident"]["postmortem_body"]


def test_a_confirmation_holds_no_word_of_the_asker(page: Page) -> None:
    request_subscription(
        page,
        channel="webhook",
        address="https://buy-pills.example.com/now",
        contact_email="ops@example.com",
        at=BEGAN,
    )
    (notice,) = notices()
    assert notice.subject == "Confirm your subscription [SIPcity]"
    assert notice.action_label == "Confirm"
    assert "pills" not in str(notice)
    assert notice.is_unasked


def test_who_is_subscribed_already_is_told_so_and_asked_nothing(page: Page) -> None:
    request_subscription(page, channel="email", address="ada@example.com", at=BEGAN)
    confirm_subscription(Subscriber.objects.get(), at=BEGAN)
    (notice,) = notices()
    assert notice.title == "You are already subscribed"
    assert notice.action_label == ""


def test_composing_costs_the_same_with_many_updates(page: Page, network: Component) -> None:
    incident = make_incident(page, components={network: S.MAJOR_OUTAGE})
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    with CaptureQueriesContext(
        connection,
    ) as few:
        compose(event, at=BEGAN)
    for number in range(1, 20):
        make_update(incident, at=BEGAN + number * HOUR)
    with CaptureQueriesContext(connection) as many:
        compose(Event.objects.select_related("page").get(pk=event.pk), at=BEGAN)
    assert len(many) <= len(few) + 1


def test_an_rfos_notice_carries_version_change_link_and_checksum_and_a_withdrawal_its_reason(
    page: Page,
) -> None:
    incident = make_incident(page)
    resolve(incident)
    first = make_rfo(incident, kind=RfoKind.PRELIMINARY)
    published = notices()[-1]
    second = make_rfo(incident, "Better.", change_summary="A time was wrong.", at=BEGAN + 30 * 24 * HOUR)
    revised = notices()[-1]
    withdraw_rfo(incident.rfos.get(), reason="It was another cause.", by=DEMO, at=BEGAN + 31 * 24 * HOUR)
    withdrawn = notices()[-1]
    assert "malformed" not in str([each.payload for each in notices()])
    address = f"{published.page_url}/rfo/RFO-2021-0001"
    assert f"{address}/v1" in published.body
    assert first.sha256 in published.body
    for words in ("version 2 (final)", "What changed: A time was wrong.", f"{address}/v2.pdf", second.sha256):
        assert words in revised.body
    assert "has been withdrawn.\n\nIt was another cause." in withdrawn.body
    told = [each.payload["rfo"] for each in (published, revised, withdrawn)]
    assert [each["event"] for each in told] == ["rfo.published", "rfo.revised", "rfo.withdrawn"]
    assert [each["previous_sha256"] for each in told] == [None, first.sha256, second.sha256]
    assert told[1]["change_summary"] == "A time was wrong."
    assert "rfo" not in notices()[0].payload
