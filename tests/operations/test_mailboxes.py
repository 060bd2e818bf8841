"""Addresses that differ in case, or in how an international domain is written, are one mailbox everywhere."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import DeliveryState
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Page, Subscriber, Suppression
from incidents.operations.actors import DEMO
from incidents.operations.alerts import add_alert_address, pages_alerting
from incidents.operations.bounces import Bounce, note_bounce
from incidents.operations.endpoints import is_suppressed, lift_suppression, suppress
from incidents.operations.people import erase_person, export_person
from incidents.operations.rosters import import_roster
from incidents.operations.subscribers import confirm_subscription, request_subscription
from incidents.operations.tokens import Purpose, make_token, read_token
from incidents.operations.vouching import vouch_for
from tests.factories import BEGAN, make_component, make_incident, make_page
from tests.operations.queue import LATER, MINUTE, expand_all, reader
from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.django_db
PARTIAL = ComponentStatus.PARTIAL_OUTAGE
TYPED, AGAIN = "NOC+Status@example.com", "noc+status@Example.COM"


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_who_subscribes_in_another_case_is_the_same_subscriber_and_is_mailed_as_typed(page: Page) -> None:
    request_subscription(page, channel="email", address=TYPED, at=BEGAN)
    confirm_subscription(Subscriber.objects.get(), at=BEGAN)
    request_subscription(page, channel="email", address=AGAIN, at=BEGAN + timedelta(hours=1))
    make_incident(page, at=BEGAN + timedelta(hours=2))
    expand_all()
    assert Subscriber.objects.get().address == TYPED
    assert Delivery.objects.filter(event__incident__isnull=False).count() == 1


def test_a_script_that_vouches_in_another_case_finds_the_same_subscriber(page: Page) -> None:
    facts = {"channel": "email", "by": DEMO, "at": BEGAN}
    assert vouch_for(page, address=TYPED, **facts) == vouch_for(page, address=AGAIN, **facts)  # type: ignore[arg-type]


def test_a_file_with_both_spellings_adds_one_subscriber(page: Page) -> None:
    reader(page, "Known")
    text = f"address\n{TYPED}\n{AGAIN}\nKNOWN@example.com\n"
    report = import_roster(page, text, vouched=True, by=DEMO, at=BEGAN)
    assert (report.added, report.known, report.refused) == (1, 2, [])


def test_an_alert_recipient_in_another_case_is_the_same_one(page: Page) -> None:
    one, _ = add_alert_address(page, channel="email", address=TYPED, by=DEMO, at=BEGAN)
    two, _ = add_alert_address(page, channel="email", address=AGAIN, by=DEMO, at=BEGAN)
    assert one == two
    assert pages_alerting(AGAIN.upper()) == [page]


def test_who_follows_an_incident_and_the_page_in_another_case_is_notified_once(page: Page) -> None:
    incident = make_incident(page)
    reader(page, "ada")
    follower = reader(page, "ADA-to-be")
    Subscriber.objects.filter(pk=follower.pk).update(incident=incident, address="ADA@example.com")
    assert Subscriber.objects.told_of(incident).count() == 1


def test_the_database_itself_refuses_a_second_row_in_another_case(page: Page) -> None:
    reader(page, "ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        reader(page, "ADA")


def test_a_bounce_names_an_international_domain_in_letters_and_reaches_its_subscriber(page: Page) -> None:
    request_subscription(page, channel="email", address="Ada@bücher.example", at=BEGAN)
    row = Subscriber.objects.get()
    confirm_subscription(row, at=BEGAN)
    note_bounce("ADA@BÜCHER.example", Bounce.HARD, why="no such mailbox", at=BEGAN + MINUTE)
    row.refresh_from_db()
    assert (row.address, row.state) == ("Ada@xn--bcher-kva.example", SubscriberState.DISABLED)
    assert is_suppressed("ada@bücher.example")
    assert is_suppressed("ada@xn--bcher-kva.EXAMPLE")


def test_a_suppression_is_lifted_and_a_person_is_erased_in_any_spelling(page: Page) -> None:
    request_subscription(page, channel="email", address="Ada@bücher.example", at=BEGAN)
    suppress("Ada@Bücher.example", why="complaint", at=BEGAN)
    assert Suppression.objects.get().address == "ada@xn--bcher-kva.example"
    assert len(export_person("ADA@bücher.example")["subscriptions"]) == 1
    assert lift_suppression("ada@BÜCHER.example")
    assert erase_person("ADA@bücher.example", by=DEMO, at=BEGAN) == 1


@contextmanager
def before_the_migration() -> Iterator[None]:
    """Without the constraints that refuse a second row, and with them again afterwards."""
    editor, rules = connection.schema_editor(), Subscriber._meta.constraints
    with connection.cursor() as cursor:
        for rule in rules:
            cursor.execute(str(rule.remove_sql(Subscriber, editor)))
        yield
        import_module("incidents.migrations.0018_mailboxes").merge_duplicates(apps, editor)
        for rule in rules:
            cursor.execute(str(rule.create_sql(Subscriber, editor)))


def test_the_migration_keeps_the_confirmed_one_with_both_choices_and_all_deliveries(page: Page) -> None:
    voice, fax, mail = (make_component(page, name) for name in ("Voice", "Fax", "Mail"))
    with before_the_migration():
        asked = reader(page, "Ada")
        Subscriber.objects.filter(pk=asked.pk).update(state=SubscriberState.PENDING, confirmed_at=None)
        kept, other = reader(page, "ADA", since=BEGAN - 2 * MINUTE), reader(page, "ada", since=BEGAN - MINUTE)
        kept.components.set([voice])
        other.components.set([fax])
        asked.components.set([mail])
        make_incident(page, "Both", components={voice: PARTIAL, fax: PARTIAL})
        make_incident(page, "Fax", components={fax: PARTIAL})
        expand_all()
        Delivery.objects.filter(subscriber=other, event__incident__title="Fax").update(state="sent")
    (row,) = Subscriber.objects.public()
    assert (row, row.state, row.address) == (kept, SubscriberState.ACTIVE, "ADA@example.com")
    assert set(row.components.all()) == {voice, fax}
    assert Subscriber.objects.filter(merged_into=kept, state=SubscriberState.ENDED).count() == 2
    assert sorted(row.deliveries.values_list("event__incident__title", "state")) == [
        ("Both", DeliveryState.DUE),
        ("Fax", DeliveryState.SENT),
    ]
    assert Delivery.objects.count() == 3
    assert Delivery.objects.get(subscriber=other).state == DeliveryState.DEAD
    link = make_token(other, Purpose.LEAVE, at=BEGAN)
    assert read_token(link, Purpose.LEAVE, at=LATER) == kept, "a link out of an old mail"


def test_the_migration_reads_no_choice_of_one_as_all(page: Page) -> None:
    with before_the_migration():
        kept = reader(page, "ada")
        kept.components.set([make_component(page, "Voice")])
        reader(page, "ADA")
    (row,) = Subscriber.objects.public()
    assert (row, list(row.components.all())) == (kept, [])


IN_A_DATABASE = """
from datetime import UTC, datetime
from importlib import import_module
from django.apps import apps
from django.db import connection
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=now)
rules = Subscriber._meta.constraints
with connection.schema_editor() as editor:
    for rule in rules:
        editor.remove_constraint(Subscriber, rule)
for name in ("Ada", "ADA", "bob"):
    facts = {"channel": "email", "state": "active", "nonce": name, "created_at": now, "confirmed_at": now}
    Subscriber.objects.create(page=page, address=f"{name}@example.com", **facts)
with connection.schema_editor() as editor:
    import_module("incidents.migrations.0018_mailboxes").merge_duplicates(apps, editor)
    for rule in rules:
        editor.add_constraint(Subscriber, rule)
print(*Subscriber.objects.public().values_list("address", flat=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_migration_merges_and_constrains_in_one_transaction(database: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        known = {"DATABASE_URL": stack.enter_context(Postgres()).url} if database == "postgres" else {}
        home = stack.enter_context(Installation(tmp_path, **known))
        assert home.shell(IN_A_DATABASE).split() == ["Ada@example.com", "bob@example.com"]
