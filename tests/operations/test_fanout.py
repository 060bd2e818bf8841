"""Who is told of what: an event becomes rows, once for each reader, in batches that may be killed."""

from datetime import datetime

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import Topics
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.errors import Refused
from incidents.operations.fanout import expand
from incidents.operations.notices import cancel_event, release_event
from incidents.operations.subscribers import choose_components, confirm_subscription, request_subscription
from incidents.operations.versions import withdraw_rfo
from tests.factories import BEGAN, make_component, make_incident, make_page, make_rfo, make_update, resolve
from tests.operations.queue import HOUR, LATER, MINUTE, SECOND, expand_all, reader, told

pytestmark = pytest.mark.django_db
PARTIAL = ComponentStatus.PARTIAL_OUTAGE


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_everybody_of_the_page_is_told_once(page: Page) -> None:
    reader(page), reader(page, "bob"), reader(make_page("2talk"), "eve")
    make_incident(page)
    expand_all()
    expand_all()
    assert [row.subscriber.nonce for row in Delivery.objects.all()] == ["ada", "bob"]


def test_a_silent_post_tells_nobody(page: Page) -> None:
    reader(page)
    make_incident(page, notify=False)
    expand_all()
    assert not Delivery.objects.exists()


def test_who_chose_components_hears_of_those_alone(page: Page) -> None:
    network, queues = make_component(page, "Network"), make_component(page, "Queues")
    ada, bob, eve = reader(page), reader(page, "bob"), reader(page, "eve")
    ada.components.set([network])
    bob.components.set([queues])
    incident = make_incident(page, components={network: PARTIAL})
    make_update(incident, components={queues: PARTIAL})
    expand_all()
    assert told(ada) == ["incident.opened", "incident.updated"]
    assert told(eve) == ["incident.opened", "incident.updated"]
    assert "incident.updated" in told(bob)


def test_a_batch_ends_and_the_next_goes_on_where_it_was_killed(page: Page) -> None:
    readers = [reader(page, f"r{number}") for number in range(7)]
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    assert expand(event, at=LATER, batch=3) is False
    assert Delivery.objects.count() == 3
    event.refresh_from_db()
    assert (event.cursor, event.expanded_at) == (readers[2].pk, None)
    assert expand(event, at=LATER, batch=3) is False
    assert expand(event, at=LATER, batch=3) is True
    event.refresh_from_db()
    assert (Delivery.objects.count(), event.expanded_at) == (7, LATER)


def test_a_batch_that_is_written_twice_is_there_once(page: Page) -> None:
    for number in range(4):
        reader(page, f"r{number}")
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=LATER)
    Event.objects.filter(pk=event.pk).update(cursor=0, expanded_at=None)
    expand(event, at=LATER)
    assert Delivery.objects.count() == 4


def test_who_joins_later_hears_what_comes_after(page: Page) -> None:
    incident = make_incident(page)
    ada = reader(page, since=BEGAN + MINUTE)
    make_update(incident, at=BEGAN + HOUR)
    bob = reader(page, "bob", since=BEGAN + 2 * HOUR)
    resolve(incident, at=BEGAN + 4 * HOUR)
    eve = reader(page, "eve", since=BEGAN + 5 * HOUR)
    make_rfo(incident)
    expand_all()
    assert told(ada) == ["incident.updated", "incident.resolved", "rfo.published"]
    assert told(bob) == ["incident.resolved", "rfo.published"]
    assert told(eve) == []


def test_an_end_is_not_told_to_those_who_were_not_told_of_the_beginning(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page, notify=False)
    resolve(incident)
    make_rfo(incident)
    expand_all()
    assert told(ada) == []


def test_a_held_update_keeps_later_ones_of_its_incident_back_and_no_others(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page, "First", hold=HOUR)
    make_update(incident, at=BEGAN + MINUTE)
    make_incident(page, "Second", at=BEGAN + 2 * MINUTE)
    expand_all(BEGAN + 3 * MINUTE)
    assert [row.event.incident.title for row in ada.deliveries.all() if row.event.incident] == ["Second"]
    expand_all(BEGAN + HOUR)
    assert told(ada) == ["incident.opened", "incident.opened", "incident.updated"]


