"""The filter that keeps refusals from flooding the log."""

import logging

import pytest
from django.test import RequestFactory
from django.urls import resolve

from incidents.web.repeated_refusals import MAX_LINES_A_DOOR, WINDOW_SECONDS, RepeatedRefusals


def record(
    path: str = "/customers/x1", *, status: int = 404, address: str = "203.0.113.9"
) -> logging.LogRecord:
    request = RequestFactory().get(path, REMOTE_ADDR=address)
    if not path.startswith("/nothing"):
        request.resolver_match = resolve(path)
    made = logging.makeLogRecord({"name": "django.request", "msg": "Not Found: %s", "args": (path,)})
    made.request, made.status_code = request, status
    return made


def test_the_first_of_a_kind_is_written_and_ten_thousand_others_are_not() -> None:
    found = RepeatedRefusals(clock=lambda: 100.0)
    written = [found.filter(record(f"/customers/x{number}")) for number in range(10_000)]
    assert written == [True] + [False] * 9_999


@pytest.mark.parametrize(
    "other",
    [{"status": 429}, {"address": "198.51.100.7"}, {"path": "/beats/abcdefghijkl"}, {"path": "/nothing"}],
)
def test_another_door_status_or_network_is_another_kind(other: dict[str, object]) -> None:
    found = RepeatedRefusals(clock=lambda: 100.0)
    assert found.filter(record())
    assert found.filter(record(**other))  # type: ignore[arg-type]
    assert not found.filter(record(**other))  # type: ignore[arg-type]


def test_addresses_that_lead_nowhere_are_one_door() -> None:
    found = RepeatedRefusals(clock=lambda: 100.0)
    assert [found.filter(record(f"/nothing/{number}")) for number in range(5)] == [True] + [False] * 4


def test_a_network_of_ipv6_is_one_and_many_networks_are_bounded() -> None:
    found = RepeatedRefusals(clock=lambda: 100.0)
    assert [found.filter(record(address=f"2001:db8::{n}")) for n in range(1, 4)] == [True, False, False]
    many = [found.filter(record(address=f"2001:db8:0:{n:x}::1")) for n in range(1, 500)]
    assert sum(many) == MAX_LINES_A_DOOR - 1


def test_the_next_line_says_how_many_were_left_out() -> None:
    clock = [100.0]
    found = RepeatedRefusals(clock=lambda: clock[0])
    for _ in range(8):
        found.filter(record())
    clock[0] += WINDOW_SECONDS
    later = record()
    assert found.filter(later)
    assert later.not_logged_before == 7  # type: ignore[attr-defined]


def test_faults_of_our_own_and_other_lines_are_always_written() -> None:
    found = RepeatedRefusals(clock=lambda: 100.0)
    assert all(found.filter(record(status=500)) for _ in range(3))


def test_not_ready_is_written_once_a_minute_whoever_asks_and_a_failure_each_time() -> None:
    now = [100.0]
    found = RepeatedRefusals(clock=lambda: now[0])
    written = [found.filter(record("/readyz", status=503, address=f"10.0.{n}.9")) for n in range(100)]
    assert written == [True] + [False] * 99
    now[0] += WINDOW_SECONDS
    again = record("/readyz", status=503, address="10.0.3.9")
    assert found.filter(again)
    assert vars(again)["not_logged_before"] == 99
    failed = record("/readyz", status=503)
    failed.exc_info = (ValueError, ValueError("x"), None)
    assert found.filter(failed) and found.filter(failed)
    assert all(found.filter(logging.makeLogRecord({"msg": "words"})) for _ in range(3))


def test_what_it_remembers_is_bounded() -> None:
    found = RepeatedRefusals(max_kept=50, clock=lambda: 100.0)
    for number in range(1000):
        found.filter(record(address=f"2001:db8:0:{number:x}::1"))
    assert len(found._counts) + len(found._left_out) <= 102
