"""No URL, however spelled, reaches our own network: hostile vectors against a listener that would tell."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from pytest_django import Settings

from incidents.channels.guard import guarded_socket, networks, refusal
from incidents.channels.messages import Notice, Recipient, Verdict
from incidents.channels.webhook import WEBHOOK
from incidents.domain.networks import is_public
from tests.peers.sink import HookSink, Reply, hook_sink

HOSTS = """
    127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 0 0.0.0.0 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001
    0x7f.0x0.0x0.0x1 127.000.000.001 ①②⑦.⓪.⓪.① localhost LOCALHOST localhost. 127.0.0.1.
    [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1]
    [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [::ffff:0:127.0.0.1] [fe80::1] [fe80::1%25lo] [fec0::1]
    [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] [100::1] [3fff::1] [5f00::1]
    10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1 100.100.100.200 168.63.129.16
    192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1
    255.255.255.255
""".split()  # noqa: SIM905  (a table reads better than 58 quoted strings)
FORMS = ("http://{}:{}/", "https://{}:{}/", "http://localhost@{}:{}/", "http://localhost#@{}:{}/")


@pytest.fixture
def listener() -> Iterator[HookSink]:
    with hook_sink() as sink:
        yield sink


class FlippingResolver(AbstractResolver):
    """A public address at the first look, ours at the next: DNS rebinding."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.looks = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        answer = self.answers[min(self.looks, len(self.answers) - 1)]
        self.looks += 1
        return [
            ResolveResult(hostname=host, host=answer, port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing is held."""


def vectors(port: int) -> list[str]:
    odd = [
        f"http://localhost\\@127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}\\@localhost/",
        f"http:127.0.0.1:{port}/",
        f"http:/127.0.0.1:{port}/",
        f"//127.0.0.1:{port}/",
        f"ftp://127.0.0.1:{port}/",
        f"gopher://127.0.0.1:{port}/_POST",
        f"unix://127.0.0.1:{port}/",
        f"http+unix://127.0.0.1:{port}/",
        f"ws://127.0.0.1:{port}/",
        f"file://127.0.0.1:{port}/etc/passwd",
        f"http://127.0.0.1:{port}/\r\nHost: localhost",
        f"http://\t127.0.0.1:{port}/",
        f"http://127.0.0.1%00.localhost:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}:80/",
    ]
    return [form.format(host, port) for host in HOSTS for form in FORMS] + odd


def test_no_spelling_of_a_private_address_reaches_the_listener(
    listener: HookSink, notice: Notice, reader: Callable[..., Recipient], settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []
    urls = vectors(listener.port)
    assert len(urls) >= 200
    answers = WEBHOOK.send(notice, [reader(number, url) for number, url in enumerate(urls)])
    assert not [urls[number] for number, answer in enumerate(answers) if answer.verdict == Verdict.SENT]
    assert listener.hooks == []


async def test_the_connection_itself_is_guarded_even_where_no_url_was_checked(listener: HookSink) -> None:
    # Every name leads home, as a hostile name server would have it.
    connector = TCPConnector(resolver=FlippingResolver("127.0.0.1"), socket_factory=guarded_socket(()))
    async with ClientSession(connector=connector) as session:
        for url in vectors(listener.port):
            with pytest.raises((ClientError, ValueError, OSError)):
                await asyncio.wait_for(session.post(url, data=b"{}", allow_redirects=False), 5)
    assert listener.hooks == []


async def test_a_name_that_changes_its_address_is_judged_by_the_one_that_is_dialled(
    listener: HookSink,
) -> None:
    resolver = FlippingResolver("127.0.0.1", "10.0.0.1", "127.0.0.1")
    connector = TCPConnector(resolver=resolver, use_dns_cache=False, socket_factory=guarded_socket(()))
    async with ClientSession(connector=connector) as session:
        for _ in range(3):
            with pytest.raises(ClientError, match="not a public address"):
                await session.post(f"http://rebind.example:{listener.port}/", data=b"{}")
    assert resolver.looks == 3
    assert listener.hooks == []


def test_a_redirect_is_a_failure_and_is_not_followed(
    hooks: HookSink, notice: Notice, reader: Callable[..., Recipient]
) -> None:
    with hook_sink() as inner:
        hooks.behave = lambda _: Reply(307, {"Location": inner.url("/inside")}, b"over there")
        (answer,) = WEBHOOK.send(notice, [reader(1, hooks.url())])
        assert answer.verdict == Verdict.RETRY
        assert answer.detail.startswith("307 ")
        assert len(hooks.hooks) == 1
        assert inner.hooks == []


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:830::200e", "100.63.255.255", "100.128.0.1"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert refusal(ip_address(address), 443, ()) == ""


def test_odd_ports_of_public_addresses_are_refused() -> None:
    for port in (0, 22, 25, 53, 6379, 5432, 11211, 65535):
        assert "port" in refusal(ip_address("8.8.8.8"), port, ())


def test_an_allowed_network_may_be_reached_on_any_port_and_no_other() -> None:
    allowed = networks(("10.1.0.0/16", "127.0.0.1", "fd00::/8"))
    assert refusal(ip_address("10.1.2.3"), 9000, allowed) == ""
    assert refusal(ip_address("127.0.0.1"), 9000, allowed) == ""
    assert refusal(ip_address("fd00::5"), 80, allowed) == ""
    assert refusal(ip_address("10.2.0.1"), 80, allowed)
    assert refusal(ip_address("127.0.0.2"), 80, allowed)
    assert refusal(ip_address("::ffff:127.0.0.1"), 80, allowed)


def test_a_wrong_network_names_the_setting() -> None:
    with pytest.raises(ValueError, match=r"WEBHOOK_ALLOW_PRIVATE: '10\.0\.0\.0/99'"):
        networks(("10.0.0.0/99",))
