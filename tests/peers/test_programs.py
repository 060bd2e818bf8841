"""The helpers that every real peer stands on."""

import socket

import pytest

from tests.peers.programs import free_port, require


def test_a_program_that_is_there_is_found() -> None:
    assert require("sh", "dash").endswith("/sh")


def test_a_missing_program_skips_and_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIALTONE_TEST_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install crystal-ball"):
        require("no-such-program", "crystal-ball")


def test_in_ci_a_missing_program_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTONE_TEST_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install crystal-ball"):
        require("no-such-program", "crystal-ball")


def test_a_free_port_is_free_for_both() -> None:
    for _ in range(50):
        port = free_port()
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as own:
                own.bind(("127.0.0.1", port))
