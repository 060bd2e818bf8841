"""Two last admins who remove each other, through real databases: one of them always stays (slow)."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
BEGIN = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from django.contrib.auth.models import User
from django.db import connection
from incidents.domain.roles import Role
from incidents.models import ApiKey, Membership
from incidents.models.keys import Scope
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.keys import make_key
from incidents.operations.staff import give_roles, switch_person
from tests.factories import make_member, make_page

now = datetime.now(UTC)
page = make_page("SIPcity")
pair = [User.objects.create_user(name, is_staff=True) for name in ("ann", "bob")]

def reset():
    Membership.objects.all().delete()
    User.objects.filter(pk__in=[each.pk for each in pair]).update(is_active=True)
    for each in pair:
        make_member(each, Role.ADMIN)

def together(work):
    gate = Barrier(2)
    def one(number):
        try:
            gate.wait(20)
            return work(pair[number], staff(pair[1 - number]))
        except Refused:
            return "refused"
        finally:
            connection.close()
    with ThreadPoolExecutor(2) as pool:
        return sorted(str(each) for each in pool.map(one, range(2)))
"""
REMOVE = """
def deactivate(user, by):
    switch_person(user, is_active=False, by=by, at=now)
def demote(user, by):
    give_roles(user, roles={None: Role.VIEWER}, by=by, at=now)
def no_role_on_every_page(user, by):
    give_roles(user, roles={None: None, page: Role.ADMIN}, by=by, at=now)

seen = set()
for work in (deactivate, demote, no_role_on_every_page):
    for _ in range(5):
        reset()
        outcomes = together(work)
        active = User.objects.filter(is_active=True, memberships__page=None, memberships__role="admin")
        seen.add((*outcomes, active.count()))
print(seen == {("None", "refused", 1)}, seen)
"""
WAITS = """
import time
from threading import Event
from django.db import transaction
from incidents.operations.staff import _locked

reset()
entered, order = Event(), []
def one(number):
    if number:
        entered.wait(20)
    try:
        with transaction.atomic():
            _locked(pair[number])
            entered.set()
            time.sleep(0 if number else 0.5)
            order.append(number)
    finally:
        connection.close()
with ThreadPoolExecutor(2) as pool:
    list(pool.map(one, range(2)))
print(*order)
"""
KEY = """
def make(user, by):
    if user == pair[0]:
        return make_key(name="NOC", page=page, scopes=list(Scope), by=staff(user), at=now)[0] and "made"
    return switch_person(pair[0], is_active=False, by=staff(pair[1]), at=now) and "ended" or "none to end"

usable = 0
for _ in range(6):
    reset()
    together(make)
    switch_person(pair[0], is_active=True, by=staff(pair[1]), at=now)
    usable += ApiKey.objects.filter(revoked_at=None).count()
print(usable)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def test_of_two_last_admins_who_remove_each_other_one_stays(home: Installation) -> None:
    said = home.shell(BEGIN + REMOVE)
    assert said.startswith("True"), said


def test_whoever_removes_an_admin_waits_for_whoever_removes_another(home: Installation) -> None:
    """The lock itself, before the audit's line would make one of them wait."""
    assert home.shell(BEGIN + WAITS).split() == ["0", "1"]


def test_a_key_that_is_made_while_its_creator_is_deactivated_does_not_outlive_that(
    home: Installation,
) -> None:
    assert home.shell(BEGIN + KEY).split() == ["0"]