def test_undo_during_the_hold_tells_nobody_and_twice_is_once(page: Page) -> None:
    ada = reader(page)
    make_incident(page, hold=MINUTE)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    for _ in range(2):
        cancel_event(event, by=DEMO, at=BEGAN + SECOND)
    expand_all()
    assert told(ada) == []
    assert Event.objects.filter(data__what="notification withdrawn").count() == 1


def test_undo_after_the_first_row_is_refused(page: Page) -> None:
    reader(page), reader(page, "bob")
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=LATER, batch=1)
    with pytest.raises(Refused, match="being told already"):
        cancel_event(event, by=DEMO, at=LATER)


def test_send_now_ends_the_hold(page: Page) -> None:
    ada = reader(page)
    make_incident(page, hold=HOUR)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    release_event(event, by=DEMO, at=BEGAN + SECOND)
    expand_all(BEGAN + SECOND)
    assert told(ada) == ["incident.opened"]
    with pytest.raises(Refused):
        release_event(event, by=DEMO, at=BEGAN + MINUTE)


def test_what_was_withdrawn_cannot_be_sent_now(page: Page) -> None:
    make_incident(page, hold=HOUR)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    cancel_event(event, by=DEMO, at=BEGAN)
    with pytest.raises(Refused, match="withdrawn"):
        release_event(event, by=DEMO, at=BEGAN)


def test_a_subscriber_that_joined_during_the_fan_out_is_not_in_it(page: Page) -> None:
    reader(page)
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=BEGAN, batch=1)
    late = reader(page, "late", since=BEGAN + SECOND)
    expand_all()
    assert told(late) == []


def test_each_topic_is_told_to_those_who_chose_it(page: Page) -> None:
    both, incidents, rfos = reader(page), reader(page, "bob"), reader(page, "eve")
    for who, topics in ((incidents, Topics.INCIDENTS), (rfos, Topics.RFOS)):
        choose_components(who, components=[], topics=topics, at=BEGAN - MINUTE)
        who.refresh_from_db()
        assert who.topics == topics
    incident = make_incident(page)
    resolve(incident)
    make_rfo(incident)
    make_rfo(incident, "Better.", change_summary="A time.", at=BEGAN + 30 * 24 * HOUR)
    withdraw_rfo(incident.rfos.get(), reason="Wrong.", by=DEMO, at=BEGAN + 31 * 24 * HOUR)
    expand_all()
    of_rfos = ["rfo.published", "rfo.revised", "rfo.withdrawn"]
    assert told(rfos) == of_rfos
    assert told(incidents) == ["incident.opened", "incident.resolved"]
    assert told(both) == ["incident.opened", "incident.resolved", *of_rfos]


def test_who_confirmed_before_the_clock_was_set_back_is_told_of_what_is_posted_after_it(page: Page) -> None:
    network = make_component(page, "Network")
    ada = subscribed(page, "ada@example.com", at=BEGAN + 2 * HOUR)
    hook = subscribed(page, "http://ada.example.com/hook", at=BEGAN + 2 * HOUR)
    make_incident(page, components={network: PARTIAL}, at=BEGAN)  # the clock shows two hours less
    expand_all()
    assert told(ada) == ["subscriber.requested", "incident.opened"]
    assert "component.changed" in told(hook)


def test_who_confirms_after_a_post_is_not_told_of_it_whatever_the_clock_shows(page: Page) -> None:
    incident = make_incident(page, at=BEGAN + 2 * HOUR)
    ada = subscribed(page, "ada@example.com", at=BEGAN)  # the clock was set back in between
    expand_all()
    assert told(ada) == ["subscriber.requested"]
    resolve(incident, at=BEGAN + 3 * HOUR)
    expand_all()
    assert told(ada) == [
        "subscriber.requested",
        "incident.resolved",
    ]  # it began before they came, and stood on the page since


def subscribed(page: Page, address: str, *, at: datetime) -> Subscriber:
    """Through the product's own doors, so that the journal knows when."""
    channel = "webhook" if address.startswith("http") else "email"
    contact = "ada@example.com" if channel == "webhook" else ""
    subscriber = request_subscription(page, channel=channel, address=address, contact_email=contact, at=at)
    found = subscriber or Subscriber.objects.get(page=page, channel=channel)
    confirm_subscription(found, at=at)
    return found
