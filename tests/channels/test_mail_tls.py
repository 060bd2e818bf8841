"""Mail is encrypted where the server can do that; what asked for a good certificate gets nothing less."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_django import Settings

from incidents.channels.email import EMAIL
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from tests.peers.certificates import Authority, Pair
from tests.peers.mail import MailSink, mail_sink

Readers = Callable[..., Recipient]
Sends = Callable[[], Answer]
OURS = "incidents.channels.smtp_backend.SmtpBackend"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def serves(settings: Settings) -> Iterator[Callable[..., MailSink]]:
    """Begins a server with STARTTLS and that certificate, and points our settings to it."""
    with ExitStack() as stack:

        def begin(pair: Pair | None, *, fails: bool = False) -> MailSink:
            context = None
            if pair:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(pair.certificate, pair.key)
                if fails:  # with a key of another kind there is no cipher that both sides have
                    context.maximum_version = ssl.TLSVersion.TLSv1_2
                    context.set_ciphers("AES128-SHA256")
            sink = stack.enter_context(mail_sink(context))
            settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = OURS, "127.0.0.1", sink.port
            settings.EMAIL_TIMEOUT = 10
            return sink

        yield begin


@pytest.fixture
def send(notice: Notice, reader: Readers) -> Sends:
    """Sends one mail."""
    return lambda: EMAIL.send(notice, [reader(0, "ada@example.test")])[0]


def test_starttls_is_used_where_it_is_offered_whatever_the_certificate(
    send: Sends, serves: Callable[..., MailSink], authority: Authority
) -> None:
    sink = serves(authority.issue("bad", self_signed=True, sans=("elsewhere.test",)))
    assert send().verdict == Verdict.SENT
    assert sink.encrypted == [True]


def test_a_server_without_it_gets_mail_in_clear(send: Sends, serves: Callable[..., MailSink]) -> None:
    sink = serves(None)
    assert send().verdict == Verdict.SENT
    assert sink.encrypted == [False]


def test_nothing_is_encrypted_where_email_url_asks_for_that(
    send: Sends,
    serves: Callable[..., MailSink],
    authority: Authority,
    settings: Settings,
) -> None:
    sink = serves(authority.issue("good"))
    settings.EMAIL_TLS = "never"
    assert send().verdict == Verdict.SENT
    assert sink.encrypted == [False]


def test_a_handshake_that_fails_costs_the_encryption_and_not_the_mail(
    send: Sends,
    serves: Callable[..., MailSink],
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = serves(authority.issue("good"), fails=True)
    assert send().verdict == Verdict.SENT
    assert sink.encrypted == [False]
    assert "STARTTLS failed; mail goes in clear" in caplog.text


def test_a_password_never_goes_in_clear_after_a_handshake_that_failed(
    send: Sends,
    serves: Callable[..., MailSink],
    authority: Authority,
    settings: Settings,
) -> None:
    sink = serves(authority.issue("good"), fails=True)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "ada", "canary"
    answer = send()
    assert answer.verdict == Verdict.UNTRIED
    assert "the password is not sent" in answer.detail
    assert "canary" not in answer.detail
    assert sink.recipients == []


def test_encryption_that_was_asked_for_takes_an_authority_that_is_trusted(
    send: Sends,
    serves: Callable[..., MailSink],
    authority: Authority,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sink = serves(authority.issue("good"))
    settings.EMAIL_USE_TLS = True
    answer = send()
    assert (answer.verdict, sink.recipients) == (Verdict.UNTRIED, [])
    assert "certificate verify failed" in answer.detail
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    assert send().verdict == Verdict.SENT
    assert sink.encrypted == [True]


def test_encryption_that_was_asked_for_is_never_given_up(
    send: Sends, serves: Callable[..., MailSink], settings: Settings
) -> None:
    sink = serves(None)
    settings.EMAIL_USE_TLS = True
    answer = send()
    assert (answer.verdict, sink.recipients) == (Verdict.UNTRIED, [])
    assert "STARTTLS" in answer.detail
