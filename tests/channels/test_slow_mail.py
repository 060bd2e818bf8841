"""A mail server that is slow to confirm, or never does: one copy, and everything else goes on."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import Settings

from incidents.channels import mail_line
from incidents.channels.email import EMAIL
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from tests.peers.installation import eventually
from tests.peers.mail import MailSink
from tests.peers.programs import free_port
from tests.peers.sink import Reply, hook_sink

Readers = Callable[..., Recipient]


@pytest.fixture(autouse=True)
def short_patience(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_CONFIRM_SECONDS = 60
    monkeypatch.setattr(mail_line, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(mail_line, "SLOW_PATIENCE_SECONDS", 0.3)


def batch(reader: Readers, count: int) -> list[Recipient]:
    return [reader(number, f"r{number}@example.test") for number in range(count)]


def later(answers: list[Answer]) -> list[Answer]:
    """What becomes of those that are pending, waited for side by side."""
    found: list[Answer] = []

    def wait(answer: Answer) -> None:
        assert answer.later
        found.append(answer.later())

    threads = [threading.Thread(target=wait, args=(each,)) for each in answers if each.later]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_a_reply_that_comes_late_is_waited_for_elsewhere_and_no_mail_is_sent_twice(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.hold = 4.0
    began = time.monotonic()
    answers = EMAIL.send(notice, batch(reader, 6))
    assert time.monotonic() - began < 4 + 6 * 1.0
    assert {answer.verdict for answer in answers} <= {Verdict.PENDING, Verdict.SENT}
    assert answers[0].verdict == Verdict.PENDING
    settled = later(answers)
    assert {answer.verdict for answer in settled} == {Verdict.SENT}
    assert sorted(mail.recipients) == [f"r{number}@example.test" for number in range(6)]
    assert mail_line.count_late() == 0


def test_the_mail_that_was_announced_behind_a_late_one_is_not_lost(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    """It was pipelined on the connection that waits, and goes over another one."""
    mail.hold = 3.0
    answers = EMAIL.send(notice, batch(reader, 2))
    later(answers)
    assert mail.recipients == ["r0@example.test", "r1@example.test"]
    assert mail.connections == 2


def test_a_server_that_never_confirms_leaves_it_unknown(
    notice: Notice, reader: Readers, mail: MailSink, settings: Settings
) -> None:
    settings.EMAIL_CONFIRM_SECONDS = 2
    mail.hold = 30.0
    (answer,) = EMAIL.send(notice, batch(reader, 1))
    (found,) = later([answer])
    assert found.verdict == Verdict.UNKNOWN
    assert found.detail == "Unknown whether it arrived: no reply in time"
    assert not found.is_theirs


def test_a_refusal_that_comes_late_is_one_and_is_tried_again(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.hold = 2.0
    mail.replies = {"DATA r0@example.test": "451 4.7.1 try later", "DATA r1@example.test": "554 5.7.1 spam"}
    answers = EMAIL.send(notice, batch(reader, 2))
    found = {answer.key: answer for answer in later(answers)}
    assert {answer.verdict for answer in found.values()} == {Verdict.RETRY}
    assert {answer.code for answer in found.values()} == {451, 554}


def test_few_replies_are_waited_for_at_a_time_and_the_rest_keep_their_tries(
    notice: Notice, reader: Readers, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_line, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr("incidents.channels.mailing.MAX_LATE", 3)
    mail.hold = 15.0
    answers = EMAIL.send(notice, batch(reader, 20))
    verdicts = [answer.verdict for answer in answers]
    assert set(verdicts) == {Verdict.PENDING, Verdict.UNTRIED}
    assert verdicts.count(Verdict.PENDING) == len(mail.recipients) == 3
    assert answers[-1].detail == mail_line.HOLDS_BACK
    del answers  # whoever waits no more gives the place back
    eventually(lambda: mail_line.count_late() == 0, within=30)


def test_a_connection_that_is_lost_after_the_final_dot_leaves_the_mail_unknown(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.replies = {"DATA r1@example.test": "hang up"}
    answers = EMAIL.send(notice, batch(reader, 3))
    assert [answer.verdict for answer in answers] == [Verdict.SENT, Verdict.UNKNOWN, Verdict.SENT]
    assert answers[1].detail.startswith("Unknown whether it arrived: ")


def test_a_text_of_eight_bits_is_announced(notice: Notice, reader: Readers, mail: MailSink) -> None:
    EMAIL.send(replace(notice, body="Störung in Köln"), batch(reader, 1))
    assert mail.options == [["BODY=8BITMIME"]]
    assert not mail.raw[0].isascii()


@pytest.mark.parametrize(
    "body", ["Störung in Köln.\n.versteckt\nEnde", "日本語の障害情報です。\n復旧しました。", "🎉 " * 400]
)
def test_a_server_without_8bitmime_gets_seven_bits_and_the_same_words(
    notice: Notice, reader: Readers, mail: MailSink, body: str
) -> None:
    mail.hidden = {"8BITMIME", "SMTPUTF8"}
    (answer,) = EMAIL.send(replace(notice, body=body), batch(reader, 1))
    assert answer.verdict == Verdict.SENT
    assert mail.options == [[]]
    assert mail.raw[0].isascii()
    assert max(map(len, mail.raw[0].splitlines())) <= 998
    part = mail.messages[0].get_body(("plain",))
    assert part is not None
    assert body.strip() in part.get_content().replace("\r\n", "\n")
    page = mail.messages[0].get_body(("html",))
    assert page is not None
    assert page.get_content_charset() == "utf-8"


def test_an_address_that_needs_smtputf8_is_refused_where_it_is_not_offered(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.hidden = {"SMTPUTF8"}
    answers = EMAIL.send(notice, [reader(0, "jürgen@example.test"), reader(1, "ada@example.test")])
    assert [answer.verdict for answer in answers] == [Verdict.REFUSED, Verdict.SENT]
    assert "SMTPUTF8" in answers[0].detail
    assert not answers[0].is_gone


def test_an_address_that_needs_smtputf8_is_announced_where_it_is_offered(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    (answer,) = EMAIL.send(notice, [reader(0, "jürgen@example.test")])
    assert answer.verdict == Verdict.SENT
    assert "SMTPUTF8" in mail.options[0]


def test_a_mail_service_that_gives_no_answer_in_time_leaves_the_mail_unknown(
    notice: Notice, reader: Readers, settings: Settings
) -> None:
    with hook_sink(lambda _: Reply(before=lambda: time.sleep(4))) as service:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "t",
            "POSTMARK_API_URL": service.url("/"),
            "REQUESTS_TIMEOUT": 1,
        }
        (answer,) = EMAIL.send(notice, batch(reader, 1))
    assert answer.verdict == Verdict.UNKNOWN
    assert "the mail service gave no answer in time" in answer.detail


def test_a_mail_service_that_cannot_be_reached_was_not_given_the_mail(
    notice: Notice, reader: Readers, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "t",
        "POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}/",
        "REQUESTS_TIMEOUT": 1,
    }
    (answer,) = EMAIL.send(notice, batch(reader, 1))
    assert answer.verdict == Verdict.RETRY
