"""Mail about accounts: at most three a day to a mailbox, none to strangers, ours in words and links, never lost."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidents.domain.deliveries import DeliveryState
from incidents.domain.journal import EventKind
from incidents.domain.roles import Role
from incidents.models import AccountMail, AuditLine, Event, Page, Quota
from incidents.notifying.account_mails import send_account_mails
from incidents.operations.actors import SHELL
from incidents.operations.quotas import purge_quotas
from incidents.operations.staff import add_person
from incidents.operations.subscribers import request_subscription
from tests.factories import make_page
from tests.peers.mail import mail_sink
from tests.peers.programs import free_port

RESET = "/accounts/password/reset/"
SITE = "http://status.sipcity.test"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana", "Dana@sipcity.test", "a long password", is_staff=True)


def ask(address: str, *, host: str = "testserver", client: str = "127.0.0.1") -> tuple[int, str, str, bytes]:
    response = Client(REMOTE_ADDR=client).post(RESET, {"email": address}, HTTP_HOST=host)
    body = re.sub(rb'value="\w{64}"', b"", response.content)
    return response.status_code, response.headers.get("Location", ""), response.headers["Content-Type"], body


def test_a_thousand_requests_for_one_account_are_three_mails_a_day(dana: User, mailoutbox: list[Any]) -> None:
    for number in range(100):
        cache.clear()
        ask("DANA@sipcity.test" if number % 2 else "dana@sipcity.test", client=f"203.0.113.{number}")
    send_account_mails(at=now())
    assert len(mailoutbox) == 3
    assert {tuple(each.to) for each in mailoutbox} == {("Dana@sipcity.test",)}


def test_nobody_without_an_account_is_mailed(dana: User, mailoutbox: list[Any]) -> None:
    for address in ("victim@third-party.example", "dana+tag@sipcity.test", "dana@sipcity.test.example"):
        ask(address)
    User.objects.update(is_active=False)
    ask("dana@sipcity.test")
    send_account_mails(at=now())
    assert mailoutbox == []
    assert not AccountMail.objects.exists()


def test_the_reply_is_the_same_for_known_and_unknown_first_and_fourth(dana: User) -> None:
    replies = set()
    for address in ("dana@sipcity.test", "nobody@sipcity.test"):
        for _ in range(5):
            cache.clear()
            replies.add(ask(address))
    assert len(replies) == 1
    assert next(iter(replies))[:2] == (302, f"{RESET}done/")


def test_one_counter_holds_for_subscriptions_and_passwords_together(
    page: Page, dana: User, mailoutbox: list[Any]
) -> None:
    at = now()
    request_subscription(page, channel="email", address="dana+noc@sipcity.test", at=at)
    request_subscription(
        page, channel="webhook", address="https://h.example.com/1", contact_email="DANA@sipcity.test", at=at
    )
    for _ in range(3):
        ask("dana@sipcity.test")
    request_subscription(page, channel="email", address="dana@sipcity.test", at=at)
    send_account_mails(at=now())
    asked = Event.objects.filter(kind=EventKind.SUBSCRIBER_REQUESTED, notifies=True).count()
    assert (asked, len(mailoutbox)) == (2, 1)


def test_after_a_day_the_counter_begins_again_and_is_purged(dana: User, time_machine: Any) -> None:
    time_machine.move_to(now())
    for _ in range(4):
        ask("dana@sipcity.test")
    assert AccountMail.objects.count() == 3
    assert purge_quotas(at=now()) == 0
    time_machine.shift(DAY + timedelta(seconds=1))
    cache.clear()
    ask("dana@sipcity.test")
    assert AccountMail.objects.count() == 4
    time_machine.shift(DAY + timedelta(seconds=1))
    assert purge_quotas(at=now()) == 1


def test_the_counter_holds_no_address(dana: User) -> None:
    ask("dana@sipcity.test")
    assert not [each for each in Quota.objects.values_list() if "dana" in str(each)]


def test_one_caller_is_slowed_down_over_all_addresses(db: None) -> None:
    codes = [ask(f"victim{number}@example.net")[0] for number in range(15)]
    assert codes == [302] * 10 + [429] * 5


def test_the_words_the_subject_and_the_link_are_ours_whatever_host_was_asked(
    dana: User, mailoutbox: list[Any]
) -> None:
    ask("dana@sipcity.test", host="localhost")
    send_account_mails(at=now())
    (letter,) = mailoutbox
    assert letter.subject == "Choose a password"
    assert letter.alternatives == []
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "localhost" not in letter.body + str(letter.extra_headers)
    links = re.findall(r"https?://\S+", letter.body)
    assert {link.startswith(SITE) for link in links} == {True}
    path = next(link for link in links if "/key/" in link).removeprefix(SITE)
    client = Client()
    form = client.get(path, follow=True).redirect_chain[-1][0]
    words = {"password1": "some good words", "password2": "some good words"}
    assert client.post(form, words).status_code == 302
    assert User.objects.get().check_password("some good words")
    assert b"password1" not in Client().get(path, follow=True).content  # used up


def test_a_reset_ends_every_other_session_and_tells_the_owner(dana: User, mailoutbox: list[Any]) -> None:
    thief = Client()
    thief.force_login(dana)
    ask("dana@sipcity.test")
    send_account_mails(at=now())
    path = re.findall(rf"{SITE}(\S+/key/\S+)", mailoutbox[0].body)[0]
    client = Client()
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "some good words", "password2": "some good words"})
    assert thief.get("/accounts/sessions/").headers["Location"].startswith("/accounts/login/")
    send_account_mails(at=now())
    assert [each.subject for each in mailoutbox] == ["Choose a password", "Your password was changed"]
    assert AuditLine.objects.filter(kind="staff.password_changed", actor="dana").exists()


@pytest.mark.parametrize("is_invitation", [True, False])
def test_a_link_is_good_for_three_days(
    dana: User, mailoutbox: list[Any], time_machine: Any, is_invitation: bool
) -> None:
    time_machine.move_to(now())
    if is_invitation:
        erin = add_person(
            username="erin", email="erin@sipcity.test", roles={None: Role.VIEWER}, by=SHELL, at=now()
        )
        assert not erin.has_usable_password()
    else:
        ask("dana@sipcity.test")
    send_account_mails(at=now())
    path = re.findall(rf"{SITE}(\S+/key/\S+)", mailoutbox[0].body)[0]
    assert "3 days" in mailoutbox[0].body
    time_machine.shift(3 * DAY - timedelta(minutes=1))
    assert b"password1" in Client().get(path, follow=True).content
    time_machine.shift(timedelta(minutes=2))
    assert b"password1" not in Client().get(path, follow=True).content


def test_a_token_is_written_nowhere(dana: User, mailoutbox: list[Any]) -> None:
    ask("dana@sipcity.test")
    send_account_mails(at=now())
    token = re.findall(r"/key/\w+?-(\S+)/", mailoutbox[0].body)[0]
    assert not [each for each in AccountMail.objects.values_list() if token in str(each)]


def test_a_link_goes_nowhere_once_the_account_is_switched_off_or_has_another_address(
    dana: User, mailoutbox: list[Any]
) -> None:
    for change in ({"is_active": False}, {"is_active": True, "email": "new@sipcity.test"}):
        User.objects.update(is_active=True, email="dana@sipcity.test")
        ask("dana@sipcity.test")
        User.objects.update(**change)
        send_account_mails(at=now())
    assert mailoutbox == []
    assert set(AccountMail.objects.values_list("state", flat=True)) == {DeliveryState.DEAD}


def smtp(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def test_a_mail_server_that_is_down_loses_nothing_and_the_asker_learns_nothing(
    dana: User, settings: Any
) -> None:
    smtp(settings, free_port())
    assert ask("dana@sipcity.test")[:2] == (302, f"{RESET}done/")
    at = now()
    assert send_account_mails(at=at) == 0
    row = AccountMail.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.FAILED, 1)
    assert at < row.due_at < at + timedelta(minutes=1)
    with mail_sink() as sink:
        smtp(settings, sink.port)
        assert send_account_mails(at=at) == 0  # not before its time
        assert send_account_mails(at=row.due_at) == 1
        assert [str(each["Subject"]) for each in sink.to("Dana@sipcity.test")] == ["Choose a password"]
        assert send_account_mails(at=row.due_at + DAY) == 0


@pytest.mark.parametrize(("reply", "state"), [("550 5.1.1 No such user", "dead"), ("451 Later", "failed")])
def test_a_refusal_for_good_is_final_and_another_is_tried_again(
    dana: User, settings: Any, reply: str, state: str
) -> None:
    with mail_sink() as sink:
        smtp(settings, sink.port)
        sink.replies["Dana@sipcity.test"] = reply
        ask("dana@sipcity.test")
        send_account_mails(at=now())
    assert AccountMail.objects.get().state == state


def test_whoever_dies_while_sending_loses_nothing(dana: User, mailoutbox: list[Any]) -> None:
    ask("dana@sipcity.test")
    at: datetime = now()
    AccountMail.objects.update(leased_until=at + timedelta(minutes=4), attempts=1)
    assert send_account_mails(at=at) == 0
    assert send_account_mails(at=at + timedelta(minutes=5)) == 1
    assert len(mailoutbox) == 1


def test_after_three_days_it_is_given_up(dana: User, settings: Any) -> None:
    smtp(settings, free_port())
    ask("dana@sipcity.test")
    send_account_mails(at=now() + timedelta(days=3, minutes=1))
    assert AccountMail.objects.get().state == DeliveryState.DEAD


def test_allauth_sends_no_mail_by_itself(dana: User, mailoutbox: list[mail.EmailMessage]) -> None:
    client = Client()
    client.force_login(dana)
    words = {
        "oldpassword": "a long password",
        "password1": "another good one",
        "password2": "another good one",
    }
    assert client.post("/accounts/password/change/", words).status_code == 302
    assert mailoutbox == []
    send_account_mails(at=now())
    assert [each.subject for each in mailoutbox] == ["Your password was changed"]
