"""The delivery log and the subscribers as staff see them, and what they can do there."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from incidents.channels.messages import Answer, Verdict
from incidents.domain.components import ComponentStatus
from incidents.models import Attempt, Delivery, Event, Page, Subscriber, Suppression
from incidents.operations.deliveries import claim, settle
from incidents.operations.endpoints import disable_subscription, suppress
from tests.console.conftest import staff
from tests.factories import make_component, make_incident, make_page
from tests.notifying.people import hook_reader, mail_reader
from tests.operations.queue import expand_all

__all__ = ["staff"]
pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def text(client: Client, path: str, **facts: Any) -> str:
    response = client.get(path, facts)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().split())


def told(page: Page) -> tuple[Event, Delivery, Delivery]:
    """One post: a mail that was sent, a receiver that failed once."""
    mail_reader(page), hook_reader(page, "https://hooks.example.com/a")
    make_incident(page, "Calls fail", at=now())
    expand_all(now() + MINUTE)
    for channel, verdict, code in (("email", Verdict.SENT, 250), ("webhook", Verdict.RETRY, 503)):
        (row,) = claim(channel, at=now() + MINUTE, limit=9)
        words = "503 <script>alert(1)</script>" if code == 503 else "250 queued as 4XyZ"
        settle([Answer(row.key, verdict, words, code=code, took=0.25, is_theirs=True)], at=now() + MINUTE)
    mail, hook = Delivery.objects.order_by("pk")
    return mail.event, mail, hook


def test_a_post_shows_how_far_it_has_come_and_each_row_what_was_tried(staff: Client, page: Page) -> None:
    event, _, _ = told(page)
    assert "Calls fail" in text(staff, "/console/deliveries")
    log = text(staff, f"/console/events/{event.pk}/deliveries")
    assert "250 queued as 4XyZ" in log
    assert "503 &lt;script&gt;alert(1)&lt;/script&gt;" in log
    assert "<script>alert" not in log
    assert "250 ms" in log.replace("\u00a0", " ")
    assert Attempt.objects.get().number == 1
    only = text(staff, f"/console/events/{event.pk}/deliveries", state="failed")
    assert "hooks.example.com" in only
    assert "ada@example.com" not in only
    found = text(staff, f"/console/events/{event.pk}/deliveries", q="ada@")
    assert "hooks.example.com" not in found


def test_the_incident_says_of_each_update_who_was_told(staff: Client, page: Page) -> None:
    event, _, _ = told(page)
    assert event.incident
    shown = text(staff, f"/console/incidents/{event.incident.code}")
    assert f"/console/events/{event.pk}/deliveries" in shown
    assert "1 failed" in shown
    assert "1 sent" in shown
    assert "2 subscribers follow this (1 by E-mail, 1 by Webhook)" in shown


def test_before_an_incident_is_opened_one_reads_who_would_be_told(staff: Client, page: Page) -> None:
    mail_reader(page), hook_reader(page, "https://hooks.example.com/a")
    form = text(staff, f"/console/pages/{page.code}/incidents/new")
    assert "2 subscribers on this page (1 by E-mail, 1 by Webhook)" in form


def test_what_is_held_is_seen_in_the_log_and_can_be_withdrawn_there(staff: Client, page: Page) -> None:
    mail_reader(page)
    make_incident(page, "Calls fail", at=now(), hold=MINUTE)
    event = Event.objects.get(notifies=True)
    log = text(staff, f"/console/events/{event.pk}/deliveries")
    assert "Undo: tell nobody" in log
    assert "Send now" in log
    staff.post(f"/console/events/{event.pk}/undo")
    assert "withdrawn" in text(staff, "/console/deliveries")


def test_a_row_is_sent_again_with_the_same_id_and_the_try_says_that_it_was_by_hand(
    staff: Client, page: Page
) -> None:
    event, mail, _ = told(page)
    response = staff.post(f"/console/deliveries/{mail.pk}/again", {"back": "post"})
    assert response.headers["Location"] == f"/console/events/{event.pk}/deliveries"
    mail.refresh_from_db()
    assert (mail.state, mail.manual, mail.attempts) == ("due", True, 1)
    (row,) = claim("email", at=now() + MINUTE, limit=9)
    assert row.key == f"{mail.pk}-{mail.subscriber.code}"
    settle([Answer(row.key, Verdict.RETRY, "452 full", code=452)], at=now() + MINUTE)
    assert Attempt.objects.get(delivery=mail).manual
    assert staff.get(f"/console/deliveries/{mail.pk}/again").status_code == 302
    mail.refresh_from_db()
    assert mail.state == "failed"


def test_what_was_sent_to_somebody_who_left_is_not_sent_again(staff: Client, page: Page) -> None:
    _, mail, _ = told(page)
    Subscriber.objects.filter(pk=mail.subscriber_id).update(state="ended")
    response = staff.post(f"/console/deliveries/{mail.pk}/again", follow=True)
    assert "not told of anything now" in response.content.decode()
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_a_subscriber_is_found_ended_resumed_and_tried(staff: Client, page: Page) -> None:
    ada, hook = mail_reader(page), hook_reader(page, "https://hooks.example.com/a")
    assert "hooks.example.com" not in text(staff, "/console/subscribers", q="ada@")
    assert "ada@" not in text(staff, "/console/subscribers", channel="webhook")
    staff.post(f"/console/subscribers/{ada.code}/end")
    ada.refresh_from_db()
    assert ada.state == "ended"
    disable_subscription(hook, why="<b>410</b> Gone", at=now())
    shown = text(staff, f"/console/subscribers/{hook.code}")
    assert "&lt;b&gt;410&lt;/b&gt; Gone" in shown
    staff.post(f"/console/subscribers/{hook.code}/resume")
    hook.refresh_from_db()
    assert (hook.state, hook.disabled_for) == ("active", "")
    staff.post(f"/console/subscribers/{hook.code}/try")
    assert Event.objects.filter(kind="subscriber.tried", actor="dana").exists()
    assert "whsec_" not in shown


def test_one_persons_data_is_handed_over_and_erased_once_the_address_is_typed_again(
    staff: Client, page: Page
) -> None:
    _, mail, _ = told(page)
    data = json.loads(
        staff.get("/console/subscribers/person/download", {"address": "ADA@example.com"}).content
    )
    (subscription,) = data["subscriptions"]
    assert subscription["address"] == "ada@example.com"
    assert subscription["deliveries"][0]["about"] == "Calls fail"
    suppress("ada@example.com", why="550 gone", at=now())
    path = "/console/subscribers/person/erase"
    staff.post(path, {"address": "ada@example.com", "again": "bob@example.com"})
    assert Subscriber.objects.filter(pk=mail.subscriber_id).exists()
    staff.post(path, {"address": "ada@example.com", "again": "Ada@example.com"})
    assert not Subscriber.objects.filter(address="ada@example.com").exists()
    assert not Delivery.objects.filter(pk=mail.pk).exists()
    assert Suppression.objects.get().why == "Erased at its owner's wish."
    erased = Event.objects.get(kind="subscriber.erased")
    assert (erased.actor, erased.data) == ("dana", {"subscriptions": 1})
    assert "ada@" not in str(list(Event.objects.values()))


def test_a_suppression_is_lifted(staff: Client, page: Page) -> None:
    mail_reader(page)
    suppress("ada@example.com", why="550 gone", at=now())
    assert "550 gone" in text(staff, "/console/subscribers/suppressed")
    staff.post("/console/subscribers/suppressed/lift", {"address": "ada@example.com"})
    assert not Suppression.objects.exists()


def test_a_roster_comes_back_as_it_went(staff: Client, page: Page) -> None:
    network = make_component(page, "Network")
    ada = mail_reader(page, "=cmd@example.com", components=[network])
    Subscriber.objects.update(only_major=True)
    response = staff.get(f"/console/pages/{page.code}/subscribers.csv")
    lines = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert f"email,'=cmd@example.com,,{network.code},yes,active," in lines
    ada.delete()
    shown = bring_in(staff, page, lines.encode(), vouched="on")
    assert "1 added, 0 mailed to confirm, 0 known already" in shown
    again = Subscriber.objects.get()
    assert (again.address, again.only_major, list(again.components.all())) == (
        "=cmd@example.com",
        True,
        [network],
    )
    assert "0 added, 0 mailed to confirm, 1 known already" in bring_in(
        staff, page, lines.encode(), vouched="on"
    )


def bring_in(staff: Client, page: Page, content: bytes, **facts: str) -> str:
    file = SimpleUploadedFile("people.csv", content, "text/csv")
    response = staff.post(f"/console/pages/{page.code}/subscribers/import", {"file": file, **facts})
    return " ".join(response.content.decode().split())


def test_who_is_not_vouched_for_and_who_gets_a_secret_is_asked(staff: Client, page: Page) -> None:
    rows = b"email\nada@example.com\nbob@example.com\n"
    assert "0 added, 2 mailed to confirm" in bring_in(staff, page, rows)
    hook = b"channel,address,contact_email\nwebhook,https://hooks.example.com/a,ops@example.com\n"
    assert "0 added, 1 mailed to confirm" in bring_in(staff, page, hook, vouched="on")
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"pending"}


def test_a_wrong_row_costs_no_other_row_and_says_its_line(staff: Client, page: Page) -> None:
    suppress("gone@example.com", why="550", at=now())
    rows = (
        "channel,address,contact_email,components\nemail,ada@example.com,,\nemail,no address,,\n"
        "pigeon,x@example.com,,\nemail,y@example.com,,nosuch\nwebhook,https://a.example.com/,,\n"
        "email,gone@example.com,,\nemail,ADA@example.com,,\nemail\n"
    )
    assert "Nothing was imported" in bring_in(staff, page, rows.encode(), vouched="on")
    assert not Subscriber.objects.exists()
    shown = bring_in(staff, page, rows.encode(), vouched="on", accept_loss="on")
    assert "1 added, 0 mailed to confirm, 1 known already, 1 suppressed, 5 refused" in shown
    for line in (3, 4, 5, 6, 9):
        assert f"Line {line}:" in shown


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("address,state\nada@example.com,disabled\n", "Line 2: Its state is &#x27;disabled&#x27;"),
        ("email,quarantined_at\nada@example.com,2026-01-01\n", "Line 2: It was quarantined"),
        ("address,phone\nada@example.com,+6421\n", "Line 1: The column &#x27;phone&#x27; is not read."),
        ("address\nada@example.com,major only\n", "Line 2: It has more cells"),
    ],
)
def test_what_a_file_says_and_we_do_not_keep_stops_it(
    staff: Client, page: Page, rows: str, says: str
) -> None:
    shown = bring_in(staff, page, rows.encode(), vouched="on")
    assert "Nothing was imported" in shown
    assert says in shown
    assert not Subscriber.objects.exists()


def test_who_has_not_confirmed_elsewhere_is_asked_here(staff: Client, page: Page) -> None:
    rows = b"address,state\nada@example.com,pending\n"
    assert "1 mailed to confirm" in bring_in(staff, page, rows)
    assert "0 added, 0 mailed to confirm, 1 known already" in bring_in(staff, page, rows, vouched="on")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name,phone\nada,1\n", "address"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'address\n"ada@example.com\n', "not CSV"),
        (b"address\n" + b"a@example.com\n" * 50_001, "At most 50,000 rows"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(staff: Client, page: Page, content: bytes, words: str) -> None:
    assert words in bring_in(staff, page, content, vouched="on")
    assert not Subscriber.objects.exists()


def test_so_many_are_not_asked_at_once(staff: Client, page: Page) -> None:
    rows = "address\n" + "".join(f"r{number}@example.com\n" for number in range(2001))
    assert "At most 2,000 people at a time" in bring_in(staff, page, rows.encode())
    assert not Subscriber.objects.exists()


def test_strangers_see_none_of_it(client: Client, page: Page) -> None:
    event, mail, _ = told(page)
    for path in (
        "deliveries",
        f"events/{event.pk}/deliveries",
        "subscribers",
        f"subscribers/{mail.subscriber.code}",
        "subscribers/person",
        "subscribers/person/download?address=ada@example.com",
        "subscribers/suppressed",
        f"pages/{page.code}/subscribers.csv",
        f"pages/{page.code}/subscribers/import",
    ):
        assert client.get(f"/console/{path}").status_code == 302, path
    for path in (
        f"deliveries/{mail.pk}/again",
        f"subscribers/{mail.subscriber.code}/end",
        "subscribers/person/erase",
    ):
        assert client.post(f"/console/{path}", {"address": "ada@example.com"}).status_code == 302
    assert Subscriber.objects.filter(state="active").count() == 2


def test_a_component_that_moves_is_in_the_log_of_its_receiver(staff: Client, page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    make_incident(
        page, "Calls fail", components={make_component(page, "Network"): ComponentStatus.MAJOR_OUTAGE}
    )
    expand_all(now())
    shown = text(staff, f"/console/subscribers/{hook.code}")
    assert "Network" in shown
    assert "Calls fail" in shown
