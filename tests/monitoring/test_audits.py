"""The audit finds every change: of each column, of the head, of the journal; every line lost, moved or forged."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from incidents.domain.audit import digest, seal
from incidents.models import AuditHead, AuditLine, Event, Page, Subscriber
from incidents.monitoring.audits import Verdict, verify_audit
from incidents.operations.actors import SUBSCRIBER, Actor, staff
from incidents.operations.audit import note
from incidents.operations.people import erase_person
from incidents.operations.subscribers import end_subscription
from tests.factories import BEGAN, make_component, make_incident, make_page, make_update, resolve
from tests.notifying.people import mail_reader

pytestmark = pytest.mark.django_db
COLUMNS = [field.attname for field in AuditLine._meta.fields if field.attname != "id"]
SEALED_OF_EVENT = ["kind", "at", "actor", "user_id", "data"]


@pytest.fixture
def page() -> Page:
    page = make_page("SIPcity")
    incident = make_incident(page, "Calls fail")
    make_component(page, "Network")
    make_update(incident, at=BEGAN + timedelta(minutes=5))
    resolve(incident)
    return page


def broken(**kept: tuple[int, str]) -> list[Verdict]:
    return [verdict for verdict in verify_audit(kept) if verdict.faults]


def other(value: Any) -> Any:
    """Another value of the same type."""
    if value is None:
        return 7
    if isinstance(value, dict):
        return value | {"forged": True}
    if isinstance(value, int):
        return value + 1_000_000
    if hasattr(value, "microsecond"):
        return value + timedelta(microseconds=1)
    return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"


def test_what_nobody_touched_is_intact(page: Page) -> None:
    assert broken() == []
    (verdict,) = verify_audit({})
    assert (verdict.name, verdict.number) == ("SIPcity", Event.objects.count())


@pytest.mark.parametrize("place", [0, 2, -1])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(page: Page, column: str, place: int) -> None:
    line = list(AuditLine.objects.order_by("number"))[place]
    AuditLine.objects.filter(pk=line.pk).update(**{column: other(getattr(line, column))})
    assert broken()


@pytest.mark.parametrize("column", ["chain", "number", "digest", "seal"])
def test_a_changed_column_of_the_head_is_found(page: Page, column: str) -> None:
    head = AuditHead.objects.get()
    AuditHead.objects.update(**{column: other(getattr(head, column))})
    assert broken()


@pytest.mark.parametrize("column", SEALED_OF_EVENT)
def test_a_changed_column_of_the_journal_is_found(page: Page, column: str) -> None:
    User.objects.create_user("mallory", pk=7)
    event = Event.objects.order_by("pk")[1]
    value = "probe.changed" if column == "kind" else other(getattr(event, column))
    Event.objects.filter(pk=event.pk).update(**{column: value})
    (verdict,) = broken()
    assert f"event {event.pk} was changed in the journal" in verdict.faults[0]


def test_what_the_outbox_writes_is_no_tampering(page: Page) -> None:
    Event.objects.update(cancelled_at=BEGAN, expanded_at=BEGAN, cursor=9, hold_until=BEGAN)
    assert broken() == []


@pytest.mark.parametrize("place", [0, 2, -1])
def test_a_line_that_is_taken_away_is_found(page: Page, place: int) -> None:
    line = list(AuditLine.objects.order_by("number"))[place]
    line.delete()
    (verdict,) = broken()
    assert str(line.number) in verdict.faults[0]


def test_an_event_that_is_taken_away_is_found(page: Page) -> None:
    event = Event.objects.order_by("pk")[1]
    pk = event.pk
    event.delete()
    assert f"event {pk} is gone from the journal" in broken()[0].faults[0]


def test_an_event_that_was_put_in_is_found(page: Page) -> None:
    forged = Event.objects.latest("pk")
    forged.pk = None
    forged.save()
    assert "has no line" in broken()[0].faults[0]


def test_two_lines_that_changed_places_are_found(page: Page) -> None:
    first, second = AuditLine.objects.order_by("number")[:2]
    AuditLine.objects.filter(pk=first.pk).update(number=10_000)
    AuditLine.objects.filter(pk=second.pk).update(number=first.number)
    AuditLine.objects.filter(pk=first.pk).update(number=second.number)
    assert broken()


def test_a_line_that_was_forged_without_the_key_is_found(page: Page) -> None:
    head = AuditHead.objects.get()
    line = AuditLine.objects.get(number=head.number)
    line.pk, line.number, line.event, line.previous = None, head.number + 1, None, head.digest
    line.digest = digest("a guess", line.previous, line.columns())
    line.save()
    made = seal("a guess", head.chain, line.number, line.digest)
    AuditHead.objects.update(number=line.number, digest=line.digest, seal=made)
    assert "was not written by Dialtone" in broken()[0].faults[0]


def test_a_head_that_is_taken_away_is_found(page: Page) -> None:
    AuditHead.objects.all().delete()
    assert "head of the chain is missing" in broken()[0].faults[0]


def test_a_whole_chain_that_is_taken_away_is_found(page: Page) -> None:
    AuditHead.objects.all().delete()
    AuditLine.objects.all().delete()
    assert broken()


def rolled_back(page: Page) -> None:
    """An attacker with yesterday's copy of all three tables."""
    head = AuditHead.objects.get()
    line = AuditLine.objects.get(number=head.number - 1)
    AuditLine.objects.filter(number=head.number).delete()
    Event.objects.latest("pk").delete()
    made = seal(settings.AUDIT_KEY, head.chain, line.number, line.digest)
    AuditHead.objects.update(number=line.number, digest=line.digest, seal=made)


