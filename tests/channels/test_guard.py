"""The rules of the guard, and the ways around it that are no address: redirects, proxies, names that change."""

import errno
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from pytest_django import Settings

from incidents.channels.guard import PORTS, AddressInfo, networks, refusal
from incidents.channels.messages import Notice, Recipient, Verdict
from incidents.channels.webhook import WEBHOOK
from tests.channels.dialled import GUARDED, Home, dial_all
from tests.channels.hostile_hosts import ADDRESSES_4, ADDRESSES_6, PUBLIC, WRONG_PORTS
from tests.channels.hostile_urls import hostile_urls
from tests.channels.posted import post_all
from tests.peers.sink import HookSink, Reply, hook_sink

Readers = Callable[..., Recipient]


@pytest.fixture
def listener() -> Iterator[HookSink]:
    """A sink at a port that webhooks may use, so that nothing but its address stands in their way."""
    for port in sorted(PORTS, reverse=True):
        try:
            with hook_sink(port=port) as sink:
                yield sink
                return
        except OSError:
            continue
    pytest.fail(f"another program listens at each of {PORTS}")


def not_to_the_internet(info: AddressInfo) -> socket.socket:
    """As the guard has it, but what it lets out to the Internet is not dialled by a test."""
    made = GUARDED(info)
    if info[4][0] not in PUBLIC:
        return made
    made.close()
    raise OSError(errno.ENETUNREACH, "the Internet is not here")


@pytest.mark.parametrize("home", [("127.0.0.1",), ("::1", "127.0.0.1"), ("127.0.0.1",) * 8])
def test_the_connection_itself_is_guarded_even_where_no_url_was_checked(
    listener: HookSink, home: tuple[str, ...]
) -> None:
    urls = hostile_urls(listener.port)
    answers = dial_all(urls, make=not_to_the_internet, resolver=Home(home))
    assert [url for url, answer in zip(urls, answers, strict=True) if answer.isdigit()] == []
    assert listener.connections == 0


def test_a_name_of_this_machine_is_refused_when_it_is_dialled(
    listener: HookSink, notice: Notice, reader: Readers, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []
    names = ("localhost", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ", "ⓛocalhost", "local\u00adhost")
    urls = [WEBHOOK.normalise(f"http://{name}:{listener.port}/") for name in names]
    answers = WEBHOOK.send(notice, [reader(number, url) for number, url in enumerate(urls)])
    assert all("not a public address" in answer.detail for answer in answers)
    assert listener.connections == 0


def test_a_name_that_changes_its_address_is_judged_by_the_one_that_is_dialled(listener: HookSink) -> None:
    resolver = Home(("8.8.8.8",), ("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::ffff:127.0.0.1",))
    answers = [
        dial_all([f"http://rebind.example:{listener.port}/"], make=not_to_the_internet, resolver=resolver)[0]
        for _ in range(4)
    ]
    assert "the Internet is not here" in answers[0]
    assert "127.0.0.1 is not a public address" in answers[1]
    assert "10.0.0.1 is not a public address" in answers[2]
    assert "::ffff:7f00:1 is not a public address" in answers[3]
    assert resolver.looks == 4
    assert listener.connections == 0


@pytest.mark.parametrize("status", [201, 300, 301, 302, 303, 305, 307, 308, 401, 407, 503])
@pytest.mark.parametrize(
    "header",
    [
        *(
            "Location: {}/inside",
            "Location: //{}/inside",
            "Location: /inside",
            "Location: \\\\{}",
            "Location: ?",
        ),
        *("Refresh: 0; url={}/inside", "Content-Location: {}/inside", 'Alt-Svc: h2="{}"; ma=9', "Link: <{}>"),
        *("WWW-Authenticate: Basic realm=x", "Proxy-Authenticate: Basic realm=x", "Upgrade: websocket"),
    ],
)
def test_no_answer_leads_anywhere_else(
    hooks: HookSink, notice: Notice, reader: Readers, status: int, header: str
) -> None:
    with hook_sink() as inner:
        place = inner.url("")
        name, _, value = header.format(place.removeprefix("http:") if "//{}" in header else place).partition(
            ": "
        )
        hooks.behave = lambda _: Reply(status, {name: value}, b"over there")
        (answer,) = WEBHOOK.send(notice, [reader(1, hooks.url())])
        assert answer.verdict == (Verdict.SENT if status == 201 else Verdict.RETRY)
        assert answer.detail.startswith(f"{status} ")
        assert [hook.path for hook in hooks.hooks] == ["/hook"]
        assert inner.connections == 0


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HookSink]:
    """What the environment says of proxies and passwords, for an HTTP client that believes it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with hook_sink() as sink:
        for kind in ("http", "https", "all", "ws"):
            for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY"):
                monkeypatch.setenv(name, sink.url(""))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield sink


@pytest.mark.parametrize("allowed", [("127.0.0.1",), ()])
def test_the_environment_names_no_proxy_and_no_password(
    proxy: HookSink, hooks: HookSink, notice: Notice, reader: Readers, allowed: tuple[str, ...]
) -> None:
    urls = [hooks.url(), f"http://localhost:{hooks.port}/", "https://10.0.0.1/", "http://169.254.169.254/"]
    post_all(notice, [reader(number, url) for number, url in enumerate(urls)], allowed=networks(allowed))
    assert proxy.connections == 0
    assert len(hooks.hooks) == 2 * len(allowed)
    assert not [name for hook in hooks.hooks for name in hook.headers if "authorization" in name]


def test_a_header_cannot_be_smuggled_in_an_address(hooks: HookSink, notice: Notice, reader: Readers) -> None:
    paths = (
        "/%0d%0aX-Smuggled:%201",
        "/?a=%0D%0AX-Smuggled:1",
        "/%250d%250aX-Smuggled:1",
        "/\u010d\u010aX-Smuggled:1",
    )
    answers = WEBHOOK.send(notice, [reader(number, hooks.url(path)) for number, path in enumerate(paths)])
    assert {answer.verdict for answer in answers} == {Verdict.SENT}
    assert len(hooks.hooks) == len(paths)
    assert not [hook for hook in hooks.hooks if "x-smuggled" in hook.headers]


def test_every_special_address_is_refused_at_every_port() -> None:
    for text in (*ADDRESSES_4, *ADDRESSES_6):
        for port in PORTS:
            assert "not a public address" in refusal(ip_address(text), port, ())


def test_odd_ports_of_public_addresses_are_refused() -> None:
    for port in (0, *(int(each) for each in WRONG_PORTS if each.isascii() and each.isdigit())):
        assert "port" in refusal(ip_address("8.8.8.8"), port, ())
    for port in PORTS:
        assert refusal(ip_address("8.8.8.8"), port, ()) == ""


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
