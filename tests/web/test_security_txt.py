"""`/.well-known/security.txt` as RFC 9116 has it, read by a parser of its own here."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from incidents.models import Page
from tests.factories import make_page

PATH = "/.well-known/security.txt"
CONTACTS = ["mailto:security@sipcity.test", "https://sipcity.test/report?a=b"]
FIELD = re.compile(r"([!-9;-~]+): ([^\s].*)")
"""RFC 9116, section 3: field name, colon, space, value."""
ONCE = {"Expires", "Preferred-Languages"}
WEB_URIS = {"Canonical", "Policy", "Contact"}


def parsed(text: str) -> dict[str, list[str]]:
    """The fields, or the test fails for what the RFC does not allow."""
    assert text.endswith("\n")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            field = FIELD.fullmatch(line)
            assert field, line
            found.setdefault(field[1], []).append(field[2])
    assert found["Contact"]
    assert all(len(found[name]) == 1 for name in ONCE & found.keys())
    expires = datetime.fromisoformat(found["Expires"][0])
    assert datetime.now(UTC) < expires < datetime.now(UTC) + timedelta(days=365)
    for name in WEB_URIS & found.keys():
        assert all(value.startswith(("https://", "mailto:", "tel:")) for value in found[name])
    return found


@pytest.fixture
def told(settings: Settings) -> None:
    settings.SECURITY_CONTACT = CONTACTS
    settings.SITE_URL = "https://status.sipcity.test"
    settings.ALLOWED_HOSTS = ["*"]


@pytest.mark.parametrize("host", ["status.sipcity.test", "status.sipcity.test:8443", "10.0.0.9:1"])
def test_it_is_found_on_every_host_of_a_page(told: None, db: None, client: Client, host: str) -> None:
    reply = client.get(PATH, headers={"host": host}, secure=True)
    assert (reply.status_code, reply["Content-Type"]) == (200, "text/plain; charset=utf-8")
    found = parsed(reply.content.decode())
    assert found["Contact"] == CONTACTS
    assert found["Canonical"] == [f"https://status.sipcity.test{PATH}"], "nothing of the request's Host"
    assert found["Policy"] == ["https://status.sipcity.test/help/security/"]
    assert found["Preferred-Languages"] == ["en"]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://status.other.test", ["https://status.other.test"]),
        ("", ["https://status.other.test"]),
        ("http://status.other.test", []),
    ],
)
def test_on_the_host_of_a_page_it_names_the_pages_own_address(
    told: None, db: None, client: Client, url: str, canonical: list[str]
) -> None:
    page = make_page("Other")
    Page.objects.filter(pk=page.pk).update(url=url)
    page.hosts.create(host="status.other.test")
    reply = client.get(PATH, headers={"host": "status.other.test:8443"}, secure=True)
    found = parsed(reply.content.decode())
    assert found.get("Canonical", []) == [f"{each}{PATH}" for each in canonical]


def test_it_is_cached_and_the_same_all_day_without_a_cookie(told: None, db: None, client: Client) -> None:
    first, second = client.get(PATH, secure=True), client.get(PATH, secure=True)
    assert first["Cache-Control"] == "public, max-age=3600"
    assert first.content == second.content
    assert not first.cookies


def test_it_needs_no_database(told: None, client: Client) -> None:
    """pytest-django fails a test that touches the database without saying so."""
    reply = client.get(PATH, secure=True, headers={"host": "status.sipcity.test"})
    assert reply.status_code == 200
    assert f"Canonical: https://status.sipcity.test{PATH}\n" in reply.content.decode()


def test_over_plain_http_it_names_no_address_that_the_rfc_would_not_allow(
    told: None, db: None, client: Client, settings: Settings
) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    found = parsed(client.get(PATH).content.decode())
    assert found.keys() == {"Contact", "Expires", "Preferred-Languages"}


def test_without_a_contact_there_is_none_and_the_check_says_so(
    client: Client, db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make_page()
    settings.SECURITY_CONTACT = []
    assert client.get(PATH).status_code == 404
    call_command("check", deploy=True)
    assert "SECURITY_CONTACT" in capsys.readouterr().err
    settings.SECURITY_CONTACT = CONTACTS
    call_command("check", deploy=True)
    assert "SECURITY_CONTACT" not in capsys.readouterr().err


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nobody_writes_it(told: None, client: Client, method: str) -> None:
    reply: Any = getattr(client, method)(PATH, secure=True)
    assert reply.status_code == 405


def test_the_policy_that_it_names_is_a_page_of_the_help_and_a_file_of_the_repository(client: Client) -> None:
    assert client.get("/help/security/").status_code == 200
    assert "security.txt" in (Path(__file__).parents[2] / "SECURITY.md").read_text(encoding="utf-8")
