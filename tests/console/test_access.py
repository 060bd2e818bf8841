"""Who may enter: strangers, people who are not staff, and staff, at every address of the console and of the admin."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import Delivery, Event, Incident, IncidentUpdate, Probe, RfoVersion, Subscriber
from tests.console.addresses import undone
from tests.console.conftest import signed_in
from tests.console.forms import fields

METHODS = ("get", "post")


def rows() -> list[int]:
    kept = (Incident, IncidentUpdate, RfoVersion, Event, Probe, Subscriber, Delivery)
    return [model.objects.count() for model in kept]


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_sent_to_the_login(client: Client, addresses: dict[str, str], method: str) -> None:
    before = rows()
    for name, address in addresses.items():
        response = getattr(client, method)(address, {"body": "Words of a stranger."})
        assert response.status_code == 302, name
        assert response.headers["Location"].startswith("/accounts/login/?next=/console/"), name
    assert rows() == before


@pytest.mark.parametrize("method", METHODS)
def test_somebody_who_is_not_staff_is_refused(
    outsider: Client, addresses: dict[str, str], method: str
) -> None:
    before = rows()
    for name, address in addresses.items():
        response = getattr(outsider, method)(address, {"body": "Words of an outsider."})
        assert response.status_code == 403, name
        assert b"this account is not staff" in response.content, name
        assert b"Calls fail" not in response.content, name
    assert rows() == before


@pytest.mark.parametrize("method", METHODS)
def test_staff_get_an_answer(staff: Client, addresses: dict[str, str], method: str) -> None:
    for name, address in addresses.items():
        with undone():
            assert getattr(staff, method)(address).status_code in {200, 302, 405, 422}, name


def test_a_get_changes_nothing_and_is_kept_by_no_cache(staff: Client, addresses: dict[str, str]) -> None:
    def everything() -> list[list[tuple[object, ...]]]:
        models = (Incident, Event, Probe, Subscriber, Delivery)
        return [list(model.objects.order_by("pk").values_list()) for model in models]

    before = everything()
    for name, address in addresses.items():
        response = staff.get(address)
        assert "no-store" in response.headers.get("Cache-Control", ""), name
        assert everything() == before, name


def test_a_post_without_its_csrf_token_does_nothing(dana: User, addresses: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    before = rows()
    for name, address in addresses.items():
        response = client.post(address, {"body": "Words that somebody else's page sent."})
        assert response.status_code == 403, name
        assert b"Go back: what you typed is still there." in response.content, name
    assert rows() == before


def test_a_post_with_its_csrf_token_goes_through(dana: User, incident: Incident) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    url = f"/console/incidents/{incident.code}"
    values = fields(client.get(url)) | {"body": "We have found the cause."}
    assert client.post(url, values).status_code == 302
    assert incident.updates.count() == 2


def test_an_account_that_was_switched_off_is_out_at_once(dana: User) -> None:
    client = signed_in(dana)
    assert client.get("/console/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/console/").status_code == 302


@pytest.mark.parametrize("path", ["/admin/", "/admin/incidents/page/", "/admin/login/", "/admin/auth/user/"])
def test_the_admin_has_the_same_door(client: Client, outsider: Client, staff: Client, path: str) -> None:
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert outsider.get(path, follow=True).status_code == 403
    assert staff.get(path, follow=True).status_code == 200


def test_the_admins_own_login_form_signs_nobody_in(client: Client, dana: User) -> None:
    client.post("/admin/login/", {"username": "dana", "password": "a long password"})
    assert "_auth_user_id" not in client.session


def test_every_screen_is_free_of_inline_script_and_style(staff: Client, addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        response = staff.get(address)
        if not response.headers["Content-Type"].startswith("text/html") or response.status_code != 200:
            continue
        content = response.content.decode()
        assert " style=" not in content, name
        assert "<style" not in content, name
        assert " on" + "click=" not in content, name
        assert content.count("<script") == content.count("<script src="), name
        assert "'unsafe" not in response.headers["Content-Security-Policy"], name
