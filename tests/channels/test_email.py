"""E-mail through a real SMTP server: what a reader gets, and what becomes of what cannot be delivered."""

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from incidents.channels.email import EMAIL
from incidents.channels.mailing import CONNECTIONS
from incidents.channels.messages import Notice, Recipient, Verdict
from tests.peers.mail import MailSink

Readers = Callable[..., Recipient]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def test_a_mail_reads_well_as_text_and_as_html(notice: Notice, reader: Readers, mail: MailSink) -> None:
    (answer,) = EMAIL.send(notice, [reader(1, "ada@example.test")])
    assert answer.verdict == Verdict.SENT
    (message,) = mail.to("ada@example.test")
    text = part(message, "plain")
    assert text.startswith(
        "SIPcity: Degraded network\n\nIdentified\nPosted Oct 09, 2021 - 08:22 AEDT (2021-10-08"
    )
    assert "A <b>certificate</b> is malformed & the stack fails." in text
    assert "This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX." in text
    assert "Earlier\n-------\n\nInvestigating\nPosted Oct 09, 2021 - 08:00 AEDT\n\nWe are looking." in text
    assert "Unsubscribe: http://status.sipcity.test/subscriptions/leave/1?a=1&b=2\n" in text
    html = part(message, "html")
    assert "A &lt;b&gt;certificate&lt;/b&gt; is malformed &amp; the stack fails." in html
    assert 'href="http://status.sipcity.test/subscriptions/leave/1?a=1&amp;b=2"' in html


def test_the_headers_thread_an_incident_and_offer_one_click(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    EMAIL.send(notice, [reader(1, "ada@example.test")])
    EMAIL.send(replace(notice, heading="Resolved"), [reader(2, "ada@example.test")])
    first, second = mail.messages
    root = "<incident-kz3f9q1m2x7p@dialtone.invalid>"
    assert first["References"] == first["In-Reply-To"] == second["References"] == root
    assert first["Subject"] == second["Subject"] == "Identified: Degraded network [SIPcity]"
    assert first["Message-ID"] == "<1-abcdefghijk1@dialtone.invalid>" != second["Message-ID"]
    assert first["List-Unsubscribe"] == "<http://status.sipcity.test/subscriptions/leave/1?a=1&b=2>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["List-Id"] == "<updates.dialtone.invalid>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["From"] == "SIPcity <status@status.sipcity.test>"


def test_a_second_attempt_has_the_same_message_id(notice: Notice, reader: Readers, mail: MailSink) -> None:
    for _ in range(2):
        EMAIL.send(notice, [reader(1, "ada@example.test")])
    assert len({message["Message-ID"] for message in mail.messages}) == 1


def test_a_batch_shares_few_connections_and_each_mail_has_one_reader(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    answers = EMAIL.send(notice, [reader(each, f"reader{each}@example.test") for each in range(30)])
    assert [answer.verdict for answer in answers] == [Verdict.SENT] * 30
    assert mail.connections <= CONNECTIONS
    assert sorted(mail.recipients) == sorted(f"reader{each}@example.test" for each in range(30))
    assert [message["To"] for message in mail.messages] == mail.recipients
    (seventh,) = mail.to("reader7@example.test")
    assert "/leave/7?" in part(seventh, "plain")
    assert "/leave/8?" not in part(seventh, "plain")


def test_one_refused_address_harms_nobody_else(notice: Notice, reader: Readers, mail: MailSink) -> None:
    mail.replies = {
        "gone@example.test": "550 No such user here",
        "full@example.test": "452 Mailbox full",
        "DATA spam@example.test": "554 We do not like this",
    }
    names = ("ada", "gone", "full", "spam", "bob")
    answers = EMAIL.send(notice, [reader(each, f"{name}@example.test") for each, name in enumerate(names)])
    assert [answer.verdict for answer in answers] == [
        Verdict.SENT,
        Verdict.REFUSED,
        Verdict.RETRY,
        Verdict.REFUSED,
        Verdict.SENT,
    ]
    assert answers[1].detail == "550 No such user here"
    assert mail.recipients == ["ada@example.test", "bob@example.test"]


def test_a_server_that_hangs_up_on_one_still_gets_the_rest(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.replies = {"evil@example.test": "hang up"}
    answers = EMAIL.send(
        notice, [reader(1, "ada@example.test"), reader(2, "evil@example.test"), reader(3, "b@example.test")]
    )
    assert [answer.verdict for answer in answers] == [Verdict.SENT, Verdict.RETRY, Verdict.SENT]
    assert mail.connections == 2


def test_a_server_that_limits_a_connection_gets_the_next_mail_over_a_new_one(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.messages_a_connection = 3
    answers = EMAIL.send(notice, [reader(each, f"reader{each}@example.test") for each in range(8)])
    assert {answer.verdict for answer in answers} == {Verdict.SENT}
    assert len(mail.messages) == 8
    assert mail.connections == 3


def test_of_a_dead_server_it_is_said_that_nothing_was_tried(
    notice: Notice, reader: Readers, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answers = EMAIL.send(notice, [reader(each, f"reader{each}@example.test") for each in range(200)])
    assert {answer.verdict for answer in answers} == {Verdict.UNTRIED}
    assert any("refused" in answer.detail.lower() for answer in answers)
    assert not any(answer.is_theirs for answer in answers)


@pytest.mark.parametrize(
    "name", ["SIPcity\r\nBcc: victim@example.test", "SIPcity\x00\x0b", 'Zoë\'s, "VoIP"\n']
)
def test_no_words_of_ours_or_of_a_page_can_add_a_header(
    notice: Notice, reader: Readers, mail: MailSink, name: str
) -> None:
    hostile = replace(
        notice, page_name=name, subject=f"[{name}] x\r\nBcc: victim@example.test\r\n\r\nboo", title=name
    )
    (answer,) = EMAIL.send(hostile, [reader(1, "ada@example.test")])
    assert answer.verdict == Verdict.SENT
    (message,) = mail.messages
    assert message["Bcc"] is None
    assert mail.recipients == ["ada@example.test"]


def test_an_address_that_is_no_address_is_an_answer_and_not_a_crash(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    answers = EMAIL.send(notice, [reader(1, "ada@x.test\r\nBcc: v@x.test"), reader(2, "bob@example.test")])
    assert [answer.verdict for answer in answers] == [Verdict.RETRY, Verdict.SENT]
    assert mail.recipients == ["bob@example.test"]


def test_a_mail_that_asks_leads_to_the_readers_own_page(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    asking = replace(
        notice,
        action_label="Confirm",
        is_unasked=True,
        heading=notice.title,
        earlier=(),
        affected="",
        posted="",
    )
    EMAIL.send(asking, [reader(1, "ada@example.test", action_url="http://status.sipcity.test/c/1")])
    text, html = part(mail.messages[0], "plain"), part(mail.messages[0], "html")
    assert "Confirm:\nhttp://status.sipcity.test/c/1\n" in text
    assert 'class="button" href="http://status.sipcity.test/c/1">Confirm</a>' in html
    assert "Unsubscribe" not in text
