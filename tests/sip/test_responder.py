"""The responder as a process: all three transports, garbage, restarts and its end."""

import asyncio
import signal
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.probes.results import Result
from incidents.probes.running import run
from incidents.sip import self_signed
from tests.peers.programs import free_port


@dataclass
class Running:
    process: subprocess.Popen[str]
    port: int
    tls_port: int
    state: Path

    async def probe(self, transport: str) -> Result:
        port = self.tls_port if transport == "tls" else self.port
        options = {"transport": transport, "ca_file": str(self.state / "sip-ca.pem"), "deadline_seconds": 2}
        return await run("sip_options", f"sip:localhost:{port}", options)

    async def register(self, transport: str, password: str, **options: object) -> Result:
        port = self.tls_port if transport == "tls" else self.port
        given = {
            "transport": transport,
            "username": "probe",
            "password": password,
            "ca_file": str(self.state / "sip-ca.pem"),
            **options,
        }
        return await run("sip_register", f"sip:localhost:{port}", given)


def _start(state: Path) -> Running:
    port, tls_port = free_port(), free_port()
    command = [sys.executable, "-m", "incidents.sip.responder", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--tls-port", str(tls_port), "--state-dir", str(state)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "answering OPTIONS and REGISTER" in line, line
    return Running(process, port, tls_port, state)


@pytest.fixture
def responder(tmp_path: Path) -> Iterator[Running]:
    running = _start(tmp_path / "state")
    yield running
    running.process.terminate()
    running.process.communicate(timeout=10)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_it_answers_options_over_each_transport(responder: Running, transport: str) -> None:
    result = await responder.probe(transport)
    assert (result.outcome, result.code, result.server) == ("ok", 200, "Dialtone responder")
    assert "Allow: OPTIONS, REGISTER" in result.trace


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_it_registers_its_account_by_digest_alone(responder: Running, transport: str) -> None:
    password = (responder.state / "sip-password").read_text()
    result = await responder.register(transport, password, check_wrong_password=True)
    assert (result.outcome, result.facts["bindings"]) == ("ok", 1)
    refused = await responder.register(transport, "another")
    assert (refused.outcome, refused.code) == ("auth_failed", 401)
    assert stat.S_IMODE((responder.state / "sip-password").stat().st_mode) == 0o600


async def _say(port: int, data: bytes, *, tls: bool = False) -> bytes:
    context = ssl._create_unverified_context() if tls else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(data)
    try:
        async with asyncio.timeout(5):
            return await reader.read(65536)
    finally:
        writer.transport.abort()


def _request(method: str, extra: str = "") -> bytes:
    return (
        f"{method} sip:localhost SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        f"To: <sip:localhost>\r\nCall-ID: x\r\nCSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n"
    ).encode()


async def test_another_method_is_not_allowed(responder: Running) -> None:
    reply = await _say(responder.port, _request("MESSAGE"))
    assert reply.startswith(b"SIP/2.0 405 Method Not Allowed\r\n")
    assert b"Allow: OPTIONS, REGISTER\r\n" in reply
    assert b"received=127.0.0.1" in reply


async def test_a_ping_gets_a_pong_and_an_ack_gets_nothing(responder: Running) -> None:
    assert await _say(responder.port, _request("ACK") + b"\r\n\r\n") == b"\r\n"


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", bytes(70_000), b"\x16\x03\x01\r\n\r\n", b"SIP/2.0"],
    ids=["http", "zeros", "hello", "half"],
)
async def test_garbage_does_not_stop_it(responder: Running, garbage: bytes) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", responder.port)
    )
    transport.sendto(garbage[:60_000])
    transport.close()
    for port in (responder.port, responder.tls_port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        writer.transport.abort()
    for over in ("udp", "tcp", "tls"):
        assert (await responder.probe(over)).outcome == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_cleanly_also_with_connections_open(responder: Running, number: signal.Signals) -> None:
    _, plain = await asyncio.open_connection("127.0.0.1", responder.port)
    context = ssl._create_unverified_context()
    _, secure = await asyncio.open_connection("127.0.0.1", responder.tls_port, ssl=context)
    responder.process.send_signal(number)
    _, errors = responder.process.communicate(timeout=10)
    assert (responder.process.returncode, errors) == (0, "")
    for writer in (plain, secure):
        writer.transport.abort()
    assert (await responder.probe("udp")).outcome == "refused"


def test_its_certificate_outlives_a_restart_and_its_key_is_private(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = _start(state)
    kept = (state / "sip-ca.pem").read_bytes()
    first.process.kill()
    first.process.communicate(timeout=10)
    second = _start(state)
    assert (state / "sip-ca.pem").read_bytes() == kept
    assert stat.S_IMODE((state / "sip-key.pem").stat().st_mode) == 0o600
    second.process.terminate()
    second.process.communicate(timeout=10)


@pytest.mark.parametrize("damaged", ["sip-ca.pem", "sip-key.pem"])
def test_a_damaged_certificate_is_made_again(tmp_path: Path, damaged: str) -> None:
    state = tmp_path / "state"
    for text in (None, "not PEM\n"):
        if text is not None:
            (state / damaged).write_text(text)
        running = _start(state)
        assert asyncio.run(running.probe("tls")).outcome == "ok"
        running.process.terminate()
        running.process.communicate(timeout=10)


async def test_a_key_of_another_pair_is_replaced_with_its_certificate(tmp_path: Path) -> None:
    """What a crash between the two writes leaves behind."""
    at = datetime.now(UTC)
    _, key = self_signed.ensure(tmp_path / "state", at=at)
    _, other = self_signed.ensure(tmp_path / "other", at=at)
    key.write_bytes(other.read_bytes())
    running = _start(tmp_path / "state")
    assert (await running.probe("tls")).outcome == "ok"
    running.process.terminate()
    running.process.communicate(timeout=10)


def test_a_certificate_that_expires_soon_is_made_again(tmp_path: Path) -> None:
    certificate, _ = self_signed.ensure(tmp_path, at=datetime.now(UTC) - timedelta(days=300))
    kept = certificate.read_bytes()
    self_signed.ensure(tmp_path, at=datetime.now(UTC))
    assert certificate.read_bytes() == kept
    self_signed.ensure(tmp_path, at=datetime.now(UTC) + timedelta(days=40))
    assert certificate.read_bytes() != kept


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    running = _start(tmp_path / "a")
    command = [sys.executable, "-m", "incidents.sip.responder", "--port", str(running.port)]
    command += ["--tls-port", str(free_port()), "--state-dir", str(tmp_path / "b")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1
    assert "cannot serve" in second.stderr
    assert "Traceback" not in second.stderr
    running.process.terminate()
    running.process.communicate(timeout=10)


def test_it_starts_in_well_under_a_second(tmp_path: Path) -> None:
    spent = []
    for number in range(3):
        started = time.monotonic()
        running = _start(tmp_path / str(number))
        spent.append(time.monotonic() - started)
        running.process.terminate()
        running.process.communicate(timeout=10)
    assert min(spent) < 1
