"""The example in the help that checks a signature is run here, word for word, against a real message."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from incidents.channels.messages import Notice, Recipient
from incidents.channels.webhook import WEBHOOK
from tests.channels.conftest import SECRET
from tests.peers.sink import HookSink

PAGE: Path = settings.BASE_DIR / "templates" / "docs" / "notifications.md"


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    (example,) = re.findall(r"```\n(import base64.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    found: Callable[..., bool] = names["is_ours"]
    return found


def test_the_example_accepts_our_messages_and_nothing_else(
    notice: Notice, reader: Callable[..., Recipient], hooks: HookSink, is_ours: Callable[..., bool]
) -> None:
    WEBHOOK.send(notice, [reader(1, hooks.url())])
    (hook,) = hooks.hooks
    headers = dict(hook.headers)
    assert is_ours(SECRET, headers, hook.body)
    assert not is_ours(SECRET, headers, hook.body + b" ")
    assert not is_ours("whsec_b3RoZXI=", headers, hook.body)
    assert not is_ours(SECRET, {**headers, "webhook-id": "2-x"}, hook.body)
    assert not is_ours(SECRET, {**headers, "webhook-timestamp": "1633728120"}, hook.body)
