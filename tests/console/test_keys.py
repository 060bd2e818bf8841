"""API keys: shown once, kept as a digest, ended at once; by the console and by the command."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import ApiKey, Page
from incidents.operations.keys import digest_of
from tests.console.conftest import signed_in
from tests.console.forms import fields
from tests.factories import make_member, make_page

URL = "/console/keys"


def make(client: Client, **more: object) -> object:
    return client.post(URL, fields(client.get(URL)) | {"name": "The NOC robot", **more})


def test_a_key_is_shown_once_and_kept_as_a_digest(staff: Client, page: Page) -> None:
    response = make(staff, scopes=["read", "incidents"], of=page.code)
    secret = response.context["secret"]  # type: ignore[attr-defined]
    assert secret.encode() in response.content  # type: ignore[attr-defined]
    key = ApiKey.objects.get()
    assert (key.page, key.scopes, key.digest) == (page, ["read", "incidents"], digest_of(secret))
    assert secret.encode() not in staff.get(URL).content
    assert key.shown.encode() in staff.get(URL).content


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"of": "nowhere"}, "of"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "soon"}, "expires_on"),
    ],
)
def test_what_makes_no_key_is_said_beside_its_field(
    staff: Client, page: Page, more: dict[str, object], field: str
) -> None:
    response = make(staff, **more)
    assert list(response.context["form"].errors) == [field]  # type: ignore[attr-defined]
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stays_revoked(staff: Client, page: Page) -> None:
    make(staff)
    key = ApiKey.objects.get()
    staff.post(f"{URL}/{key.code}/revoke")
    first = ApiKey.objects.get().revoked_at
    staff.post(f"{URL}/{key.code}/revoke")
    assert first is not None
    assert ApiKey.objects.get().revoked_at == first
    assert b"revoked" in staff.get(URL).content


def test_the_admin_of_one_page_makes_keys_for_that_page_alone(
    page: Page, frank: object, staff: Client
) -> None:
    other = make_page("Another")
    make(staff, of=other.code)
    client = signed_in(make_member(frank, Role.ADMIN, page))  # type: ignore[arg-type]
    assert b"The NOC robot" not in client.get(URL).content
    assert b"Every page" not in client.get(URL).content
    assert make(client, of=other.code).status_code == 422  # type: ignore[attr-defined]
    assert client.post(f"{URL}/{ApiKey.objects.get().code}/revoke").status_code == 404


def test_the_command_prints_the_key_last(page: Page) -> None:
    out = StringIO()
    call_command("create_api_key", "NOC", page=page.code, scopes=["incidents"], stdout=out)
    key = ApiKey.objects.get()
    assert digest_of(out.getvalue().splitlines()[-1]) == key.digest
    assert (key.page, key.scopes) == (page, ["incidents"])


def test_the_command_makes_a_key_that_ends(db: None) -> None:
    call_command("create_api_key", "NOC", days=30, stdout=StringIO())
    key = ApiKey.objects.get()
    assert key.expires_at
    assert (key.expires_at - key.made_at).days == 30
    for days in (-1, 10**9):
        with pytest.raises(CommandError):
            call_command("create_api_key", "NOC", days=days)


def test_the_command_names_a_page_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="There is no page 'x'"):
        call_command("create_api_key", "NOC", page="x")
