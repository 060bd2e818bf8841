"""`python -m incidents.probes` as a process: evidence, last line, exit status, and no Django."""

import asyncio
import re
import signal
import subprocess
import sys
import time

import pytest

from incidents.probes.__main__ import offered
from incidents.probes.kinds import KINDS
from tests.peers.faults import ok, udp_peer
from tests.peers.programs import free_port


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "incidents.probes", *arguments]


async def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, _command(*arguments), capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("code", "status", "outcome"), [(200, 0, "ok"), (404, 1, "degraded"), (503, 2, "error_code")]
)
async def test_the_exit_status_is_the_health(code: int, status: int, outcome: str) -> None:
    async with udp_peer(lambda request, _: [ok(request, code=code, reason="Reason")]) as peer:
        done = await _run("sip_options", f"sip:127.0.0.1:{peer.port}")
    assert (done.returncode, done.stderr) == (status, "")
    lines = done.stdout.splitlines()
    assert any(line.startswith("sent OPTIONS") for line in lines)
    assert re.fullmatch(
        rf"outcome: {outcome} {code} Reason.* \(dns [\d.]+ ms, connect [\d.]+ ms, sip [\d.]+ ms, total [\d.]+ ms\)",
        lines[-1],
    )


async def test_a_closed_port_fails_with_two() -> None:
    done = await _run("sip_options", f"127.0.0.1:{free_port()}", "--transport", "tcp")
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1].startswith("outcome: refused connection refused")


async def test_a_fault_of_ours_exits_with_three() -> None:
    missing = ("--transport", "tls", "--ca-file", "missing.pem")
    async with udp_peer(lambda *_: []) as peer:
        listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", peer.port)
        done = await _run("sip_options", f"127.0.0.1:{peer.port}", *missing)
        listening.close()
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1].startswith("outcome: internal trust file cannot be read")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "KIND"),
        (["crystal_ball", "host"], "invalid choice"),
        (["sip_options"], "TARGET"),
        (["sip_options", "host", "--colour", "red"], "unrecognized arguments: --colour red"),
        (["sip_options", "host", "--transport", "pigeon"], "--transport must be one of udp, tcp, tls"),
        (["sip_options", "host", "--deadline-seconds", "99"], "--deadline-seconds must be 30 or less"),
        (["sip_options", "host", "--expected-codes", "abc"], "--expected-codes must be status codes"),
        (["sip_options", "http://host"], "TARGET malformed host"),
    ],
)
async def test_a_wrong_command_line_says_what_is_wrong_and_exits_with_three(
    arguments: list[str], words: str
) -> None:
    done = await _run(*arguments)
    assert done.returncode == 3
    assert words in done.stderr
    assert done.stderr.startswith("usage:")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


async def test_help_names_every_kind_and_option() -> None:
    done = await _run("--help")
    assert done.returncode == 0
    for kind in KINDS.values():
        assert kind.name in done.stdout
        for field in offered(kind):
            assert f"--{field.name.replace('_', '-')}" in done.stdout
            assert field.help in done.stdout
        own = await _run(kind.name, "--help")
        assert "TARGET" in own.stdout
    assert "exit status: 0 ok, 1 degraded or warning, 2 failed, 3 internal" in done.stdout


async def test_no_framework_is_loaded() -> None:
    names = "django celery kombu psycopg aiohttp rest_framework"
    code = (
        "import sys, runpy; sys.argv = ['probes', '--help']\n"
        "try: runpy.run_module('incidents.probes', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print([name for name in {names.split()!r} if name in sys.modules])"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"


async def test_an_interrupt_ends_it_quietly() -> None:
    # Whoever starts the tests may ignore SIGINT, and a child would inherit that.
    start = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start += "runpy.run_module('incidents.probes', run_name='__main__')"
    async with udp_peer(lambda *_: []) as peer:
        options = ("sip_options", f"127.0.0.1:{peer.port}", "--deadline-seconds", "20")
        process = subprocess.Popen(
            [sys.executable, "-c", start, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 20
        while not peer.requests and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.to_thread(process.communicate, timeout=10)
    assert process.returncode == 130
    assert errors == ""
