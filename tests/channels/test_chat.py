"""Slack and Teams over real HTTP: what people in the channel read, and what becomes of a channel that is no more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Notice, Recipient, Verdict
from tests.peers.sink import HookSink, Reply

Readers = Callable[..., Recipient]
SLACK, TEAMS = KINDS["slack"], KINDS["teams"]
CHAT = pytest.mark.parametrize("name", ["slack", "teams"])


def posted(hooks: HookSink) -> Any:
    (hook,) = hooks.hooks
    assert hook.headers["content-type"] == "application/json"
    return hook.json


def card_words(message: Any) -> list[str]:
    return [block["text"] for block in message["attachments"][0]["content"]["body"]]


def test_a_slack_channel_reads_what_how_and_when(notice: Notice, reader: Readers, hooks: HookSink) -> None:
    (answer,) = SLACK.send(notice, [reader(1, hooks.url(), secrets=())])
    assert answer.verdict == Verdict.SENT
    message = posted(hooks)
    header, section, context = message["blocks"]
    assert message["text"] == "Identified: Degraded network [SIPcity]"
    assert header["text"] == {"type": "plain_text", "text": "Identified: Degraded network"}
    assert section["text"]["text"].startswith("We found the cause.")
    words = context["elements"][0]["text"]
    assert "This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX." in words
    assert "Posted Oct 09, 2021 - 08:22 AEDT (2021-10-08 21:22 UTC)" in words
    assert f"<{notice.url}|Open the status page>" in words


def test_a_teams_channel_reads_what_how_and_when(notice: Notice, reader: Readers, hooks: HookSink) -> None:
    (answer,) = TEAMS.send(notice, [reader(1, hooks.url(), secrets=())])
    assert answer.verdict == Verdict.SENT
    message = posted(hooks)
    card = message["attachments"][0]
    assert message["type"] == "message"
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["content"]["type"], card["content"]["version"]) == ("AdaptiveCard", "1.4")
    assert card_words(message)[:2] == ["SIPcity", "Identified: Degraded network"]
    assert card["content"]["actions"][0]["url"] == notice.url


def test_no_words_of_an_update_ping_a_channel_or_hide_a_link(
    notice: Notice, reader: Readers, hooks: HookSink
) -> None:
    hostile = replace(notice, body="<!channel> & <https://evil.test|our bank>", title="<!here>")
    SLACK.send(hostile, [reader(1, hooks.url(), secrets=())])
    text = str(posted(hooks))
    assert "<!" not in text.replace("'text': 'Identified: <!here>'", "")
    assert "&lt;!channel&gt; &amp; &lt;https://evil.test|our bank&gt;" in text


def test_no_words_of_an_update_are_marks_of_a_card(notice: Notice, reader: Readers, hooks: HookSink) -> None:
    TEAMS.send(replace(notice, body="**loud** [our bank](https://evil.test)"), [reader(1, hooks.url())])
    assert "\\*\\*loud\\*\\* \\[our bank\\]\\(https://evil\\.test\\)" in card_words(posted(hooks))


@CHAT
def test_a_long_update_is_cut_to_what_the_service_takes(
    notice: Notice, reader: Readers, hooks: HookSink, name: str
) -> None:
    long = replace(notice, title="outage " * 60, body="word & more " * 5000, affected="Component, " * 900)
    (answer,) = KINDS[name].send(long, [reader(1, hooks.url(), secrets=())])
    assert answer.verdict == Verdict.SENT
    assert len(hooks.hooks[0].body) < 28_000
    if name == "slack":
        header, section, context = posted(hooks)["blocks"]
        assert len(header["text"]["text"]) <= 150
        assert len(section["text"]["text"]) <= 3000
        assert len(context["elements"][0]["text"]) <= 3000


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(200, {}, b"ok"), Verdict.SENT),
        (Reply(202), Verdict.SENT),
        (Reply(404, {}, b"no_service"), Verdict.REFUSED),
        (Reply(410, {}, b"channel_is_archived"), Verdict.REFUSED),
        (Reply(404, {}, b"who knows"), Verdict.RETRY),
        (Reply(403, {}, b"action_prohibited"), Verdict.RETRY),
        (Reply(429, {"Retry-After": "30"}), Verdict.RETRY),
    ],
)
def test_a_slack_channel_that_is_no_more_is_known_by_its_answer(
    notice: Notice, reader: Readers, hooks: HookSink, reply: Reply, verdict: Verdict
) -> None:
    hooks.behave = lambda _: reply
    (answer,) = SLACK.send(notice, [reader(1, hooks.url(), secrets=())])
    assert (answer.verdict, answer.is_gone) == (verdict, verdict == Verdict.REFUSED)
    assert answer.retry_after == (30 if reply.headers else None)


@CHAT
def test_a_private_address_is_refused_to_chat_as_well(name: str) -> None:
    with pytest.raises(ValueError, match="not a public address"):
        KINDS[name].normalise("http://169.254.169.254/hook")
