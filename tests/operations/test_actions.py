"""Promises outlive the version that made them; the version keeps what it said."""

from datetime import date, timedelta

import pytest

from incidents.domain.rfo_content import ActionState
from incidents.models import ActionItem, Rfo, RfoVersion
from incidents.operations.actions import close_action, remove_action, save_action
from incidents.operations.errors import Refused
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, resolve

pytestmark = pytest.mark.django_db
AT = BEGAN + timedelta(days=1)


@pytest.fixture
def rfo() -> Rfo:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    return draft_rfo(incident, body="Words.", by=DEMO, at=AT).rfo


def promise(rfo: Rfo, what: str = "Check certificates") -> ActionItem:
    return save_action(None, rfo=rfo, what=what, owner="Voice", due=date(2021, 11, 1), by=DEMO, at=AT)


def publish(rfo: Rfo) -> RfoVersion:
    version = rfo.versions.get()
    publish_rfo(version, by=DEMO, at=AT + timedelta(days=1))
    version.refresh_from_db()
    return version


def test_a_version_keeps_what_was_promised_whatever_becomes_of_it(rfo: Rfo) -> None:
    item = promise(rfo)
    version = publish(rfo)
    close_action(item, state=ActionState.DONE, evidence="Change 17", by=DEMO, at=AT + timedelta(days=9))
    version.refresh_from_db()
    (kept,) = version.whole.actions
    assert (kept.what, kept.owner, kept.state) == ("Check certificates", "Voice", ActionState.OPEN)
    item.refresh_from_db()
    assert (item.state, item.evidence, item.closed_at) == ("done", "Change 17", AT + timedelta(days=9))


def test_dropping_a_promise_takes_a_reason_and_it_may_be_opened_again(rfo: Rfo) -> None:
    item = promise(rfo)
    with pytest.raises(Refused, match="why"):
        close_action(item, state=ActionState.DROPPED, by=DEMO, at=AT)
    close_action(item, state=ActionState.DROPPED, evidence="Not needed.", by=DEMO, at=AT)
    assert close_action(item, state=ActionState.OPEN, by=DEMO, at=AT).closed_at is None


def test_a_promise_that_customers_have_read_is_not_taken_out(rfo: Rfo) -> None:
    gone, kept = promise(rfo, "One"), promise(rfo, "Two")
    remove_action(gone, by=DEMO, at=AT)
    publish(rfo)
    with pytest.raises(Refused, match="have read"):
        remove_action(kept, by=DEMO, at=AT)
    assert ActionItem.objects.get() == kept


@pytest.mark.parametrize("what", ["", "x" * 501, "a\x00b"])
def test_a_promise_has_words(rfo: Rfo, what: str) -> None:
    with pytest.raises(Refused):
        promise(rfo, what)


def test_there_are_a_hundred_at_most(rfo: Rfo) -> None:
    ActionItem.objects.bulk_create(ActionItem(rfo=rfo, what="x", created_at=AT) for _ in range(100))
    with pytest.raises(Refused, match="100"):
        promise(rfo)
