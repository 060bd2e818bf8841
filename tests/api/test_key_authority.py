"""A key is worth what its creator is worth now: every route, for each way in which somebody loses a right."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.roles import Role
from incidents.models import Incident, IncidentUpdate, Membership, Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.staff import give_roles, switch_person
from tests.api.asking import Script, key_row
from tests.api.test_matrix import NEVER, TABLE, routes
from tests.factories import make_member, make_page

pytestmark = pytest.mark.django_db
INACTIVE = (
    "Could not authenticate. This key is inactive: the person who created it no longer has the rights that it needs. "
    "Ask an admin of the page to create another key."
)
NAMES = {
    **dict.fromkeys(
        (
            "component",
            "group",
            "incident",
            "update",
            "subscriber",
            "metric",
            "rfo",
            "probe",
            "series",
            "source",
        ),
        "nosuchcode00",
    ),
    "number": 1,
    "delivery": 1,
}
CODES = {name if name == "number" else f"{name}_id": value for name, value in NAMES.items()}
LEFT: dict[Role, set[Scope]] = {
    Role.VIEWER: {Scope.READ},
    Role.RESPONDER: {Scope.READ, Scope.INCIDENTS},
    Role.PUBLISHER: {Scope.READ, Scope.INCIDENTS, Scope.RFO, Scope.SUBSCRIBERS},
    Role.ADMIN: set(Scope),
}
"""What is left of a key with every scope, by the role that its creator has now; written down here, not derived."""


@pytest.fixture
def grace(db: None) -> User:
    User.objects.create_superuser("root")
    return User.objects.create_user("grace", is_staff=True)


def dismissed(grace: User, page: Page) -> None:
    switch_person(grace, is_active=False, by=SHELL, at=datetime.now(UTC))


def deactivated_elsewhere(grace: User, page: Page) -> None:
    User.objects.filter(pk=grace.pk).update(is_active=False)


def no_longer_staff(grace: User, page: Page) -> None:
    User.objects.filter(pk=grace.pk).update(is_staff=False)


def without_roles(grace: User, page: Page) -> None:
    give_roles(grace, roles={page: None}, by=SHELL, at=datetime.now(UTC))


def of_another_page(grace: User, page: Page) -> None:
    Membership.objects.filter(user=grace).update(page=make_page("Other"))


LOSSES: list[Callable[[User, Page], None]] = [
    dismissed,
    deactivated_elsewhere,
    no_longer_staff,
    without_roles,
    of_another_page,
]


def refused_everywhere(script: Script) -> list[str]:
    """What every route answered; the test fails where one did anything."""
    said = set()
    before = Incident.objects.count()
    for path, method in routes():
        reply = script.ask(method, path.format(**CODES), {})
        assert reply.status == 401, (path, method, reply)
        said.add(reply.errors[0])
    assert Incident.objects.count() == before
    return sorted(said)


@pytest.mark.parametrize("lose", LOSSES)
def test_no_route_answers_a_key_whose_creator_lost_every_right(
    page: Page, grace: User, lose: Callable[[User, Page], None]
) -> None:
    script = Script(page, user=make_member(grace, Role.ADMIN, page))
    assert script.ask("GET").status == 200
    lose(grace, page)
    (said,) = refused_everywhere(script)
    assert "revoked" in said if lose is dismissed else said == INACTIVE


def test_a_deactivated_superusers_key_opens_no_route_and_a_demoted_ones_neither(page: Page) -> None:
    for number, change in enumerate(({"is_active": False}, {"is_superuser": False})):
        root = User.objects.create_superuser(f"root{number}")
        for everywhere in (False, True):
            User.objects.filter(pk=root.pk).update(is_active=True, is_superuser=True)
            root.refresh_from_db()
            script = Script(page, user=root, everywhere=everywhere)
            assert script.ask("GET").status == 200
            User.objects.filter(pk=root.pk).update(**change)
            assert refused_everywhere(script) == [INACTIVE]


def test_whom_break_glass_made_an_admin_gets_no_old_key_back(page: Page, grace: User) -> None:
    script = Script(page, user=make_member(grace, Role.ADMIN, page))
    deactivated_elsewhere(grace, page)
    call_command("break_glass", "grace")
    assert script.ask("GET").status == 401
    assert key_row(script).revoked_at


@pytest.mark.parametrize("role", list(LEFT))
def test_a_demoted_creators_key_keeps_what_the_creator_keeps(page: Page, grace: User, role: Role) -> None:
    script = Script(page, user=make_member(grace, Role.ADMIN, page))
    give_roles(grace, roles={page: role}, by=SHELL, at=datetime.now(UTC))
    for path, method in routes():
        reads, writes = TABLE[path]
        needs = {*(reads if method == "GET" else writes), Scope.ADMIN}
        if (path, method) in {("/components/{component_id}", "DELETE"), ("/components", "POST")}:
            needs = {Scope.ADMIN}
        allowed = bool(needs & LEFT[role])
        if (allowed and method == "DELETE") or path in NEVER:
            continue
        reply = script.ask(method, path.format(**CODES), {})
        assert (reply.status != 403) == allowed, (path, method, reply)
        if not allowed:
            assert "the person who created it no longer has that right" in reply.errors[0]
    assert script.get()["id"] == page.code


def test_a_key_is_never_worth_more_than_it_was_given(page: Page, grace: User) -> None:
    script = Script(page, Scope.READ, user=make_member(grace, Role.ADMIN, page))
    assert "lacks the scope" in script.post("/incidents", {}).errors[0]
    admin = Script(page, Scope.ADMIN, user=grace)
    give_roles(grace, roles={page: Role.PUBLISHER}, by=SHELL, at=datetime.now(UTC))
    assert admin.ask("GET").status == 401


def test_a_key_for_every_page_takes_a_creator_who_has_the_right_on_every_page(
    page: Page, grace: User
) -> None:
    script = Script(page, everywhere=True, user=make_member(grace, Role.ADMIN))
    assert script.ask("GET").status == 200
    give_roles(grace, roles={None: None, page: Role.ADMIN}, by=SHELL, at=datetime.now(UTC))
    assert refused_everywhere(script) == [INACTIVE]
    give_roles(grace, roles={None: Role.VIEWER}, by=SHELL, at=datetime.now(UTC))
    assert script.ask("GET").status == 200
    assert script.post("/incidents", {"incident": {"name": "No"}}).status == 403


def test_a_key_of_the_command_line_belongs_to_the_installation(page: Page, grace: User) -> None:
    script = Script(page)
    dismissed(make_member(grace, Role.ADMIN, page), page)
    assert script.post("/incidents", {"incident": {"name": "Calls fail"}}).status == 201
    assert IncidentUpdate.objects.get().author is None


def test_only_the_right_secret_learns_why(page: Page, grace: User) -> None:
    script = Script(page, user=make_member(grace, Role.ADMIN, page))
    without_roles(grace, page)
    assert script.ask("GET").errors == [INACTIVE]
    script.secret += "x"
    assert "unknown, expired or revoked" in script.ask("GET").errors[0]


def test_rights_that_come_back_bring_a_key_back_unless_it_was_revoked(page: Page, grace: User) -> None:
    script = Script(page, user=make_member(grace, Role.ADMIN, page))
    without_roles(grace, page)
    assert script.ask("GET").status == 401
    assert key_row(script).last_used_at is None
    give_roles(grace, roles={page: Role.ADMIN}, by=SHELL, at=datetime.now(UTC))
    assert script.ask("GET").status == 200
    dismissed(grace, page)
    switch_person(grace, is_active=True, by=SHELL, at=datetime.now(UTC))
    assert script.ask("GET").status == 401


def test_an_answer_that_was_kept_is_not_read_by_a_key_that_lost_the_right(page: Page, grace: User) -> None:
    script = Script(page, Scope.READ, Scope.INCIDENTS, user=make_member(grace, Role.ADMIN, page))
    body = {"incident": {"name": "Once"}}
    assert script.post("/incidents", body, Idempotency_Key="once").status == 201
    give_roles(grace, roles={page: Role.VIEWER}, by=SHELL, at=datetime.now(UTC))
    assert script.post("/incidents", body, Idempotency_Key="once").status == 403


def test_looking_the_creator_up_costs_one_query(page: Page, grace: User) -> None:
    counts = []
    for script in (Script(page), Script(page, user=make_member(grace, Role.ADMIN, page))):
        script.get()
        with CaptureQueriesContext(connection) as queries:
            script.get()
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1
