"""Names and addresses through the system's resolver."""

import asyncio
import errno
import socket
import threading

import pytest

from incidents.sip.errors import LocalFault, NotResolved
from incidents.sip.resolution import Endpoint, resolve


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_stands_for_itself(address: str) -> None:
    assert await resolve(address, 5060) == (Endpoint(address, 5060),)


async def test_localhost_is_on_loopback() -> None:
    found = await resolve("localhost", 5060, family="ipv4")
    assert found == (Endpoint("127.0.0.1", 5060),)


@pytest.mark.parametrize("name", ["a" * 70 + ".invalid", "..", "x" * 250])
async def test_a_name_that_can_not_exist_is_not_resolved(name: str) -> None:
    with pytest.raises(NotResolved):
        async with asyncio.timeout(30):
            await resolve(name, 5060)


def _system_says(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver, of which a test cannot take the servers away, fails like this."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY])
async def test_a_name_that_the_resolver_knows_not_to_exist_is_not_resolved(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _system_says(socket.gaierror(number, "Name or service not known"), monkeypatch)
    with pytest.raises(NotResolved, match=r"^pbx\.example\.test: name or service not known$"):
        await resolve("pbx.example.test", 5060)


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(),
    ],
)
async def test_a_resolver_that_cannot_tell_is_our_own_fault(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    _system_says(error, monkeypatch)
    with pytest.raises(LocalFault, match=r"our resolver could not look up pbx\.example\.test: \w"):
        await resolve("pbx.example.test", 5060)


async def test_an_address_of_the_other_family_is_not_resolved() -> None:
    with pytest.raises(NotResolved, match="IPV6"):
        await resolve("192.0.2.1", 5060, family="ipv6")


async def test_a_look_up_that_is_given_up_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    asking = [asyncio.create_task(resolve("localhost", 5060)) for _ in range(50)]
    await asyncio.sleep(0)
    for task in asking:
        task.cancel()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    while any(thread.name == "resolve" for thread in threading.enumerate()):
        await asyncio.sleep(0.01)
    assert all(isinstance(found, asyncio.CancelledError) for found in ended)
    assert caplog.records == []


def test_the_loop_may_end_before_the_answer_comes() -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await resolve("nothing.invalid", 5060)

    asyncio.run(give_up())


def test_an_ipv6_endpoint_prints_with_brackets() -> None:
    assert str(Endpoint("2001:db8::1", 5060)) == "[2001:db8::1]:5060"
    assert str(Endpoint("192.0.2.1", 5060)) == "192.0.2.1:5060"
