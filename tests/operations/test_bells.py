"""Bells ring after commit and never hurt whoever rang them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from celery import current_app
from django.db import transaction

from incidents.models import Event, Incident, Page, Subscriber
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.incidents import open_incident
from incidents.operations.pages import create_page
from incidents.operations.subscribers import (
    choose_components,
    confirm_subscription,
    end_subscription,
    request_subscription,
)

pytestmark = pytest.mark.django_db(transaction=True)
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DANA = Actor("dana")


@pytest.fixture
def page() -> Page:
    return create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)


@pytest.fixture
def heard() -> Iterator[list[int]]:
    rung: list[int] = []
    bells.when_touched(rung.append)
    yield rung
    bells._listeners.remove(rung.append)


@pytest.fixture
def dead_broker(tmp_path: Path) -> Iterator[None]:
    """A broker whose folders are gone and cannot be made: the product's own transport, broken for real."""
    options = dict(current_app.conf.broker_transport_options)
    blocked = tmp_path / "blocked"
    blocked.touch()
    current_app.conf.broker_transport_options = {**options, "folder": str(blocked / "messages")}
    current_app.pool.force_close_all()
    current_app.amqp._producer_pool = None
    yield
    current_app.conf.broker_transport_options = options
    current_app.amqp._producer_pool = None
    bells._quiet_until = 0.0


def test_touched_rings_only_after_commit(page: Page, heard: list[int]) -> None:
    with transaction.atomic():
        open_incident(page, title="Fault", body="Words.", by=DANA, at=T0)
        assert heard == []
    assert heard == [page.pk]


def test_touched_is_silent_when_the_transaction_fails(page: Page, heard: list[int]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        open_incident(page, title="Fault", body="Words.", by=DANA, at=T0)
        raise RuntimeError
    assert heard == []


def test_a_listener_that_fails_does_not_fail_the_post(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    def broken(page_pk: int) -> None:
        raise OSError("disk full")

    bells.when_touched(broken)
    try:
        open_incident(page, title="Fault", body="Words.", by=DANA, at=T0)
    finally:
        bells._listeners.remove(broken)
    assert Incident.objects.count() == 1
    assert "the sweep will do it" in caplog.text


def test_a_dead_broker_does_not_fail_the_post_and_is_not_asked_again_at_once(
    page: Page, dead_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    open_incident(page, title="Fault", body="Words.", by=DANA, at=T0)
    open_incident(page, title="Another", body="Words.", by=DANA, at=T0)
    assert Incident.objects.count() == 2
    assert caplog.text.count("the broker did not answer") == 1


def test_what_a_stranger_does_never_waits_for_the_publisher(page: Page, heard: list[int]) -> None:
    before = Event.objects.count()
    request_subscription(page, channel="email", address="ada@example.com", at=T0)
    ada = Subscriber.objects.get()
    confirm_subscription(ada, at=T0)
    choose_components(ada, components=[], at=T0)
    end_subscription(ada, at=T0)
    assert (Event.objects.count() - before, heard) == (4, [])
