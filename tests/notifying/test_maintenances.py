"""A maintenance in the inbox and at the receiver: when it is, what it affects, and who hears of its end."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from incidents.channels.messages import Notice
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Event, Incident, Page, Subscriber
from incidents.notifying.composer import compose
from incidents.notifying.relay import relay_due
from incidents.operations.maintenances import advance_due, update_maintenance
from tests.factories import DEMO, make_incident, make_maintenance
from tests.notifying.people import hook_reader, mail_reader
from tests.operations.queue import expand_all, told
from tests.peers.mail import MailSink
from tests.peers.sink import HookSink

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PLANNED = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
BEGINS = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
ENDS = BEGINS + 2 * HOUR
WINDOW = "Scheduled for Nov 28, 2026 - 02:00 AEDT until 04:00 AEDT (2026-11-27 15:00 to 17:00 UTC)"
LATER = WINDOW.replace("04:00", "05:00").replace("17:00", "18:00")


@pytest.fixture
def maintenance(page: Page, network: Component, pbx: Component) -> Incident:
    return make_maintenance(
        page, "Core switch", components=[pbx, network], begins=BEGINS, ends=ENDS, at=PLANNED
    )


def extend(maintenance: Incident) -> None:
    update_maintenance(
        maintenance,
        status=IncidentStatus.VERIFYING,
        body="We need an hour more.",
        scheduled_until=ENDS + HOUR,
        by=DEMO,
        at=ENDS - HOUR,
    )


def notices() -> list[Notice]:
    events = Event.objects.filter(notifies=True, component=None).order_by("pk")
    return [compose(event, at=ENDS + 24 * HOUR) for event in events]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_each_notice_says_what_it_is_when_it_is_and_what_it_affects(maintenance: Incident) -> None:
    advance_due(at=BEGINS)
    extend(maintenance)
    advance_due(at=ENDS + HOUR)
    affects = "This scheduled maintenance affects: SIPcity Calling Platform (Network) and SIPcity Cloud PBX."
    assert [(each.heading, each.window, each.affected) for each in notices()] == [
        ("Scheduled", WINDOW, affects),
        ("In progress", WINDOW, affects),
        ("Verifying", LATER, affects),
        ("Completed", LATER, affects.replace("affects", "affected")),
    ]
    (page,) = {each.url for each in notices()}
    assert page == f"http://status.sipcity.test/maintenance/{maintenance.code}"


def test_a_queue_that_runs_late_tells_the_window_of_then(maintenance: Incident) -> None:
    advance_due(at=BEGINS)
    extend(maintenance)
    ends = [each.payload["incident"]["scheduled_until"] for each in notices()]
    assert ends == ["2026-11-28T04:00:00.000+11:00"] * 2 + ["2026-11-28T05:00:00.000+11:00"]


def test_the_payload_is_statuspages_with_the_window(maintenance: Incident) -> None:
    told = notices()[0].payload["incident"]
    assert (told["status"], told["impact"]) == ("scheduled", "maintenance")
    assert told["scheduled_for"] == "2026-11-28T02:00:00.000+11:00"
    assert (told["scheduled_auto_in_progress"], told["scheduled_auto_completed"]) == (True, True)
    assert told["shortlink"] == f"http://status.sipcity.test/maintenance/{maintenance.code}"


def test_an_incident_has_no_window(page: Page) -> None:
    make_incident(page)
    assert notices()[0].window == ""


def test_a_mail_has_the_window_in_text_and_in_html(page: Page, mail: MailSink, maintenance: Incident) -> None:
    mail_reader(page, since=PLANNED - HOUR)
    relay_due(at=PLANNED)
    (message,) = mail.to("ada@example.com")
    assert message["Subject"] == "Maintenance: Core switch [SIPcity]"
    assert body(message, "plain").startswith(
        f"SIPcity: Core switch\n\nScheduled\n{WINDOW}\nPosted Nov 25, 2026 - 14:00 AEDT"
    )
    assert f"<p>{WINDOW}</p>" in body(message, "html")


def test_a_receiver_gets_each_step_with_the_window(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url(), since=PLANNED - HOUR)
    maintenance = make_maintenance(page, begins=BEGINS, ends=ENDS, at=PLANNED)
    for at in (PLANNED, BEGINS, ENDS):
        advance_due(at=at)
        relay_due(at=at)
    told = [hook.json["incident"] for hook in hooks.hooks if "incident" in hook.json]
    assert [each["status"] for each in told] == ["scheduled", "in_progress", "completed"]
    assert {each["scheduled_until"] for each in told} == {"2026-11-28T04:00:00.000+11:00"}
    assert {each["id"] for each in told} == {maintenance.code}


def readers(page: Page) -> tuple[Subscriber, Subscriber]:
    before = mail_reader(page, since=PLANNED - HOUR)
    return before, mail_reader(page, "bob@example.com", since=BEGINS + HOUR)


def test_the_end_is_told_to_those_told_before_and_to_those_who_joined_since(
    page: Page, maintenance: Incident
) -> None:
    ada, bob = readers(page)
    advance_due(at=BEGINS)
    advance_due(at=ENDS)
    expand_all(ENDS)
    assert told(ada) == ["maintenance.scheduled", "maintenance.updated", "maintenance.completed"]
    assert told(bob) == ["maintenance.completed"]


def test_the_end_of_what_was_planned_in_silence_is_told_to_nobody_who_knew_nothing(page: Page) -> None:
    ada = mail_reader(page, since=PLANNED - HOUR)
    quiet = make_maintenance(page, begins=BEGINS, ends=ENDS, at=PLANNED, notify=False)
    update_maintenance(quiet, status=IncidentStatus.COMPLETED, body="Done.", by=DEMO, at=BEGINS)
    expand_all(ENDS)
    assert told(ada) == []


def test_who_chose_other_components_hears_nothing(page: Page, network: Component, pbx: Component) -> None:
    ada = mail_reader(page, components=[pbx], since=PLANNED - HOUR)
    make_maintenance(page, components=[network], begins=BEGINS, ends=ENDS, at=PLANNED)
    advance_due(at=ENDS)
    expand_all(ENDS)
    assert told(ada) == []
