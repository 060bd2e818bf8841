"""Who will be notified of a post and who will not is counted by what selects them later, with the reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.components import ComponentStatus
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState, Topics
from incidents.models import Delivery, Event, Incident, Page, Subscriber, Suppression
from incidents.operations.actors import DEMO
from incidents.operations.recipients import NotNotified as Why
from incidents.operations.recipients import Recipients, recipients_now, recipients_of
from incidents.operations.retiring import retire_component
from incidents.operations.subscribers import choose_components
from tests.factories import BEGAN, make_component, make_incident, make_page, make_update, resolve
from tests.operations.queue import HOUR, LATER, expand_all, reader

pytestmark = pytest.mark.django_db
PARTIAL, MAJOR = ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def newest(incident: Incident) -> Recipients:
    return recipients_of(Event.objects.filter(incident=incident, notifies=True).latest("pk"))


def state(subscriber: Subscriber, state: SubscriberState) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(state=state)


def test_each_subscriber_is_counted_once_with_the_reason(page: Page) -> None:
    calls, fax, gone = (make_component(page, name) for name in ("Calls", "Fax", "Gone"))
    reader(page, "all"), reader(page, "hook", channel="webhook")
    reader(page, "chose").components.set([calls])
    reader(page, "other").components.set([fax])
    reader(page, "retired").components.set([gone])
    retire_component(gone, by=DEMO, at=BEGAN - HOUR)
    state(reader(page, "pending"), SubscriberState.PENDING)
    state(reader(page, "disabled"), SubscriberState.DISABLED)
    state(reader(page, "ended"), SubscriberState.ENDED)
    Subscriber.objects.filter(pk=reader(page, "major").pk).update(only_major=True)
    choose_components(reader(page, "rfos"), components=[], topics=Topics.RFOS, at=BEGAN)
    Suppression.objects.create(address="muted@example.com", why="bounced", at=BEGAN)
    reader(page, "Muted")
    reader(make_page("Another"), "stranger")
    incident = make_incident(page, components={calls: ComponentStatus.DEGRADED_PERFORMANCE})
    found = newest(incident)
    assert (dict(found.by_channel), found.notified) == ({"email": 2, "webhook": 1}, 3)
    assert found.not_notified == {
        Why.UNCONFIRMED: 1,
        Why.DISABLED: 1,
        Why.SUPPRESSED: 1,
        Why.TOPIC: 1,
        Why.OTHER_COMPONENT: 1,
        Why.RETIRED_COMPONENT: 1,
        Why.ONLY_MAJOR: 1,
    }


def test_an_incident_without_components_does_not_reach_those_who_chose_some(page: Page) -> None:
    reader(page, "all")
    reader(page, "chose").components.set([make_component(page)])
    found = newest(make_incident(page))
    assert (found.notified, found.not_notified) == (1, {Why.NO_COMPONENT: 1})
    assert found.reasons == [(1, "chose components, and the incident names none")]


def test_the_count_is_what_the_fan_out_writes(page: Page) -> None:
    calls, fax = make_component(page, "Calls"), make_component(page, "Fax")
    for number in range(12):
        row = reader(page, f"r{number}", channel="webhook" if number % 3 else "email")
        row.components.set([[], [calls], [fax], [calls, fax]][number % 4])
        Subscriber.objects.filter(pk=row.pk).update(only_major=number % 5 == 0)
    incident = make_incident(page, components={calls: PARTIAL})
    make_update(incident, components={fax: MAJOR})
    resolve(incident)
    expected = {
        each.pk: recipients_of(each).notified
        for each in Event.objects.filter(incident=incident, notifies=True)
    }
    assert len(expected) == 3
    expand_all()
    assert expected == {pk: Delivery.objects.filter(event=pk).count() for pk in expected}


def test_an_end_counts_those_whom_waiting_posts_will_have_reached(page: Page) -> None:
    reader(page, "early")
    reader(page, "late", since=BEGAN + 10 * HOUR)
    incident = make_incident(page, hold=timedelta(hours=8))
    resolve(incident, at=BEGAN + 4 * HOUR)
    found = newest(incident)
    assert found.notified == 1
    expand_all(LATER)
    event = Event.objects.get(kind=EventKind.INCIDENT_RESOLVED)
    assert Delivery.objects.filter(event=event).count() == 1


def test_an_rfo_is_counted_before_it_is_published(page: Page) -> None:
    reader(page, "early")
    incident = make_incident(page)
    expand_all()
    resolve(incident)
    reader(page, "late", since=BEGAN + 10 * HOUR)
    found = recipients_now(incident, EventKind.RFO_PUBLISHED, at=BEGAN + 20 * HOUR)
    assert (found.notified, found.not_notified) == (1, {Why.NOT_BEFORE: 1})


def test_who_follows_the_incident_and_the_page_is_counted_once(page: Page) -> None:
    incident = make_incident(page)
    reader(page, "ada")
    Subscriber.objects.filter(pk=reader(page, "x").pk).update(incident=incident, address="ADA@example.com")
    found = newest(incident)
    assert (found.notified, found.not_notified) == (1, {})


def test_a_silent_post_says_how_many_it_leaves_out(page: Page) -> None:
    reader(page)
    incident = make_incident(page, notify=False)
    found = recipients_of(Event.objects.filter(incident=incident).latest("pk"))
    assert (found.notified, found.not_notified) == (0, {Why.SILENT: 1})


def test_ten_thousand_subscribers_take_as_many_queries_as_ten(page: Page) -> None:
    calls, fax = make_component(page, "Calls"), make_component(page, "Fax")
    incident = make_incident(page, components={calls: PARTIAL})
    queries = []
    for names in (range(10), range(10, 10_000)):
        rows = [
            Subscriber(
                page=page,
                channel="email",
                address=f"r{n}@example.com",
                state="active",
                nonce=str(n),
                created_at=BEGAN - HOUR,
                confirmed_at=BEGAN - HOUR,
            )
            for n in names
        ]
        made = Subscriber.objects.bulk_create(rows, batch_size=1000)
        through = Subscriber.components.through
        through.objects.bulk_create(
            [through(subscriber=row, component=fax) for row in made if row.pk % 2], batch_size=1000
        )
        with CaptureQueriesContext(connection) as seen:
            found = newest(incident)
        queries.append(len(seen))
    assert queries[0] == queries[1] <= 8, queries
    assert (found.notified, found.not_counted) == (5_000, 5_000)


def test_a_channel_that_this_version_does_not_have_reaches_nobody(page: Page) -> None:
    reader(page, "fax", channel="fax")
    found = newest(make_incident(page))
    assert (found.notified, found.not_notified) == (0, {Why.NO_CHANNEL: 1})
