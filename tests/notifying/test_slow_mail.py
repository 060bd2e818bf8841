"""A mail server that holds each reply back: one copy for everybody, and no other channel waits for it."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from incidents.channels import mail_line
from incidents.channels.messages import Answer, Verdict
from incidents.domain.account_mails import AccountMailKind
from incidents.models import AccountMail, Attempt, Delivery, Page
from incidents.notifying.account_mails import send_account_mails
from incidents.notifying.relay import relay_due
from incidents.operations.account_mails import queue_account_mail
from incidents.operations.deliveries import Claimed, claim, settle, take_back
from incidents.operations.fanout import expand, expandable
from tests.factories import BEGAN, make_incident, make_page
from tests.notifying.people import hook_reader, mail_reader
from tests.peers.installation import eventually
from tests.peers.mail import MailSink
from tests.peers.sink import HookSink

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def short_patience(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_CONFIRM_SECONDS = 90
    monkeypatch.setattr(mail_line, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(mail_line, "SLOW_PATIENCE_SECONDS", 0.2)


def states() -> Counter[str]:
    return Counter(Delivery.objects.values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_everybody_gets_one_copy_however_often_the_relay_looks(mail: MailSink, hooks: HookSink) -> None:
    page = make_page("SIPcity")
    for number in range(6):
        mail_reader(page, f"r{number}@example.com")
    hook_reader(page, hooks.url())
    make_incident(page)
    mail.hold = 8.0
    began = time.monotonic()
    relay_due()
    assert time.monotonic() - began < 8
    assert len(hooks.hooks) == 1
    assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"due"}
    relay_due()
    relay_due(at=datetime.now(UTC) + MINUTE)
    eventually(lambda: states() == {"sent": 7}, within=60)
    assert sorted(mail.recipients) == [f"r{number}@example.com" for number in range(6)]
    assert not Attempt.objects.exists()


@pytest.mark.django_db
def test_a_mail_that_is_never_confirmed_is_sent_once_more_and_never_again(page: Page) -> None:
    mail_reader(page)
    make_incident(page)
    unknown, at = "Unknown whether it arrived: no reply in time", BEGAN
    for expected, wait in (("failed", 31 * MINUTE), ("dead", 31 * MINUTE)):
        (row,) = _claimed(at)
        settle([Answer(row.key, Verdict.PENDING, mail_line.PENDING)], at=at)
        assert _claimed(at + 2 * MINUTE) == []
        settle([Answer(row.key, Verdict.UNKNOWN, unknown)], at=at + 2 * MINUTE)
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.detail) == (expected, unknown)
        assert _claimed(at + 12 * MINUTE) == []
        at += 2 * MINUTE + wait
    assert _claimed(at + timedelta(days=2)) == []
    assert Attempt.objects.count() == 2


def _claimed(at: datetime) -> list[Claimed]:
    for event in expandable(at):
        expand(event, at=at)
    return claim("email", at=at, limit=10, holder="us")


@pytest.mark.django_db
def test_whoever_waits_for_a_reply_and_dies_costs_one_more_copy_after_the_lease(
    page: Page, settings: Settings
) -> None:
    mail_reader(page)
    make_incident(page)
    (row,) = _claimed(BEGAN)
    settle([Answer(row.key, Verdict.PENDING, mail_line.PENDING)], at=BEGAN)
    assert take_back("us", at=BEGAN) == 0, "the next relay of the place frees only what was not handed over"
    assert _claimed(BEGAN + timedelta(seconds=settings.EMAIL_CONFIRM_SECONDS)) == []
    (again,) = _claimed(BEGAN + timedelta(seconds=settings.EMAIL_CONFIRM_SECONDS + 61))
    assert again.key == row.key, "the Message-ID is made of it"


@pytest.mark.django_db(transaction=True)
def test_a_mail_about_an_account_waits_for_its_reply_and_is_sent_once(mail: MailSink) -> None:
    dana = User.objects.create_user("dana", "dana@example.com", "a long password", is_staff=True)
    queue_account_mail(dana, AccountMailKind.PASSWORD_CHANGED, at=datetime.now(UTC))
    mail.hold = 5.0
    began = time.monotonic()
    send_account_mails(at=datetime.now(UTC))
    assert time.monotonic() - began < 5
    assert AccountMail.objects.get().state == "due"
    send_account_mails(at=datetime.now(UTC) + MINUTE)
    eventually(lambda: AccountMail.objects.get().state == "sent", within=60)
    assert mail.recipients == ["dana@example.com"]
