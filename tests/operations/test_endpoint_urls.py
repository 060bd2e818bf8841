"""URLs of webhooks and chats at rest: sealed, found again by a keyed name, and a lost key harms no other row."""

from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.db.utils import IntegrityError

from incidents.channels.kinds import KINDS
from incidents.models import Attempt, Delivery, Event, Page, Subscriber
from incidents.notifying.relay import relay_due
from incidents.operations.actors import DEMO
from incidents.operations.alerts import add_alert_address
from incidents.operations.credentials import LostKey
from incidents.operations.endpoint_urls import (
    UNREADABLE,
    columns,
    destination,
    kept_addresses,
    name_of,
)
from incidents.operations.key_rotation import rotate_credentials
from incidents.operations.rosters import export_roster, import_roster
from incidents.operations.subscribers import request_subscription
from tests.channels.conftest import MailSink, hooks, mail
from tests.factories import BEGAN, make_incident, make_page
from tests.notifying.people import hook_reader, mail_reader
from tests.peers.installation import Installation
from tests.peers.postgres import Postgres
from tests.peers.sink import Hook, HookSink, Reply, hook_sink

pytestmark = pytest.mark.django_db
__all__ = ["hooks", "mail"]
URL = "https://hooks.slack.com/services/T0CLEAR/B0CLEAR/clearclearclear"
MIGRATION = import_module("incidents.migrations.0013_fields")
THERE_AND_BACK = """
from importlib import import_module
from datetime import UTC, datetime
from django.apps import apps
from django.db import connection, transaction
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.endpoint_urls import destination
from incidents.operations.pages import create_page
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=now)
urls = [f"https://hooks.example.net/{{n}}/clearpath" for n in range({count})]
Subscriber.objects.bulk_create([
    Subscriber(page=page, channel="slack", address=url, nonce="n", created_at=now, disabled_for=f"404 {{url}}")
    for url in urls
] + [Subscriber(page=page, channel="email", address="ada@example.com", nonce="n", created_at=now)])
step = import_module("incidents.migrations.0013_fields")
with transaction.atomic():
    step.seal_urls(apps, None)
rows = Subscriber.objects.exclude(channel="email").order_by("pk")
assert [destination(row) for row in rows] == urls
assert len({{row.address for row in rows}}) == len(urls)
assert not any("clearpath" in row.address + row.sealed_url + row.disabled_for for row in rows)
step.seal_urls(apps, None)
with transaction.atomic():
    step.open_urls(apps, None)
assert list(rows.values_list("address", "sealed_url")) == [(url, "") for url in urls]
assert Subscriber.objects.get(channel="email").address == "ada@example.com"
print("there and back", connection.vendor)
"""


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def everything() -> str:
    """Every column of every row of the tables that have to do with subscribers."""
    with connection.cursor() as cursor:
        found = []
        for table in ("subscriber", "event", "delivery", "attempt", "auditline", "suppression"):
            cursor.execute(f"SELECT * FROM incidents_{table}")
            found += cursor.fetchall()
    return str(found)


def test_no_table_holds_a_url_in_the_clear_however_it_came_in(page: Page) -> None:
    request_subscription(page, channel="slack", address=URL, contact_email="ops@example.com", at=BEGAN)
    add_alert_address(page, channel="teams", address=f"{URL}/alert", by=DEMO, at=BEGAN)
    import_roster(
        page, f"channel,address,contact_email\nslack,{URL}/csv,o@example.com", vouched=True, by=DEMO, at=BEGAN
    )
    rows = list(Subscriber.objects.order_by("pk"))
    assert [destination(row) for row in rows] == [URL, f"{URL}/alert", f"{URL}/csv"]
    assert "clearclearclear" not in everything()
    assert "hooks.slack.com" in everything()


def test_the_same_url_is_one_subscription(page: Page) -> None:
    for _ in range(2):
        request_subscription(page, channel="slack", address=URL, contact_email="ops@example.com", at=BEGAN)
    row = Subscriber.objects.get()
    assert (row.address,) == kept_addresses(KINDS["slack"], URL) == (name_of(URL),)
    with pytest.raises(IntegrityError):
        Subscriber.objects.create(
            page=page, channel="slack", **columns(KINDS["slack"], URL), nonce="n", created_at=BEGAN
        )


def test_without_the_key_a_name_cannot_be_computed(settings: Any) -> None:
    before = name_of(URL)
    settings.CREDENTIALS_KEY = "another key"
    assert before.startswith("hooks.slack.com#")
    assert name_of(URL) != before


