"""Who confirmed before the journal's order was written down is told by that order too, whatever the clock shows."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from incidents.models import Event, Subscriber
from incidents.operations.fanout import readers
from tests.factories import make_incident, make_page, make_update, resolve
from tests.operations.queue import HOUR, expand_all, reader

pytestmark = pytest.mark.django_db
MIGRATION = import_module("incidents.migrations.0021_system_clock")
DAY = 24 * HOUR


def upgrade() -> None:
    MIGRATION.remember_joining(apps, None)


def test_nobody_of_before_is_lost_when_the_clock_is_set_back_after_the_upgrade() -> None:
    at = datetime.now(UTC)
    page = make_page("SIPcity", at=at - 20 * DAY)
    ada = reader(page, since=at - 10 * DAY)
    upgrade()
    make_incident(page, at=at - 400 * DAY)
    assert ada in readers(Event.objects.latest("pk"))


def test_what_times_decided_before_the_upgrade_is_decided_alike_after_it() -> None:
    at = datetime.now(UTC)
    page = make_page("SIPcity", at=at - 200 * DAY)
    old = make_incident(page, "Old and open", at=at - 150 * DAY)
    early = reader(page, "early", since=at - 160 * DAY)
    between = reader(page, "between", since=at - 100 * DAY)
    expand_all(at - 90 * DAY)
    make_update(old, at=at - HOUR)
    late = reader(page, "late", since=at - timedelta(minutes=30))
    never = reader(page, "never", since=at)
    Subscriber.objects.filter(pk=never.pk).update(confirmed_at=None)
    waiting = Event.objects.latest("pk")
    resolve(old, at=at)
    ending = Event.objects.latest("pk")
    before = [set(readers(each)) for each in (waiting, ending)]
    assert before[0] == {early, between}
    assert {between, late} <= before[1]
    upgrade()
    upgrade()
    assert [set(readers(each)) for each in (waiting, ending)] == before
    never.refresh_from_db()
    assert never.joined_after is None
