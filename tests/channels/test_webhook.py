"""Webhooks over real HTTP: what is sent, how it is signed, and which answers count as what."""

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from incidents.channels.guard import networks
from incidents.channels.messages import Notice, Recipient, Verdict
from incidents.channels.webhook import WEBHOOK
from tests.channels.conftest import SECRET
from tests.channels.posted import post_all
from tests.peers.sink import HookSink, Reply

Readers = Callable[..., Recipient]


def test_a_hook_carries_the_payload_led_by_the_readers_own_meta(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    answers = WEBHOOK.send(notice, [reader(1, hooks.url("/a")), reader(2, hooks.url("/b"))])
    assert [answer.verdict for answer in answers] == [Verdict.SENT, Verdict.SENT]
    (hook,) = hooks.at("/b")
    assert list(hook.json) == ["meta", "page", "incident"]
    assert hook.json["meta"] == {
        "unsubscribe": "http://status.sipcity.test/subscriptions/leave/2?a=1&b=2",
        "documentation": "http://status.sipcity.test/help/notifications/",
        "generated_at": "2021-10-09T08:22:01.000+11:00",
    }
    assert hook.json["incident"]["name"] == "Degradé"
    assert hook.headers["content-type"] == "application/json"


def test_the_signature_verifies_with_the_standard_library_of_receivers(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    WEBHOOK.send(notice, [reader(1, hooks.url())])
    (hook,) = hooks.hooks
    assert Webhook(SECRET).verify(hook.body, dict(hook.headers))["incident"]["id"] == "kz3f9q1m2x7p"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(hook.body.replace(b"kz3f", b"xxxx"), dict(hook.headers))


def test_another_attempt_has_the_same_id_and_a_fresh_signature(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    for _ in range(2):
        WEBHOOK.send(notice, [reader(1, hooks.url())])
    first, second = hooks.hooks
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "1-abcdefghijk1"
    Webhook(SECRET).verify(second.body, dict(second.headers))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.SENT),
        (202, Verdict.SENT),
        (204, Verdict.SENT),
        (301, Verdict.RETRY),
        (304, Verdict.RETRY),
        (400, Verdict.RETRY),
        (404, Verdict.RETRY),
        (410, Verdict.REFUSED),
        (429, Verdict.RETRY),
        (500, Verdict.RETRY),
        (503, Verdict.RETRY),
    ],
)
def test_only_2xx_is_success_and_410_is_for_good(
    notice: Notice, reader: Readers, hooks: HookSink, status: int, verdict: Verdict
) -> None:
    hooks.behave = lambda _: Reply(
        status, {"Location": "/elsewhere"}, b"" if status in {204, 304} else b"words"
    )
    (answer,) = WEBHOOK.send(notice, [reader(1, hooks.url())])
    assert answer.verdict == verdict
    assert answer.detail.startswith(str(status))
    assert len(hooks.hooks) == 1


def test_retry_after_is_understood_as_seconds_and_as_a_date(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    asked = {"/a": "120", "/b": later, "/c": "soon", "/d": "-5", "/e": "9" * 400}
    hooks.behave = lambda hook: Reply(503, {"Retry-After": asked[hook.path]})
    answers = WEBHOOK.send(notice, [reader(number, hooks.url(path)) for number, path in enumerate(asked)])
    assert answers[0].retry_after == 120
    assert answers[1].retry_after == pytest.approx(300, abs=10)
    assert answers[2].retry_after is answers[3].retry_after is None
    assert answers[4].retry_after is not None


def test_only_the_first_kilobyte_of_an_answer_is_kept_and_it_is_harmless(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    hooks.behave = lambda _: Reply(500, {}, b"\x00\x1b[31m\xff<script>\r\n" + b"x" * 5_000_000)
    (answer,) = WEBHOOK.send(notice, [reader(1, hooks.url())])
    assert len(answer.detail) <= 1000
    assert answer.detail.isprintable()
    assert "<script> xxx" in answer.detail


def test_a_packed_answer_is_not_unpacked(notice: Notice, reader: Readers, hooks: HookSink) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    hooks.behave = lambda _: Reply(200, {"Content-Encoding": "gzip"}, bomb)
    (answer,) = WEBHOOK.send(notice, [reader(1, hooks.url())])
    assert answer.verdict == Verdict.SENT
    assert len(answer.detail) <= 1000


def test_an_endpoint_that_hangs_is_a_retry_and_delays_nobody(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    hooks.behave = lambda hook: Reply(before=lambda: time.sleep(3)) if hook.path == "/slow" else Reply()
    readers = [reader(1, hooks.url("/slow")), *(reader(number, hooks.url()) for number in range(2, 40))]
    answers = post_all(notice, readers, allowed=networks(("127.0.0.1",)), deadline=1.5)
    assert answers[0].verdict == Verdict.RETRY
    assert answers[0].detail == "no answer in time"
    assert {answer.verdict for answer in answers[1:]} == {Verdict.SENT}


def test_a_dead_endpoint_is_a_retry_with_a_reason(
    notice: Notice, reader: Readers, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    (answer,) = WEBHOOK.send(notice, [reader(1, "http://127.0.0.1:1/")])
    assert answer.verdict == Verdict.RETRY
    assert "127.0.0.1" in answer.detail


def test_an_endpoint_without_a_secret_costs_the_others_nothing(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    answers = WEBHOOK.send(notice, [reader(1, hooks.url(), secrets=()), reader(2, hooks.url())])
    assert [answer.verdict for answer in answers] == [Verdict.RETRY, Verdict.SENT]
