"""A target given by name: what the resolver says of the name is a finding, what it says of itself is not."""

import socket
import threading

import pytest

from incidents.probes.running import run


async def _ask_for(error: OSError, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    result = await run("sip_options", "sip:pbx.example.test", {})
    return result.outcome, result.health


async def test_a_name_without_an_address_is_a_failure_of_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert await _ask_for(error, monkeypatch) == ("dns", "failed")


async def test_a_resolver_that_is_down_says_nothing_about_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    error = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert await _ask_for(error, monkeypatch) == ("internal", "inconclusive")


async def test_a_resolver_that_stays_silent_says_nothing_about_the_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: end.wait(30) and [])
    result = await run("sip_options", "sip:pbx.example.test", {"deadline_seconds": 0.5})
    end.set()
    assert (result.outcome, result.health) == ("internal", "inconclusive")
    assert result.detail == "our resolver gave no answer for pbx.example.test in time"