def test_a_url_that_cannot_be_read_costs_nobody_else_a_message(
    page: Page, hooks: HookSink, mail: MailSink
) -> None:
    lost, good = hook_reader(page, hooks.url("/lost")), hook_reader(page, hooks.url("/good"))
    mail_reader(page, "ada@example.com")
    Subscriber.objects.filter(pk=lost.pk).update(sealed_url="gAAAAAsealed with another key")
    make_incident(page)
    counts = relay_due(at=BEGAN)
    assert (counts["sent"], counts["refused"]) == (2, 1)
    assert [hook.path for hook in hooks.hooks] == ["/good"]
    assert "CREDENTIALS_KEY" in Delivery.objects.get(subscriber=lost).detail
    assert Delivery.objects.get(subscriber=good).state == "sent"
    text = "".join(export_roster(page))
    assert UNREADABLE in text
    assert hooks.url("/good") in text
    with pytest.raises(LostKey):
        destination(Subscriber.objects.get(pk=lost.pk))


def test_an_answer_that_quotes_the_url_is_kept_without_it(page: Page, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]

    def quoting(hook: Hook) -> Reply:
        return Reply(404, body=f"Cannot POST {hook.path} here (T0CLEAR%2FB0CLEAR clearclearclear)".encode())

    with hook_sink(quoting) as sink:
        hook_reader(page, sink.url("/services/T0CLEAR/B0CLEAR/clearclearclear?key=clearclearquery"))
        make_incident(page)
        relay_due(at=BEGAN)
    row = Delivery.objects.get()
    assert row.detail.startswith("404 Not Found Cannot POST ")
    assert "here" in row.detail
    assert "clear" not in everything().lower()


def test_a_new_key_renames_the_url_and_meanwhile_the_subscription_is_found(page: Page, settings: Any) -> None:
    slack = {"channel": "slack", "address": URL, "contact_email": "ops@example.com"}
    request_subscription(page, **slack, at=BEGAN)
    before = Subscriber.objects.get()
    settings.CREDENTIALS_KEY, settings.CREDENTIALS_KEY_PREVIOUS = "another key", settings.CREDENTIALS_KEY
    request_subscription(page, **slack, at=BEGAN)
    content = f"channel,address,contact_email\nslack,{URL},ops@example.com\n"
    assert import_roster(page, content, vouched=True, by=DEMO, at=BEGAN).known == 1
    assert Subscriber.objects.get() == before
    rotate_credentials(by=DEMO, at=BEGAN)
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    row = Subscriber.objects.get()
    assert row.address == name_of(URL) != before.address
    assert destination(row) == URL


def test_clear_urls_are_sealed_by_the_migration_and_opened_by_its_way_back(page: Page, settings: Any) -> None:
    old = Subscriber.objects.create(
        page=page,
        channel="slack",
        address=URL,
        nonce="n",
        created_at=BEGAN,
        disabled_for=f"404 Cannot POST {urlsplit(URL).path}",
    )
    make_incident(page)
    answered = {"event": Event.objects.latest("pk"), "subscriber": old, "channel": "slack"}
    quoted = f"404 Cannot POST {urlsplit(URL).path}."
    delivery = Delivery.objects.create(**answered, due_at=BEGAN, created_at=BEGAN, detail=quoted)
    Attempt.objects.create(delivery=delivery, number=1, at=BEGAN, took_ms=1, detail=quoted)
    MIGRATION.seal_urls(apps, None)
    assert "clearclearclear" not in everything()
    assert Attempt.objects.get().detail == "404 Cannot POST /…."
    row = Subscriber.objects.get()
    assert (row.address, destination(row)) == (name_of(URL), URL)
    key, settings.CREDENTIALS_KEY = settings.CREDENTIALS_KEY, "another key"
    with pytest.raises(ValueError, match="nothing was changed"):
        MIGRATION.open_urls(apps, None)
    settings.CREDENTIALS_KEY = key
    MIGRATION.open_urls(apps, None)
    row.refresh_from_db()
    assert (row.address, row.sealed_url) == (URL, "")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_migration_goes_there_and_back_on_both_databases(tmp_path: Path, database: str) -> None:
    with ExitStack() as stack:
        url = {"DATABASE_URL": stack.enter_context(Postgres()).url} if database == "postgresql" else {}
        home = stack.enter_context(Installation(tmp_path, **url))
        assert f"there and back {database}" in home.shell(THERE_AND_BACK.format(count=2500))
