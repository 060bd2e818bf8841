"""What `deploy/nginx/proxy.conf` keeps away from the web process, tried on a real nginx in front of a real one."""

import contextlib
import socket
import ssl
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.peers.installation import eventually
from tests.web.test_proxy import House, house

__all__ = ["house"]
pytestmark = pytest.mark.slow
KILOBYTE = b"a" * 1024


@pytest.fixture(autouse=True)
def alive(house: House) -> None:
    eventually(lambda: house.is_alive(house.outside.ask("/")), within=20, what="the page through the proxy")


def test_a_burst_meets_a_limit_at_the_login_and_none_at_the_page(house: House) -> None:
    with ThreadPoolExecutor(8) as crowd:
        page = Counter(crowd.map(lambda _: house.outside.ask("/").status, range(150)))
        login = Counter(crowd.map(lambda _: house.outside.ask("/accounts/login/").status, range(60)))
    assert page == {200: 150}
    assert set(login) <= {200, 429, 503}
    assert login[429] >= 5


def test_a_long_body_is_refused_before_dialtone_sees_it(house: House) -> None:
    for path, most in (("/subscriptions/", 64), ("/v1/pages", 1024), ("/console/", 1024)):
        long = house.outside.ask(path, method="POST", body=KILOBYTE * (most + 1))
        assert (long.status, b"nginx" in long.body) == (413, True), path
        assert house.outside.ask(path, method="POST", body=KILOBYTE * (most - 1)).status < 413, path


def test_readiness_is_not_for_strangers(house: House) -> None:
    assert house.outside.ask("/readyz").status in {200, 503}
    context = ssl.create_default_context(cafile=str(house.outside.ca_file))
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", house.outside.port)
        plain = stack.enter_context(socket.create_connection(address, source_address=("127.0.0.9", 0)))
        secure = stack.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1"))
        secure.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert secure.recv(1000).startswith(b"HTTP/1.1 403 ")


def test_one_address_holds_so_many_connections(house: House) -> None:
    """Those beyond are refused at once; the page is there for everybody else."""
    context = ssl.create_default_context(cafile=str(house.outside.ca_file))
    with contextlib.ExitStack() as stack:
        held = []
        for _ in range(60):
            plain = stack.enter_context(
                socket.create_connection(("127.0.0.1", house.outside.port), timeout=10)
            )
            held.append(stack.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1")))
            held[-1].sendall(b"POST /v1/pages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nabc")
        told = []
        for each in held[-10:]:
            each.settimeout(5)
            told.append(each.recv(1000)[:12])
        assert set(told) == {b"HTTP/1.1 429"}
        assert house.outside.ask("/").status == 200
