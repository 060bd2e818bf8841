"""Whom a limit counts: the caller, not the proxy in front of us and not what the caller wrote himself."""

import pytest
from django.test import RequestFactory

from incidents.web.limits import caller


@pytest.mark.parametrize(
    ("remote", "forwarded", "counted"),
    [
        ("203.0.114.9", "", "203.0.114.9"),
        ("203.0.114.9", "1.2.3.4", "203.0.114.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.114.9", "203.0.114.9"),
        ("10.0.0.2", "203.0.114.9", "203.0.114.9"),
        ("", "203.0.114.9", "203.0.114.9"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("127.0.0.1", "x" * 10_000, "127.0.0.1"),
        ("2600:1:2:3:4:5:6:7", "", "2600:1:2:3::/64"),
        ("::ffff:203.0.114.9", "", "203.0.114.9"),
        ("nonsense", "", ""),
    ],
)
def test_the_caller_is_who_reached_our_own_proxy(remote: str, forwarded: str, counted: str) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert caller(request) == counted
