"""What each role may do, at every address of the console and by both methods; written down here, not derived."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Event, Incident, IncidentUpdate, Page, Probe, RfoVersion, Subscriber
from tests.console.addresses import names, undone
from tests.console.conftest import signed_in
from tests.factories import make_member, make_page

V, R, P, A, EVERYWHERE = Role.VIEWER, Role.RESPONDER, Role.PUBLISHER, Role.ADMIN, "everywhere"
NEEDED: dict[str, tuple[Role, Role] | tuple[Role, Role, str]] = {
    "home": (V, R),
    "choose-page": (R, R),
    "open": (R, R),
    "status": (R, R),
    "plan": (R, R),
    "maintenance": (V, R),
    "planner": (V, R),
    "switch-on": (V, R),
    "confirm-clock": (R, R, EVERYWHERE),
    "add-series": (R, R),
    "series": (R, R),
    "end-series": (V, R),
    "caused": (V, R),
    "incident": (V, R),
    "tell": (R, R),
    "rfo": (R, P),
    "publish-rfo": (V, P),
    "detach": (V, P),
    "rfo-step": (V, P),
    "rfo-actions": (R, P),
    "rfo-part": (R, P),
    "change-action": (V, P),
    "actions": (R, R),
    "clocks": (V, R),
    "rfo-rules": (A, A),
    "presets": (A, A),
    "edit-preset": (A, A),
    "probes": (V, R),
    "add-probe": (A, A),
    "probe": (V, R),
    "edit-probe": (A, A),
    "run-probe": (V, R),
    "mute-probe": (V, R),
    "switch-probe": (V, A),
    "undo": (V, R),
    "send-now": (V, R),
    "deliveries": (V, R),
    "send-again": (V, R),
    "post": (V, R),
    "subscribers": (P, P),
    "suppressions": (P, P, EVERYWHERE),
    "lift": (P, P, EVERYWHERE),
    "person": (P, P, EVERYWHERE),
    "download-person": (P, P, EVERYWHERE),
    "erase-person": (P, P, EVERYWHERE),
    "subscriber": (P, P),
    "end-subscriber": (P, P),
    "resume-subscriber": (P, P),
    "try-subscriber": (P, P),
    "export-subscribers": (P, P),
    "import-subscribers": (P, P),
    "draft-update": (V, R),
    "draft-opening": (V, R),
    "presence": (V, R),
    "words-preview": (R, R),
    "edit-update": (R, R),
    "templates": (P, P),
    "add-template": (P, P),
    "edit-template": (P, P),
    "delete-template": (P, P),
    "alerts": (A, A),
    "audit": (A, A),
    "set-up": (A, A),
    "add-page": (A, A, EVERYWHERE),
    "edit-page": (A, A),
    "look": (A, A),
    "look-sample": (A, A),
    "logo": (A, A),
    "components": (A, A),
    "add-component": (A, A),
    "add-group": (A, A),
    "edit-component": (A, A),
    "retire-component": (A, A),
    "revive-component": (A, A),
    "edit-group": (A, A),
    "delete-group": (A, A),
    "keys": (A, A),
    "revoke-key": (A, A),
    "staff": (A, A, EVERYWHERE),
    "add-person": (A, A, EVERYWHERE),
    "person-of-staff": (A, A, EVERYWHERE),
    "switch-person": (A, A, EVERYWHERE),
    "reset-second-factor": (A, A, EVERYWHERE),
    "send-password-link": (A, A, EVERYWHERE),
    "change-address": (A, A, EVERYWHERE),
    "attachment": (R, R),
}
"""The role that reading and that writing takes, and whether it must be held on every page."""
FOR_NO_PAGE = frozenset(
    {
        "set-up",
        "planner",
        "audit",
        "home",
        "choose-page",
        "probes",
        "deliveries",
        "subscribers",
        "keys",
        "actions",
        "templates",
        "add-template",
        "words-preview",
    }
)
METHODS = ("get", "post")


@pytest.fixture
def grace(db: None) -> User:
    return User.objects.create_user("grace", "grace@sipcity.test", "a long password", is_staff=True)


def rows() -> list[list[tuple[object, ...]]]:
    kept = (Incident, IncidentUpdate, RfoVersion, Event, Probe, Subscriber, User)
    return [list(model.objects.order_by("pk").values_list()) for model in kept]


def test_every_address_has_its_line() -> None:
    assert sorted(NEEDED) == sorted(names())


def test_a_viewer_sends_nothing_at_all() -> None:
    assert not [name for name, needed in NEEDED.items() if needed[1] is V]


@pytest.mark.parametrize("role", Role)
def test_a_role_on_the_page_opens_what_it_should_and_no_more(
    page: Page, grace: User, addresses: dict[str, str], role: Role
) -> None:
    client = signed_in(make_member(grace, role, page))
    before = rows()
    for name, address in addresses.items():
        read, write, *where = NEEDED[name]
        for method, needed in (("get", read), ("post", write)):
            with undone():
                status = getattr(client, method)(address).status_code
                if role.rank >= needed.rank and not where:
                    assert status in {200, 302, 405, 422}, (name, method)
                else:
                    assert status == 403, (name, method)
                    assert rows() == before, (name, method)


@pytest.mark.parametrize("method", METHODS)
def test_what_concerns_every_page_takes_the_role_on_every_page(
    grace: User, addresses: dict[str, str], method: str
) -> None:
    make_page("Another")
    client = signed_in(make_member(grace, Role.ADMIN))
    for name in (name for name, needed in NEEDED.items() if EVERYWHERE in needed):
        with undone():
            assert getattr(client, method)(addresses[name]).status_code in {200, 302, 422}, name


@pytest.mark.parametrize("method", METHODS)
def test_the_admin_of_another_page_finds_nothing_of_this_one(
    grace: User, addresses: dict[str, str], method: str
) -> None:
    client = signed_in(make_member(grace, Role.ADMIN, make_page("Another")))
    before = rows()
    for name, address in addresses.items():
        response = getattr(client, method)(address)
        expected = 403 if EVERYWHERE in NEEDED[name] else 404
        wanted = {200, 302, 405, 422} if name in FOR_NO_PAGE else {expected}
        assert response.status_code in wanted, name
        assert b"SIPcity" not in response.content, name
        assert b"Calls fail" not in response.content, name
        assert rows() == before, name


def test_staff_without_any_role_see_nothing(grace: User, addresses: dict[str, str]) -> None:
    client = signed_in(grace)
    for name, address in addresses.items():
        assert client.get(address).status_code == 403, name


def test_a_refusal_says_what_it_takes(page: Page, grace: User) -> None:
    response = signed_in(make_member(grace, Role.VIEWER, page)).get(
        f"/console/pages/{page.code}/incidents/new"
    )
    words = " ".join(response.content.decode().split())
    assert "On SIPcity you are viewer. This takes the role responder." in words


def test_a_role_that_is_taken_away_holds_no_longer_at_the_next_click(page: Page, grace: User) -> None:
    client = signed_in(make_member(grace, Role.RESPONDER, page))
    assert client.get(f"/console/pages/{page.code}/incidents/new").status_code == 200
    grace.memberships.all().delete()  # type: ignore[attr-defined]
    assert client.get(f"/console/pages/{page.code}/incidents/new").status_code == 403


def test_somebody_of_one_brand_does_not_see_what_the_other_tells(
    page: Page, incident: Incident, grace: User
) -> None:
    other = make_page("Another")
    client = signed_in(make_member(grace, Role.RESPONDER, other))
    response = client.get("/console/")
    assert b"Nothing is on fire" in response.content
    assert b"Calls fail" not in response.content


def test_nobody_speaks_on_a_page_through_its_twin(
    page: Page, incident: Incident, grace: User, staff: Client
) -> None:
    other = make_page("Another")
    url = f"/console/incidents/{incident.code}/on/{other.code}"
    client = signed_in(make_member(grace, Role.RESPONDER, page))
    assert client.get(url).status_code == 404
    assert staff.get(url).status_code == 200
    assert b"Another" not in client.get(f"/console/incidents/{incident.code}").content
