"""Mail in bulk: with and without pipelining, over servers that refuse, stall, limit and go away."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from pytest_django import Settings

from incidents.channels import mailing
from incidents.channels.email import EMAIL
from incidents.channels.letters import Letter
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from tests.peers.mail import MailSink

Readers = Callable[..., Recipient]
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def batch(reader: Readers, count: int) -> list[Recipient]:
    return [reader(number, f"r{number}@example.test") for number in range(count)]


def test_a_server_that_refuses_most_is_no_fault_of_the_mailboxes(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    mail.replies = {f"r{number}@example.test": "550 5.1.1 relay denied" for number in range(20)}
    answers = EMAIL.send(notice, batch(reader, 25))
    assert {answer.verdict for answer in answers[:20]} == {Verdict.RETRY}
    assert not any(answer.is_gone or answer.is_theirs for answer in answers[:20])
    assert "refused alike" in answers[0].detail
    assert {answer.verdict for answer in answers[20:]} == {Verdict.SENT}


@pytest.mark.parametrize(
    ("reply", "is_gone"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.1.10 null MX", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 No such user", True),
        ("553 sorry", True),
        ("550 5.7.1 we do not like you", False),
        ("552 5.2.2 mailbox full", False),
        ("554 transaction failed", False),
    ],
)
def test_only_what_does_not_exist_is_gone(
    notice: Notice, reader: Readers, mail: MailSink, reply: str, *, is_gone: bool
) -> None:
    mail.replies = {"r0@example.test": reply}
    answers = EMAIL.send(notice, batch(reader, 8))
    assert answers[0].verdict == Verdict.REFUSED
    assert answers[0].is_gone is is_gone
    assert answers[0].code == int(reply[:3])


@dataclass
class Script:
    """A server that says what it is told to, one line after another, and cannot do two things at once."""

    port: int = 0
    pause: float = 0.0
    heard: list[str] = field(default_factory=list)
    texts: int = 0
    early: int = 0
    """Commands that came before the one before them was answered."""


@contextmanager
def plain_server(script: Script) -> Iterator[Script]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 plain.test\r\n")
            in_text = False
            for line in self.rfile:
                if in_text:
                    if line == b".\r\n":
                        in_text = False
                        script.texts += 1
                        time.sleep(script.pause)
                        self._answer(b"250 taken\r\n")
                    continue
                verb = line[:4].upper().strip()
                script.heard.append(verb.decode())
                in_text = verb == b"DATA"
                self._answer({b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))

        def _answer(self, words: bytes) -> None:
            self.connection.setblocking(False)
            with suppress(BlockingIOError):
                script.early += bool(self.connection.recv(1, socket.MSG_PEEK))
            self.connection.setblocking(True)
            self.wfile.write(words)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        script.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield script
        server.shutdown()


@pytest.fixture
def plain(settings: Settings) -> Iterator[Script]:
    with plain_server(Script()) as script:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", script.port
        yield script


def test_a_server_that_cannot_pipeline_is_told_one_thing_after_another(
    notice: Notice, reader: Readers, plain: Script
) -> None:
    answers = EMAIL.send(notice, batch(reader, 5))
    assert {answer.verdict for answer in answers} == {Verdict.SENT}
    assert (plain.texts, plain.early) == (5, 0)
    assert plain.heard.count("MAIL") == plain.heard.count("RCPT") == plain.heard.count("DATA") == 5


def test_a_slow_server_gets_so_much_time_and_the_rest_keep_their_tries(
    notice: Notice, reader: Readers, plain: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "CHUNK_SECONDS", 0.5)
    plain.pause = 0.2
    began = time.monotonic()
    answers = EMAIL.send(notice, batch(reader, 20))
    assert time.monotonic() - began < 3
    verdicts = [answer.verdict for answer in answers]
    assert set(verdicts) == {Verdict.SENT, Verdict.UNTRIED}
    assert verdicts == sorted(verdicts, key=[Verdict.SENT, Verdict.UNTRIED].index)
    assert verdicts.count(Verdict.SENT) == plain.texts


def test_who_waits_for_answers_is_woken_by_them(notice: Notice, reader: Readers, mail: MailSink) -> None:
    answers: list[Answer] = []
    with EMAIL.open(answers.append) as sender:
        sender.work(0.01, enough=5)
        sender.send(notice, batch(reader, 30))
        for _ in range(100):
            sender.work(0.2, enough=30)
            if len(answers) == 30:
                break
    assert len({answer.key for answer in answers}) == 30


def test_a_leading_dot_and_a_bare_line_end_arrive_as_they_were(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:

    EMAIL.send(replace(notice, body="first\n.hidden\n..two\nlast"), [reader(1, "ada@example.test")])
    body = mail.messages[0].get_body(("plain",))
    assert body is not None
    assert "first\n.hidden\n..two\nlast" in body.get_content().replace("\r\n", "\n")


def test_a_mail_with_a_line_beyond_smtps_limit_is_encoded_and_still_has_its_links(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:

    EMAIL.send(
        replace(notice, body="x" * 3000), [reader(1, "ada@example.test"), reader(2, "bob@example.test")]
    )
    for message in mail.messages:
        body = message.get_body(("plain",))
        assert body is not None
        number = int(str(message["Message-ID"]).strip("<").partition("-")[0])
        assert f"/subscriptions/leave/{number}?a=1&b=2" in body.get_content()


def test_a_mail_that_cannot_be_written_costs_the_one_before_it_nothing(
    notice: Notice, reader: Readers, mail: MailSink
) -> None:
    hostile = reader(1, "ada@x.test\r\nBcc: v@x.test")
    answers = EMAIL.send(notice, [reader(0, "r0@example.test"), hostile, reader(2, "r2@example.test")])
    assert [answer.verdict for answer in answers] == [Verdict.SENT, Verdict.RETRY, Verdict.SENT]
    assert mail.recipients == ["r0@example.test", "r2@example.test"]


def test_the_envelope_names_an_international_sender_as_it_is_looked_up(
    notice: Notice, reader: Readers, mail: MailSink, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Störungen <status@bücher.example>"
    assert Letter(notice).sender == "status@xn--bcher-kva.example"
    (answer,) = EMAIL.send(notice, [reader(1, "ada@example.test")])
    assert answer.verdict == Verdict.SENT
