"""Who asks: the client behind proxies of ours, never what the client wrote himself."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from incidents.web.clients import client_of
from incidents.web.limits import caller

EDGE, INNER = "198.51.100.0/24", "10.0.0.0/8"


@pytest.mark.parametrize(
    ("remote", "forwarded", "counted"),
    [
        ("203.0.114.9", "", "203.0.114.9"),
        ("203.0.114.9", "1.2.3.4", "203.0.114.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.114.9", "203.0.114.9"),
        ("::1", "203.0.114.9", "203.0.114.9"),
        ("10.0.0.2", "203.0.114.9", "10.0.0.2"),
        ("172.17.0.1", "203.0.114.9", "172.17.0.1"),
        ("", "203.0.114.9", "203.0.114.9"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("127.0.0.1", "x" * 10_000, "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6," * 10_000, "127.0.0.1"),
        ("127.0.0.1", "203.0.114.9:5061", "203.0.114.9"),
        ("127.0.0.1", "[2600:1:2:3::9]:443", "2600:1:2:3::/64"),
        ("2600:1:2:3:4:5:6:7", "", "2600:1:2:3::/64"),
        ("::ffff:203.0.114.9", "", "203.0.114.9"),
        ("::ffff:127.0.0.1", "203.0.114.9", "203.0.114.9"),
        ("nonsense", "203.0.114.9", ""),
    ],
)
def test_only_a_proxy_of_ours_is_believed(remote: str, forwarded: str, counted: str) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert caller(request) == counted


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.114.9, 198.51.100.7", "203.0.114.9"),
        ("6.6.6.6, 203.0.114.9, 198.51.100.7, 10.1.2.3", "203.0.114.9"),
        ("198.51.100.7", "198.51.100.7"),
        ("6.6.6.6, unknown, 198.51.100.7", "198.51.100.7"),
    ],
)
def test_proxies_in_a_row_are_followed_from_the_right(
    settings: Settings, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = [EDGE, INNER]
    assert client_of({"REMOTE_ADDR": "10.0.0.2", "HTTP_X_FORWARDED_FOR": forwarded}).address == counted


@pytest.mark.parametrize(
    ("remote", "forwarded", "schemes", "is_https"),
    [
        ("10.0.0.2", "203.0.114.9", "https", True),
        ("10.0.0.2", "203.0.114.9", "HTTPS", True),
        ("10.0.0.2", "203.0.114.9", "", False),
        ("203.0.114.9", "", "https", False),
        ("10.0.0.2", "203.0.114.9", "https, http", False),
        ("10.0.0.2", "203.0.114.9, 198.51.100.7", "https, http", True),
        ("10.0.0.2", "203.0.114.9, 198.51.100.7", "https", True),
    ],
)
def test_the_scheme_is_what_the_outermost_proxy_of_ours_saw(
    settings: Settings, remote: str, forwarded: str, schemes: str, is_https: bool
) -> None:
    settings.TRUSTED_PROXIES = [EDGE, INNER]
    environ = {"REMOTE_ADDR": remote, "wsgi.url_scheme": "http"}
    environ |= {"HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_FORWARDED_PROTO": schemes}
    assert client_of(environ).is_https is is_https


@pytest.mark.django_db
def test_nobody_talks_django_into_https_from_outside(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    asked = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1"}
    assert Client(REMOTE_ADDR="10.0.0.9").get("/accounts/login/", headers=asked).status_code == 301
    assert Client(REMOTE_ADDR="127.0.0.1").get("/accounts/login/", headers=asked).status_code == 200


@pytest.mark.django_db
def test_guessing_with_invented_addresses_locks_the_guesser_out(client: Client) -> None:
    def guess(number: int, remote: str) -> int:
        facts = {"login": "erin", "password": f"wrong {number}"}
        address = {"X-Forwarded-For": f"203.0.{number}.9"}
        return client.post("/accounts/login/", facts, headers=address, REMOTE_ADDR=remote).status_code

    assert 429 in [guess(number, "10.0.0.9") for number in range(40)]
    assert 429 not in [guess(number, "127.0.0.1") for number in range(20)]