def test_a_database_of_yesterday_is_found_by_a_head_that_was_kept_elsewhere(page: Page) -> None:
    (before,) = verify_audit({})
    rolled_back(page)
    assert broken() == []
    (verdict,) = broken(**{page.code: (before.number, before.last)})
    assert "when its head was kept" in verdict.faults[0]


def test_a_kept_head_is_still_passed_when_the_chain_has_grown(page: Page) -> None:
    (before,) = verify_audit({})
    make_component(page, "Voicemail")
    assert broken(**{page.code: (before.number, before.last)}) == []
    assert broken(**{page.code: (before.number, "0" * 64)})


def test_what_concerns_no_page_has_a_chain_of_its_own(db: None) -> None:
    dana = User.objects.create_user("dana")
    for what in ("staff.signed_in", "key.made"):
        note(what, by=staff(dana), at=BEGAN, subject="person dana", data={"x": "é\n"})
    (verdict,) = verify_audit({})
    assert (verdict.name, verdict.number, verdict.faults) == ("installation", 2, [])
    AuditLine.objects.filter(number=1).update(data="{}")
    assert broken()


def test_an_erased_person_breaks_no_chain_and_is_nowhere_in_it(page: Page) -> None:
    reader, address = mail_reader(page), "ada@example.com"
    end_subscription(reader, by=SUBSCRIBER, at=BEGAN)
    assert Event.objects.filter(subscriber=reader).exists()
    erase_person(address, by=Actor("dana"), at=BEGAN)
    assert not Subscriber.objects.exists()
    assert broken() == []
    assert not any(address in str(row) for row in AuditLine.objects.values_list())


@pytest.mark.parametrize(
    "act",
    [
        lambda line: AuditLine.objects.filter(pk=line.pk).update(actor="nobody"),
        lambda line: line.delete(),
        lambda line: AuditLine.objects.all().delete(),
    ],
)
def test_the_database_itself_refuses_to_change_a_line(page: Page, act: Callable[[Model], object]) -> None:
    migration = import_module("incidents.migrations.0006_audit")
    for statement in migration.REFUSE[connection.vendor]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act(AuditLine.objects.order_by("pk")[0])
    make_component(page, "Voicemail")
    assert broken() == []
    for statement in migration.ALLOW[connection.vendor]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
