"""sip_register against Debian's own Kamailio: three transports, two algorithms, and each live fault."""

import asyncio
from collections.abc import Iterator

import pytest

from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.kamailio import Kamailio

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["MD5", "SHA-256"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kamailio]:
    folder = tmp_path_factory.mktemp("kamailio")
    with Kamailio(folder, algorithm=request.param) as kamailio:
        yield kamailio


@pytest.fixture
def healthy(running: Kamailio) -> Iterator[Kamailio]:
    """With the faults taken back, and what a fault of the test before has left unanswered let go."""
    yield running
    running.fault("none")


def options_for(kamailio: Kamailio, user: str, transport: str) -> dict[str, object]:
    return {
        "username": user,
        "password": f"s3cret-{user}",
        "transport": transport,
        "server_name": "localhost",
        "ca_file": str(kamailio.ca_file),
        "deadline_seconds": 3,
    }


async def register(
    kamailio: Kamailio, user: str = "alice", transport: str = "udp", **options: object
) -> Result:
    port = kamailio.tls_port if transport == "tls" else kamailio.port
    given = {**options_for(kamailio, user, transport), **options}
    return await run("sip_register", f"sip:127.0.0.1:{port}", given)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("user", ["alice", "bob"])
async def test_it_registers_over_each_transport_and_leaves_nothing(
    healthy: Kamailio, transport: str, user: str
) -> None:
    result = await register(healthy, user, transport)
    assert (result.outcome, result.code, result.facts["bindings"]) == ("ok", 200, 1)
    assert "dialtone" not in healthy.bindings()


async def test_a_wrong_password_reads_auth_failed_and_an_unknown_user_too(healthy: Kamailio) -> None:
    wrong = await register(healthy, password="wrong")
    assert (wrong.outcome, wrong.code) == ("auth_failed", 401)
    unknown = await register(healthy, user="nobody")
    assert (unknown.outcome, unknown.code) == ("auth_failed", 401)


async def test_it_refuses_a_wrong_password_and_asks_for_one(healthy: Kamailio) -> None:
    assert (await register(healthy, check_wrong_password=True)).outcome == "ok"
    assert "dialtone" not in healthy.bindings()


@pytest.mark.parametrize(
    ("mode", "registration", "option"),
    [
        ("503", "error_code", "error_code"),
        ("drop", "timeout", "timeout"),
        ("wrongauth", "auth_failed", "ok"),
        ("none", "ok", "ok"),
    ],
)
async def test_each_live_fault_is_classed(
    healthy: Kamailio, mode: str, registration: str, option: str
) -> None:
    healthy.fault(mode)
    asked = await run("sip_options", f"127.0.0.1:{healthy.port}", {"deadline_seconds": 3})
    assert ((await register(healthy)).outcome, asked.outcome) == (registration, option)


async def test_answers_that_take_three_seconds_are_late_for_both(healthy: Kamailio) -> None:
    healthy.fault("slow")
    asked, registered = await asyncio.gather(
        run("sip_options", f"127.0.0.1:{healthy.port}", {"deadline_seconds": 5}),
        register(healthy, deadline_seconds=5),
    )
    healthy.fault("none")
    assert (asked.outcome, asked.retransmissions) == ("degraded", 2)
    assert registered.outcome == "timeout"
    while (await register(healthy, deadline_seconds=5)).outcome != "ok":
        await asyncio.sleep(0.5)  # its workers sleep off what was asked while it was slow


async def test_thirty_at_once_under_different_ports_of_one_account_leave_nothing(healthy: Kamailio) -> None:
    target = f"sip:127.0.0.1:{healthy.port}"
    jobs = [
        Job(str(number), "sip_register", target, options_for(healthy, "alice", "udp")) for number in range(30)
    ]
    results = await run_batch(jobs)
    assert {str(result.outcome) for result in results} <= {"ok", "degraded", "wrong_reply"}
    assert (await register(healthy)).outcome == "ok"
    assert "dialtone" not in healthy.bindings()


async def test_what_a_killed_run_left_is_replaced_not_multiplied(healthy: Kamailio) -> None:
    for _ in range(3):
        running = asyncio.create_task(register(healthy, transport="tcp", deadline_seconds=10))
        while "dialtone" not in healthy.bindings() and not running.done():
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    result = await register(healthy, transport="tcp")
    assert (result.outcome, result.facts["bindings"]) == ("ok", 1)
    assert "dialtone" not in healthy.bindings()
