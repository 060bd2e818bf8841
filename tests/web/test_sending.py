"""What the log says of requests that the gate refuses."""

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from incidents.web import sending
from incidents.web.refusals import AMBIGUOUS
from incidents.web.sending import Outbox


async def test_a_refusals_log_line_has_its_status_as_a_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger=sending.__name__)
    scope: Any = SimpleNamespace(method="POST", path="/x")
    answered: list[int] = []
    proto = SimpleNamespace(response_bytes=lambda status, headers, body: answered.append(status))
    outbox = Outbox()
    for _ in range(2):
        outbox.refuse(AMBIGUOUS, scope, proto, closes=True)
    outbox._tell()
    assert answered == [400, 400]
    first, summary = (vars(each) for each in caplog.records)
    assert repr(first["status"]) == "400"
    assert json.dumps(summary["by_status"]) == '{"400": 2}'
