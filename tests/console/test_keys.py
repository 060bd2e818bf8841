"""API keys: shown once, kept as a digest, ended at once; by the console and by the command."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from incidents.domain.roles import Role
from incidents.models import ApiKey, Membership, Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.actors import staff as actor
from incidents.operations.errors import Refused
from incidents.operations.keys import digest_of, make_key
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


def test_the_command_takes_scopes_with_spaces_or_commas_between(page: Page) -> None:
    for number, words in enumerate((["read,incidents"], ["read", "incidents"], ["read, ", "incidents,read"])):
        call_command(
            "create_api_key",
            f"NOC {number}",
            "--scopes",
            *[word.strip() for word in words],
            stdout=StringIO(),
        )
        assert ApiKey.objects.get(name=f"NOC {number}").scopes == ["read", "incidents"]
    with pytest.raises(CommandError, match="'writes' is none of read, incidents"):
        call_command("create_api_key", "NOC", "--scopes", "read,writes")


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


def shown(client: Client, url: str = URL) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_a_key_expires_in_a_year_unless_no_expiry_is_asked_for(staff: Client, page: Page) -> None:
    today = datetime.now(UTC).date()
    assert fields(staff.get(URL))["expires_on"] == f"{today + timedelta(days=365)}"
    for more, days in (({}, 365), ({"expires_on": ""}, 364), ({"never_expires": "on"}, None)):
        make(staff, **more)
        key = ApiKey.objects.latest("pk")
        assert (key.expires_at - key.made_at).days in {days, 365} if days and key.expires_at else not days
    assert shown(staff).count("no expiry</span>") == 1


def test_the_command_makes_a_key_for_a_year_unless_no_expiry_is_asked_for(db: None) -> None:
    call_command("create_api_key", "NOC", stdout=StringIO())
    key = ApiKey.objects.get()
    assert key.expires_at
    assert (key.expires_at - key.made_at).days == 365
    call_command("create_api_key", "NOC", "--never-expires", stdout=StringIO())
    assert ApiKey.objects.latest("pk").expires_at is None
    for wrong in (["--days", "0"], ["--days", "30", "--never-expires"]):
        with pytest.raises(CommandError):
            call_command("create_api_key", "NOC", *wrong)
    assert ApiKey.objects.count() == 2


def test_the_list_says_which_keys_are_unused_and_which_belong_to_the_installation(
    staff: Client, page: Page, dana: User
) -> None:
    at = now()
    ages = {"Fresh": (1, None), "Never": (91, None), "Forgotten": (200, 91), "Busy": (200, 89)}
    for name, (made, used) in ages.items():
        key = make_key(name=name, page=page, scopes=[Scope.READ], by=actor(dana), at=at)[0]
        ApiKey.objects.filter(pk=key.pk).update(
            made_at=at - timedelta(days=made), last_used_at=at - timedelta(days=used) if used else None
        )
    make_key(name="Terraform", page=page, scopes=[Scope.READ], by=SHELL, at=at)
    rows = {each.key.name: each for each in staff.get(URL).context["keys"]}
    assert {name for name, row in rows.items() if row.is_unused} == {"Never", "Forgotten"}
    said = shown(staff)
    assert said.count("unused for 90 days") == 2
    assert said.count("created on the command line") == said.count("belongs to the installation") == 1


def test_the_list_says_which_keys_their_creators_rights_no_longer_carry(
    staff: Client, page: Page, frank: User
) -> None:
    make_member(frank, Role.ADMIN, page)
    for name, scopes in (
        ("Reader", [Scope.READ]),
        ("Both", [Scope.READ, Scope.ADMIN]),
        ("Setter", [Scope.ADMIN]),
    ):
        make_key(name=name, page=page, scopes=scopes, by=actor(frank), at=now())
    Membership.objects.filter(user=frank).update(role=Role.VIEWER.value)
    for url in (URL, f"/console/staff/{frank.pk}"):
        states = {row.key.name: (row.state, row.lost) for row in staff.get(url).context["keys"]}
        assert states == {
            "Reader": ("valid", ()),
            "Both": ("valid", ("admin",)),
            "Setter": ("inactive", ("admin",)),
        }
        said = shown(staff, url)
        assert "Inactive: its creator no longer has this right." in said
        assert "No longer opens admin: its creator no longer has this right." in said
    code = ApiKey.objects.get(name="Setter").code
    assert "Revoke Setter" in shown(staff)
    staff.post(f"{URL}/{code}/revoke")
    assert ApiKey.objects.get(name="Setter").revoked_at


def test_a_long_list_looks_all_creators_up_at_once(staff: Client, page: Page) -> None:
    counts = []
    for count in (1, 20):
        for number in range(count):
            user = make_member(User.objects.create_user(f"admin {count} {number}"), Role.ADMIN, page)
            make_key(name="NOC", page=page, scopes=[Scope.READ], by=actor(user), at=now())
        with CaptureQueriesContext(connection) as queries:
            staff.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_makes_a_key_that_is_worth_more_than_they_are(page: Page, frank: User) -> None:
    make_member(frank, Role.PUBLISHER, page)
    for of in (page, None):
        with pytest.raises(Refused, match="takes the role admin"):
            make_key(name="NOC", page=of, scopes=[Scope.READ], by=actor(frank), at=now())
    assert not ApiKey.objects.exists()
